"""The query of the list: which events to show, as the address of the page gives it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.http import Http404, QueryDict
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from home.models import Clinic
from notifications.web.numbers import whole_number

PAGE = 20
MOST = 200
"""Nobody scrolls further; later dates are in the calendar."""
_YEARS = range(2000, 2100)


@dataclass(frozen=True, slots=True)
class Wanted:
    """`clinic`: the events of that one alone. `month`: its first day, for the calendar. Of the list: how many events
    are `shown`, and whether `all_mine` are or the first few.
    """

    clinic: int | None = None
    month: date | None = None
    shown: int = PAGE
    all_mine: bool = False

    @classmethod
    def of(cls, query: QueryDict) -> "Wanted":
        """The query of an address; Http404 if it isn't offered."""
        month = query.get("month", "")
        return cls(
            clinic=_number(query, "clinic"),
            month=_month(month) if month else None,
            shown=min(max(_number(query, "shown") or PAGE, PAGE), MOST),
            all_mine="mine" in query,
        )

    def url(self, **more: Any) -> str:
        """The address of the page that shows this."""
        query = {
            "clinic": self.clinic or "",
            "month": f"{self.month:%Y-%m}" if self.month else "",
            "shown": self.shown if self.shown > PAGE else "",
            "mine": "all" if self.all_mine else "",
            **more,
        }
        query = {name: value for name, value in query.items() if value}
        return reverse("events:events") + (f"?{urlencode(query)}" if query else "")

    @property
    def further(self) -> "Wanted | None":
        """The query with one more page; None when that would be too many."""
        return replace(self, shown=min(self.shown + PAGE, MOST)) if self.shown < MOST else None

    def in_list(self) -> "Wanted":
        return Wanted(clinic=self.clinic)

    def in_month(self, month: date) -> "Wanted | None":
        """The query for another month; None for a month without a page."""
        return Wanted(clinic=self.clinic, month=month) if month.year in _YEARS else None

    def chips(self, clinics: Sequence[Clinic]) -> list[dict[str, Any]]:
        """All clinics and each by itself, the chosen one marked; none where there is no choice."""
        if len(clinics) < 2:
            return []
        offered = [(_("All"), None), *((clinic.name, clinic.pk) for clinic in clinics)]
        return [
            {
                "label": label,
                "href": Wanted(clinic=pk, month=self.month).url(),
                "current": pk == self.clinic,
            }
            for label, pk in offered
        ]


def _number(query: QueryDict, name: str) -> int | None:
    """The number; None if it isn't given, Http404 if it is not a number."""
    text = query.get(name, "")
    number = whole_number(text)
    if text and number is None:
        raise Http404
    return number


def _month(text: str) -> date:
    """Of "2026-12"."""
    year, _dash, number = text.partition("-")
    if not (year.isdecimal() and number.isdecimal() and len(text) == len("2026-12")):
        raise Http404
    if int(year) not in _YEARS or int(number) not in range(1, 13):
        raise Http404
    return date(int(year), int(number), 1)
