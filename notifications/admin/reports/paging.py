"""Lists that grow for years: a page begins beside a row, so each costs the same however far one has turned."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.core.paginator import Page
from django.db.models import Q, QuerySet
from django.utils.formats import number_format
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from wagtail.admin.paginator import WagtailPaginator

_AFTER, _BEFORE = "after", "before"


class KeysetPage(Page):  # type: ignore[type-arg]  # Django's pages take no arguments when they run
    """Rows of a list, whose place is said by those at its ends instead of by a number."""

    paginator: "KeysetPaginator"

    def __init__(
        self, rows: Sequence[Any], paginator: "KeysetPaginator", *, newer: bool, older: bool
    ) -> None:
        super().__init__(rows, 1, paginator)
        self._newer, self._older = newer, older

    def has_next(self) -> bool:
        return self._older

    def has_previous(self) -> bool:
        return self._newer

    def next_page_number(self) -> str:  # type: ignore[override]
        return self.paginator.place(_AFTER, self.object_list[-1])

    def previous_page_number(self) -> str:  # type: ignore[override]
        return self.paginator.place(_BEFORE, self.object_list[0])


@dataclass(frozen=True, slots=True)
class _Key:
    """A column by which a list is ordered. It is never empty."""

    name: str
    falls: bool

    def beyond(self, side: str) -> str:
        """The lookup for rows on this side of another."""
        return f"{self.name}__{'lt' if self.falls == (side == _AFTER) else 'gt'}"


class KeysetPaginator(WagtailPaginator):
    """Of a query that is ordered by columns of its own table. Counts as far as `most_counted` rows or one page of a
    file, and says where there are more: `is_capped`.

    A page is asked for by "after" or "before" and the values of a row's key. What names no place is the first page.
    """

    object_list: Any
    most_counted = 1_000

    def get_page(self, number: Any) -> KeysetPage:
        side, values = self._read(str(number or ""))
        if side == _BEFORE:
            found = self._some(self._beyond(side, values).reverse())
            if len(found) > self._size:
                return KeysetPage(found[: self._size][::-1], self, newer=True, older=True)
        # Where fewer than a page are newer, it is the first page too.
        found = self._some(self._beyond(side, values) if side == _AFTER else self._rows)
        return KeysetPage(found[: self._size], self, newer=side == _AFTER, older=len(found) > self._size)

    def place(self, side: str, row: Any) -> str:
        """Where the rows on this side of one are."""
        return "_".join([side, *(self._field(key).value_to_string(row) for key in self._keys)])

    @cached_property
    def count(self) -> int:
        """One more than `most` where there are more."""
        counted: int = self.object_list.order_by().values("pk")[: self.most + 1].count()
        return counted

    @cached_property
    def most(self) -> int:
        return max(self.most_counted, self._size)

    @property
    def is_capped(self) -> bool:
        return self.count > self.most

    @cached_property
    def items_count_label(self) -> str:
        if not self.is_capped:
            return str(super().items_count_label)
        return _("More than %(count)s") % {"count": number_format(self.most)}

    def get_elided_page_range(self, page_number: Any) -> tuple[()]:
        """Pages have no numbers."""
        return ()

    @property
    def _size(self) -> int:
        return int(self.per_page)

    @cached_property
    def _keys(self) -> list[_Key]:
        """What the list is ordered by, made unique by the primary key."""
        names: list[str] = list(self.object_list.query.order_by)
        own = self.object_list.model._meta.pk.name
        if not {"pk", "-pk", own, f"-{own}"} & set(names):
            names.append(f"-{own}" if names and names[0].startswith("-") else own)
        return [_Key(name.removeprefix("-"), name.startswith("-")) for name in names]

    @cached_property
    def _rows(self) -> QuerySet[Any]:
        ordered: QuerySet[Any] = self.object_list.order_by(
            *(f"{'-' if key.falls else ''}{key.name}" for key in self._keys)
        )
        return ordered

    def _some(self, rows: QuerySet[Any]) -> list[Any]:
        """Those of a page, and one more where there is one."""
        return list(rows[: self._size + 1])

    def _beyond(self, side: str, values: Sequence[Any]) -> QuerySet[Any]:
        """The rows on this side of a place. The first condition is what an index is entered by."""
        first, *_others = self._keys
        beyond = Q()
        for key, value in reversed(list(zip(self._keys, values, strict=True))):
            beyond = Q(**{key.beyond(side): value}) | (Q(**{key.name: value}) & beyond if beyond else Q())
        return self._rows.filter(beyond, **{f"{first.beyond(side)}e": values[0]})

    def _read(self, text: str) -> tuple[str, Sequence[Any]]:
        """The reverse of `place`; nothing where it is none."""
        side, *values = text.split("_")
        if side not in (_AFTER, _BEFORE) or len(values) != len(self._keys):
            return "", ()
        try:
            return side, [
                self._field(key).to_python(value) for key, value in zip(self._keys, values, strict=True)
            ]
        except (ValidationError, ValueError, OverflowError):
            return "", ()

    def _field(self, key: _Key) -> Any:
        return self.object_list.model._meta.get_field(key.name)
