"""The form fields for a time zone and for the named times of the day, instead of JSON."""

from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel

from home.admin.scope import ClinicScopedForm
from home.slot_times import SLOTS
from notifications.timezones import timezone_names
from notifications.web import zones


def _time_field(slot: str) -> forms.TimeField:
    return forms.TimeField(
        label=capfirst(SLOTS[slot]),
        required=False,
        widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"}),
    )


class ClockForm(ClinicScopedForm):
    """Reads and writes `timezone` and `slot_times` of a clinic or a patient; an empty time is left out."""

    timezone = forms.ChoiceField(label=_("Time zone"))
    morning = _time_field("morning")
    afternoon = _time_field("afternoon")
    evening = _time_field("evening")
    bedtime = _time_field("bedtime")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        model_field = self.instance._meta.get_field("timezone")
        zone = self.fields["timezone"]
        zone.required = not model_field.blank
        zone.choices = [
            *([("", _("the clinic’s time zone"))] if model_field.blank else []),
            *zones.choices(self.instance.timezone),
        ]
        if self.instance.timezone and self.instance.timezone not in timezone_names():
            self.initial["timezone"] = "" if model_field.blank else self.instance.zone
            zone.help_text = gettext(
                "“%(name)s” is stored here, but there is no such time zone. Until you choose one and save, "
                "%(used)s is used."
            ) % {"name": self.instance.timezone, "used": self.instance.zone}
        self.initial |= {slot: self.instance.slot_times.get(slot) for slot in SLOTS}

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean()
        self.instance.slot_times = {
            slot: f"{cleaned[slot]:%H:%M}" for slot in SLOTS if cleaned.get(slot) is not None
        }
        return cleaned


def clock_panel(help_text: Any) -> MultiFieldPanel:
    """The fields of the form; the text says what an empty time means."""
    return MultiFieldPanel(
        [FieldPanel("timezone"), FieldRowPanel([FieldPanel(slot) for slot in SLOTS])],
        heading=_("Time zone and times of day"),
        help_text=help_text,
    )
