"""Whose clock changed, and is still to be followed."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import QuerySet

from home.models import ClockChange

_AFRESH = (
    "changed_at",
    "due_at",
    "attempts",
    "failures",
    "crashes",
    "lease_owner",
    "lease_until",
    "finished_at",
    "error",
    "reason",
)
"""All that an earlier change of the same patient left, and who has it in hand."""


def clocks_mark(patient_ids: Sequence[int], *, now: datetime) -> None:
    """Write down that their clocks change at `now` (aware), in the transaction that changes them, which holds them."""
    ClockChange.objects.bulk_create(
        [ClockChange(patient_id=id_, changed_at=now, due_at=now) for id_ in patient_ids],
        update_conflicts=True,
        unique_fields=["patient"],
        update_fields=_AFRESH,
        batch_size=1000,
    )


def unmoved(*, now: datetime) -> QuerySet[ClockChange]:
    """The changes of late whose doses stand at their old hours still: of those nobody is to be reminded.

    A machine's clock may be ahead of ours.
    """
    late = ClockChange.HOLDS_BACK
    return ClockChange.objects.filter(
        finished_at__isnull=True, changed_at__gt=now - late, changed_at__lt=now + late
    )
