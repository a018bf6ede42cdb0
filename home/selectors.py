"""Reads: the people who care for patients, and the staff of clinics. Only active users are notified."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from django.contrib.auth.models import AnonymousUser
from django.db.models import Case, Exists, IntegerField, OuterRef, QuerySet, Value, When

from home.carers import may_be_told
from home.models import CareRole, Clinic, Patient, Relation, StaffRole, User, is_here
from home.names import Known, look_alike
from notifications.phone_numbers import as_phone


@dataclass(frozen=True, slots=True)
class Carer:
    """An active user who cares for a patient; `relation` is self, guardian or carer."""

    user_id: int
    relation: str
    alert_missed: bool
    born: date | None = None
    """The patient's date of birth, where the name alone doesn't say which of this person's patients is meant."""


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
    """The active users who are told of each patient, themselves first; an empty list where there are none. Two queries.

    Carers are left out where the patient hasn't agreed that they are told.
    """
    people: dict[int, list[Carer]] = {patient_id: [] for patient_id in patient_ids}
    born = _told_apart(people.keys())
    roles = CareRole.objects.filter(may_be_told(), patient_id__any_of=people.keys(), user__is_active=True)
    rows = roles.order_by("id")
    for patient_id, user_id, relation, alert_missed in rows.values_list(
        "patient_id", "user_id", "relation", "alert_missed"
    ):
        people[patient_id].append(Carer(user_id, relation, alert_missed, born.get((user_id, patient_id))))
    for carers in people.values():
        carers.sort(key=lambda carer: carer.relation != Relation.SELF)
    return people


def _told_apart(patient_ids: Iterable[int]) -> dict[tuple[int, int], date | None]:
    """The date of birth of each patient whose name another patient of the same user has too, by user and patient."""
    users = CareRole.objects.filter(patient_id__any_of=list(patient_ids)).values("user_id")
    living = CareRole.objects.filter(patient__deceased_on__isnull=True)
    others = living.filter(user_id=OuterRef("user_id")).exclude(patient_id=OuterRef("patient_id"))
    rows = living.filter(Exists(others), user_id__in=users, user__is_active=True)
    known: dict[int, list[Known]] = {}
    for user_id, id_, first, last, born in rows.values_list(
        "user_id", "patient_id", "patient__first_name", "patient__last_name", "patient__date_of_birth"
    ):
        known.setdefault(user_id, []).append(Known(id_, f"{first} {last}", born))
    return {
        (user_id, each.id): each.born
        for user_id, patients in known.items()
        for alike in [look_alike(patients)]
        for each in patients
        if each.id in alike
    }


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


def clinics_managed_by(user: User | AnonymousUser) -> QuerySet[Clinic]:
    """The clinics that this person manages: head office all, managers their own, others none."""
    clinics = clinics_of_staff(user)
    if user.is_superuser or user.pk is None:
        return clinics
    managed = StaffRole.objects.filter(user_id=user.pk, role=StaffRole.Role.MANAGER)
    return clinics.filter(pk__in=managed.values("clinic_id"))


def patients_visible_to_staff(user: User | AnonymousUser) -> QuerySet[Patient]:
    """The patients of the clinics of `clinics_of_staff`, without those who were erased."""
    return Patient.objects.filter(clinic__in=clinics_of_staff(user), erased_at__isnull=True)


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


def patients_here(clinic_ids: Collection[int] | QuerySet[Clinic]) -> QuerySet[Patient]:
    """The patients of these clinics who are expected (`home.models.is_here`). In no order."""
    return Patient.objects.filter(is_here(), clinic__in=clinic_ids).order_by()
