"""On which database each case of the suite is asked: SQLite, which it begins on, PostgreSQL with Redis, or both.

`pytest --first-database` and `pytest --second-database` run what each is asked; without either everything runs, on
whichever database is there. Most cases that use a database are asked on both: services, selectors, the pipeline,
models, migrations, and whatever else makes queries of its own. The others are asked once:

- What uses no database, on the first: its result can't be another one on the second. The queue and the cache are used
  by cases with a database only; those of the cache itself bring a Redis of their own.
- What pages, forms and calls show and answer, on the second. They ask in the ORM's words only, which
  tests/architecture/test_two_databases.py holds, and PostgreSQL, which is production's, is the stricter reader:
  of groups, types, lengths, characters, and of what may follow an error. That each address answers on SQLite to each
  kind of person, and takes its form, is what the matrix of addresses asks there; a real browser reads there too.
- Who gets in where, and each planted bug of the simulation, on the first; hostile names and values, which databases
  take differently, on the second.

Lists with filters, and reports, are pages whose inputs each make a query of their own, so they are asked on both, as
is every test that commits. A few tests are tried with many inputs that ask the database in the same words: the demo at
many moments, what messages say, ways to sign in. Of them the second takes the first input.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from enum import Enum
from typing import Any

import pytest


class Asked(Enum):
    BOTH = "both"
    FIRST = "first"
    SECOND = "second"


DATABASE_FIXTURES = {"db", "transactional_db", "django_db_setup"}
ON_FIRST = re.compile(r"tests/addresses/test_(matrix|headers)\.py|tests/simulation/test_planted\.py")
ON_SECOND = re.compile(
    r"tests/\w+/(admin|api|ical|inbox|pages|web)/"
    r"|tests/home/(\w+/)?test_(pages?|staff_consents|users_admin|first_steps)\.py"
    r"|tests/test_(names_on_pages|staff_forms)\.py"
    r"|tests/addresses/test_hostile\.py"
)
OWN_QUERIES = re.compile(r"list|report|filter")
SAME_QUERIES = re.compile(
    r"tests/home/(sign_in|invitation|contact_verification)/|/test_(demo_loading|discreet_\w+)\.py"
)
LEFT_OUT = pytest.StashKey[int]()


def pytest_addoption(parser: pytest.Parser) -> None:
    for name, other in ((Asked.FIRST, Asked.SECOND), (Asked.SECOND, Asked.FIRST)):
        parser.addoption(
            f"--{name.value}-database",
            dest="asked_on",
            action="store_const",
            const=name.value,
            help=f"leave out what the {other.value} database alone is asked",
        )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    asked_on: str | None = config.getoption("asked_on")  # as xdist can hand it on
    if asked_on is None:
        return
    chosen = set(chosen_for(Asked(asked_on), items))
    left_out = [item for item in items if item not in chosen]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item in chosen]
    config.stash[LEFT_OUT] = len(left_out)


def chosen_for(database: Asked, items: Iterable[pytest.Item]) -> Iterator[pytest.Item]:
    seen: set[str] = set()
    for item in items:
        test = item.nodeid.partition("[")[0]
        path = test.partition("::")[0]
        again = test in seen and SAME_QUERIES.search(path) is not None
        seen.add(test)
        on = Asked.BOTH if commits(item) else asked(path, with_database=uses_database(item))
        if on is database or (on is Asked.BOTH and not (again and database is Asked.SECOND)):
            yield item


def asked(path: str, *, with_database: bool = True) -> Asked:
    """Where a case of this module is asked that doesn't commit."""
    if not with_database or ON_FIRST.search(path):
        return Asked.FIRST
    if ON_SECOND.search(path) and not OWN_QUERIES.search(path.rpartition("/")[2]):
        return Asked.SECOND
    return Asked.BOTH


def uses_database(item: pytest.Item) -> bool:
    fixtures: Sequence[str] = getattr(item, "fixturenames", ())
    return item.get_closest_marker("django_db") is not None or not DATABASE_FIXTURES.isdisjoint(fixtures)


def commits(item: pytest.Item) -> bool:
    mark = item.get_closest_marker("django_db")
    return "transactional_db" in getattr(item, "fixturenames", ()) or bool(
        mark and mark.kwargs.get("transaction")
    )


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """With xdist only the workers know what they left out, and each left out the same."""
    if output := getattr(node, "workeroutput", None):  # none of one that died
        node.config.stash[LEFT_OUT] = output.get("left_out", 0)


def pytest_sessionfinish(session: pytest.Session) -> None:
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["left_out"] = session.config.stash.get(LEFT_OUT, 0)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if count := config.stash.get(LEFT_OUT, 0):
        terminalreporter.write_line(f"{count} cases were left out, which the other database is asked.")
