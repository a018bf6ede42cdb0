"""A series as staff write it: what it is, where, for how many, and when."""

import json
from datetime import datetime
from hashlib import sha256
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel, ObjectList
from wagtail.admin.widgets import AdminAutoHeightTextInput

from events.admin.event_form import TITLES
from events.admin.pattern_form import ASKED, PatternForm, initial_of
from events.admin.preview import PreviewPanel
from events.admin.reminders_field import RemindersField
from events.models import EventSeries, read_config
from events.rules.config import RecurringConfig
from events.services import create_recurring_event
from events.services.changes.details import DETAILS
from events.services.changes.plan import Change
from home.admin.scope import ClinicScopedForm
from notifications.web.visible import validate_visible


class PlannedForm(PatternForm, ClinicScopedForm):
    """What a series is and when, as it is written on any page that plans one."""

    reminders = RemindersField()
    before: RecurringConfig | None = None
    """The pattern that an existing series has."""

    class Media:
        js = ["js/as-typed.js"]
        css = {"all": ["css/event-admin.css"]}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in TITLES:
            self.fields[name].validators.append(validate_visible)

    def _post_clean(self) -> None:
        """The model can't be validated without a pattern."""
        if "config" in self.cleaned_data:
            self.instance.config = self.cleaned_data["config"].as_json()
            super()._post_clean()


class SeriesForm(PlannedForm):
    """Shows a series and its pattern. `create` begins a new one; `change` says what is new in an existing one.

    `seen` is a digest of the series as it was when it was shown.
    """

    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.before = read_config(self.instance.config) if self.instance.pk else None
        self.state = _state_of(self.instance)
        if self.before:
            self.initial.update(initial_of(self.before), seen=self.state)
            # Its events belong to the history of that clinic.
            self.fields["clinic"].disabled = True
        else:
            self.initial.setdefault("start_date", timezone.localdate())

    @property
    def is_outdated(self) -> bool:
        """Whether somebody else changed the series since it was shown."""
        return self.cleaned_data["seen"] not in ("", self.state)

    def create(self, *, now: datetime) -> EventSeries:
        """Begin a new series. ValidationError says by field what is wrong."""
        said = self.cleaned_data
        return create_recurring_event(
            title=said["title_en"],
            title_af=said["title_af"] or "",
            description=said["description_en"] or "",
            description_af=said["description_af"] or "",
            clinic=said["clinic"],
            place=said["place"],
            capacity=said["capacity"],
            reminders=said["reminders"],
            recurring_config=said["config"].as_json(),
            now=now,
        )

    def change(self) -> Change | None:
        """What was changed of an existing series; None when nothing was."""
        config = None if self.cleaned_data["config"] == self.before else self.cleaned_data["config"]
        details = {name: self.cleaned_data[name] for name in DETAILS if name in self.changed_data}
        return Change(config=config, details=details) if config or details else None


def _state_of(series: EventSeries) -> str:
    """A digest of all values that the form shows."""
    state = [series.config, *(getattr(series, name) for name in DETAILS)]
    return sha256(json.dumps(state, sort_keys=True).encode()).hexdigest()


def _asked(name: str, **kwargs: Any) -> FieldPanel:
    """A field that is shown only with the answers that it belongs to (without JavaScript always)."""
    attrs = {"data-w-rules-target": "show", "data-w-rules": json.dumps(ASKED[name])}
    return FieldPanel(name, attrs=attrs, **kwargs)


def _description(name: str, heading: Any) -> FieldPanel:
    return FieldPanel(name, heading=heading, widget=AdminAutoHeightTextInput(attrs={"rows": 2}))


TEXTS = [
    FieldRowPanel(
        [
            FieldPanel("title_en", heading=_("Title (English)")),
            FieldPanel("title_af", heading=_("Title (Afrikaans)")),
        ]
    ),
    FieldRowPanel(
        [
            _description("description_en", _("Description (English)")),
            _description("description_af", _("Description (Afrikaans)")),
        ]
    ),
]
PLACES = FieldPanel("capacity", heading=_("Number of places"))
WHEN = MultiFieldPanel(
    [
        FieldRowPanel([FieldPanel("type"), FieldPanel("interval")]),
        _asked("weekdays"),
        _asked("day"),
        FieldRowPanel([_asked("month_day"), _asked("nth"), _asked("weekday"), _asked("month")]),
        _asked("clamp"),
        FieldRowPanel([FieldPanel("start_time"), FieldPanel("end_time")]),
        FieldRowPanel([FieldPanel("start_date"), FieldPanel("ends")]),
        FieldRowPanel([_asked("until"), _asked("count")]),
        FieldPanel("skip_public_holidays"),
        FieldPanel("skip_dates"),
        FieldPanel("active"),
    ],
    heading=_("When"),
    icon="calendar",
    attrs={"data-controller": "w-rules", "data-action": "change->w-rules#resolve"},
)
NEXT_DATES = PreviewPanel(heading=_("Next dates"), icon="calendar-check", attrs={"data-event-dates": ""})
ASKS_FOR_DATES = {
    "data-event-form": "",
    "data-controller": "as-typed",
    "data-action": "input->as-typed#ask change->as-typed#ask",
}
"""Of a form with `NEXT_DATES`, which are asked for while it is filled in."""

SERIES_FORM = ObjectList(
    [
        MultiFieldPanel(
            [*TEXTS, FieldPanel("clinic"), FieldRowPanel([FieldPanel("place"), PLACES])],
            heading=_("What and where"),
            icon="group",
        ),
        WHEN,
        NEXT_DATES,
        MultiFieldPanel([FieldPanel("reminders"), FieldPanel("seen")], heading=_("Messages"), icon="mail"),
    ],
    base_form_class=SeriesForm,
    attrs=ASKS_FOR_DATES,
)
