"""What became of the dates of series: which got an event, which did not, and why."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import django_filters
from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.ui.tables import Column, StatusTagColumn, TitleColumn

from events.admin.clinic_time import clinic_moment, clinic_span
from events.admin.events import own_clinics
from events.admin.pattern_words import holiday_name
from events.admin.reports.filters import MONTHS_AHEAD, SeriesFilters
from events.models import ClinicEvent, SeriesDate
from events.selectors.months import in_month
from home.selectors import clinics_known
from notifications.admin.reports.base import ReportView, ReportViewSet
from notifications.web.moments import shown_moment

CANCELLED = "cancelled"
"""Beside the outcomes: the event was made, and staff cancelled it."""


class DateFilters(SeriesFilters):
    months_ahead = MONTHS_AHEAD
    outcome = django_filters.ChoiceFilter(
        label=gettext_lazy("What became of it"),
        choices=[*SeriesDate.Outcome.choices, (CANCELLED, gettext_lazy("created, then cancelled"))],
        method="became",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.filters["month"].method = self.of_month

    def of_month(self, rows: QuerySet[SeriesDate], name: str, value: str) -> QuerySet[SeriesDate]:
        return rows.filter(in_month(date.fromisoformat(value), own_clinics(self.request)))

    def became(self, rows: QuerySet[SeriesDate], name: str, value: str) -> QuerySet[SeriesDate]:
        if value != CANCELLED:
            return rows.filter(outcome=value)
        return rows.filter(
            Exists(
                ClinicEvent.objects.filter(
                    series=OuterRef("series"),
                    original_start=OuterRef("starts_at"),
                    state=ClinicEvent.State.CANCELLED,
                )
            )
        )


class DateView(ReportView):
    """The latest date first."""

    default_ordering = ("-starts_at", "-id")
    filterset_class = DateFilters
    is_searchable = True
    search_fields = ["series__title_en", "series__title_af"]
    search_backend_name = None

    def get_base_queryset(self) -> QuerySet[SeriesDate]:
        rows = SeriesDate.objects.filter(clinic__in=clinics_known(self.request.user))
        return rows.select_related("series", "clinic")

    @cached_property
    def columns(self) -> list[Column]:
        now = timezone.now()
        columns = [
            TitleColumn(
                "series",
                label=_("Series"),
                width="25%",
                accessor="series",
                get_url=lambda row: reverse("event_series:edit", args=[row.series_id]),
            ),
            Column(
                "starts_at",
                label=_("When"),
                accessor=lambda row: clinic_moment(row.starts_at, row.clinic.zone, now=now),
            ),
            StatusTagColumn(
                "outcome", label=_("What became of it"), accessor=outcome_words, primary=_got_an_event
            ),
            Column("event", label=_("The event now"), accessor=lambda row: self._event_words(row, now)),
            Column("noted_at", label=_("Since"), accessor=lambda row: shown_moment(row.noted_at, now=now)),
        ]
        if len(own_clinics(self.request)[:2]) > 1:
            columns.insert(1, Column("clinic", label=_("Clinic")))
        return columns

    def get_context_data(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(*args, **kwargs)
        self.events = _events_of(context["object_list"])
        return context

    def _event_words(self, row: SeriesDate, now: datetime) -> str:
        event = self.events.get((row.series_id, row.starts_at))
        if event is None:
            return "–"
        if event.own_time:
            moved = clinic_span(event.starts_at, event.ends_at, row.clinic.zone, now=now)
            state = event.get_state_display()
            return _("%(state)s, moved to %(when)s") % {"state": state, "when": moved}
        if event.cancel_reason:
            return f"{event.get_state_display()}: {event.cancel_reason}"
        return str(event.get_state_display())


def _got_an_event(row: SeriesDate) -> bool:
    return row.outcome == SeriesDate.Outcome.MADE


def outcome_words(row: SeriesDate) -> str:
    """As "created" or "public holiday: Day of Reconciliation"."""
    words = str(row.get_outcome_display())
    if row.outcome != SeriesDate.Outcome.PUBLIC_HOLIDAY:
        return words
    holiday = holiday_name(row.starts_at.astimezone(ZoneInfo(row.clinic.zone)).date())
    return f"{words}: {holiday}" if holiday else words


def _events_of(rows: Sequence[SeriesDate]) -> dict[tuple[int | None, datetime | None], ClinicEvent]:
    """The events of these dates, by series and original start. One query."""
    if not rows:
        return {}
    starts = [row.starts_at for row in rows]
    events = ClinicEvent.objects.filter(
        series_id__any_of={row.series_id for row in rows},
        original_start__range=(min(starts), max(starts)),
    ).only("series", "original_start", "state", "own_time", "starts_at", "ends_at", "cancel_reason")
    return {(event.series_id, event.original_start): event for event in events}


class DateViewSet(ReportViewSet):
    name = "series_dates"
    url_prefix = "reports/series-dates"
    model = SeriesDate
    view_class = DateView
    icon = "calendar-check"
    menu_label = gettext_lazy("Events created and left out")
    menu_order = 92
