"""Ends a series, cancelling its future events or keeping them."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.views.generic import FormView
from wagtail.admin.views.generic import PermissionCheckedMixin, WagtailAdminTemplateMixin

from events.admin.confirmed_change import ConfirmedSeriesChange
from events.admin.pattern_fields import day_field
from events.models import EventSeries, read_config
from events.rules.config import RecurringConfig
from events.rules.pattern import FIRST_DAY, LAST_DAY, days
from events.services.changes.plan import Change

WHAT = {
    "cancel": _("Cancel them. Everybody who has joined or is waiting will be told."),
    "keep": _("Keep the events that exist already. No more will be created after them."),
}


class EndForm(forms.Form):
    """Asks whether future events are cancelled. `change_of` says what that is for a series."""

    what = forms.ChoiceField(
        label=_("Upcoming events"), choices=list(WHAT.items()), initial="cancel", widget=forms.RadioSelect
    )
    last_day = day_field(
        _("Last day with an event"),
        help_text=_("Events up to this day still take place. Leave empty to stop all events from now on."),
    )

    def change_of(self, series: EventSeries) -> Change | None:
        """The change to the new pattern; None when it is the same."""
        before = read_config(series.config)
        if self.cleaned_data["what"] == "keep":
            config = replace(before, active=False)
        else:
            config = without_after(before, self.cleaned_data["last_day"] or _yesterday(series))
        return None if config == before else Change(config=config)


class SeriesEndForm(EndForm):
    """Of one series."""

    is_outdated = False  # it shows no values that somebody else could have changed

    def __init__(self, *args: Any, series: EventSeries, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.series = series

    def change(self) -> Change | None:
        """The change to the new pattern; None when it is the same."""
        return self.change_of(self.series)


def _yesterday(series: EventSeries) -> date:
    """In the clinic's time zone."""
    return timezone.now().astimezone(ZoneInfo(series.clinic.zone)).date() - timedelta(days=1)


def without_after(config: RecurringConfig, last: date) -> RecurringConfig:
    """The pattern without its dates after that day. One that begins later has none left."""
    if next(days(config, last + timedelta(days=1), LAST_DAY), None) is None:
        return config
    if next(days(config, FIRST_DAY, last), None) is None:
        # A range may not end before it begins.
        return replace(config, start_date=last, until=last, count=None, skip_dates=config.skip_dates | {last})
    return replace(config, until=last, count=None)


class EndView(ConfirmedSeriesChange, PermissionCheckedMixin, WagtailAdminTemplateMixin, FormView):
    """Asks, shows the plan, and ends the series when that is confirmed."""

    model = EventSeries
    permission_required = "change"
    form_class = SeriesEndForm
    template_name = "events/admin/series_end.html"
    page_title = _("End this series")
    header_icon = "calendar"
    index_url_name = ""
    edit_url_name = ""

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.object = EventSeries.objects.select_related("clinic").get(pk=kwargs["pk"])

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"series": self.object}

    def get_page_subtitle(self) -> str:
        return str(self.object)

    def get_success_url(self) -> str:
        return reverse(self.index_url_name)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        index = {
            "url": reverse(self.index_url_name),
            "label": capfirst(self.model._meta.verbose_name_plural),
        }
        series = {"url": reverse(self.edit_url_name, args=[self.object.pk]), "label": str(self.object)}
        return [*self.breadcrumbs_items, index, series, {"url": "", "label": self.page_title}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        return context | {
            "action_url": self.request.path,
            "media": context["form"].media,
            "submit_button_label": _("See what will happen"),
            "submit_button_active_label": _("See what will happen"),
        }

    def form_valid(self, form: SeriesEndForm) -> HttpResponse:
        return self.planned(form)
