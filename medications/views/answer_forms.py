"""The forms in which a person says when a dose was taken and how much of it, or why it was not."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from medications import formats
from medications.models import Dose, SkipCode
from medications.number_field import QuantityField
from medications.rules.answers import EARLIEST, check_part, check_taken_at, is_over
from medications.rules.errors import RuleError
from medications.rules.wall_time import instant
from medications.selectors.day import ANSWERED_DAYS
from medications.selectors.people import Person
from medications.views.moments import day_words

_ONE_DAY = timedelta(days=1)


class SeenForm(forms.Form):
    """Carries the id of the last answer that the person saw, so that a newer one isn't overwritten."""

    seen = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0, initial=0)

    @property
    def last_seen(self) -> int:
        return self.cleaned_data.get("seen") or 0


class MomentForm(SeenForm):
    """When it was taken, on the patient's wall, and how much. Once valid, `taken_at` is the aware moment."""

    day = forms.ChoiceField(label=gettext_lazy("On which day?"))
    time = forms.TimeField(
        label=gettext_lazy("At what time?"),
        input_formats=["%H:%M", "%H.%M", "%Hh%M", "%H%M"],
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        error_messages={
            "required": gettext_lazy("Write at what time."),
            "invalid": gettext_lazy("Write the time as hours and minutes: 14:30."),
        },
    )
    quantity = QuantityField(label=gettext_lazy("How much?"))

    taken_at: datetime

    def __init__(
        self,
        data: Any = None,
        *,
        person: Person,
        now: datetime,
        days: list[date],
        at: datetime,
        initial: dict[str, Any] | None = None,
    ) -> None:
        local = at.astimezone(person.zone)
        moment: dict[str, Any] = {"day": local.date().isoformat(), "time": local.time()}
        super().__init__(data, initial=moment | (initial or {}))
        self.person, self.now = person, now
        today = person.today(now)
        words = {day: day_words(day, today=today) for day in days}
        choices = [(day.isoformat(), text[:1].upper() + text[1:]) for day, text in words.items()]
        field: Any = self.fields["day"]
        field.choices = choices
        field.error_messages["invalid_choice"] = _("Choose one of these days.")

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if given.get("day") and given.get("time"):
            self.taken_at = instant(date.fromisoformat(given["day"]), given["time"], self.person.zone)
            if self.taken_at > self.now:
                self.add_error("time", _("This time is still to come. Write when it was taken."))
        return given


class TakenForm(MomentForm):
    """A planned dose was taken."""

    def __init__(
        self,
        data: Any = None,
        *,
        dose: Dose,
        person: Person,
        now: datetime,
        initial: dict[str, Any] | None = None,
    ) -> None:
        today = person.today(now)
        first = (dose.due_at - EARLIEST).astimezone(person.zone).date()
        last = min(today, dose.due_at.astimezone(person.zone).date() + _ONE_DAY * ANSWERED_DAYS)
        days = [last - _ONE_DAY * number for number in range((last - first).days + 1)]
        at = dose.was_taken_at or min(dose.due_at, now)
        own = {"quantity": dose.amount, **(initial or {})}
        super().__init__(data, person=person, now=now, days=days, at=at, initial=own)
        self.dose = dose
        whole = formats.quantity(dose.quantity, dose.prescription.medicine.form)
        self.whole = whole
        self.fields["quantity"].help_text = _("The whole dose is %(quantity)s. Half a tablet is 0.5.") % {
            "quantity": whole
        }

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        if hasattr(self, "taken_at") and "time" not in self.errors:
            try:
                check_taken_at(self.taken_at, due_at=self.dose.due_at, now=self.now)
            except RuleError:
                self.add_error("time", _("This is more than 12 hours before the dose was due."))
        if "quantity" in given:
            try:
                check_part(given["quantity"], whole=self.dose.quantity)
            except RuleError:
                text = _("The whole dose is %(quantity)s. Record what was taken besides as an extra dose.")
                self.add_error("quantity", text % {"quantity": self.whole})
        return given


class SkippedForm(SeenForm):
    """A planned dose was not taken."""

    code = forms.ChoiceField(
        label=gettext_lazy("Why was it not taken?"),
        choices=[(code, capfirst(label)) for code, label in SkipCode.choices],
        widget=forms.RadioSelect,
        required=False,
    )
    reason = forms.CharField(
        label=gettext_lazy("In your own words"),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class RecordForm(MomentForm):
    """A dose besides the plan was taken; `whole` is that of a medicine that is taken as needed."""

    def __init__(
        self,
        data: Any = None,
        *,
        person: Person,
        now: datetime,
        form: str,
        whole: Decimal | None,
        at: datetime | None = None,
        initial: dict[str, Any] | None = None,
    ) -> None:
        days = [person.today(now) - _ONE_DAY * number for number in range(ANSWERED_DAYS + 1)]
        super().__init__(data, person=person, now=now, days=days, at=at or now, initial=initial)
        if whole is not None:
            hint = _("One dose is %(quantity)s.") % {"quantity": formats.quantity(whole, form)}
            self.fields["quantity"].help_text = hint

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        if hasattr(self, "taken_at") and is_over(self.taken_at, now=self.now):
            self.add_error("day", _("Choose one of these days."))
        return given
