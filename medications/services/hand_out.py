"""Several medicines handed out to one patient together."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction

from home.models import User
from medications.models import Prescription
from medications.selectors.ledger import newest_at_home
from medications.services.ledger import hold_home
from medications.services.stock import stock_receive
from medications.services.stock_acts import stock_hand_out, stock_hand_out_soonest, takes_nothing


@dataclass(frozen=True, kw_only=True)
class Handed:
    """What a patient gets of a prescription: from one pack of the shelf, or from those that expire first.

    With an `expiry_date` it isn't from the shelf: the patient has it from elsewhere, and `why` says from where.
    """

    prescription: Prescription
    quantity: Decimal
    batch_id: int | None = None
    expiry_date: date | None = None
    why: str = ""


class HandOutError(Exception):
    """One of them can't be handed out: its place among them, and why by field."""

    def __init__(self, place: int, error: ValidationError) -> None:
        super().__init__(place, error)
        self.place = place
        self.error = error


class AlreadyHandedOutError(Exception):
    """Something came home after the form was shown, such as by the same form, which was sent twice."""


def hand_out(
    *, patient_id: int, handed: Sequence[Handed], seen: int | None, user: User, now: datetime
) -> None:
    """Hand out all of these to one patient, or none of them: HandOutError says which can't be.

    AlreadyHandedOutError where `seen` isn't the newest pack at home (`newest_at_home`) any more.
    """
    # By medicine, so that two who hand out the same ones never wait for each other.
    in_order = sorted(
        range(len(handed)),
        key=lambda place: (handed[place].prescription.medicine_id, handed[place].prescription.pk),
    )
    with transaction.atomic():
        # First all homes, in the order of everybody else (an answer by SMS, a count): none waits for the other.
        for prescription_id in sorted({each.prescription.pk for each in handed}):
            hold_home(prescription_id)
        if seen != newest_at_home(patient_id):
            raise AlreadyHandedOutError
        for place in in_order:
            try:
                _hand_out(handed[place], user, now)
            except ValidationError as error:
                raise HandOutError(place, error) from error


def _hand_out(each: Handed, user: User, now: datetime) -> None:
    if each.expiry_date is not None:
        rows = Prescription.objects.select_related("patient")
        if problem := takes_nothing(rows.get(pk=each.prescription.pk)):
            raise ValidationError({"quantity": problem})
        stock_receive(
            medicine=each.prescription.medicine,
            prescription=each.prescription,
            quantity=each.quantity,
            expiry_date=each.expiry_date,
            now=now,
            user=user,
            why=each.why,
        )
    elif each.batch_id is not None:
        stock_hand_out(
            batch_id=each.batch_id,
            prescription_id=each.prescription.pk,
            quantity=each.quantity,
            user=user,
            now=now,
        )
    else:
        stock_hand_out_soonest(
            prescription_id=each.prescription.pk, quantity=each.quantity, user=user, now=now
        )
