"""Where the languages are switched on that messages alone are in.

The engine knows no clinics. Whoever knows who switched a language on says it here, once, while the site starts. Until
then none is on anywhere.
"""

from collections.abc import Callable, Collection, Mapping

Select = Callable[[Collection[int | None]], Mapping[int | None, frozenset[str]]]
"""Takes scopes, None for what is of no scope; gives the languages that are on in each of them, if any. One query."""

_selects: list[Select] = []


def register_switches(select: Select) -> None:
    """Ask this one; it takes the place of the one before."""
    _selects[:] = [select]


def switched_on(scope_ids: Collection[int | None]) -> Mapping[int | None, frozenset[str]]:
    """The languages that are on in each of these scopes; a scope where none is may be missing. One query."""
    return _selects[0](scope_ids) if _selects else {}
