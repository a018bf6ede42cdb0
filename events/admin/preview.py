"""The next dates of a pattern, shown while it is being filled in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.generic import View
from wagtail.admin.panels import Panel
from wagtail.admin.views.generic import PermissionCheckedMixin

from events.admin.pattern_form import PatternForm
from events.admin.pattern_words import left_out_words, pattern_words
from events.models import EventSeries
from events.rules.config import RecurringConfig
from events.rules.pattern import LAST_DAY, days
from events.rules.recurrence import expand
from events.rules.wall_time import attach
from events.services.generation import WEEKS
from home.models import Clinic
from home.selectors import clinics_of_staff

MOST = 8
FRAGMENT = "events/admin/pattern_dates.html"


@dataclass(frozen=True, kw_only=True)
class NextDate:
    """A date of a pattern; `left_out` says why there is no event on it, if so."""

    day: date
    left_out: str


@dataclass(frozen=True, kw_only=True)
class NextDates:
    """The next dates: those for which events are made now, later ones, and how many events are made."""

    soon: Sequence[NextDate]
    later: Sequence[NextDate]
    made: int


def next_dates(config: RecurringConfig, *, zone: str, now: datetime) -> NextDates:
    """The next `MOST` dates of the pattern that start after now in that zone, with those that are skipped."""
    if not config.active:
        return NextDates(soon=(), later=(), made=0)
    tz = ZoneInfo(zone)
    today = now.astimezone(tz).date()
    horizon = today + timedelta(weeks=WEEKS)
    ahead = (day for day in days(config, today, LAST_DAY) if attach(day, config.start_time, tz) > now)
    found = [NextDate(day=day, left_out=left_out_words(config, day)) for day in islice(ahead, MOST)]
    return NextDates(
        soon=[each for each in found if each.day <= horizon],
        later=[each for each in found if each.day > horizon],
        made=sum(start > now for start, _end in expand(config, today, horizon, zone)),
    )


def _context(form: PatternForm, zone: str) -> dict[str, Any]:
    """The context of the fragment for a bound form."""
    errors = form.errors.as_data()
    config = form.cleaned_data.get("config")
    if config is not None:
        return _shown(config, zone)
    missing: list[str] = []
    wrong: list[tuple[str, str]] = []
    for name in PatternForm.base_fields:
        for error in errors.get(name, ()):
            label = str(form.fields[name].label)
            if error.code == "required":
                missing.append(label)
            else:
                wrong.extend((label, message) for message in error.messages)
    return {"missing": missing, "wrong": wrong}


def _shown(config: RecurringConfig, zone: str) -> dict[str, Any]:
    return {
        "config": config,
        "words": pattern_words(config),
        "dates": next_dates(config, zone=zone, now=timezone.now()),
        "weeks": WEEKS,
    }


class _PreviewForm(PatternForm):
    clinic = forms.ModelChoiceField(Clinic.objects.none(), required=False)


class PreviewView(PermissionCheckedMixin, View):
    """Returns the dates of the form as it is filled in so far, or what is missing. Nothing is saved."""

    model = EventSeries
    any_permission_required = ("add", "change")
    http_method_names = ("post",)

    def post(self, request: HttpRequest) -> HttpResponse:
        form = _PreviewForm(request.POST)
        clinics: Any = form.fields["clinic"]
        clinics.queryset = clinics_of_staff(request.user)
        form.errors  # noqa: B018 - what is given is read now
        clinic = form.cleaned_data.get("clinic")
        zone = clinic.zone if clinic else settings.TIME_ZONE
        return render(request, FRAGMENT, _context(form, zone))


class PreviewPanel(Panel):
    """Shows the dates beside the form; for an existing pattern from the start."""

    class BoundPanel(Panel.BoundPanel):
        template_name = "events/admin/pattern_panel.html"

        def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
            context = super().get_context_data(parent_context)
            series = self.form.instance
            clinic = series.clinic if series.clinic_id else None
            zone = clinic.zone if clinic else settings.TIME_ZONE
            context |= {"fragment": FRAGMENT, "clinic": series.pk and clinic}
            if self.form.is_bound:
                return context | _context(self.form, zone)
            return context | (_shown(self.form.before, zone) if self.form.before else {})
