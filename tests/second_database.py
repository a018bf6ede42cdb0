"""What the suite asks the second database, PostgreSQL with Redis, after all of it has run on SQLite.

`pytest --second-database` leaves out every case that uses no database, whose result can't be another one there. The
queue and the cache are used by cases with a database only; those of the cache itself bring a Redis of their own.

Of a test of a page, a form or a call that is tried with many inputs it takes the first, as of those of the demo and of
what messages say: the others ask the database in the same words. Where each input makes a query of its own (lists with
filters, reports, whose rows are whose), it takes all of them.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import pytest

DATABASE_FIXTURES = {"db", "transactional_db", "django_db_setup"}
PAGES = re.compile(
    r"tests/\w+/(admin|api|ical|inbox|pages|web|sign_in|invitation|contact_verification)/"
    r"|/test_(demo_loading|names_on_pages|discreet_\w+)\.py"
)
OWN_QUERIES = re.compile(r"isolation|list|report|filter|permission")
LEFT_OUT = pytest.StashKey[int]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--second-database", action="store_true", help="leave out the cases that use no database at all"
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not config.getoption("second_database"):
        return
    chosen = set(_asked(items))
    left_out = [item for item in items if item not in chosen]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item in chosen]
    config.stash[LEFT_OUT] = len(left_out)


def _asked(items: Iterable[pytest.Item]) -> Iterator[pytest.Item]:
    seen: set[str] = set()
    for item in items:
        path, test = item.nodeid.split("::", 1)[0], item.nodeid.partition("[")[0]
        again = test in seen and PAGES.search(path) is not None and OWN_QUERIES.search(path) is None
        seen.add(test)
        if uses_database(item) and not again:
            yield item


def uses_database(item: pytest.Item) -> bool:
    fixtures: Sequence[str] = getattr(item, "fixturenames", ())
    return item.get_closest_marker("django_db") is not None or not DATABASE_FIXTURES.isdisjoint(fixtures)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """With xdist only the workers know what they left out, and each left out the same."""
    node.config.stash[LEFT_OUT] = node.workeroutput.get("left_out", 0)


def pytest_sessionfinish(session: pytest.Session) -> None:
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["left_out"] = session.config.stash.get(LEFT_OUT, 0)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if count := config.stash.get(LEFT_OUT, 0):
        terminalreporter.write_line(
            f"{count} cases were left out: they ask this database nothing, or nothing new."
        )
