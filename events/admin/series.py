"""Series of events, as the clinic's staff plan them."""

from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

import django_filters
from django.db.models import Exists, Min, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column, StatusTagColumn, TitleColumn
from wagtail.admin.views.generic import EditView, IndexView
from wagtail.admin.widgets.button import Button
from wagtail.log_actions import log

from events.admin.clinic_time import clinic_moment
from events.admin.confirmed_change import ConfirmedSeriesChange
from events.admin.pattern_words import pattern_words
from events.admin.preview import PreviewView
from events.admin.series_end import EndView
from events.admin.series_form import SERIES_FORM, SeriesForm
from events.models import ClinicEvent, EventSeries, read_config
from events.rules.config import RecurringConfig
from events.rules.pattern import LAST_DAY, days
from events.selectors.events import series_for_staff
from events.selectors.programmes import manages_several, programmes_of
from events.services.generation import WEEKS
from home.admin.scope import ClinicScopedViewSet, RowCreateView
from home.selectors import clinics_of_staff
from notifications.timezones import known_zone


def _has_dates(config: RecurringConfig, zone: str) -> bool:
    """Whether the pattern is active and has dates from today on, in that zone."""
    today = timezone.now().astimezone(ZoneInfo(zone)).date()
    return config.active and next(days(config, today, LAST_DAY), None) is not None


def goes_on(series: EventSeries) -> bool:
    """Whether it is active and has dates from today on, on its clinic's wall."""
    return _has_dates(read_config(series.config), series.clinic.zone)


def _state(series: EventSeries) -> str:
    return _("active") if goes_on(series) else _("ended")


def _words(series: EventSeries) -> str:
    return pattern_words(read_config(series.config))


def _next(series: Any) -> str:
    if not series.next_at:
        return "–"
    return clinic_moment(series.next_at, series.clinic.zone, now=timezone.now())


def _ahead(series: Any) -> str:
    return _("%(count)s upcoming") % {"count": series.ahead}


def _its_events(series: EventSeries) -> Button:
    url = f"{reverse('clinic_events:index')}?series={series.pk}"
    return Button(_("Its events"), url=url, icon_name="calendar", priority=12)


def _clinics(request: HttpRequest) -> QuerySet[Any]:
    return clinics_of_staff(request.user)


def _has_several_clinics(request: HttpRequest) -> bool:
    return len(_clinics(request)[:2]) > 1


class SeriesFilters(WagtailFilterSet):
    clinic = django_filters.ModelChoiceFilter(label=gettext_lazy("Clinic"), queryset=_clinics)
    state = django_filters.ChoiceFilter(
        label=gettext_lazy("State"),
        choices=[("on", gettext_lazy("active")), ("over", gettext_lazy("ended"))],
        method="filter_state",
    )

    class Meta:
        model = EventSeries
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not _has_several_clinics(self.request):
            del self.filters["clinic"]

    def filter_state(self, rows: QuerySet[EventSeries], name: str, value: str) -> QuerySet[EventSeries]:
        found = rows.order_by().values_list("pk", "config", "clinic__timezone")
        on = [pk for pk, config, zone in found if _has_dates(read_config(config), known_zone(zone))]
        return rows.filter(pk__in=on) if value == "on" else rows.exclude(pk__in=on)


def rows_for(user: Any) -> QuerySet[Any]:
    """The series of this member of staff, with the values that the list shows."""
    now = timezone.now()
    planned = Q(events__state=ClinicEvent.State.PLANNED, events__starts_at__gt=now)
    return series_for_staff(user, now=now).annotate(
        next_at=Min("events__starts_at", filter=planned),
        has_events=Exists(ClinicEvent.objects.filter(series=OuterRef("pk"))),
    )


def shown_columns() -> list[Column]:
    """What a list shows of the rows of `rows_for`: when, and how it goes on."""
    more = "event-cards__more"
    return [
        Column("pattern", label=_("Pattern"), accessor=_words, classname="event-cards__when"),
        Column("next", label=_("Next event"), accessor=_next),
        Column("ahead", label=pgettext("a column", "Events"), accessor=_ahead, classname=more),
        StatusTagColumn("state", label=_("State"), accessor=_state, primary=goes_on),
    ]


class SeriesIndexView(IndexView):
    end_url_name = ""

    @cached_property
    def header_more_buttons(self) -> list[Button]:
        buttons: list[Button] = list(super().header_more_buttons)
        user: Any = self.request.user
        if user.has_perm("events.add_programme") and manages_several(user):
            url = reverse("programmes:index")
            buttons.append(Button(_("Series at several clinics"), url=url, icon_name="site", priority=20))
        return buttons

    def get_base_queryset(self) -> QuerySet[Any]:
        return rows_for(self.request.user)

    @cached_property
    def columns(self) -> list[Column]:
        title = self._get_title_column_class(TitleColumn)
        columns = [
            title("title", label=_("Title"), get_url=self.get_edit_url, sort_key="title"),
            *shown_columns(),
        ]
        if _has_several_clinics(self.request):
            columns.append(Column("clinic", label=_("Clinic"), classname="event-cards__more"))
        return columns

    def get_list_more_buttons(self, instance: Any) -> list[Any]:
        buttons = [*super().get_list_more_buttons(instance), _its_events(instance)]
        if self.user_has_permission("change"):
            end = reverse(self.end_url_name, args=[instance.pk])
            buttons.append(Button(_("End this series"), url=end, icon_name="cross", priority=15))
        return buttons

    def get_delete_url(self, instance: Any) -> str | None:
        # A series that has events is ended instead: past ones are kept, and people are notified about future ones.
        return None if instance.has_events else super().get_delete_url(instance)


class SeriesCreateView(RowCreateView):
    """Begins a series and makes its next events at once."""

    form_class: type[SeriesForm]
    submit_button_label = gettext_lazy("Save and create the events")
    submit_button_active_label = gettext_lazy("Saving…")

    def save_instance(self) -> EventSeries:
        series: EventSeries = self.form.create(now=timezone.now())
        log(instance=series, action="wagtail.create", user=self.request.user, content_changed=True)
        return series

    def get_success_message(self, instance: EventSeries) -> str:
        made = instance.events.count()
        if not made:
            said = _(
                "“%(title)s” is saved. It has no events in the next %(weeks)s weeks. They will be created "
                "nearer the time."
            )
            return said % {"title": instance, "weeks": WEEKS}
        said = ngettext(
            "“%(title)s” is saved, and %(count)s event was created.",
            "“%(title)s” is saved, and %(count)s events were created.",
            made,
        )
        return said % {"title": instance, "count": made}


class SeriesEditView(ConfirmedSeriesChange, EditView):
    """Shows the plan of a change, and applies it when that is confirmed."""

    submit_button_label = gettext_lazy("See what will happen")
    submit_button_active_label = gettext_lazy("See what will happen")
    end_url_name = ""

    outdated_message = gettext_lazy(
        "Somebody else has changed this series in the meantime, so your changes were not saved. Here is the"
        " current version."
    )

    def form_valid(self, form: SeriesForm) -> HttpResponse:
        self.form = form
        self.produced_error_message = self.get_error_message()
        return self.planned(form)

    @cached_property
    def can_delete(self) -> bool:
        return super().can_delete and not self.object.events.exists()

    @cached_property
    def header_more_buttons(self) -> list[Button]:
        url = reverse(self.end_url_name, args=[self.object.pk])
        end = Button(_("End this series"), url=url, icon_name="cross", priority=15)
        return [*super().header_more_buttons, _its_events(self.object), end, *self._programme()]

    def _programme(self) -> Iterator[Button]:
        """To the other clinics where it was planned too, for who manages any of them."""
        user: Any = self.request.user
        if not (self.object.programme_id and user.has_perm("events.view_programme")):
            return
        if programmes_of(user).filter(pk=self.object.programme_id).exists():
            url = reverse("programmes:edit", args=[self.object.programme_id])
            yield Button(_("At all its clinics"), url=url, icon_name="site", priority=18)


class EventSeriesViewSet(ClinicScopedViewSet):
    model = EventSeries
    add_words = gettext_lazy("Plan a series of events")
    icon = "calendar-alt"
    menu_order = 200
    index_view_class = SeriesIndexView
    index_template_name = "events/admin/event_index.html"
    index_results_template_name = "events/admin/event_results.html"
    add_view_class = SeriesCreateView
    edit_view_class = SeriesEditView
    filterset_class = SeriesFilters
    search_fields = ["title_en", "title_af", "place"]
    ordering = ["title", "id"]
    edit_handler = SERIES_FORM

    def visible_to(self, user: Any) -> QuerySet[Any]:
        return rows_for(user)

    def get_index_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_index_view_kwargs(end_url_name=self.get_url_name("end"), **kwargs)

    def get_edit_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_edit_view_kwargs(end_url_name=self.get_url_name("end"), **kwargs)

    def get_urlpatterns(self) -> list[URLPattern]:
        end = EndView.as_view(
            index_url_name=self.get_url_name("index"), edit_url_name=self.get_url_name("edit")
        )
        return [
            *super().get_urlpatterns(),
            path("dates/", PreviewView.as_view(), name="preview"),
            path("end/<int:pk>/", self._of_visible_rows(end), name="end"),
        ]
