"""The form with which staff invite somebody to care for a patient."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from home.admin.scope import ClinicScopedForm
from home.carers import CARERS
from home.invitation.services import invitation_check
from home.models import Invitation
from home.privacy.sentences import reading_language, sentence
from home.registration import carer_invite
from home.transactional.message import can_send
from notifications.phone_numbers import as_phone


class InvitationForm(ClinicScopedForm):
    """Makes an invitation, which the view sends; of a carer it may also write down that the patient agrees."""

    address = forms.CharField(
        label=gettext_lazy("E-mail address or phone number"),
        max_length=254,
        help_text=gettext_lazy("We send the link there. Ask the person for it, and read it back to them."),
    )

    patient_agrees = forms.BooleanField(
        label=gettext_lazy("For a carer: the patient said yes to this, in my presence"),
        required=False,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        said = {"sentence": sentence(CARERS, reading_language())}
        self.fields["patient_agrees"].help_text = (
            _("“%(sentence)s” Without it a carer is told nothing.") % said
        )
        if not can_send("sms"):
            self.fields["address"].label = _("E-mail address")

    def clean_address(self) -> str:
        address: str = self.cleaned_data["address"].strip().lower()
        if as_phone(address) is not None and can_send("sms"):
            return address
        try:
            validate_email(address)
        except ValidationError:
            wrong = (
                _("Enter an e-mail address or a phone number, for example 082 123 4567.")
                if can_send("sms")
                else _("Enter an e-mail address.")
            )
            raise ValidationError(wrong, code="invalid") from None
        return address

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean()
        if cleaned.get("patient") and cleaned.get("relation") and cleaned.get("address"):
            invitation_check(
                patient=cleaned["patient"],
                relation=cleaned["relation"],
                now=timezone.now(),
                **_by_kind(cleaned["address"]),
            )
        return cleaned

    def save(self, commit: bool = True) -> Invitation:
        cleaned = self.cleaned_data
        self.instance = carer_invite(
            patient=cleaned["patient"],
            relation=cleaned["relation"],
            alert_missed=cleaned["alert_missed"],
            patient_agrees=cleaned["patient_agrees"],
            language=cleaned["language"],
            consent_language=reading_language(),
            by=self.for_user,
            now=timezone.now(),
            **_by_kind(cleaned["address"]),
        )
        return self.instance


def _by_kind(address: str) -> dict[str, Any]:
    return {"email" if "@" in address else "phone": address}
