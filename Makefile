# The house's tools; `make help` lists them. They need Python 3.11 or newer and make: all else is installed into .venv.

PYTHON ?= $(shell for each in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$each -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$each && break; done)
PORT ?= 8000
DATA_DIR ?= var
export PORT DATA_DIR
# Tests start some hundred processes: each would compile all of Django anew.
unexport PYTHONDONTWRITEBYTECODE

BIN := .venv/bin
# As many workers of a suite as there are cores, up to what one PostgreSQL serves beside the rest.
WORKERS ?= $(shell $(PYTHON) -c 'import os; print(min(8, max(2, os.cpu_count() or 2)))')
# What needs a browser, or kills processes, or takes its time, has a step of its own. This one only needs the processor,
# so it leaves it to whoever has the clock against them.
SUITE := nice -n 10 $(BIN)/python -m pytest tests --ignore=tests/browser --ignore=tests/faults --ignore=tests/stacks \
	-n $(WORKERS) --dist worksteal
# What test-fast leaves to test: pages, calls and calendars, which take half of the time of all; whatever starts processes
# or loads the demo; each page asked for by somebody it doesn't belong to; what tries hundreds of examples with a database;
# the simulation.
SLOW := */addresses */admin */pages */inbox */api */ical */sign_in */invitation */contact_verification */test_staff_*.py \
	*/site_config */tools */upgrade */live */test_demo*.py *isolation* *_properties.py *schemathesis* */simulation
ON_SQLITE := env -u DATABASE_URL -u REDIS_URL
ON_SERVERS := $(BIN)/python -m tests.services

.PHONY: help run test test-fast test-sqlite test-servers test-browser test-faults faults-sqlite faults-servers breaks lint format \
	bench messages requirements base dev

help: ## lists the tools
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1 \t\2/p' $(MAKEFILE_LIST) | expand -t 24

run: base ## prepares the site and serves it until Ctrl-C (PORT=8000 DATA_DIR=var)
	@exec $(BIN)/python -m site_config.start

# The suites keep the processor busy, the others mostly wait: the workers of one suite fill what these leave free.
# All have one PostgreSQL, whose database is migrated once.
test: dev ## all tests, on SQLite and on PostgreSQL with Redis
	@$(ON_SERVERS) -- $(BIN)/python -m tools.side_by_side \
		faults-servers+faults-sqlite test-browser+test-clocks lint+test-servers+test-sqlite

test-fast: dev ## in under a minute, on SQLite: without pages, REST, calendars, the demo, isolation, properties
	@$(ON_SQLITE) $(SUITE) --quiet $(patsubst %,--ignore-glob='%',$(SLOW))

test-sqlite: dev
	$(ON_SQLITE) $(SUITE) --first-database

test-servers: dev
	$(ON_SERVERS) -- $(SUITE) --second-database

# A part of the suite that reads and writes dates, each at another moment at which software has gone wrong: a leap day,
# the end of a year, London's two nights of clock change, and years ahead. `pytest --clock` runs any test at any.
CLOCK := nice -n 10 $(BIN)/python -m pytest --quiet --no-header --clock
.PHONY: test-clocks
test-clocks: dev ## what touches dates, with the clock moved to awkward moments
	$(ON_SQLITE) $(CLOCK) 2028-02-29T12:00 tests/test_clock.py tests/events/services/test_changes.py \
		$(addprefix tests/events/admin/test_,plan_page.py pattern_preview.py events_create.py)
	$(ON_SQLITE) $(CLOCK) 2026-12-31T23:59:45 tests/events/pages/test_list.py tests/events/pages/test_month.py \
		$(addprefix tests/medications/pages/test_,today.py vaccinations.py)
	$(ON_SQLITE) TZ=Europe/London $(CLOCK) 2027-03-28T00:59:45Z tests/notifications/scheduling \
		$(addprefix tests/medications/services/test_,expansion.py reminders.py vaccinations.py)
	$(ON_SQLITE) TZ=Europe/London $(CLOCK) 2026-10-25T00:59:45Z tests/notifications/work/test_periodic.py \
		$(addprefix tests/notifications/pipeline/test_,fan_out.py digests.py)
	$(ON_SQLITE) $(CLOCK) 2031-11-30T12:00 tests/test_contract.py tests/home/invitation \
		$(addprefix tests/notifications/api/test_,schedule.py preferences.py messages.py)

test-browser: dev
	$(ON_SQLITE) CHROMIUM="$$($(BIN)/python -m tests.browser.chromium)" $(BIN)/python -m pytest tests/browser

test-faults: dev
	@$(ON_SERVERS) -- $(BIN)/python -m tools.side_by_side faults-servers faults-sqlite

# Two at least at once, since each waits more than it works.
FAULTS := $(BIN)/python -m pytest -n $(WORKERS) --dist worksteal
faults-sqlite: dev
	$(ON_SQLITE) $(FAULTS) tests/faults

faults-servers: dev
	$(ON_SERVERS) -- $(FAULTS) tests/stacks tests/faults

breaks: dev ## breaks the code in a hundred ways: do the tests notice each?
	@$(ON_SQLITE) $(BIN)/python -m tests.breaks

# Programs drawn by their seeds, on both databases; PLANTED=1 looks for the planted bugs instead, on SQLite.
.PHONY: simulate
SEEDS ?= 1000
simulate: dev ## what nobody thought of: programs by their seeds, on both databases (SEEDS=1000)
	$(ON_SQLITE) $(BIN)/python -m tests.simulation --seeds $(SEEDS) $(if $(PLANTED),--planted)
	$(if $(PLANTED),,$(ON_SERVERS) -- $(BIN)/python -m tests.simulation --seeds $(SEEDS))

# On SQLite, with the processes that tests start; the browser's site, which is another program's child, is left out.
.PHONY: coverage
coverage: dev ## which branches of all code the suite takes: at least 95%, and of the rules all
	rm -f .coverage.*
	$(ON_SQLITE) nice -n 10 $(BIN)/python -m coverage run -m pytest tests --ignore=tests/browser --ignore=tests/faults \
		--ignore=tests/stacks -n $(WORKERS) --dist worksteal
	$(BIN)/python -m coverage combine --quiet
	$(BIN)/python -m coverage report --fail-under=95

.PHONY: mutants
mutants: dev ## changes the rules in five thousand small ways: do their tests notice? (ONLY="medications.rules.*")
	nice -n 10 $(BIN)/python -m mutmut run $(ONLY)
	$(BIN)/python -m tools.mutants

lint: dev ## style, layers, types, templates; migrations and translations in step
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/djlint templates --lint --quiet
	$(BIN)/lint-imports
	$(BIN)/mypy
	$(ON_SQLITE) $(BIN)/python manage.py makemigrations --check --dry-run
	$(BIN)/python -m tools.messages --check

format: dev ## writes the code the way lint wants it
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

bench: dev ## the benchmarks, each beside its floor; writes docs/benchmarks.md (ONLY="push mail": these)
	@$(ON_SERVERS) --durable -- $(BIN)/python -m tests.bench --keep docs $(ONLY)

.PHONY: soak
MINUTES ?= 30
soak: dev ## the whole stack under a steady load: memory, pace, nothing lost (MINUTES=30)
	@$(ON_SERVERS) --durable -- $(BIN)/python -m tests.soak --minutes $(MINUTES)

.PHONY: safety
safety: dev ## writes docs/safety/ from its data
	$(BIN)/python -m tools.safety

messages: dev ## brings locale/ into step with the texts in the code
	$(BIN)/python -m tools.messages

PIN := $(BIN)/uv pip compile --upgrade --universal --python-version 3.11 --fork-strategy fewest --generate-hashes \
	--constraint requirements/limits.txt \
	--no-emit-index-url --no-emit-find-links --no-annotate --custom-compile-command "make requirements" --quiet
requirements: dev ## pins the newest packages that pyproject.toml permits
	$(PIN) --group pyproject.toml:install -o requirements/uv.txt
	$(PIN) pyproject.toml -o requirements/base.txt
	$(PIN) pyproject.toml --group dev --constraint requirements/base.txt -o requirements/dev.txt

base dev:
	@$(or $(PYTHON),$(error Python 3.11 or newer is needed: make PYTHON=/path/to/python3.11)) tools/install.py $@
