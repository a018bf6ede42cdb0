"""The form by which a nurse hands out a patient's medicines, all of them at once."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.widgets import AdminDateInput

from medications.admin.expiry import check_year
from medications.admin.prescribe_form import not_so_divided
from medications.admin.stock_holder import batch_name
from medications.formats import quantity as amount
from medications.models import Prescription, StockBatch
from medications.number_field import QuantityField
from medications.rules.parts import can_be_given
from medications.selectors.ledger import usable_of
from medications.selectors.needed import needed
from medications.services.hand_out import Handed
from medications.services.stock_acts import more_than_the_shelf_has
from notifications.web.date_fields import DayField

SOONEST, ELSEWHERE = "soonest", "elsewhere"


class HandOutRow(forms.Form):
    """One prescription: how many, and from which pack of the shelf, or that it isn't from there."""

    quantity = QuantityField(label=gettext_lazy("How many?"), required=False)
    source = forms.ChoiceField(label=gettext_lazy("From where"), required=False)
    expiry_date = DayField(label=gettext_lazy("Expires on"), required=False, widget=AdminDateInput)
    why = forms.CharField(
        label=gettext_lazy("Where it is from"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("Such as: another pharmacy."),
    )

    def __init__(
        self,
        *args: Any,
        prescription: Prescription,
        shelf: Sequence[StockBatch],
        today: date,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self.prescription = prescription
        self.medicine = prescription.medicine
        self.shelf = shelf
        self.there = sum((batch.quantity for batch in shelf), Decimal(0))
        source: Any = self.fields["source"]
        source.choices = [
            (SOONEST, self._soonest()),
            *((str(batch.pk), self._pack(batch)) for batch in shelf if len(shelf) > 1),
            (ELSEWHERE, _("not from our shelf")),
        ]
        self.fields["quantity"].help_text = _("On the shelf: %(amount)s.") % {
            "amount": self._words(self.there)
        }

    @property
    def handed(self) -> Handed | None:
        """What is handed out, if anything and if it can be."""
        given = self.cleaned_data
        if self.errors or not given.get("quantity"):
            return None
        source = given.get("source") or SOONEST
        return Handed(
            prescription=self.prescription,
            quantity=given["quantity"],
            batch_id=int(source) if source.isdecimal() else None,
            expiry_date=given["expiry_date"] if source == ELSEWHERE else None,
            why=given["why"] if source == ELSEWHERE else "",
        )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        quantity = cleaned.get("quantity")
        if not quantity:
            return cleaned
        if not can_be_given(quantity, self.medicine.form):
            self.add_error("quantity", not_so_divided(self.medicine))
        source = cleaned.get("source") or SOONEST
        if source == ELSEWHERE:
            self._check_expiry(cleaned.get("expiry_date"))
        elif source != SOONEST:
            [batch] = [each for each in self.shelf if str(each.pk) == source]
            if quantity > batch.quantity:
                said = _("This pack has only %(amount)s.") % {"amount": self._words(batch.quantity)}
                self.add_error("quantity", said)
        return cleaned

    def _check_expiry(self, expires: date | None) -> None:
        """Of what is from elsewhere; what is on the shelf was checked when it came there."""
        if expires is None:
            if "expiry_date" not in self.errors:
                self.add_error("expiry_date", _("Please give a date."))
            return
        try:
            check_year(expires, today=self.today)
            if expires < self.today:
                raise ValidationError(_("This has expired. It can’t be handed out."))
        except ValidationError as error:
            self.add_error("expiry_date", error)

    def _soonest(self) -> str:
        if not self.shelf:
            return _("our shelf (none there)")
        if len(self.shelf) == 1:
            return self._pack(self.shelf[0])
        return _("our shelf, the soonest expiry first")

    def _pack(self, batch: StockBatch) -> str:
        return f"{batch_name(batch)}, {self._words(batch.quantity)}"

    def _words(self, quantity: Decimal) -> str:
        return amount(quantity, self.medicine.form)


class HandOutRows:
    """The rows of all these prescriptions of one patient; filled in beforehand with what is needed for some days."""

    def __init__(
        self,
        posted: Mapping[str, Any] | None,
        *,
        prescriptions: Sequence[Prescription],
        days: int,
        today: date,
        now: datetime,
    ) -> None:
        clinic = prescriptions[0].patient.clinic if prescriptions else None
        shelf = usable_of(clinic, {each.medicine_id for each in prescriptions}, now=now) if clinic else {}
        wanted = needed(prescriptions, today=today, days=days)
        self.said = ""
        self.forms = [
            HandOutRow(
                posted,
                prefix=f"row-{each.pk}",
                prescription=each,
                shelf=shelf[each.medicine_id],
                today=today,
                initial={"quantity": _offered(wanted.get(each.pk), shelf[each.medicine_id])},
            )
            for each in prescriptions
        ]

    def is_valid(self) -> bool:
        """Whether all rows are possible, together too, and one of them hands out something; `said` is what isn't so."""
        valid = not [form for form in self.forms if not form.is_valid()]
        self._check_shelf()
        if valid and not self.handed:
            self.said = _("Write how many are handed out of at least one medicine.")
        return all(not form.errors for form in self.forms) and not self.said

    @property
    def handed(self) -> list[Handed]:
        return [each for form in self.forms if (each := form.handed)]

    @property
    def media(self) -> Any:
        return sum((form.media for form in self.forms), forms.Media())

    def refuse(self, place: int, error: ValidationError) -> None:
        """Show beside its field why the one at this place of `handed` can't be."""
        form = [form for form in self.forms if form.handed][place]
        named = error.error_dict if hasattr(error, "error_dict") else {"quantity": [error]}
        for name, errors in named.items():
            form.add_error(name if name in form.fields else "quantity", errors)

    def _check_shelf(self) -> None:
        """Two prescriptions of one medicine are from one shelf."""
        asked: dict[int, list[HandOutRow]] = defaultdict(list)
        for form in self.forms:
            if (handed := form.handed) and handed.expiry_date is None:
                asked[form.medicine.pk].append(form)
        for forms_of in asked.values():
            total = sum((form.cleaned_data["quantity"] for form in forms_of), Decimal(0))
            if total > forms_of[-1].there:
                said = more_than_the_shelf_has(forms_of[-1].shelf, forms_of[-1].medicine)
                forms_of[-1].add_error("quantity", said)


def _offered(wanted: Decimal | None, shelf: Sequence[StockBatch]) -> Decimal | None:
    """What stands in the form from the start: nothing that the shelf hasn't got."""
    there = sum((batch.quantity for batch in shelf), Decimal(0))
    return wanted if wanted and wanted <= there else None
