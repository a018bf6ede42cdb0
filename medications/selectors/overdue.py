"""Reads: the vaccinations that were asked about in vain, for the nurse."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet

from home.models import CareRole, Patient, User, in_care
from medications import options
from medications.models import VaccinationRecord
from medications.rules.overdue import looked_for_on
from medications.rules.vaccinations import still_to_give
from medications.selectors.people import local_day


@dataclass(frozen=True, slots=True)
class Reach:
    """Somebody who cares for a patient, and how to reach them; texts, empty where nothing is known."""

    name: str
    phone: str
    email: str


def overdue_for_the_nurse(patients: QuerySet[Patient], *, now: datetime) -> list[int]:
    """The ids of the records that people were asked about without an answer, or that nobody can be asked about.

    What was given since, is no longer given or isn't needed is left out, and so is who died or moved away. Three
    queries.
    """
    days = options.overdue_days()
    if not days:
        return []
    asked = CareRole.objects.filter(patient_id=OuterRef("patient_id"), user__is_active=True)
    rows = VaccinationRecord.objects.filter(
        patient__in=patients.filter(in_care()).order_by(),
        date_given__isnull=True,
        next_due_date__lt=now.date(),
    )
    records = list(rows.select_related("vaccine", "patient__clinic"))
    reached = set(rows.filter(Exists(asked)).values_list("pk", flat=True))
    given = VaccinationRecord.objects.given_to({record.patient_id for record in records})
    found = []
    for record in records:
        today, dose = local_day(record.patient, now), record.open_dose
        if (
            dose
            and looked_for_on(dose.due_on, days, can_be_asked=record.pk in reached) <= today
            and still_to_give(
                dose, born=record.patient.date_of_birth, given=given[record.patient_id], on=today
            )
        ):
            found.append(record.pk)
    return found


def reach_of(patient_ids: Iterable[int]) -> dict[int, list[Reach]]:
    """Who cares for each of these patients, in the order of their roles. One query."""
    found: dict[int, list[Reach]] = {patient_id: [] for patient_id in patient_ids}
    roles = CareRole.objects.filter(patient_id__any_of=set(found), user__is_active=True)
    for role in roles.select_related("user").order_by("id"):
        user: User = role.user
        phone = user.phone.as_national if user.phone else ""
        found[role.patient_id].append(Reach(user.get_full_name(), phone, user.email or ""))
    return found


def overdue_patients(patients: QuerySet[Patient], *, now: datetime) -> set[int]:
    """The ids of those whose vaccination was due before today and is still to be given. Two queries."""
    rows = VaccinationRecord.objects.filter(
        patient__in=patients.order_by(), date_given__isnull=True, next_due_date__lt=now.date()
    )
    records = list(rows.select_related("vaccine", "patient__clinic"))
    given = VaccinationRecord.objects.given_to({record.patient_id for record in records})
    return {
        record.patient_id
        for record in records
        if (dose := record.open_dose)
        and still_to_give(
            dose,
            born=record.patient.date_of_birth,
            given=given[record.patient_id],
            on=local_day(record.patient, now),
        )
    }
