"""The form by which a nurse prescribes several medicines at once, each in a row that may stay empty."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from home.models import Patient
from medications.admin.patterns import CHOICES, values_of
from medications.admin.schedules import RuleForm
from medications.admin.typed_medicine import TypedMedicineField
from medications.models import Medicine
from medications.number_field import QuantityField
from medications.presentation.outcome_words import unit_word
from medications.presentation.phrases import PHRASES, in_both
from medications.rules.parts import can_be_given
from medications.selectors.ledger import usable_of
from medications.services.prescribing import Order
from medications.services.stock_acts import more_than_the_shelf_has
from notifications.languages.listed import PAGES

ROWS, MORE_ROWS = 3, 3
"""Shown at once, and below them on demand."""
_LONGEST = 200


class PrescribeRow(RuleForm):
    """One medicine, as it is to be taken, and how much of it is handed out now. A valid one has its `order`."""

    kind: Any = None  # the pattern says it
    medicine = TypedMedicineField()
    pattern = forms.ChoiceField(label=gettext_lazy("How often"), choices=CHOICES, initial="morning")
    phrase = forms.ChoiceField(label=gettext_lazy("How to take it"), required=False)
    handed_out = QuantityField(label=gettext_lazy("Handed out now"), required=False)
    weekday = forms.TypedChoiceField(
        label=gettext_lazy("On which day"), choices=list(WEEKDAYS.items()), coerce=int, required=False
    )
    instructions_en = forms.CharField(
        label=gettext_lazy("In own words, in English"), max_length=_LONGEST, required=False
    )
    instructions_af = forms.CharField(
        label=gettext_lazy("In own words, in Afrikaans"), max_length=_LONGEST, required=False
    )

    order: Order | None = None

    def __init__(self, *args: Any, today: date, medicines: Sequence[Medicine], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        typed: Any = self.fields["medicine"]
        typed.offered = medicines
        phrase: Any = self.fields["phrase"]
        phrase.choices = [("", _("nothing special")), *PHRASES.items()]
        self.initial = {"start_date": today, "weekday": today.weekday(), **self.initial}
        days: Any = self.fields
        for name, text in _HELP.items():
            days[name].help_text = text
        days["start_date"].label = _("First day")
        days["end_date"].label = _("Last day")

    @property
    def is_more(self) -> bool:
        """Whether something is in the fields that are shown on demand, or wrong with them."""
        asked = ("start_date", "end_date", "instructions_en", "instructions_af")
        return self.is_bound and any(name in self.changed_data or name in self.errors for name in asked)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        medicine = cleaned.get("medicine")
        if medicine:
            for name in ("quantity", "handed_out"):
                self._check_parts(name, medicine)
        self._check_days(cleaned)
        instructions = self._instructions(cleaned)
        if self.errors or not medicine:
            return cleaned
        start = cleaned["start_date"] or self.today
        rule = self.made_rule(values_of(cleaned["pattern"], {**cleaned, "start_date": start}))
        if rule is not None:
            self.order = Order(
                medicine=medicine,
                rule=rule,
                start_date=start,
                end_date=cleaned["end_date"],
                instructions_en=instructions["en"],
                instructions_af=instructions["af"],
                handed_out=cleaned["handed_out"],
            )
        return cleaned

    def _check_parts(self, name: str, medicine: Medicine) -> None:
        quantity = self.cleaned_data.get(name)
        if quantity and not can_be_given(quantity, medicine.form):
            self.add_error(name, not_so_divided(medicine))

    def _check_days(self, cleaned: dict[str, Any]) -> None:
        first, last = cleaned.get("start_date") or self.today, cleaned.get("end_date")
        if last and last < first:
            self.add_error("end_date", _("The last day must not be before the first."))
        elif last and last < self.today:
            self.add_error("end_date", _("This day is over: there would be no dose."))

    def _instructions(self, cleaned: dict[str, Any]) -> dict[str, str]:
        """By language: the phrase, and the own words behind it, which are needed in both languages."""
        own = {language: cleaned.get(f"instructions_{language}") or "" for language in PAGES}
        phrase = in_both(cleaned["phrase"]) if cleaned.get("phrase") else dict.fromkeys(PAGES, "")
        found = {}
        for language in PAGES:
            name = f"instructions_{language}"
            if not own[language] and any(own.values()) and name not in self.errors:
                self.add_error(name, _("Write it in this language too: the patient may read either."))
            found[language] = ", ".join(filter(None, (phrase[language], own[language])))
            if len(found[language]) > _LONGEST:
                self.add_error(name, _("Together with the phrase this is too long."))
        return found


class PrescribeRows(forms.BaseFormSet):  # type: ignore[type-arg]  # Django's take no arguments when they run
    """The rows. Together they can't hand out more of a medicine than the shelf of the patient's clinic has."""

    def __init__(
        self, *args: Any, patient: Patient, medicines: Sequence[Medicine], now: datetime, **kwargs: Any
    ) -> None:
        self.patient = patient
        self.now = now
        today = now.astimezone(ZoneInfo(patient.zone)).date()
        kwargs["form_kwargs"] = {"today": today, "medicines": medicines}
        super().__init__(*args, **kwargs)

    @property
    def ordered(self) -> list[tuple[int, Order]]:
        """The orders of the rows that are filled in and possible, each with the row's place."""
        if not self.is_bound:
            return []
        self.errors  # noqa: B018 - cleans the rows
        return [
            (place, form.order) for place, form in enumerate(self.forms) if form.order and not form.errors
        ]

    @property
    def at_once(self) -> list[Any]:
        return self.forms[:ROWS]

    @property
    def on_demand(self) -> list[Any]:
        return self.forms[ROWS:]

    @property
    def is_long(self) -> bool:
        """Whether there is something in the rows that are shown on demand."""
        return self.is_bound and any(form.has_changed() or form.errors for form in self.on_demand)

    def full_clean(self) -> None:
        super().full_clean()
        if self.is_bound:
            self._check_shelf()
            if not any(form.has_changed() for form in self.forms) and self.forms:
                # Its errors are those of an empty row that nobody has to fill in.
                self.forms[0].empty_permitted = False
                self.forms[0].add_error("medicine", _("Type the name of a medicine."))

    def _check_shelf(self) -> None:
        wanted: dict[int, list[Any]] = defaultdict(list)
        for form in self.forms:
            if form.order and form.order.handed_out:
                wanted[form.order.medicine.pk].append(form)
        shelf = usable_of(self.patient.clinic, wanted, now=self.now)
        for medicine_id, forms_of in wanted.items():
            there = shelf[medicine_id]
            asked = sum((form.order.handed_out for form in forms_of), Decimal(0))
            if asked > sum((batch.quantity for batch in there), Decimal(0)):
                form = forms_of[-1]
                form.add_error("handed_out", more_than_the_shelf_has(there, form.order.medicine))


def not_so_divided(medicine: Medicine) -> ValidationError:
    """That this form of medicine isn't given in such parts."""
    said = (
        _("A tablet can be halved or quartered: write 0.5, 1 or 1.5.")
        if medicine.form == Medicine.Form.TABLET
        else _("A %(unit)s is given whole: write 1 or 2.") % {"unit": unit_word(medicine)}
    )
    return ValidationError(said, code="parts")


_HELP = {
    "quantity": "",
    "start_date": "",
    "end_date": gettext_lazy("Leave it empty to go on."),
    "handed_out": gettext_lazy("From your shelf. Leave it empty for none."),
}

RowsFormSet: Any = forms.formset_factory(
    PrescribeRow,
    formset=PrescribeRows,
    extra=ROWS + MORE_ROWS,
    max_num=ROWS + MORE_ROWS,
    absolute_max=ROWS + MORE_ROWS,
)
