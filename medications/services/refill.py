"""A refill that a patient or a carer notes: once, however often the form is sent."""

from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from home.models import User
from medications.models import Prescription, StockMovement
from medications.selectors.ledger import newest_refill
from medications.services.ledger import hold_home
from medications.services.stock import stock_receive


class NotedMeanwhileError(Exception):
    """Something else came home after the form was shown: whoever sent it may have meant just that."""


def refill_record(
    *,
    prescription: Prescription,
    quantity: Decimal,
    expiry_date: date,
    batch_number: str,
    seen: int | None,
    user: User,
    now: datetime,
) -> None:
    """Log what came home. `seen` is the newest refill when the form was shown (`newest_refill`), 0 where none was.

    The same form sent again, because it was pressed twice or its answer got lost, changes nothing. Of anything else
    that was noted since, NotedMeanwhileError; without `seen` nothing is compared. ValidationError when a value is
    impossible.
    """
    with transaction.atomic():
        hold_home(prescription.pk)
        newest = newest_refill(prescription)
        if seen is not None and newest is not None and newest.pk != seen:
            if _is(newest, quantity, expiry_date, batch_number, user):
                return
            raise NotedMeanwhileError
        stock_receive(
            medicine=prescription.medicine,
            prescription=prescription,
            quantity=quantity,
            expiry_date=expiry_date,
            batch_number=batch_number,
            user=user,
            now=now,
        )


def _is(refill: StockMovement, quantity: Decimal, expiry_date: date, batch_number: str, user: User) -> bool:
    batch = refill.batch
    return batch is not None and (refill.quantity, refill.by_id, batch.expiry_date, batch.batch_number) == (
        quantity,
        user.pk,
        expiry_date,
        batch_number,
    )
