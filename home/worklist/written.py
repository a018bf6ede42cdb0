"""What people wrote by SMS that is for a person: what no program understood, and that they want to be called.

As long as nobody has called them. In sets.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from home.models import CareRole, FollowUp, Patient, Relation
from home.selectors import patients_here
from home.worklist.urgent_words import is_urgent
from notifications.encryption.cipher import is_unreadable
from notifications.models import InboundMessage

WROTE = "wrote"
WITHIN = timedelta(days=14)
_FOR_A_PERSON = (
    InboundMessage.Interpretation.UNKNOWN_WORDS,
    InboundMessage.Interpretation.PLEASE_CALL,
)
_SETTLES = (
    FollowUp.Result.WILL_COME,
    FollowUp.Result.MOVED,
    FollowUp.Result.DIED,
    FollowUp.Result.OTHER,
)
"""After these somebody was spoken to."""


@dataclass(frozen=True, slots=True)
class Written:
    """The SMS of a patient, or about one, that waits for a person: the latest, or the latest urgent one."""

    patient: Patient
    sms_id: int
    at: datetime
    is_urgent: bool
    asks_to_be_called: bool


def written(clinic_ids: Collection[int], now: datetime) -> list[Written]:
    """One for each patient of these clinics. Three queries.

    A message of somebody who cares for several is about the one that it answers, and about nobody else where that one
    is treated no more. Otherwise it is about themselves, else about the one that they cared for first, as long as all
    of theirs are one clinic's. If they are not, no clinic knows whether it is theirs to read: head office does.
    """
    theirs = CareRole.objects.filter(patient__in=patients_here(clinic_ids).order_by())
    rows = list(
        InboundMessage.objects.filter(
            interpretation__in=_FOR_A_PERSON,
            received_at__gt=now - WITHIN,
            user__in=theirs.values("user_id"),
        )
        .exclude(text="")
        .order_by("received_at", "id")
    )
    about = _whom(rows, clinic_ids)
    spoken = _spoken_to({patient.pk for patient in about.values()}, now)
    found: dict[int, Written] = {}
    for row in rows:
        patient = about.get(row.pk)
        if patient is None or row.received_at <= spoken.get(patient.pk, row.received_at - WITHIN):
            continue
        # What can't be read may be anything.
        urgent = not is_unreadable(row.text) and is_urgent(row.text)
        before = found.get(patient.pk)
        if before is None or urgent or not before.is_urgent:
            asks = row.interpretation == InboundMessage.Interpretation.PLEASE_CALL
            found[patient.pk] = Written(patient, row.pk, row.received_at, urgent, asks)
    return list(found.values())


def words_of(sms_ids: Collection[int]) -> Mapping[int, str]:
    """What these SMS say. One query."""
    return {
        pk: str(text)
        for pk, text in InboundMessage.objects.filter(pk__any_of=set(sms_ids)).values_list("pk", "text")
    }


def _whom(rows: Collection[InboundMessage], clinic_ids: Collection[int]) -> dict[int, Patient]:
    """By SMS the patient whom it is about, where that is one of these clinics'.

    Chosen among all whom its sender cares for, so that it is the same one whichever clinics are asked about.
    """
    roles = CareRole.objects.filter(user_id__any_of={row.user_id for row in rows})
    cared: dict[int, list[CareRole]] = defaultdict(list)
    for role in roles.select_related("patient__clinic").order_by("id"):
        cared[role.user_id].append(role)
    chosen = {row.pk: _chosen(cared.get(row.user_id or 0, []), row.subject_id) for row in rows}
    return {pk: patient for pk, patient in chosen.items() if patient and patient.clinic_id in clinic_ids}


def _chosen(roles: Collection[CareRole], subject_id: int | None) -> Patient | None:
    here = [role for role in roles if role.patient.is_here]
    if subject_id is not None:
        here = [role for role in here if role.patient_id == subject_id]
    elif len({role.patient.clinic_id for role in roles}) > 1:
        return None
    self_first = sorted(here, key=lambda role: role.relation != Relation.SELF)
    return self_first[0].patient if self_first else None


def _spoken_to(patient_ids: Collection[int], now: datetime) -> dict[int, datetime]:
    """When these patients were last spoken to about what they wrote."""
    calls = FollowUp.objects.filter(patient_id__any_of=patient_ids, at__gt=now - WITHIN, result__in=_SETTLES)
    return {
        patient_id: at
        for patient_id, at, reasons in calls.order_by("at").values_list("patient_id", "at", "reasons")
        if WROTE in reasons
    }
