"""The demo's prescriptions with their doses: those of the last month, still open, and those ahead."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from home.models import Patient, StaffRole, User
from medications.demo.plans import Plan
from medications.models import DoseSchedule, Medicine, Prescription
from medications.services.expansion import expand_doses

PAST_DAYS = 35
"""Of doses."""
TOLD_DAYS = 14
"""Of messages."""


@dataclass(frozen=True, slots=True)
class Prescribed:
    plan: Plan
    prescription: Prescription


def prescribe(
    plans: Iterable[Plan],
    *,
    patients: Mapping[str, Patient],
    medicines: Mapping[str, Medicine],
    now: datetime,
) -> list[Prescribed]:
    """Prescribe all of it, each on its first day at ten, and make the doses by the rules, past ones too."""
    nurses = _nurses()
    made = [
        Prescribed(
            plan,
            Prescription(
                patient=patients[plan.patient],
                medicine=medicines[plan.medicine],
                instructions_en=plan.instructions[0],
                instructions_af=plan.instructions[1],
                prescriber=nurses.get(patients[plan.patient].clinic_id),
                start_date=plan.start_date,
                end_date=plan.end_date,
                created_at=_prescribed_at(plan, patients[plan.patient].zone, now),
            ),
        )
        for plan in plans
    ]
    Prescription.objects.bulk_create(each.prescription for each in made)
    schedules = [
        DoseSchedule(prescription=each.prescription, rule=dict(rule))
        for each in made
        for rule in each.plan.rules
    ]
    for schedule in schedules:
        schedule.clean()
    DoseSchedule.objects.bulk_create(schedules)
    ids = [each.prescription.id for each in made]
    expand_doses(now=now - timedelta(days=PAST_DAYS), days=PAST_DAYS, prescriptions=ids)
    expand_doses(now=now, prescriptions=ids)
    return made


def _nurses() -> dict[int, User]:
    """A nurse of each clinic."""
    roles = StaffRole.objects.filter(role=StaffRole.Role.NURSE).select_related("user").order_by("-id")
    return {role.clinic_id: role.user for role in roles}


def _prescribed_at(plan: Plan, zone: str, now: datetime) -> datetime:
    at_ten = datetime.combine(plan.start_date, time(10), ZoneInfo(zone))
    return min(at_ten, now - timedelta(minutes=20))
