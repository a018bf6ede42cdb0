"""A refill that a patient or a carer notes: once, however often the form is sent."""

from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from home.models import User
from medications.models import Prescription, StockMovement
from medications.selectors.ledger import newest_refill
from medications.services.ledger import hold_home
from medications.services.once import once
from medications.services.stock import stock_receive


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
    that came home since, ChangedMeanwhileError; without `seen` nothing is compared. ValidationError when a value is
    impossible.
    """

    def receive() -> None:
        stock_receive(
            medicine=prescription.medicine,
            prescription=prescription,
            quantity=quantity,
            expiry_date=expiry_date,
            batch_number=batch_number,
            user=user,
            now=now,
        )

    def did(refill: StockMovement) -> bool:
        batch = refill.batch
        return batch is not None and (
            refill.quantity,
            refill.by_id,
            batch.expiry_date,
            batch.batch_number,
        ) == (quantity, user.pk, expiry_date, batch_number)

    with transaction.atomic():
        hold_home(prescription.pk)
        once(receive, seen=seen, newest=newest_refill(prescription), did=did)
