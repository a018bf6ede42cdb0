"""The log of answers: one row for each, written with the answer and never changed."""

from datetime import datetime

from home.models import User
from medications.models import Dose, DoseAnswer

Answer = DoseAnswer.Answer


def log(
    dose: Dose, answer: str, *, user: User | None, now: datetime, remind_at: datetime | None = None
) -> None:
    """Note what was answered, as the dose says it now. Called in the transaction that answers it."""
    is_taken = answer == Answer.TAKEN
    DoseAnswer.objects.create(
        dose=dose,
        answer=answer,
        at=now,
        by=user,
        taken_at=dose.was_taken_at if is_taken else None,
        quantity=dose.amount if is_taken else None,
        skip_code=dose.skip_code,
        skip_reason=dose.skip_reason,
        over_limit=dose.over_limit,
        remind_at=remind_at,
    )


def last_answer(dose_id: int) -> int:
    """The id of the last answer to this dose, 0 when there is none yet."""
    ids = DoseAnswer.objects.filter(dose_id=dose_id).order_by("-id").values_list("id", flat=True)
    return ids.first() or 0
