"""The form at the desk: who the patient is, how they are reached, and what they agree to."""

from dataclasses import replace
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from home.admin.lookalikes import FIELD, SomebodyElseField
from home.admin.number_question import SAME, NumberField, Owners
from home.admin.person_fields import (
    BirthField,
    CellphoneField,
    EstimatedDay,
    FolderNumberField,
    IdentityNumberField,
    NameField,
    identity_settle,
    numbers_check,
)
from home.admin.registered import Registered
from home.carers import CARERS
from home.invitation.services import Agreed
from home.life_dates import life_date_problems
from home.models import Clinic, Patient, Relation, Sex, User
from home.privacy.sentences import REMINDERS, personal_purposes, reading_language, sentence
from home.registration import Asked
from home.selectors import clinics_of_staff
from notifications.channels import registry as channels
from notifications.languages.listed import PAGES, own_name, to_choose
from notifications.phone_numbers import gets_sms

CONSENTS = {
    "consent_reminders": REMINDERS,
    "consent_sms": "sms",
    "consent_whatsapp": "whatsapp",
    "consent_email": "email",
}
"""Form field to purpose."""


class RegisterForm(forms.Form):
    first_name = NameField(label=gettext_lazy("First names"))
    last_name = NameField(
        label=gettext_lazy("Surname"),
        required=False,
        help_text=gettext_lazy("Leave it empty only for somebody who has one name."),
    )
    date_of_birth = BirthField()
    sex = forms.ChoiceField(
        label=gettext_lazy("Sex"), required=False, choices=[("", gettext_lazy("not said")), *Sex.choices]
    )
    folder_number = FolderNumberField()
    id_number = IdentityNumberField()
    phone = CellphoneField()
    language = forms.ChoiceField(label=gettext_lazy("Language of messages"), required=False)
    message_language = forms.ChoiceField(
        label=gettext_lazy("Messages in another language"),
        required=False,
        choices=to_choose,
        help_text=gettext_lazy("Until the clinic switches it on, messages come in the language above."),
    )
    clinic = forms.ModelChoiceField(label=gettext_lazy("Clinic"), queryset=Clinic.objects.none())
    consent_reminders = forms.BooleanField(required=False)
    consent_sms = forms.BooleanField(required=False)
    consent_whatsapp = forms.BooleanField(required=False)
    consent_email = forms.BooleanField(required=False)
    carer_first_name = NameField(label=gettext_lazy("First name"), required=False)
    carer_last_name = NameField(label=gettext_lazy("Surname"), required=False)
    carer_phone = CellphoneField()
    carer_relation = forms.ChoiceField(
        label=gettext_lazy("Who is it?"),
        required=False,
        choices=[
            (Relation.GUARDIAN.value, gettext_lazy("guardian: a parent, or who decides for the patient")),
            (Relation.CARER.value, gettext_lazy("carer: helps the patient, who decides alone")),
        ],
    )
    carer_agrees = forms.BooleanField(required=False)
    number_is = NumberField()
    number_asked = forms.CharField(required=False, max_length=20, widget=forms.HiddenInput)
    """The number (E.164) that was asked about: an answer is none about another."""
    somebody_else = SomebodyElseField()

    def __init__(
        self,
        *args: Any,
        for_user: User,
        registered: Registered | None = None,
        at: Clinic | None = None,
        **kwargs: Any,
    ) -> None:
        """`at` is the clinic where it isn't to be chosen; `registered` is asked about those who are here already."""
        super().__init__(*args, **kwargs)
        self.for_user = for_user
        self.registered = registered or Registered(for_user)
        self.patient: Patient | None = None
        self.owners: Owners | None = None
        self.asks_lookalikes = False
        self.named: set[int] = set()
        """The keys of the patients whom the form shows when it asks or refuses."""
        clinic: Any = self.fields["clinic"]
        clinic.queryset = clinics_of_staff(for_user)
        self.only_clinic = at or _only(clinic.queryset)
        if self.only_clinic:
            clinic.required, clinic.widget = False, forms.HiddenInput()
            self.initial.setdefault("clinic", self.only_clinic.pk)
        self.fields["language"].choices = [  # type: ignore[attr-defined]
            (code, own_name(code)) for code in PAGES
        ]
        self.initial.setdefault("language", reading_language())
        offered = personal_purposes()
        for name, purpose in CONSENTS.items():
            if purpose in offered:
                self.fields[name].label = sentence(purpose, reading_language())
        self.fields["carer_agrees"].label = sentence(CARERS, reading_language())

    def consents(self) -> list[forms.BoundField]:
        """Those that the site can keep: a channel that it doesn't have isn't asked about."""
        return [self[name] for name, purpose in CONSENTS.items() if purpose in personal_purposes()]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        cleaned["clinic"] = cleaned.get("clinic") or self.only_clinic
        cleaned["language"] = cleaned.get("language") or reading_language()
        if "clinic" in self.errors:
            cleaned["clinic"] = None
        identity_settle(self)
        problems = life_date_problems(
            born=cleaned.get("date_of_birth"), died=None, today=timezone.localdate()
        )
        for field, said in problems.items():
            self.add_error(field, ValidationError(said, code="life_dates"))
        self.named |= numbers_check(self, cleaned["clinic"], find=self.registered.taken_by)
        self._check_carer()
        self._check_sms()
        self._ask_about_number()
        if not self.errors:
            self.patient = self._patient()
            self._ask_about_lookalikes(self.patient)
        return cleaned

    def _check_sms(self) -> None:
        cleaned = self.cleaned_data
        phone, by_sms = cleaned.get("phone"), cleaned.get("consent_sms")
        if cleaned.get("consent_whatsapp") and "whatsapp" in channels.outside() and not by_sms:
            said = _("Tick SMS too: whether the number is theirs is asked by SMS.")
            self.add_error("consent_whatsapp", ValidationError(said, code="not_by_sms"))
        if not by_sms or {"phone", "carer_phone"}.intersection(self.errors):
            return
        if phone and not gets_sms(phone):
            said = _(
                "This is a landline: no SMS comes there. Give a cellphone number, or take away the tick beside SMS."
            )
            self.add_error("phone", ValidationError(said, code="landline"))
        elif not phone and not cleaned.get("carer_phone"):
            said = _("To which number? Give a cellphone number, or take away the tick beside SMS.")
            self.add_error("phone", ValidationError(said, code="no_number"))

    def _check_carer(self) -> None:
        cleaned = self.cleaned_data
        number = cleaned.get("carer_phone")
        named = cleaned.get("carer_first_name") or cleaned.get("carer_last_name")
        if "carer_phone" in self.errors:
            return
        if named and not number:
            said = _("Give this person’s cellphone number: the invitation goes there.")
            self.add_error("carer_phone", ValidationError(said, code="no_number"))
        elif number and not cleaned.get("carer_first_name"):
            self.add_error(
                "carer_first_name", ValidationError(_("Give this person’s name."), code="required")
            )
        elif number and not gets_sms(number):
            said = _("This is a landline: no SMS comes there. Give a cellphone number.")
            self.add_error("carer_phone", ValidationError(said, code="landline"))
        elif number and number == cleaned.get("phone"):
            said = _(
                "This is the patient’s number too. Leave the patient’s empty where the phone is this person’s."
            )
            self.add_error("carer_phone", ValidationError(said, code="same_number"))

    def _ask_about_number(self) -> None:
        phone = self.cleaned_data.get("phone")
        answer, self.cleaned_data["number_is"] = self.cleaned_data.get("number_is"), ""
        if not phone or "phone" in self.errors:
            return
        self.owners = self.registered.owners_of(phone)
        if not self.owners.patients:
            return
        self.named.update(each.pk for each in self.owners.patients)
        field: Any = self.fields["number_is"]
        field.ask_about(self.owners)
        if self.cleaned_data.get("number_asked") == phone.as_e164:
            self.cleaned_data["number_is"] = answer
        else:
            # Nor is it ticked where it is asked anew.
            data: Any = self.data
            self.data = data = data.copy()
            data["number_is"] = answer = ""
        if answer not in dict(field.choices):
            said = _("Somebody has this number already: %(names)s. Whose is it? Choose below.")
            self.add_error("phone", ValidationError(said % {"names": self.owners.names()}, code="asked"))
        elif (
            "carer_phone" in self.cleaned_data
            and self.cleaned_data["carer_phone"]
            and not str(answer).startswith(SAME)
        ):
            said = _(
                "The number above is of a guardian or carer already. Invite another one on the patient’s page."
            )
            self.add_error("carer_phone", ValidationError(said, code="two_carers"))

    def same_person(self) -> int | None:
        """The patient whom staff say that this is: nothing is saved then."""
        answer = str(self.cleaned_data.get("number_is") or "")
        known = {f"{SAME}{each.pk}": each.pk for each in (self.owners.patients if self.owners else [])}
        return known.get(answer)

    def _ask_about_lookalikes(self, patient: Patient) -> None:
        if self.same_person():
            return
        found = self.registered.lookalikes(patient)
        field: Any = self.fields[FIELD]
        field.ask_about(found)
        self.asks_lookalikes = bool(found)
        self.named.update(each.pk for each in found)
        if not {str(each.pk) for each in found}.issubset(self.cleaned_data[FIELD]):
            said = _("Is it one of these? Open their page. Or tick who is somebody else.")
            self.add_error(FIELD, ValidationError(said, code="lookalike"))

    def _patient(self) -> Patient:
        cleaned = self.cleaned_data
        born = cleaned["date_of_birth"]
        return Patient(
            clinic=cleaned["clinic"],
            first_name=cleaned["first_name"],
            last_name=cleaned["last_name"],
            date_of_birth=born,
            born_about=isinstance(born, EstimatedDay),
            sex=cleaned["sex"],
            folder_number=cleaned["folder_number"],
            id_number=cleaned["id_number"],
            phone=cleaned["phone"],
        )

    def asked(self, now: Any) -> list[Asked]:
        """Whose numbers are asked for a yes. What was read out is agreed to by whose number comes first."""
        cleaned, agreed = self.cleaned_data, self._agreed(now)
        found = []
        phone, answer = cleaned["phone"], str(cleaned.get("number_is") or "")
        if phone and agreed:
            relation = answer if answer in Relation.values else Relation.CARER if answer else Relation.SELF
            names = self.owners.name() if self.owners and answer else ("", "")
            alert = answer in (Relation.GUARDIAN, Relation.CARER)
            if relation == Relation.CARER:
                # These two answers say that the patient says yes to it.
                agreed = replace(agreed, purposes=(*agreed.purposes, CARERS))
            found.append(Asked(phone.as_e164, relation, names, alert_missed=alert, agreed=agreed))
        if cleaned["carer_phone"]:
            found.append(
                Asked(
                    cleaned["carer_phone"].as_e164,
                    cleaned["carer_relation"] or Relation.GUARDIAN,
                    (cleaned["carer_first_name"], cleaned["carer_last_name"]),
                    alert_missed=True,
                    agreed=None if phone else agreed,
                )
            )
        return found

    def carers_agreed(self, now: Any) -> Agreed | None:
        """That the patient said yes to the carer being told."""
        cleaned = self.cleaned_data
        is_carer = cleaned["carer_phone"] and cleaned["carer_relation"] == Relation.CARER
        return Agreed((CARERS,), reading_language(), now) if is_carer and cleaned["carer_agrees"] else None

    def _agreed(self, now: Any) -> Agreed | None:
        """None where no code may be sent: without a yes to reminders and to SMS nothing goes to a number."""
        offered = channels.outside()
        purposes = tuple(
            purpose
            for name, purpose in CONSENTS.items()
            if self.cleaned_data.get(name) and (purpose == REMINDERS or purpose in offered)
        )
        if not {REMINDERS, "sms"}.issubset(purposes):
            return None
        return Agreed(purposes, reading_language(), now)


def _only(clinics: Any) -> Clinic | None:
    """The one clinic that there is to choose."""
    found = list(clinics[:2])
    return found[0] if len(found) == 1 else None
