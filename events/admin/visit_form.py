"""The forms of a visit: planned with few keys, and what can't be is refused beside its field."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from wagtail.admin.panels import FieldPanel, FieldRowPanel, ObjectList
from wagtail.admin.widgets import AdminDateInput

from events.admin import visit_words
from events.admin.pattern_fields import time_field
from events.models import Visit
from events.rules.visit_days import DayQuestion, in_months, question_about, working_day_before
from events.services.refusals import refuse_gone
from events.visits.refusals import refuse_day, refuse_twice, today_at
from home.admin.question_panel import QuestionPanel
from home.admin.scope import ClinicScopedForm
from home.models import Clinic
from notifications.web.date_fields import DayField
from notifications.web.moments import dated

_QUESTIONS = {
    DayQuestion.SUNDAY: gettext_lazy(
        "This is a Sunday. Tick below if the visit is on that day all the same."
    ),
    DayQuestion.HOLIDAY: gettext_lazy(
        "This is a public holiday. Tick below if the visit is on that day all the same."
    ),
}
_SUPPLY_DAYS = 28
_MONTHS = (1, 3)
DAY_HINT = gettext_lazy("Such as 12/03/2027 or 12 March 2027.")


def quick_choices(today: date) -> list[tuple[str, str]]:
    """The usual days from today on, as values of the form and in words; where one is closed, the working day before."""
    found = [(_in_days(_SUPPLY_DAYS), date.fromordinal(today.toordinal() + _SUPPLY_DAYS))]
    for months in _MONTHS:
        said = ngettext("in %(number)d month", "in %(number)d months", months) % {"number": months}
        found.append((said, in_months(today, months)))
    return [
        (day.isoformat(), _("%(when)s: %(day)s") % {"when": said, "day": dated(day, "D j M", today=today)})
        for said, asked in found
        for day in [working_day_before(asked)]
    ]


def _in_days(days: int) -> str:
    return ngettext("in %(days)d day", "in %(days)d days", days) % {"days": days}


class AskingForm(forms.BaseForm):
    """Asks once more about a day on which a clinic is usually closed."""

    asked: frozenset[str] = frozenset()

    def ask_about(self, day: date, cleaned: dict[str, Any]) -> None:
        question = question_about(day)
        if question and not cleaned.get("closed_day"):
            self.asked = frozenset({"closed_day"})
            self.add_error("day", ValidationError(_QUESTIONS[question], code=question))

    def refuse(self, act: Any, *args: Any, **kwargs: Any) -> None:
        """Put what this refuses beside its field, or else above them all."""
        try:
            act(*args, **kwargs)
        except ValidationError as error:
            for field, errors in error.error_dict.items():
                self.add_error(field if field in self.fields else None, errors)


class VisitForm(AskingForm, ClinicScopedForm):
    """A new visit. A usual day is chosen with one key; a day that is written goes before it."""

    soon = forms.ChoiceField(
        label=gettext_lazy("When"),
        required=False,
        widget=forms.RadioSelect,
        choices=[("", gettext_lazy("on the day below"))],
    )
    at = time_field(gettext_lazy("Time"), required=False, help_text=gettext_lazy("Only if it has one."))
    closed_day = forms.BooleanField(required=False, label=gettext_lazy("It is on this day all the same"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._now = timezone.now()
        if "day" in self.fields:
            self.fields["day"].required = False
            soon: Any = self.fields["soon"]
            soon.choices = [*soon.choices, *quick_choices(timezone.localdate())]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        patient = cleaned.get("patient")
        if "day" not in self.fields or "day" in self.errors:
            return cleaned
        if cleaned.get("day") is None and cleaned.get("soon"):
            cleaned["day"] = date.fromisoformat(cleaned["soon"])
            self.instance.day = cleaned["day"]
        day = cleaned.get("day")
        if day is None:
            self.add_error("day", ValidationError(_("Give the day, or choose one above."), code="required"))
        elif patient is not None:
            self.refuse(refuse_gone, patient)
            self.refuse(refuse_day, day, today=today_at(patient.clinic, self._now))
            if cleaned.get("kind"):
                self.refuse(refuse_twice, patient.pk, cleaned["kind"], day)
            if "day" not in self.errors:
                self.ask_about(day, cleaned)
        return cleaned


class VisitEditForm(VisitForm):
    """What a visit is for, and the note. Its day and time are moved, so that people are told."""

    soon = None  # type: ignore[assignment]
    at = None  # type: ignore[assignment]
    closed_day = None  # type: ignore[assignment]


class MoveForm(AskingForm, forms.Form):
    """The day to which the clinic moves a visit."""

    day = DayField(label=gettext_lazy("New day"), widget=AdminDateInput, help_text=DAY_HINT)
    at = time_field(gettext_lazy("Time"), required=False, help_text=gettext_lazy("Only if it has one."))
    closed_day = forms.BooleanField(required=False, label=gettext_lazy("It is on this day all the same"))

    def __init__(self, *args: Any, clinic: Clinic, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._clinic = clinic

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if day := cleaned.get("day"):
            self.refuse(refuse_day, day, today=today_at(self._clinic, timezone.now()))
            if "day" not in self.errors:
                self.ask_about(day, cleaned)
        return cleaned


class CancelForm(forms.Form):
    """Who cancels a visit, and why; `is_reached` whether anybody is told."""

    side = forms.ChoiceField(
        label=gettext_lazy("Who can’t keep it"), widget=forms.RadioSelect, initial=Visit.Side.PATIENT.value
    )
    reason = forms.CharField(label=gettext_lazy("Why"), required=False, max_length=200)

    def __init__(self, *args: Any, is_reached: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        told, reads = (
            _("The clinic; the patient is told at once"),
            _("If the clinic cancels it, the patient reads this."),
        )
        side: Any = self.fields["side"]
        side.choices = [
            (Visit.Side.PATIENT.value, _("The patient")),
            (Visit.Side.CLINIC.value, told if is_reached else _("The clinic")),
        ]
        self.fields["reason"].help_text = reads if is_reached else visit_words.nobody_reached()


NEW_PANELS = ObjectList(
    [
        FieldPanel("patient"),
        FieldPanel("kind"),
        FieldPanel("soon"),
        FieldRowPanel([FieldPanel("day", help_text=DAY_HINT), FieldPanel("at")]),
        QuestionPanel("closed_day"),
        FieldPanel("note", widget=forms.Textarea(attrs={"rows": 3})),
    ],
    base_form_class=VisitForm,
)
EDIT_PANELS = ObjectList([FieldPanel("kind"), FieldPanel("note")], base_form_class=VisitEditForm)
