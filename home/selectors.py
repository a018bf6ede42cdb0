"""Reads: the people who care for patients, and the staff of clinics. Only active users are notified."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser
from django.db.models import Case, IntegerField, QuerySet, Value, When

from home.models import CareRole, Clinic, Patient, Relation, StaffRole, User
from notifications.phone_numbers import as_phone


@dataclass(frozen=True, slots=True)
class Carer:
    """An active user who cares for a patient; `relation` is self, guardian or carer."""

    user_id: int
    relation: str
    alert_missed: bool


def patients_of(user: User | AnonymousUser) -> QuerySet[Patient]:
    """The patients that this person cares for, themselves first, with their clinics; the deceased are left out."""
    if not user.is_authenticated:
        return Patient.objects.none()
    self_first = Case(
        When(care_roles__relation=Relation.SELF, then=Value(0)), default=Value(1), output_field=IntegerField()
    )
    return (
        Patient.objects.filter(care_roles__user=user, deceased_on__isnull=True)
        .select_related("clinic")
        .order_by(self_first, "first_name", "id")
    )


def people_of(patient_ids: Iterable[int]) -> dict[int, list[Carer]]:
    """The active users who care for each patient, themselves first; an empty list where there are none. One query."""
    people: dict[int, list[Carer]] = {patient_id: [] for patient_id in patient_ids}
    rows = CareRole.objects.filter(patient_id__any_of=people.keys(), user__is_active=True).order_by("id")
    for patient_id, user_id, relation, alert_missed in rows.values_list(
        "patient_id", "user_id", "relation", "alert_missed"
    ):
        people[patient_id].append(Carer(user_id, relation, alert_missed))
    for carers in people.values():
        carers.sort(key=lambda carer: carer.relation != Relation.SELF)
    return people


def managers_of(clinic_ids: Iterable[int]) -> dict[int, list[int]]:
    """The ids of each clinic's active managers; an empty list where there are none. One query."""
    managers: dict[int, list[int]] = {clinic_id: [] for clinic_id in clinic_ids}
    rows = StaffRole.objects.filter(
        clinic_id__in=managers, role=StaffRole.Role.MANAGER, user__is_active=True
    ).order_by("user_id")
    for clinic_id, user_id in rows.values_list("clinic_id", "user_id"):
        managers[clinic_id].append(user_id)
    return managers


def clinics_of_staff(user: User | AnonymousUser) -> QuerySet[Clinic]:
    """The clinics whose patients this person may see: head office all, staff their own, others none."""
    if not user.is_active:
        return Clinic.objects.none()
    if user.is_superuser:
        return Clinic.objects.all()
    return Clinic.objects.filter(pk__in=StaffRole.objects.filter(user_id=user.pk).values("clinic_id"))


def patients_visible_to_staff(user: User | AnonymousUser) -> QuerySet[Patient]:
    """The patients of the clinics of `clinics_of_staff`."""
    return Patient.objects.filter(clinic__in=clinics_of_staff(user))


def clinic_zones(user_ids: Collection[int]) -> dict[int, str]:
    """The time zones of the clinics to which these people belong, as patients, as carers or as staff. Two queries."""
    staff = StaffRole.objects.filter(user_id__in=user_ids, clinic__isnull=False).order_by("-id")
    zones = dict(staff.values_list("user_id", "clinic__timezone"))
    roles = CareRole.objects.filter(user_id__in=user_ids).order_by("-id")
    cared = list(roles.values_list("user_id", "patient__clinic__timezone", "relation"))
    zones |= {user_id: zone for user_id, zone, _relation in cared}
    return zones | {user_id: zone for user_id, zone, relation in cared if relation == Relation.SELF}


def person_at(address: str) -> User | None:
    """The person who signs in with this e-mail address or phone number. One query."""
    number = as_phone(address)
    if number is not None:
        return User.objects.filter(phone=number).first()
    return User.objects.filter(email=address.strip().lower()).first()
