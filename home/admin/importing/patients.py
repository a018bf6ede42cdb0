"""Patients from a file."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, ClassVar

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from home.admin.importing.registered_before import ForRow, RegisteredBefore
from home.admin.importing.row_cells import RowCells
from home.admin.importing.row_form import (
    RowForm,
    asked_about,
    marks_of,
    problems_of,
    row_form,
    row_name,
    whom,
)
from home.admin.importing.undoing import add_missing, give_back, take_away
from home.admin.importing.words import INVITED
from home.admin.lookalikes import FIELD
from home.admin.registered import Registered
from home.imports.importable import Column, Importable, Made, Reading, Row, State, Verdict
from home.invitation.services import invitation_send
from home.models import Consent, Invitation, Patient
from home.registration import patient_register
from notifications.texts import formats


class Patients(Importable):
    """Registered as at the desk. What a file says of somebody who is here already is added where nothing is said yet,
    and changes nothing else.
    """

    name: ClassVar[str] = "patients"
    label: ClassVar[Any] = gettext_lazy("Patients")
    permission: ClassVar[str] = "home.add_patient"
    held: ClassVar[Any] = INVITED
    columns: ClassVar[tuple[Column, ...]] = (
        Column(
            "first_name",
            gettext_lazy("First names"),
            ("first name", "name", "names", "given name", "voornaam", "voorname", "naam"),
            required=True,
        ),
        Column(
            "last_name",
            gettext_lazy("Surname"),
            ("last name", "family name", "van", "familienaam"),
            required=True,
        ),
        Column(
            "date_of_birth",
            gettext_lazy("Date of birth or age"),
            (
                "date of birth",
                "birth date",
                "birthdate",
                "dob",
                "born",
                "age",
                "geboortedatum",
                "gebore",
                "ouderdom",
            ),
        ),
        Column("sex", gettext_lazy("Sex"), ("gender", "m/f", "geslag")),
        Column(
            "folder_number",
            gettext_lazy("Folder number"),
            (
                "folder",
                "folder no",
                "file number",
                "file no",
                "mrn",
                "patient number",
                "lêer",
                "lêernommer",
                "lêer nr",
            ),
        ),
        Column(
            "id_number",
            gettext_lazy("SA identity number"),
            (
                "id",
                "id number",
                "id no",
                "rsa id",
                "sa id",
                "identity number",
                "identiteitsnommer",
                "id nommer",
                "id nr",
            ),
        ),
        Column(
            "phone",
            gettext_lazy("Cellphone"),
            (
                "phone",
                "phone number",
                "cell",
                "cell number",
                "cell no",
                "mobile",
                "tel",
                "telephone",
                "contact number",
                "foon",
                "foonnommer",
                "selfoon",
                "selfoonnommer",
                "selnommer",
                "telefoon",
            ),
        ),
        Column("language", gettext_lazy("Language of messages"), ("language", "taal")),
        Column(
            "message_language", gettext_lazy("Messages in another language"), ("home language", "huistaal")
        ),
        Column(
            "consent_reminders", gettext_lazy("Consent to reminders"), ("consent", "reminders", "toestemming")
        ),
        Column("consent_sms", gettext_lazy("Consent to SMS"), ("sms",)),
        Column("consent_whatsapp", gettext_lazy("Consent to WhatsApp"), ("whatsapp",)),
        Column("consent_email", gettext_lazy("Consent to e-mail"), ("email", "e-pos")),
        Column(
            "carer_first_name",
            gettext_lazy("Carer’s first name"),
            ("carer", "guardian", "guardian name"),
        ),
        Column("carer_last_name", gettext_lazy("Carer’s surname"), ("guardian surname",)),
        Column(
            "carer_phone",
            gettext_lazy("Carer’s cellphone"),
            ("carer number", "guardian phone", "guardian cell"),
        ),
        Column(
            "carer_relation", gettext_lazy("Guardian or carer"), ("relation", "relationship", "verwantskap")
        ),
        Column("carer_agrees", gettext_lazy("Patient agrees to the carer"), ()),
    )

    def check(self, rows: Sequence[Row], reading: Reading) -> list[tuple[Verdict, Any]]:
        read = [RowCells(row, self.columns) for row in rows]
        numbers = [number for each in read for number in each.numbers()]
        registered = RegisteredBefore(reading.by, numbers, {day for each in read for day in each.births()})
        return [self._check(each, registered, reading) for each in read]

    def _check(self, read: RowCells, registered: Registered, reading: Reading) -> tuple[Verdict, Any]:
        form = row_form(read, ForRow(registered), reading)
        verdict = Verdict(State.NEW, name=row_name(form), problems=read.problems, notes=read.notes)
        about = whom(form)
        if about is not None:
            return self._about(read, about, registered, reading, verdict)
        verdict.problems += problems_of(form)
        verdict.marks = marks_of(form)
        if not set(form.errors) - {FIELD} and not verdict.problems:
            if FIELD in form.errors:
                verdict.state = State.ASKED
                verdict.alike = asked_about(form)
                verdict.patient_id = verdict.alike[0]
            elif form.shares_number and not read.row.shares_number:
                verdict.notes.append(
                    _(
                        "Somebody here has this phone number too, so nothing is sent to it. Say on the patient’s "
                        "page whose it is."
                    )
                )
            return verdict, form
        verdict.state = State.REFUSED
        return verdict, None

    def _about(
        self, read: RowCells, about: Patient, registered: Registered, reading: Reading, verdict: Verdict
    ) -> tuple[Verdict, Any]:
        """A row about somebody who is here already."""
        form = row_form(read, ForRow(registered, about), reading)
        verdict.patient_id, verdict.marks = about.pk, marks_of(form)
        verdict.problems += problems_of(form)
        if verdict.problems:
            verdict.state = State.REFUSED
            return verdict, None
        labels = {column.name: str(column.label) for column in self.columns}
        if differing := form.differing_from(about):
            said = _("Differs from the record, which stays as it is: %(fields)s.")
            verdict.notes.append(said % {"fields": formats.listed([labels[name] for name in differing])})
        missing = form.missing_in(about)
        if not missing:
            verdict.state = State.SAME
            return verdict, None
        verdict.state = State.CHANGED
        said = _("Is added to the record: %(fields)s.")
        added = [labels[name] for name in missing if name in labels]
        verdict.notes.append(said % {"fields": formats.listed(added)})
        return verdict, (about.pk, missing)

    def carry_out(self, checked: Any, reading: Reading) -> Made:
        if isinstance(checked, RowForm):
            return self._register(checked, reading)
        patient_id, missing = checked
        return add_missing(patient_id, missing, reading)

    def _register(self, form: RowForm, reading: Reading) -> Made:
        patient, cleaned = form.patient, form.cleaned_data
        assert patient is not None  # noqa: S101 - a valid form has made one
        agreed = form.carers_agreed(reading.now)
        made = patient_register(
            patient=patient,
            asked=form.asked(reading.now),
            language=cleaned["language"],
            message_language=cleaned["message_language"],
            carers_agreed=agreed,
            by=reading.by,
            now=reading.now,
        )
        consents = Consent.objects.filter(patient=patient).values_list("pk", flat=True) if agreed else ()
        facts = {"invitations": [each.pk for each in made], "consents": list(consents)}
        return Made(patient.pk, facts, sends=bool(made))

    def undo(self, made: Sequence[Made], reading: Reading) -> list[str]:
        new = [each for each in made if "changed" not in each.facts and each.patient_id]
        kept = take_away(new)
        return [
            give_back(each, reading)
            if "changed" in each.facts
            else _("Somebody has worked with this patient since.")
            if each.patient_id in kept
            else ""
            for each in made
        ]

    def start_words(self, count: int) -> str:
        said = ngettext(
            "Start reminders for %(count)d patient", "Start reminders for these %(count)d patients", count
        )
        return said % {"count": count}

    def start(self, made: Made, now: datetime) -> None:
        waiting = Invitation.objects.filter(
            pk__in=made.facts.get("invitations", []), sent_at__isnull=True, patient__erased_at__isnull=True
        )
        for each in waiting.select_related("patient"):
            if each.patient.is_here:
                invitation_send(invitation_id=each.pk, now=now)
