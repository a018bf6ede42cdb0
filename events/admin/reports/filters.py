"""What the reports on series are filtered by: a clinic, a series, and a month on the clinic's wall."""

from datetime import date
from typing import Any, ClassVar

import django_filters
from django.utils import timezone
from django.utils.dateformat import format as date_format
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import WagtailFilterSet

from events.admin.events import own_clinics, own_series
from events.models import EventSeries
from events.rules.months import month_after, month_of
from events.services.generation import MOST_WEEKS

MONTHS_BACK = 24
"""As long as it is kept what became of a date."""
MONTHS_AHEAD = MOST_WEEKS // 4
"""Events are made so far ahead at the most."""


def month_words(month: date) -> str:
    return date_format(month, "F Y")


def this_month() -> date:
    return month_of(timezone.localdate())


def months(*, ahead: int) -> list[tuple[str, str]]:
    """The months to choose from, the latest first."""
    found = [month_after(this_month(), number) for number in range(ahead, -MONTHS_BACK - 1, -1)]
    return [(month.isoformat(), month_words(month)) for month in found]


class SeriesFilters(WagtailFilterSet):
    """The reports say what a month and a series are of their rows."""

    months_ahead: ClassVar[int] = 1

    clinic = django_filters.ModelChoiceFilter(label=_("Clinic"), queryset=own_clinics)
    series = django_filters.ModelChoiceFilter(label=_("Series"), queryset=own_series)
    month = django_filters.ChoiceFilter(label=_("Month"))

    class Meta:
        model = EventSeries
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.filters["month"].extra["choices"] = months(ahead=self.months_ahead)
        if len(own_clinics(self.request)[:2]) < 2:
            del self.filters["clinic"]
