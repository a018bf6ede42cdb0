"""Transfers: a clinic asks another to take a patient over; the other decides; what nobody decides on ends."""

import logging
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.log_actions import log

from home.models import Clinic, Patient, Transfer, User
from home.patient_search import taken_by
from home.record.departures import Departing, Departure, carry_out_consequences
from home.record.log_entries import TRANSFER
from home.scope import about_patient
from home.selectors import clinics_of_staff, people_of
from notifications.selectors.people import language_of
from notifications.services import NotificationService
from notifications.types import About

logger = logging.getLogger(__name__)

State = Transfer.State

_MOVED = (
    gettext_lazy("Your clinic is now %(clinic)s"),
    gettext_lazy(
        "%(clinic)s looks after %(patient)s from now on, instead of %(before)s. The medicines, reminders and "
        "vaccinations have gone along."
    ),
)
_REFUSED = (
    gettext_lazy("A transfer was refused"),
    gettext_lazy(
        "%(clinic)s does not take over the patient whom you wanted to transfer. Nothing was changed."
    ),
)
_EXPIRED = (
    gettext_lazy("Nobody answered a transfer"),
    gettext_lazy(
        "Nobody at %(clinic)s answered your transfer of %(asked)s. Nothing was changed: the patient is still yours. "
        "Call the clinic, or ask again."
    ),
)


def transfers_visible_to(user: User) -> QuerySet[Transfer]:
    """Those from and to the clinics of this member of staff."""
    clinics = clinics_of_staff(user)
    rows = Transfer.objects.filter(Q(from_clinic__in=clinics) | Q(to_clinic__in=clinics))
    return rows.filter(patient__erased_at__isnull=True)


def transfers_to_decide(clinics: Collection[Clinic]) -> QuerySet[Transfer]:
    """Those that wait for an answer of one of these clinics."""
    return Transfer.objects.filter(to_clinic__in=clinics, state=State.ASKED, patient__erased_at__isnull=True)


def waiting_transfer(patient: Patient) -> Transfer | None:
    """The one that nobody has decided on yet. One query."""
    return Transfer.objects.filter(patient=patient, state=State.ASKED).select_related("to_clinic").first()


def transfer_offer() -> list[str]:
    """What accepting does, in words for the clinic that is asked."""
    return [
        _(
            "Your clinic looks after the patient from now on: prescriptions, reminders, vaccinations and visits."
        ),
        _(
            "The record comes along: prescriptions, doses, the medicine at home, vaccinations, messages and notes."
        ),
        _("The other clinic doesn’t see the record any more."),
        _("The patient and their people are told in their inbox. What they agreed to stays as it is."),
        _("Whoever has only a plain phone does not see the inbox: tell them yourself."),
    ]


def transfer_plan() -> list[str]:
    """What accepting does, in words for the clinic that asks; asking alone changes nothing."""
    return [
        _("Until the other clinic accepts, nothing changes, and your clinic looks after the patient."),
        _(
            "The other clinic sees the name, the birth date and your clinic; the record only once it has accepted."
        ),
        _(
            "Then the record goes along: prescriptions, doses, the medicine at home, vaccinations, messages and notes."
        ),
        _("Messages that wait to go out go on, and belong to the other clinic."),
        _("Your shelf, and the lists of events where the patient was, stay yours."),
        _("The folder number is your clinic’s, and does not go along."),
        _("What the patient and their people agreed to stays as it is. They are told in their inbox."),
        _("Whoever has only a plain phone does not see the inbox: tell them yourself."),
    ]


def transfer_ask(
    *, patient_id: int, to_clinic: Clinic, asked_by: User, reason: str, now: datetime
) -> Transfer:
    """Ask another clinic to take a patient over. The caller checks that `asked_by` may.

    Raises ValidationError beside "to_clinic" for the patient's own clinic, and above all fields where a transfer waits
    already, or the patient died.
    """
    with transaction.atomic():
        patient = Patient.objects.select_for_update().get(pk=patient_id)
        if patient.deceased_on or patient.erased_at:
            raise ValidationError(_("This patient can’t be transferred any more."), code="gone")
        if patient.clinic_id == to_clinic.pk:
            raise ValidationError({"to_clinic": _("The patient is at this clinic already.")})
        try:
            with transaction.atomic():
                return Transfer.objects.create(
                    patient=patient,
                    from_clinic_id=patient.clinic_id,
                    to_clinic=to_clinic,
                    asked_by=asked_by,
                    asked_at=now,
                    reason=reason,
                )
        except IntegrityError:
            said = _("A transfer of this patient waits for an answer already.")
            raise ValidationError(said, code="open") from None


def transfer_accept(*, transfer_id: int, by: User, folder_number: str | None, now: datetime) -> bool:
    """Take the patient over, with all that hangs on them; False when it was decided or called off before.

    Raises ValidationError beside "folder_number" where somebody at the new clinic has it, however it is written,
    and above all fields where somebody there has the patient's identity number: they may be the same person.
    """
    with transaction.atomic():
        # The patient first, as whatever else changes both of them does: none waits for the other.
        patients = Patient.objects.select_for_update(of=("self",)).select_related("clinic")
        patient = patients.filter(transfers=transfer_id).first()
        transfer = _locked(transfer_id)
        if patient is None or transfer is None:
            return False
        if patient.clinic_id != transfer.from_clinic_id or patient.deceased_on or patient.erased_at:
            return False
        before, was_away = patient.clinic, patient.left_on is not None
        _check_numbers(patient, transfer.to_clinic, folder_number)
        patient.clinic, patient.folder_number = transfer.to_clinic, folder_number or None
        patient.left_on, patient.left_why = None, ""
        # Before the patient is saved: a transfer that is open when they change their clinic is withdrawn.
        _decide(transfer, State.ACCEPTED, by, now)
        _save(patient)
        names = {"from": before.name, "to": transfer.to_clinic.name}
        log(instance=patient, action=TRANSFER, user=by, data=names, timestamp=now)
        if was_away:
            carry_out_consequences(Departing(patient, Departure.BACK, now))
        _tell_people(patient, before)
    return True


def transfer_refuse(*, transfer_id: int, by: User, now: datetime) -> bool:
    """Leave the patient where they are, and tell who asked; False when it was decided before."""
    with transaction.atomic():
        transfer = _locked(transfer_id)
        if transfer is None:
            return False
        _decide(transfer, State.REFUSED, by, now)
        _tell_who_asked(transfer, _REFUSED)
    return True


def transfer_withdraw(*, transfer_id: int, by: User, now: datetime) -> bool:
    """Ask no more; False when it was decided before."""
    with transaction.atomic():
        transfer = _locked(transfer_id)
        if transfer is None:
            return False
        _decide(transfer, State.WITHDRAWN, by, now)
    return True


def transfers_expire(*, now: datetime) -> int:
    """End those that nobody answered in time, and tell who asked; how many. One that fails doesn't keep the others."""
    late = Transfer.objects.filter(state=State.ASKED, asked_at__lte=now - Transfer.LIFE)
    ended = 0
    for id_ in late.order_by("asked_at").values_list("pk", flat=True):
        try:
            ended += _expire(id_, now)
        except Exception:
            logger.exception("The transfer %(transfer)s can't be ended.", {"transfer": id_})
    return ended


def _expire(transfer_id: int, now: datetime) -> bool:
    with transaction.atomic():
        transfer = _locked(transfer_id)
        if transfer is None:
            return False
        _decide(transfer, State.EXPIRED, None, now)
        _tell_who_asked(transfer, _EXPIRED)
    return True


def _locked(transfer_id: int) -> Transfer | None:
    rows = Transfer.objects.select_for_update(of=("self",)).filter(state=State.ASKED)
    return rows.select_related("to_clinic", "from_clinic", "asked_by").filter(pk=transfer_id).first()


def _decide(transfer: Transfer, state: Transfer.State, by: User | None, now: datetime) -> None:
    transfer.state, transfer.decided_at, transfer.decided_by = state, now, by
    transfer.save(update_fields=["state", "decided_at", "decided_by"])


def _save(patient: Patient) -> None:
    """As a row, so that its messages and its times of day follow (home/receivers.py)."""
    try:
        with transaction.atomic():
            patient.save(update_fields=["clinic", "folder_number", "left_on", "left_why"])
    except IntegrityError:
        # Somebody was given one of the numbers since they were looked at.
        _check_numbers(patient, patient.clinic, patient.folder_number)
        raise


def _check_numbers(patient: Patient, clinic: Clinic, folder_number: str | None) -> None:
    if taken_by(clinic, folder_number=folder_number):
        raise ValidationError({"folder_number": _("Somebody at your clinic has this folder number.")})
    there = Patient.objects.filter(clinic=clinic)
    if patient.id_number and (other := there.filter(id_number=patient.id_number).first()):
        said = _(
            "%(name)s at your clinic has the same identity number. See first whether they are the same person."
        )
        raise ValidationError(said % {"name": other}, code="id_number")


def _tell_people(patient: Patient, before: Clinic) -> None:
    """The patient and those who care for them, each in their language."""
    ids = [each.user_id for each in people_of([patient.pk])[patient.pk]]
    values = {"clinic": patient.clinic.name, "before": before.name, "patient": str(patient)}
    for user in User.objects.filter(pk__in=ids):
        _send(user, _MOVED, values, about_patient(patient))


def _tell_who_asked(transfer: Transfer, words: tuple[Any, Any]) -> None:
    """Without the patient's name: it may be read on a lock screen."""
    if transfer.asked_by is None or not transfer.asked_by.is_active:
        return
    values = {"clinic": transfer.to_clinic.name, "asked": transfer.asked_at}
    _send(transfer.asked_by, words, values, About(transfer.from_clinic_id))


def _send(user: User, words: tuple[Any, Any], values: Mapping[str, Any], about: About) -> None:
    title, message = words
    with translation.override(language_of(user.pk)):
        said = {**values}
        if asked := said.get("asked"):
            said["asked"] = date_format(timezone.localtime(asked), "j F")
        NotificationService.send(
            users=[user],
            title=str(title) % said,
            message=str(message) % said,
            channels=["in_app"],
            about=about,
        )
