"""The form in which staff say when a periodic task runs: in words, or in cron for who can write it."""

import json
from datetime import UTC, datetime
from typing import Any

from cronsim import CronSim, CronSimError
from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.panels import FieldPanel, MultiFieldPanel, ObjectList

from notifications.admin.usual_times import NEEDS, Repeat, Usual, read, write
from notifications.models import PeriodicTask
from notifications.timezones import timezone_names
from notifications.work import periodic

CHOICES = [
    (Repeat.MINUTE.value, gettext_lazy("Every minute")),
    (Repeat.FIVE_MINUTES.value, gettext_lazy("Every 5 minutes")),
    (Repeat.QUARTER.value, gettext_lazy("Every 15 minutes")),
    (Repeat.HOUR.value, gettext_lazy("Every hour")),
    (Repeat.SIX_HOURS.value, gettext_lazy("Every 6 hours")),
    (Repeat.DAY.value, gettext_lazy("Every day")),
    (Repeat.WEEK.value, gettext_lazy("Every week")),
    (Repeat.OWN.value, gettext_lazy("At other times (cron)")),
]
DAYS = [((day + 1) % 7, name) for day, name in WEEKDAYS.items()]
"""Cron's numbers, Monday first."""
ASKED = {name for names in NEEDS.values() for name in names}


class PeriodicTaskForm(WagtailAdminModelForm):
    """What isn't asked for with the chosen frequency is neither checked nor kept."""

    repeat = forms.ChoiceField(label=gettext_lazy("How often"), choices=CHOICES)
    minute = forms.IntegerField(
        label=gettext_lazy("Minutes past the hour"), min_value=0, max_value=59, required=False
    )
    weekday = forms.TypedChoiceField(
        label=gettext_lazy("Day of the week"), choices=DAYS, coerce=int, required=False
    )
    at = forms.TimeField(
        label=gettext_lazy("Time of day"),
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        required=False,
    )
    timezone = forms.ChoiceField(
        label=gettext_lazy("Time zone"),
        choices=lambda: [(name, name) for name in sorted(timezone_names())],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.before = self._times()
        usual = read(self.instance.cron)
        self.initial |= {
            "repeat": usual.repeat.value,
            "minute": usual.minute,
            "weekday": usual.weekday,
            "at": usual.at,
        }
        self.fields["cron"].required = False
        declared = periodic.find(self.instance.name)
        if declared and declared.essential:
            for field in self.fields.values():
                field.disabled = True
            self.fields["enabled"].help_text = _("MedGuard needs this task, so it can't be changed.")

    def _times(self) -> tuple[object, ...]:
        return self.instance.cron, self.instance.timezone, self.instance.enabled

    def clean_cron(self) -> str:
        fields = self.cleaned_data["cron"].split()
        cron = " ".join(fields)
        if not fields:
            return ""
        if len(fields) > 5:
            # The library would take a sixth for seconds, but slots are whole minutes.
            raise ValidationError(_("There are too many fields: give five."), code="cron")
        try:
            next(CronSim(cron, datetime.now(UTC)))
        except CronSimError as error:
            raise ValidationError(
                _("These are not times. An example is “0 9 * * *”, daily at 09:00."), code="cron"
            ) from error
        except StopIteration:
            raise ValidationError(_("No date ever matches these times."), code="cron") from None
        return cron

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean()
        if "repeat" not in cleaned:
            return cleaned
        repeat = Repeat(cleaned["repeat"])
        for name in ASKED.difference(NEEDS[repeat]):
            self.errors.pop(name, None)
        for name in NEEDS[repeat]:
            if name not in self.errors and cleaned.get(name) in (None, ""):
                self.add_error(name, ValidationError(_("Fill this in too."), code="required"))
        if repeat != Repeat.OWN and not self.errors:
            said = {name: cleaned[name] for name in NEEDS[repeat]}
            cleaned["cron"] = write(Usual(repeat, **said))
        return cleaned

    def save(self, commit: bool = True) -> PeriodicTask:
        # What would have been missed by the new times, before they were there, is not made up for.
        if self._times() != self.before:
            self.instance.last_slot = timezone.now()
        task: PeriodicTask = super().save(commit)
        return task


def _asked(name: str, **kwargs: Any) -> FieldPanel:
    """Shown only with the frequencies that need it; always, to who has no JavaScript."""
    rule = {"repeat": [repeat.value for repeat, names in NEEDS.items() if name in names]}
    attrs = {"data-w-rules-target": "show", "data-w-rules": json.dumps(rule)}
    return FieldPanel(name, attrs=attrs, **kwargs)


PERIODIC_FORM = ObjectList(
    [
        FieldPanel("enabled"),
        MultiFieldPanel(
            [
                FieldPanel("repeat"),
                _asked("minute"),
                _asked("weekday"),
                _asked("at"),
                _asked(
                    "cron",
                    help_text=gettext_lazy(
                        "Minute, hour, day of the month, month, day of the week. “0 9 1 * *” is 09:00 on the first "
                        "of each month, “*/10 8-16 * * 1-5” every ten minutes of a working day."
                    ),
                ),
                FieldPanel("timezone"),
            ],
            heading=gettext_lazy("When it runs"),
            icon="time",
            attrs={"data-controller": "w-rules", "data-action": "change->w-rules#resolve"},
        ),
    ],
    base_form_class=PeriodicTaskForm,
)
