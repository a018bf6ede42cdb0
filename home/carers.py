"""Whether those who care for a patient may be told of the treatment: only while the patient agrees to it.

A guardian speaks for the patient and needs no such consent; a carer does. Without it they still see what the clinic
lets them see when they sign in, but nothing is sent to them about this patient, not even to their inbox.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from typing import Any

from django.db.models import Exists, OuterRef, Q

from home.models import CareRole, Consent, Relation

CARERS = "carers"
"""The purpose of that consent."""
_CARER_OF = "carer_of"

StillRelevant = Callable[[Sequence[Mapping[str, Any]]], Sequence[bool]]


def may_be_told() -> Q:
    """Of care roles those whose people may be told."""
    agreed = Consent.objects.filter(
        patient_id=OuterRef("patient_id"), purpose=CARERS, withdrawn_at__isnull=True
    )
    return ~Q(relation=Relation.CARER) | Q(Exists(agreed))


def carer_data(relation: str, patient_id: int) -> dict[str, int]:
    """What a message's data says of a carer, so that `while_carers_are_told` knows when it is about to be sent."""
    return {_CARER_OF: patient_id} if relation == Relation.CARER else {}


def while_carers_are_told(still_relevant: StillRelevant) -> StillRelevant:
    """The same for `EventType.still_relevant`, but false for a carer once the patient no longer agrees. One query more,
    where any message is to a carer.
    """

    @wraps(still_relevant)
    def answer(data: Sequence[Mapping[str, Any]]) -> Sequence[bool]:
        holds = still_relevant(data)
        patients = {each[_CARER_OF] for each in data if _CARER_OF in each}
        if not patients:
            return holds
        agreed = set(
            Consent.objects.filter(
                patient_id__in=patients, purpose=CARERS, withdrawn_at__isnull=True
            ).values_list("patient_id", flat=True)
        )
        return [
            holds_still and (_CARER_OF not in each or each[_CARER_OF] in agreed)
            for each, holds_still in zip(data, holds, strict=True)
        ]

    return answer


def untold_carers(patient_id: int) -> int:
    """How many carers of this patient are told nothing, because the patient hasn't agreed to it."""
    return CareRole.objects.filter(patient_id=patient_id).exclude(may_be_told()).count()
