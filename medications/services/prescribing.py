"""Several medicines prescribed together, each handed out at once where there is something to hand out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction

from home.models import Patient, User
from medications.models import DoseSchedule, Medicine, Prescription
from medications.services.prescriptions import prescription_announce
from medications.services.stock_acts import stock_hand_out_soonest


@dataclass(frozen=True, kw_only=True)
class Order:
    """One medicine as it is to be taken. The dates are the patient's; `handed_out` are units of the clinic's shelf."""

    medicine: Medicine
    rule: Mapping[str, object]
    start_date: date
    end_date: date | None = None
    instructions_en: str = ""
    instructions_af: str = ""
    handed_out: Decimal | None = None

    def prescription(self, patient: Patient) -> Prescription:
        """The prescription with its schedule, not saved."""
        made = Prescription(
            patient=patient,
            medicine=self.medicine,
            start_date=self.start_date,
            end_date=self.end_date,
            instructions_en=self.instructions_en,
            instructions_af=self.instructions_af,
        )
        made.schedules = [DoseSchedule(rule=dict(self.rule))]
        return made


class OrderError(Exception):
    """One of the orders can't be carried out: its place among them, and why by field."""

    def __init__(self, place: int, error: ValidationError) -> None:
        super().__init__(place, error)
        self.place = place
        self.error = error


def prescribe(*, patient: Patient, orders: Sequence[Order], user: User, now: datetime) -> list[Prescription]:
    """Prescribe these medicines and hand out what is to be; all of them, or none when one is refused.

    OrderError, by "handed_out", when the shelf has less. Prescriptions are in the order of the orders.
    """
    made = [order.prescription(patient) for order in orders]
    with transaction.atomic():
        for prescription in made:
            prescription.prescriber = user
            prescription.created_at = now
            prescription.save()
            prescription_announce(prescription_id=prescription.pk, now=now)
        for place in sorted(range(len(orders)), key=lambda place: (orders[place].medicine.pk, place)):
            # By medicine, so that two who hand out the same ones never wait for each other.
            if quantity := orders[place].handed_out:
                try:
                    stock_hand_out_soonest(
                        prescription_id=made[place].pk, quantity=quantity, user=user, now=now
                    )
                except ValidationError as error:
                    raise OrderError(place, error) from error
    return made
