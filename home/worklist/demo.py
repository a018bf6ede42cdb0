"""Whom the demo's clinic has to call, and what was tried: an urgent SMS, a code never used, three days in vain."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from hashlib import sha256

from django.utils.translation import override

from home.conversations.demo import load_conversation
from home.conversations.texts import emergency
from home.models import FollowUp, Invitation, Patient, Relation, User
from home.worklist.results import back_on
from home.worklist.written import WROTE
from notifications.languages.listed import DEFAULT
from notifications.models import InboundMessage

Result = FollowUp.Result
_CALLS = (
    ("Bongani", 6, Result.NO_ANSWER, ""),
    ("Bongani", 4, Result.NO_ANSWER, ""),
    ("Bongani", 1, Result.NO_ANSWER, "Voicemail is full."),
    ("Zanele", 2, Result.WILL_COME, ""),
    ("Ruan", 1, Result.NO_ANSWER, ""),
)
"""Whom, how many days ago, and what came of it; the last of each counts."""
_INVITED = timedelta(days=5)


def load_calls(patients: Mapping[str, Patient], *, sister: User, sipho: User, now: datetime) -> None:
    """For the patients by first name. In the transaction that made them."""
    bongani = patients["Bongani"]
    Invitation.objects.create(
        patient=bongani,
        relation=Relation.SELF,
        phone=bongani.phone,
        digest=sha256(b"demo: nobody has this link").hexdigest(),
        invited_by=sister,
        created_at=now - _INVITED,
        expires_at=now - _INVITED + Invitation.LIFE,
        sent_at=now - _INVITED,
    )
    _urgent_sms(patients["Sipho"], sipho, now - timedelta(minutes=50))
    last = {name: number for number, (name, *_rest) in enumerate(_CALLS)}
    FollowUp.objects.bulk_create(
        _call(patients[name], days, result, note, sister, now, stands=last[name] == number)
        for number, (name, days, result, note) in enumerate(_CALLS)
    )


def _urgent_sms(patient: Patient, user: User, at: datetime) -> None:
    with override(DEFAULT):
        reply = emergency()
    sms = InboundMessage.objects.create(
        provider="file",
        provider_id="demo-urgent",
        sender=str(patient.phone),
        user=user,
        text="I have chest pain since last night",
        received_at=at,
        due_at=at,
        finished_at=at,
        attempts=1,
        state=InboundMessage.State.DONE,
        interpretation=InboundMessage.Interpretation.UNKNOWN_WORDS,
        scope_id=patient.clinic_id,
        subject_id=patient.pk,
        reply=reply,
    )
    load_conversation(sms, patient, is_urgent=True)


def _call(
    patient: Patient, days: int, result: str, note: str, sister: User, now: datetime, *, stands: bool
) -> FollowUp:
    at = now - timedelta(days=days)
    until = at.date() + timedelta(days=1) if result == Result.WILL_COME else None
    return FollowUp(
        patient=patient,
        clinic=patient.clinic,
        by=sister,
        at=at,
        result=result,
        until=until,
        back_on=back_on(result, until=until, today=at.date()),
        note=note,
        reasons=[WROTE] if result == Result.WILL_COME else [],
        pressing=20,
        number=patient.phone,
        stands=stands,
    )
