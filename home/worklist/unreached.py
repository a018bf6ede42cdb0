"""Whom no message reaches outside the inbox, and what was sent to them to change that. In sets."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, Subquery

from home.models import CareRole, FollowUp, Invitation
from home.reach.rows import confirmed, failing, reached
from home.selectors import patients_here
from home.worklist.numbers import numbers_of


@dataclass(frozen=True, slots=True)
class Unreached:
    """A patient of whom nobody is reached, and the code or invitation that nobody has used, with when it was sent."""

    patient_id: int
    zone: str
    invitation_id: int | None
    asked_at: datetime | None
    comes_back: bool
    """Whether there is an address that would do, but mail to it comes back."""


def unreached(clinic_ids: Collection[int]) -> Iterator[Unreached]:
    """The patients of these clinics of whom nobody has a confirmed address, agreed to, that works. One query."""
    of_patient = CareRole.objects.filter(patient=OuterRef("pk"))
    waiting = Invitation.objects.filter(
        patient=OuterRef("pk"), accepted_at=None, declined_at=None, revoked_at=None
    ).order_by("-created_at")
    unconfirmed = of_patient.filter(
        Q(user__phone__isnull=False) | Q(user__email__isnull=False),
        user__phone_verified_at=None,
        user__email_verified_at=None,
        user__is_active=True,
    ).order_by("-user__date_joined")
    rows = (
        patients_here(clinic_ids)
        .filter(~Exists(reached(of_patient)))
        .select_related("clinic")
        .annotate(
            invitation_id=Subquery(waiting.values("pk")[:1]),
            invited_at=Subquery(waiting.values("created_at")[:1]),
            joined_at=Subquery(unconfirmed.values("user__date_joined")[:1]),
            comes_back=Exists(of_patient.filter(confirmed("email"), failing())),
        )
        .only("clinic__timezone", "timezone")
    )
    for patient in rows.iterator():
        asked_at = patient.invited_at or patient.joined_at
        yield Unreached(patient.pk, patient.clinic.zone, patient.invitation_id, asked_at, patient.comes_back)


def wrongly_numbered(clinic_ids: Collection[int]) -> set[int]:
    """The patients of these clinics whose number is known to be a wrong one. Four queries."""
    called = FollowUp.objects.filter(
        result=FollowUp.Result.WRONG_NUMBER, patient__in=patients_here(clinic_ids).order_by()
    )
    numbers = numbers_of(set(called.values_list("patient_id", flat=True)))
    return {patient_id for patient_id, number in numbers.items() if number.is_wrong}
