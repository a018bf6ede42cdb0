"""One event as staff write it. Its times are in the clinic's time zone, whatever the zone of the writer."""

from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel, ObjectList
from wagtail.admin.widgets import AdminAutoHeightTextInput, AdminDateTimeInput

from events.admin.reminders_field import RemindersField
from events.rules.wall_time import attach
from events.services.changes.details import DETAILS
from events.services.changes.plan import Change, Scope
from home.admin.scope import ClinicScopedForm
from notifications.web.date_fields import WallTimeField
from notifications.web.visible import validate_visible

SCOPES = {
    Scope.THIS: _("this one"),
    Scope.FOLLOWING: _("this one and all that follow"),
    Scope.ALL: _("all upcoming events"),
}
_TIMES = ("starts_at", "ends_at")
TITLES = ("title_en", "title_af")


def _wall_time(label: Any) -> WallTimeField:
    return WallTimeField(label=label, help_text=_("Clinic time."), widget=AdminDateTimeInput)


class EventForm(ClinicScopedForm):
    """Shows an event. It saves nothing: that is for `event_create`, or for the view that applies its `change`.

    `seen` is when the event was last changed, as of the page that is being filled in.
    """

    starts_at = _wall_time(_("Starts"))
    ends_at = _wall_time(_("Ends"))
    reminders = RemindersField()
    scope = forms.ChoiceField(
        label=_("Which events?"),
        choices=list(SCOPES.items()),
        initial=Scope.THIS,
        widget=forms.RadioSelect,
        help_text=_("You will see what happens, and who is told, before anything is saved."),
    )
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in TITLES:
            self.fields[name].validators.append(validate_visible)
        # Validation writes into the instance, so these are kept.
        self.times = (self.instance.starts_at, self.instance.ends_at)
        self.last_changed = self.instance.updated_at.isoformat()
        if self.instance.original_start is None:
            del self.fields["scope"]
        if self.instance.pk is None:
            del self.fields["seen"]
            return
        # People joined it at that clinic.
        self.fields["clinic"].disabled = True
        zone = ZoneInfo(self.instance.clinic.zone)
        self.initial["seen"] = self.last_changed
        for name, moment in zip(_TIMES, self.times, strict=True):
            self.initial[name] = moment.astimezone(zone).replace(tzinfo=None, second=0, microsecond=0)
            if zone.key != settings.TIME_ZONE:
                place = zone.key.rpartition("/")[2].replace("_", " ")
                self.fields[name].help_text = _("Clinic time (%(place)s).") % {"place": place}

    @property
    def is_outdated(self) -> bool:
        """Whether somebody else changed the event since this was shown."""
        return self.cleaned_data["seen"] not in ("", self.last_changed)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        clinic = cleaned.get("clinic")
        for name in _TIMES:
            local = cleaned.pop(name, None)
            if local and clinic:
                cleaned[name] = attach(local.date(), local.time(), ZoneInfo(clinic.zone))
        if all(name in cleaned for name in _TIMES) and cleaned["ends_at"] <= cleaned["starts_at"]:
            self.add_error("ends_at", ValidationError(_("The end must be after the start."), code="end"))
        return cleaned

    def scope_chosen(self) -> Scope:
        """How far the change reaches; for an event of no series always that event alone."""
        return Scope(self.cleaned_data.get("scope", Scope.THIS))

    def change(self) -> Change | None:
        """What was changed of an existing event; None when nothing was. Times that were not edited are no move."""
        details = {name: self.cleaned_data[name] for name in DETAILS if name in self.changed_data}
        moves = any(name in self.changed_data for name in _TIMES)
        if not moves:
            return Change(details=details) if details else None
        starts_at, ends_at = (
            self.cleaned_data[name] if name in self.changed_data else before
            for name, before in zip(_TIMES, self.times, strict=True)
        )
        return Change(starts_at=starts_at, ends_at=ends_at, details=details)


def _description(name: str, heading: Any) -> FieldPanel:
    return FieldPanel(name, heading=heading, widget=AdminAutoHeightTextInput(attrs={"rows": 2}))


EVENT_PANELS = ObjectList(
    [
        FieldPanel("clinic"),
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
        MultiFieldPanel(
            [FieldRowPanel([FieldPanel("starts_at"), FieldPanel("ends_at")])],
            heading=_("When"),
        ),
        FieldRowPanel([FieldPanel("place"), FieldPanel("capacity")]),
        FieldPanel("reminders"),
        FieldPanel("scope"),
        FieldPanel("seen"),
    ],
    base_form_class=EventForm,
)
