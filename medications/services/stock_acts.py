"""What staff do with stock: count it, correct what was written wrongly, write off what is spoilt, hand it out.

Each raises ValidationError, by field, when it can't be; then nothing has changed.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from home.models import User
from medications.formats import amount
from medications.models import Medicine, Prescription, StockBatch
from medications.rules import stock as rules
from medications.selectors.ledger import usable_shelf
from medications.services.ledger import Act, Kind, forgiven, hold_home, lock_of, moved, settle, write
from medications.services.stock import batch_added

NOT_SO_MANY = _("There are not so many in this pack. Count it first if the number is wrong.")
MORE_THAN_NOTHING = _("This must be more than 0.")


def stock_count(*, counts: Mapping[int, Decimal], user: User | None, now: datetime, why: str = "") -> None:
    """Write down what is there of these batches, by their ids: all of one home supply, or one of a shelf.

    A count settles what was owed at home. It is kept also when it finds what the ledger says.
    """
    if not counts:
        return
    if min(counts.values()) < 0:
        raise ValidationError({"quantity": _("The quantity must not be negative.")})
    act = Act(by=user, at=now, why=why)
    with transaction.atomic():
        batches = {batch.pk: batch for batch in lock_of(next(iter(counts)))}
        if counts.keys() - batches.keys():
            raise ValidationError(_("These packs do not belong together."))
        home = batches[next(iter(counts))].prescription_id
        movements = forgiven(act, home) if home else []
        for batch_id, counted in counts.items():
            batch = batches[batch_id]
            movements.append(moved(act, kind=Kind.COUNTED, quantity=counted - batch.quantity, batch=batch))
        write(movements)


def stock_correct(
    *, batch_id: int, difference: Decimal, user: User | None, now: datetime, why: str
) -> StockBatch:
    """Put right a number that was written wrongly, by what it was wrong. The reason is needed."""
    if not difference:
        raise ValidationError({"quantity": MORE_THAN_NOTHING})
    return _changed(
        Act(by=user, at=now, why=_reason(why)), batch_id, kind=Kind.CORRECTED, difference=difference
    )


def stock_waste(
    *, batch_id: int, quantity: Decimal, user: User | None, now: datetime, why: str
) -> StockBatch:
    """Write off what is lost, broken or expired. The reason is needed."""
    if quantity <= 0:
        raise ValidationError({"quantity": MORE_THAN_NOTHING})
    return _changed(Act(by=user, at=now, why=_reason(why)), batch_id, kind=Kind.WASTED, difference=-quantity)


def stock_hand_out(
    *,
    batch_id: int,
    prescription_id: int,
    quantity: Decimal,
    user: User | None,
    now: datetime,
    why: str = "",
) -> StockBatch:
    """Move a quantity from a batch on the shelf of the patient's clinic to the patient's home; the new batch there."""
    if quantity <= 0:
        raise ValidationError({"quantity": MORE_THAN_NOTHING})
    act = Act(by=user, at=now, why=why)
    with transaction.atomic():
        hold_home(prescription_id)
        prescription = Prescription.objects.select_related("patient__clinic").get(id=prescription_id)
        shelf = StockBatch.objects.select_for_update().get(id=batch_id)
        if problem := _cannot_hand_out(shelf, prescription, now):
            raise ValidationError({"batch": problem})
        if quantity > shelf.quantity:
            raise ValidationError({"quantity": NOT_SO_MANY})
        return _handed_out(act, shelf, prescription, quantity)


def stock_hand_out_soonest(
    *, prescription_id: int, quantity: Decimal, user: User | None, now: datetime, why: str = ""
) -> list[StockBatch]:
    """Move a quantity from the shelf of the patient's clinic to the patient's home, from the pack that expires first
    and as many after it as it takes; the new batches there.
    """
    if quantity <= 0:
        raise ValidationError({"quantity": MORE_THAN_NOTHING})
    act = Act(by=user, at=now, why=why)
    with transaction.atomic():
        hold_home(prescription_id)
        prescription = Prescription.objects.select_related("patient__clinic", "medicine").get(
            id=prescription_id
        )
        if problem := takes_nothing(prescription):
            raise ValidationError({"quantity": problem})
        shelf = list(usable_shelf(prescription, now=now).select_for_update(of=("self",)))
        today = now.astimezone(ZoneInfo(prescription.patient.clinic.zone)).date()
        taking = rules.take(
            batches=[(batch.quantity, batch.expiry_date) for batch in shelf], quantity=quantity, today=today
        )
        if taking.shortfall:
            raise ValidationError({"quantity": more_than_the_shelf_has(shelf, prescription.medicine)})
        return [
            _handed_out(act, shelf[position], prescription, part) for position, part in taking.allocations
        ]


def takes_nothing(prescription: Prescription) -> Promise | None:
    """Why nothing of this can be handed out, wherever it is from. The patient is joined."""
    if prescription.ended_at:
        return _("This prescription has ended.")
    if not prescription.patient.is_in_care:
        return _("This patient has died or moved away. Say first that they are back.")
    return None


def more_than_the_shelf_has(shelf: Iterable[StockBatch], medicine: Medicine) -> str:
    """That there isn't so much of a medicine, with what there is."""
    there = sum((batch.quantity for batch in shelf), Decimal(0))
    if not there:
        return gettext("The clinic’s shelf has none of this medicine.")
    return gettext("The clinic’s shelf has only %(quantity)s.") % {"quantity": amount((there, medicine.form))}


def _handed_out(act: Act, shelf: StockBatch, prescription: Prescription, quantity: Decimal) -> StockBatch:
    out = moved(act, kind=Kind.HANDED_OUT, quantity=-quantity, batch=shelf)
    write([out])
    home = StockBatch(
        medicine_id=shelf.medicine_id,
        prescription=prescription,
        batch_number=shelf.batch_number,
        quantity=quantity,
        expiry_date=shelf.expiry_date,
        received_at=act.at,
    )
    batch_added(act, home, kind=Kind.HANDED_OUT, from_shelf=out)
    return home


def _cannot_hand_out(shelf: StockBatch, prescription: Prescription, now: datetime) -> Promise | None:
    patient = prescription.patient
    if problem := takes_nothing(prescription):
        return problem
    if (shelf.clinic_id, shelf.medicine_id) != (patient.clinic_id, prescription.medicine_id):
        return _("Choose a pack of this medicine from the shelf of the patient’s clinic.")
    if shelf.expiry_date < now.astimezone(ZoneInfo(patient.clinic.zone)).date():
        return _("This pack has expired. Write it off instead.")
    return None


def _changed(act: Act, batch_id: int, *, kind: str, difference: Decimal) -> StockBatch:
    with transaction.atomic():
        batches = lock_of(batch_id)
        [batch] = [each for each in batches if each.pk == batch_id]
        if batch.quantity + difference < 0:
            raise ValidationError({"quantity": NOT_SO_MANY})
        write([moved(act, kind=kind, quantity=difference, batch=batch)])
        if difference > 0 and batch.prescription_id:
            settle(act, batch.prescription_id, batches)
    return batch


def _reason(why: str) -> str:
    if reason := why.strip():
        return reason
    raise ValidationError({"why": _("Write the reason.")})
