"""The form for a refill that a person collected."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from medications.number_field import QuantityField
from notifications.web.date_fields import DayField

_FURTHEST = timedelta(days=366 * 20)


class RefillForm(forms.Form):
    """A refill; `today` is the patient's local date."""

    quantity = QuantityField(label=_("How many did you collect?"))
    expiry_date = DayField(
        label=_("Expiry date"),
        help_text=_("It is printed on the box. If there is only a month, choose its last day."),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        error_messages={
            "required": _("Choose the date that is printed on the box."),
        },
    )
    batch_number = forms.CharField(
        label=_("Batch number"),
        help_text=_("It is printed next to LOT on the box."),
        required=False,
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters"}),
    )

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._today = today
        self.fields["expiry_date"].widget.attrs["min"] = today.isoformat()

    def clean_expiry_date(self) -> date:
        expiry_date: date = self.cleaned_data["expiry_date"]
        if expiry_date < self._today:
            raise forms.ValidationError(
                _("This date has passed. Do not use expired medicine: take it to your clinic.")
            )
        if expiry_date > self._today + _FURTHEST:
            raise forms.ValidationError(_("This date is too far away. Please check the year."))
        return expiry_date
