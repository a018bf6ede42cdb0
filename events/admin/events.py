"""Events as the clinic's staff see and make them. An event is cancelled and never deleted."""

from typing import Any

import django_filters
from django.core.exceptions import ValidationError
from django.db.models import Case, F, QuerySet, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from wagtail.admin import messages
from wagtail.admin.filters import DateRangePickerWidget, WagtailFilterSet
from wagtail.admin.ui.menus import MenuItem
from wagtail.admin.ui.tables import Column, StatusTagColumn, TitleColumn
from wagtail.admin.views.generic import IndexView
from wagtail.log_actions import log

from events.admin.attendance import AttendanceView, MarkView, PutOnListView, WithdrawView
from events.admin.cancel import CancelView
from events.admin.clinic_time import clinic_span
from events.admin.confirmed_change import refuse
from events.admin.event_edit import EventEditView, event_state, is_open
from events.admin.event_form import EVENT_PANELS, EventForm
from events.admin.export import ExportView
from events.models import ClinicEvent, EventSeries
from events.selectors.events import events_for_staff
from events.services.event import event_create
from home.admin.scope import ClinicScopedViewSet, RowCreateView
from home.models import Clinic
from home.selectors import clinics_of_staff

TIMES = [("coming", gettext_lazy("upcoming")), ("past", gettext_lazy("past"))]


def own_clinics(request: HttpRequest) -> QuerySet[Clinic]:
    return clinics_of_staff(request.user)


def own_series(request: HttpRequest) -> QuerySet[EventSeries]:
    return EventSeries.objects.filter(clinic__in=clinics_of_staff(request.user)).order_by("title", "id")


class EventFilters(WagtailFilterSet):
    time = django_filters.ChoiceFilter(
        label=gettext_lazy("Upcoming or past"), choices=TIMES, method="in_time"
    )
    state = django_filters.ChoiceFilter(label=gettext_lazy("State"), choices=ClinicEvent.State.choices)
    starts_at = django_filters.DateFromToRangeFilter(label=gettext_lazy("When"), widget=DateRangePickerWidget)
    clinic = django_filters.ModelChoiceFilter(label=gettext_lazy("Clinic"), queryset=own_clinics)
    series = django_filters.ModelChoiceFilter(label=gettext_lazy("Series"), queryset=own_series)

    class Meta:
        model = ClinicEvent
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if len(own_clinics(self.request)[:2]) < 2:
            del self.filters["clinic"]

    def in_time(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        now = timezone.now()
        return rows.filter(ends_at__gt=now) if value == "coming" else rows.filter(ends_at__lte=now)


def when(event: Any) -> str:
    return clinic_span(event.starts_at, event.ends_at, event.clinic.zone, now=timezone.now())


def places(event: Any) -> str:
    """As "9 of 12, 2 wait"; without a capacity the number of people alone."""
    taken = {"joined": event.joined, "capacity": event.capacity, "waiting": event.waiting}
    words = str(event.joined) if event.capacity is None else _("%(joined)s of %(capacity)s") % taken
    if not event.waiting:
        return words
    waiting = ngettext("%(waiting)s waiting", "%(waiting)s waiting", event.waiting) % taken
    return f"{words}, {waiting}"


class EventIndexView(IndexView):
    """Future events, soonest first, then past ones, latest first."""

    def get_base_queryset(self) -> QuerySet[Any]:
        return events_for_staff(self.request.user)

    def order_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.ordering:
            return super().order_queryset(queryset)
        ahead = Case(When(ends_at__gt=timezone.now(), then=F("starts_at")))
        return queryset.order_by(ahead.asc(nulls_last=True), "-starts_at", "-id")

    @cached_property
    def columns(self) -> list[Column]:
        title = self._get_title_column_class(TitleColumn)
        columns = [
            title("title", label=_("Title"), get_url=self.get_edit_url),
            Column(
                "when", label=_("When"), accessor=when, sort_key="starts_at", classname="event-cards__when"
            ),
            Column("places", label=_("Places"), accessor=places),
            StatusTagColumn("state", label=_("State"), accessor=event_state, primary=is_open),
            Column("series", label=_("Series"), accessor="series", classname="event-cards__more"),
        ]
        if len(own_clinics(self.request)[:2]) > 1:
            columns.append(Column("clinic", label=_("Clinic"), classname="event-cards__more"))
        return columns

    def get_list_more_buttons(self, instance: ClinicEvent) -> list[MenuItem]:
        buttons = super().get_list_more_buttons(instance)
        listed = reverse("clinic_events:attendance", args=[instance.pk])
        buttons.append(MenuItem(_("Who is coming"), url=listed, icon_name="group", priority=20))
        if is_open(instance) and self.user_has_permission("change"):
            cancel = reverse("clinic_events:cancel", args=[instance.pk])
            buttons.append(MenuItem(_("Cancel the event"), url=cancel, icon_name="cross", priority=30))
        return buttons


class EventCreateView(RowCreateView):
    """Makes a single event. Recurring ones are made as a series."""

    def form_valid(self, form: EventForm) -> HttpResponse:
        self.form = form
        try:
            event = event_create(event=form.instance, now=timezone.now())
        except ValidationError as error:
            refuse(form, error)
            self.produced_error_message = self.get_error_message()
            return self.form_invalid(form)
        log(instance=event, action="wagtail.create", user=self.request.user)
        said = {"title": event.title, "when": when(event)}
        messages.success(self.request, _("“%(title)s” is planned: %(when)s.") % said)
        return redirect(self.get_success_url())


class EventViewSet(ClinicScopedViewSet):
    model = ClinicEvent
    add_words = gettext_lazy("Plan an event")
    icon = "calendar"
    menu_label = gettext_lazy("Events")
    menu_order = 100
    index_view_class = EventIndexView
    index_template_name = "events/admin/event_index.html"
    index_results_template_name = "events/admin/event_results.html"
    add_view_class = EventCreateView
    edit_view_class = EventEditView
    filterset_class = EventFilters
    search_fields = ["title_en", "title_af", "place"]
    list_per_page = 30
    edit_handler = EVENT_PANELS

    def get_common_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_common_view_kwargs(**kwargs) | {"delete_url_name": None}

    def get_urlpatterns(self) -> list[URLPattern]:
        patterns = [pattern for pattern in super().get_urlpatterns() if pattern.name != "delete"]
        for address, name, view in (
            ("cancel/", "cancel", CancelView),
            ("attendance/", "attendance", AttendanceView),
            ("attendance/export/", "export", ExportView),
            ("attendance/add/", "put_on_list", PutOnListView),
            ("attendance/<int:attendance_id>/mark/", "mark", MarkView),
            ("attendance/<int:attendance_id>/withdraw/", "withdraw", WithdrawView),
        ):
            guarded = self._of_visible_rows(self.construct_view(view, model=view.model))
            patterns.append(path(f"<int:pk>/{address}", guarded, name=name))
        return patterns
