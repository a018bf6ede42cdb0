"""The form for a dose rule: how often, when and how much, in fields of their own instead of JSON."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from modelcluster.forms import BaseChildFormSet
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.panels import FieldPanel, FieldRowPanel, InlinePanel, MultiFieldPanel
from wagtail.admin.widgets import AdminDateInput, AdminDateTimeInput

from home.slot_times import SLOTS
from medications.admin.schedule_errors import said
from medications.admin.schedule_values import ON_A_CLOCK, initial_of, rule_of
from medications.number_field import NumberField, QuantityField
from medications.rules import doses
from medications.rules.errors import RuleError
from notifications.web.date_fields import DayField, MomentField

KINDS = {
    "times": _("every day, or on chosen weekdays"),
    "every_n_days": _("every few days"),
    "cycle": _("some days on, some days off"),
    "taper": _("in steps, with the dose going up or down"),
    "interval": _("every few hours"),
    "as_needed": _("only when needed"),
}


class RuleForm(forms.Form):
    """The fields of a dose rule; only those that belong to the kind count."""

    kind = forms.ChoiceField(
        label=_("How often"),
        choices=list(KINDS.items()),
        initial="times",
        widget=forms.Select(
            attrs={
                "data-controller": "schedule-kind",
                "data-action": "schedule-kind#show",
            }  # the file in Media
        ),
    )
    quantity = QuantityField(
        label=_("How much each time"),
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
        help_text=_("Choose none for every day."),
    )
    n = forms.IntegerField(
        label=_("Days from one dose to the next"),
        min_value=1,
        required=False,
        help_text=_("2 is every second day, 7 is once a week."),
    )
    on = forms.IntegerField(label=pgettext_lazy("days of a cycle", "Days on"), min_value=1, required=False)
    off = forms.IntegerField(label=pgettext_lazy("days of a cycle", "Days off"), min_value=1, required=False)
    steps = forms.CharField(
        label=_("Steps"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("One step on each line, as quantity × days: 2 × 5 is 2 each time, for 5 days."),
    )
    hours = NumberField(label=_("Hours from one dose to the next"), required=False)
    first = MomentField(label=_("First dose at"), required=False, widget=AdminDateTimeInput)
    min_hours = NumberField(label=_("Hours between doses, at least"), required=False)
    max_per_day = forms.IntegerField(label=_("Doses a day, at most"), min_value=1, required=False)
    start_date = DayField(
        label=pgettext_lazy("first day of a schedule", "From"),
        required=False,
        widget=AdminDateInput,
        help_text=_(
            "Days are counted from here. If no days are counted, leave it empty to start on the "
            "prescription’s first day."
        ),
    )
    end_date = DayField(
        label=pgettext_lazy("last day of a schedule", "Until"),
        required=False,
        widget=AdminDateInput,
        help_text=_("The last day. Leave it empty to go on as long as the prescription lasts."),
    )

    def made_rule(self, values: Mapping[str, Any]) -> dict[str, Any] | None:
        """The rule of these values; None when it is impossible, which then stands beside its field."""
        try:
            rule = rule_of(values)
            doses.parse(rule)
        except RuleError as error:
            field, sentence = said(error)
            self.add_error(field if field in self.fields else None, sentence)
            return None
        return rule


class DoseScheduleForm(RuleForm, WagtailAdminModelForm):
    """Reads and writes the schedule's `rule`."""

    class Media:
        js = ["js/schedule-kind.js"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.rule:
            self.initial.update(initial_of(self.instance.rule))

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if not self.errors and (rule := self.made_rule(cleaned)) is not None:
            self.instance.rule = rule
        return cleaned


class DoseScheduleFormSet(BaseChildFormSet):
    default_error_messages = {"too_few_forms": _("Please say when to take it: add at least one time.")}


class DoseSchedulesPanel(InlinePanel):
    """The schedules of a prescription, each with this form."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("panels", SCHEDULE_PANELS)
        super().__init__(*args, **kwargs)

    def get_form_options(self) -> dict[str, Any]:
        options: dict[str, Any] = super().get_form_options()
        options["formsets"][self.relation_name] |= {"form": DoseScheduleForm, "formset": DoseScheduleFormSet}
        return options


def _shown_for(*kinds: str, group: bool = False) -> dict[str, str]:
    """Attributes of a panel that counts for these kinds only; a group has a heading that says which."""
    return {"data-kinds": " ".join(kinds), **({"data-kind-group": ""} if group else {})}


def _kind_group(kind: str, *panels: FieldPanel) -> MultiFieldPanel:
    row = [FieldRowPanel(panels)] if len(panels) > 1 else panels
    return MultiFieldPanel(row, heading=KINDS[kind], attrs=_shown_for(kind, group=True))


SCHEDULE_PANELS = [
    FieldPanel("kind"),
    _kind_group("every_n_days", FieldPanel("n")),
    _kind_group("cycle", FieldPanel("on"), FieldPanel("off")),
    _kind_group("taper", FieldPanel("steps")),
    _kind_group("interval", FieldPanel("hours"), FieldPanel("first")),
    _kind_group("as_needed", FieldPanel("min_hours"), FieldPanel("max_per_day")),
    FieldPanel("quantity", attrs=_shown_for(*(kind for kind in KINDS if kind != "taper"))),
    FieldPanel("slots", attrs=_shown_for(*ON_A_CLOCK)),
    FieldPanel("other_times", attrs=_shown_for(*ON_A_CLOCK)),
    FieldPanel("weekdays", attrs=_shown_for("times")),
    FieldRowPanel([FieldPanel("start_date"), FieldPanel("end_date")]),
]
