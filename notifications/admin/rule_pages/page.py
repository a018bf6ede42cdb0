"""What a page of a rule is made of, and which there are. Each app registers those of its own rules."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple


class Table(NamedTuple):
    """Examples in words: each row has a cell for each column."""

    heading: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]

    def lines(self) -> list[list[tuple[str, str]]]:
        """Each row as its cells, each after the heading of its column."""
        return [list(zip(self.columns, row, strict=True)) for row in self.rows]


@dataclass(frozen=True, slots=True)
class RulePage:
    """One rule. `name` is a slug.

    Its sentences and tables are made in the active language, with a constant number of queries.
    """

    name: str
    title: Any
    order: int
    says: Callable[[], Sequence[str]]
    tables: Callable[[], Sequence[Table]]


_pages: dict[str, RulePage] = {}


def register_rule_page(page: RulePage) -> None:
    """Show it to staff. Raises ValueError where there is one of that name."""
    if page.name in _pages:
        raise ValueError(f"There is a page of the rule {page.name} already.")
    _pages[page.name] = page


def rule_pages() -> list[RulePage]:
    """All, in their order."""
    return sorted(_pages.values(), key=lambda page: page.order)


def rule_page(name: str) -> RulePage | None:
    return _pages.get(name)
