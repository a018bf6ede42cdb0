"""How full the events of series were, in a month; and of one clinic or series, how that went month by month."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.dateformat import format as date_format
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from wagtail.admin.ui.tables import Column, TitleColumn

from events.admin.events import own_clinics
from events.admin.reports.filters import SeriesFilters, month_words, this_month
from events.models import ClinicEvent, EventSeries
from events.selectors.fullness import Fullness, by_month, by_series
from events.selectors.months import in_month
from home.models import Clinic
from home.selectors import clinics_known
from notifications.admin.reports.bars import Bar, bars
from notifications.admin.reports.base import ReportView, ReportViewSet

MONTHS = 12
"""Of the plot and its table."""


class FullnessFilters(SeriesFilters):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.filters["series"].method = lambda rows, name, value: rows.filter(pk=value.pk)
        self.filters["month"].extra["empty_label"] = month_words(this_month())
        # The page asks for the month before it asks for rows.
        self.filters["month"].method = lambda rows, name, value: rows


@dataclass(frozen=True, slots=True)
class DrawnMonth:
    """A month of the plot: its numbers, and its bars."""

    name: str
    short: str
    numbers: Fullness
    places: Bar
    joined: Bar
    came: Bar


class FullnessView(ReportView):
    """A row a series that has events in the month. Above the list the year is drawn of one clinic or one series."""

    default_ordering = ("clinic", "id")
    filterset_class = FullnessFilters
    is_searchable = True
    search_fields = ["title_en", "title_af"]
    search_backend_name = None
    template_name = "events/admin/reports/fullness.html"

    @cached_property
    def month(self) -> date:
        chosen = self._chosen("month")
        return date.fromisoformat(chosen) if chosen else this_month()

    @cached_property
    def within(self) -> Any:
        return in_month(self.month, own_clinics(self.request))

    def get_base_queryset(self) -> QuerySet[EventSeries]:
        rows = EventSeries.objects.filter(clinic__in=clinics_known(self.request.user))
        held = ClinicEvent.objects.filter(self.within, series=OuterRef("pk"))
        return rows.filter(Exists(held)).select_related("clinic")

    @cached_property
    def columns(self) -> list[Column]:
        columns = [
            TitleColumn(
                "series",
                label=_("Series"),
                width="25%",
                accessor="title",
                get_url=lambda row: f"{reverse('clinic_events:index')}?series={row.pk}",
            ),
            Column("month", label=_("Month"), accessor=lambda row: month_words(self.month)),
            *(
                Column(name, label=label, accessor=lambda row, name=name: self._number(row, name))
                for name, label in headings().items()
            ),
        ]
        if len(own_clinics(self.request)[:2]) > 1:
            columns.insert(1, Column("clinic", label=_("Clinic")))
        return columns

    def get_page_subtitle(self) -> str:
        return month_words(self.month)

    def get_context_data(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(*args, **kwargs)
        ids = [row.pk for row in context["object_list"]]
        self.numbers = by_series(ids, self.within, now=timezone.now())
        if not self.is_export and not self.results_only:
            context |= {"months": self.months(), "drawn": self.drawn, "headings": headings()}
        return context

    @cached_property
    def drawn(self) -> EventSeries | Clinic | None:
        """Of which the year is drawn: the series or clinic that is chosen, or the only clinic of this person."""
        chosen: EventSeries | Clinic | None = self._chosen("series") or self._chosen("clinic")
        if chosen is None:
            clinics = list(own_clinics(self.request)[:2])
            chosen = clinics[0] if len(clinics) == 1 else None
        return chosen

    def months(self) -> list[DrawnMonth]:
        """The year up to the month, the oldest first; nothing where events of many clinics would be counted."""
        if self.drawn is None:
            return []
        events = ClinicEvent.objects.filter(series__isnull=False)
        if isinstance(self.drawn, Clinic):
            events, zone = events.filter(clinic=self.drawn), self.drawn.zone
        else:
            events, zone = events.filter(series=self.drawn), self.drawn.clinic.zone
        found = by_month(events, last=self.month, months=MONTHS, zone=zone, now=timezone.now())
        amounts = [
            Decimal(number)
            for each in found.values()
            for number in (each.places or 0, each.joined, each.came)
        ]
        highest = max(amounts)
        places, joined, came = (bars(amounts[first::3], highest=highest) for first in range(3))
        return [
            DrawnMonth(month_words(month), date_format(month, "M"), numbers, *drawn)
            for (month, numbers), *drawn in zip(found.items(), places, joined, came, strict=True)
        ]

    def _number(self, row: EventSeries, name: str) -> Any:
        number = getattr(self.numbers.get(row.pk, Fullness()), name)
        return "–" if number is None else number

    def _chosen(self, name: str) -> Any:
        """What is chosen in a filter that is there and understood."""
        return self.filters.form.cleaned_data.get(name) if self.filters.is_valid() else None


def headings() -> dict[str, str]:
    """The columns of numbers, by their names in `Fullness`."""
    return {
        "events": pgettext("a column", "Events"),
        "cancelled": _("Cancelled"),
        "places": _("Places"),
        "joined": _("Joined"),
        "percent": pgettext("a column: how much of it is taken", "Full (%)"),
        "waiting": _("Waiting"),
        "came": _("Came"),
        "no_shows": _("Did not come"),
        "unmarked": _("Not noted"),
    }


class FullnessViewSet(ReportViewSet):
    name = "series_fullness"
    url_prefix = "reports/events-full"
    model = EventSeries
    view_class = FullnessView
    icon = "group"
    menu_label = gettext_lazy("How full events were")
    menu_order = 94
