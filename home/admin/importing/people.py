"""People who care for patients, from a file: each is invited by SMS, once staff say so."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from home.admin.importing.row_cells import RELATIONS, spoken
from home.admin.importing.whose_row import numbered_in, whose_row
from home.admin.importing.words import INVITED
from home.admin.person_fields import CellphoneField, NameField
from home.admin.registered import Registered
from home.imports.cells import CellError, read_choice, read_identity, read_phone, read_yes
from home.imports.importable import (
    Column,
    Importable,
    Made,
    Problem,
    Reading,
    Row,
    State,
    Verdict,
)
from home.imports.verdicts import CELLS
from home.invitation.services import invitation_check, invitation_send
from home.models import CareRole, Consent, Invitation, Relation
from home.privacy.sentences import reading_language
from home.registration import carer_invite
from notifications.encryption.cipher import index_of
from notifications.languages.listed import DEFAULT, PAGES
from notifications.phone_numbers import gets_sms


class CarerForm(forms.Form):
    first_name = NameField()
    last_name = NameField(required=False)
    phone = CellphoneField(required=True)

    def clean_phone(self) -> Any:
        phone = self.cleaned_data["phone"]
        if phone and not gets_sms(phone):
            said = _("This is a landline: no SMS comes there. Give a cellphone number.")
            raise ValidationError(said, code="landline")
        return phone


class People(Importable):
    """Invited to care for patients who are here already, found by their folder or identity number."""

    name: ClassVar[str] = "people"
    label: ClassVar[Any] = gettext_lazy("People who care for patients")
    permission: ClassVar[str] = "home.add_invitation"
    held: ClassVar[Any] = INVITED
    columns: ClassVar[tuple[Column, ...]] = (
        Column(
            "first_name",
            gettext_lazy("First names"),
            ("first name", "name", "voornaam", "naam"),
            required=True,
        ),
        Column("last_name", gettext_lazy("Surname"), ("last name", "van")),
        Column(
            "phone",
            gettext_lazy("Cellphone"),
            (
                "phone",
                "phone number",
                "cell",
                "cell number",
                "mobile",
                "tel",
                "foon",
                "selfoon",
                "selfoonnommer",
            ),
            required=True,
        ),
        Column("relation", gettext_lazy("Guardian or carer"), ("relation", "relationship", "verwantskap")),
        Column("language", gettext_lazy("Language of messages"), ("language", "taal")),
        Column("patient_agrees", gettext_lazy("Patient agrees to the carer"), ("consent", "toestemming")),
        Column(
            "folder_number",
            gettext_lazy("Patient’s folder number"),
            ("folder number", "folder", "file number", "patient number", "lêernommer", "lêer"),
        ),
        Column("id_number", gettext_lazy("Patient’s identity number"), ("id number", "sa id", "patient id")),
    )

    def check(self, rows: Sequence[Row], reading: Reading) -> list[tuple[Verdict, Any]]:
        registered = numbered_in(rows, reading)
        return [_check(row, registered, reading) for row in rows]

    def carry_out(self, checked: Any, reading: Reading) -> Made:
        patient, asked = checked
        made = carer_invite(
            patient=patient,
            alert_missed=True,
            consent_language=reading_language(),
            by=reading.by,
            now=reading.now,
            **asked,
        )
        consents = Consent.objects.filter(patient=patient, given_at=reading.now).values_list("pk", flat=True)
        return Made(patient.pk, {"invitations": [made.pk], "consents": list(consents)}, sends=True)

    def undo(self, made: Sequence[Made], reading: Reading) -> list[str]:
        ids = [pk for each in made for pk in each.facts["invitations"]]
        unsent = Invitation.objects.select_for_update().filter(
            pk__in=ids, sent_at__isnull=True, accepted_at__isnull=True, declined_at__isnull=True
        )
        free = set(unsent.values_list("pk", flat=True))
        consents = [
            pk for each in made if free.issuperset(each.facts["invitations"]) for pk in each.facts["consents"]
        ]
        Invitation.objects.filter(pk__in=free).delete()
        Consent.objects.filter(pk__in=consents, withdrawn_at__isnull=True).delete()
        said = _("This invitation was sent or answered since.")
        return ["" if free.issuperset(each.facts["invitations"]) else said for each in made]

    def start_words(self, count: int) -> str:
        said = ngettext("Send %(count)d invitation", "Send these %(count)d invitations", count)
        return said % {"count": count}

    def start(self, made: Made, now: datetime) -> None:
        waiting = Invitation.objects.filter(
            pk__in=made.facts["invitations"], sent_at__isnull=True, patient__erased_at__isnull=True
        )
        for each in waiting.select_related("patient"):
            if each.patient.is_here:
                invitation_send(invitation_id=each.pk, now=now)


def _check(row: Row, registered: Registered, reading: Reading) -> tuple[Verdict, Any]:
    verdict = Verdict(State.NEW)
    values = row.values
    found: dict[str, Any] = {}
    for name, read in (
        ("phone", lambda text: read_phone(text).text),
        ("id_number", lambda text: read_identity(text).text),
        ("relation", lambda text: read_choice(text, RELATIONS) or Relation.GUARDIAN),
        ("language", lambda text: read_choice(text, spoken(PAGES)) or DEFAULT),
        ("patient_agrees", read_yes),
    ):
        try:
            found[name] = read(values.get(name, ""))
        except CellError as error:
            verdict.problems.append(Problem(name, str(CELLS[error.code])))
    names = {name: values.get(name, "") for name in ("first_name", "last_name")}
    form = CarerForm({**names, "phone": found.get("phone", "")})
    read_already = {each.column for each in verdict.problems}
    verdict.problems += [
        Problem(name, str(words))
        for name, said in form.errors.items()
        if name not in read_already
        for words in said
    ]
    verdict.name = " ".join(filter(None, names.values()))
    numbers = {"folder_number": values.get("folder_number", ""), "id_number": found.get("id_number", "")}
    patient = whose_row(numbers, registered, reading)
    if isinstance(patient, Problem):
        verdict.problems.append(patient)
    if verdict.problems or isinstance(patient, Problem):
        verdict.state = State.REFUSED
        return verdict, None
    verdict.patient_id = patient.pk
    phone = form.cleaned_data["phone"].as_e164
    verdict.marks = {"phone": index_of(f"import phone {patient.pk} {phone}")}
    if CareRole.objects.filter(patient=patient, user__phone=phone).exists():
        verdict.state = State.SAME
        return verdict, None
    try:
        invitation_check(patient=patient, relation=found["relation"], phone=phone, now=reading.now)
    except ValidationError as error:
        verdict.state = State.REFUSED
        verdict.problems += [Problem("", words) for words in error.messages]
        return verdict, None
    asked = {
        "relation": found["relation"],
        "phone": phone,
        "name": (form.cleaned_data["first_name"], form.cleaned_data["last_name"]),
        "patient_agrees": found["patient_agrees"],
        "language": found["language"],
    }
    return verdict, (patient, asked)
