"""A dose rule as a nurse fills it in: how often, when, how much; never JSON."""

import re
from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.panels import FieldPanel, FieldRowPanel, InlinePanel, MultiFieldPanel
from wagtail.admin.widgets import AdminDateInput, AdminDateTimeInput

from home.slot_times import SLOTS
from medications.rules import doses
from medications.rules.errors import RuleError

KINDS = {
    "times": _("every day, or on chosen weekdays"),
    "every_n_days": _("every few days"),
    "cycle": _("some days on, some days off"),
    "taper": _("in steps, more or less as it goes on"),
    "interval": _("every few hours"),
    "as_needed": _("only when needed"),
}
_ON_A_CLOCK = ("times", "every_n_days", "cycle", "taper")
_STEP = re.compile(r"\s*([0-9.,]+)\s*(?:x|×|\*)\s*([0-9]+)\s*")


class DoseScheduleForm(WagtailAdminModelForm):
    """Reads and writes the schedule's `rule`; only the fields that belong to the kind count."""

    kind = forms.ChoiceField(label=_("How often"), choices=list(KINDS.items()), initial="times")
    quantity = forms.DecimalField(
        label=_("How much each time"),
        min_value=0,
        decimal_places=3,
        required=False,
        initial=1,
        help_text=_("In units, such as 1 or 0.5 tablet; not in milligrams."),
    )
    slots = forms.MultipleChoiceField(
        label=_("Time of day"),
        choices=list(SLOTS.items()),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    other_times = forms.CharField(
        label=_("Other times"), required=False, help_text=_("Such as 07:30, 13:00."), max_length=200
    )
    weekdays = forms.TypedMultipleChoiceField(
        label=_("Weekdays"),
        choices=list(WEEKDAYS.items()),
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None means every day."),
    )
    n = forms.IntegerField(label=_("Every so many days"), min_value=1, required=False)
    on = forms.IntegerField(label=pgettext_lazy("days of a cycle", "Days on"), min_value=1, required=False)
    off = forms.IntegerField(label=pgettext_lazy("days of a cycle", "Days off"), min_value=1, required=False)
    steps = forms.CharField(
        label=_("Steps"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("One a line, quantity × days: 2 × 5 is 2 each time, for 5 days."),
    )
    hours = forms.FloatField(label=_("Every so many hours"), min_value=0, required=False)
    first = forms.DateTimeField(label=_("First dose at"), required=False, widget=AdminDateTimeInput)
    min_hours = forms.FloatField(label=_("Hours between, at least"), min_value=0, required=False)
    max_per_day = forms.IntegerField(label=_("A day, at most"), min_value=1, required=False)
    start_date = forms.DateField(
        label=_("From"),
        required=False,
        widget=AdminDateInput,
        help_text=_(
            "Days are counted from here. Empty means from the prescription’s first day, if none are counted."
        ),
    )
    end_date = forms.DateField(label=_("Until"), required=False, widget=AdminDateInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.rule:
            self.initial.update(_initial(self.instance.rule))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if self.errors:
            return cleaned
        try:
            rule = _rule(cleaned)
            doses.parse(rule)
        except RuleError as error:
            message = gettext(error.message)
            self.add_error(
                _FIELD_OF.get(error.field, error.field if error.field in self.fields else None),
                ValidationError(message % error.params if error.params else message),
            )
        else:
            self.instance.rule = rule
        return cleaned


class DoseSchedulesPanel(InlinePanel):
    """The schedules of a prescription, each with this form."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("panels", SCHEDULE_PANELS)
        super().__init__(*args, **kwargs)

    def get_form_options(self) -> dict[str, Any]:
        options = super().get_form_options()
        options["formsets"][self.relation_name]["form"] = DoseScheduleForm
        return options


SCHEDULE_PANELS = [
    FieldPanel("kind"),
    FieldPanel("quantity"),
    FieldPanel("slots"),
    FieldPanel("other_times"),
    FieldPanel("weekdays"),
    FieldRowPanel([FieldPanel("start_date"), FieldPanel("end_date")]),
    MultiFieldPanel([FieldPanel("n")], heading=KINDS["every_n_days"]),
    MultiFieldPanel([FieldRowPanel([FieldPanel("on"), FieldPanel("off")])], heading=KINDS["cycle"]),
    MultiFieldPanel([FieldPanel("steps")], heading=KINDS["taper"]),
    MultiFieldPanel([FieldRowPanel([FieldPanel("hours"), FieldPanel("first")])], heading=KINDS["interval"]),
    MultiFieldPanel(
        [FieldRowPanel([FieldPanel("min_hours"), FieldPanel("max_per_day")])], heading=KINDS["as_needed"]
    ),
]

_FIELD_OF = {"times": "other_times"}
_KEYS = {
    "times": ("weekdays",),
    "every_n_days": ("n",),
    "cycle": ("on", "off"),
    "taper": (),
    "interval": ("hours",),
    "as_needed": ("min_hours", "max_per_day"),
}


def _rule(cleaned: Mapping[str, Any]) -> dict[str, Any]:
    """The rule that was filled in; what is empty is left out, and so refused by name if its kind needs it."""
    kind = cleaned["kind"]
    rule: dict[str, Any] = {"kind": kind}
    rule |= {key: cleaned[key] for key in _KEYS[kind]}
    if kind in _ON_A_CLOCK:
        rule["times"] = [*cleaned["slots"], *re.findall(r"[^\s,;]+", cleaned["other_times"])]
    if kind == "taper":
        rule["steps"] = [_step(line) for line in cleaned["steps"].splitlines() if line.strip()]
    elif cleaned["quantity"] is not None:
        rule["quantity"] = format(cleaned["quantity"].normalize(), "f")
    if kind == "interval" and cleaned["first"]:
        rule["first"] = cleaned["first"].isoformat()
    for key in ("start_date", "end_date"):
        if cleaned[key]:
            rule[key] = cleaned[key].isoformat()
    return {key: value for key, value in rule.items() if value not in (None, [])}


def _step(line: str) -> dict[str, Any]:
    match = _STEP.fullmatch(line)
    if match is None:
        raise RuleError("steps", "steps: each must be written as in 2 × 5.")
    return {"quantity": match[1].replace(",", "."), "days": int(match[2])}


def _initial(rule: Mapping[str, Any]) -> dict[str, Any]:
    """What the fields show of a rule."""
    times = rule.get("times") or []
    first = doses.parse(rule).first if rule.get("kind") == "interval" else None
    return {
        **{key: rule.get(key) for key in ("kind", "n", "on", "off", "hours", "min_hours", "max_per_day")},
        "quantity": rule.get("quantity"),
        "slots": [each for each in times if each in SLOTS],
        "other_times": ", ".join(each for each in times if each not in SLOTS),
        "weekdays": rule.get("weekdays") or [],
        "steps": "\n".join(f"{step['quantity']} × {step['days']}" for step in rule.get("steps") or []),
        "first": timezone.localtime(first) if first else None,
        "start_date": rule.get("start_date"),
        "end_date": rule.get("end_date"),
    }
