"""Reads: the people who care for patients, and the staff of clinics. Only active users are notified."""

import json
from collections.abc import Collection, Iterable
from datetime import date
from typing import NamedTuple

from django.contrib.auth.models import AnonymousUser
from django.db.models import Case, Count, IntegerField, OuterRef, Q, QuerySet, Subquery, Value, When

from home.carers import may_be_told
from home.models import CareRole, Clinic, Patient, RegionRole, Relation, StaffRole, User, is_here
from home.names import Known, look_alike
from notifications.models.lookups import Ids, Many, Rows, numbers
from notifications.phone_numbers import as_phone


class Carer(NamedTuple):
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
    """The active users who are told of each patient, themselves first; an empty list where there are none. Two
    queries, one more where somebody cares for several.

    Carers are left out where the patient hasn't agreed that they are told.
    """
    people: dict[int, list[Carer]] = {patient_id: [] for patient_id in patient_ids}
    told = CareRole.objects.filter(may_be_told(), patient_id__any_of=Many(people)).order_by()
    roles = told.values("relation", "alert_missed").annotate(own=Rows("id", "patient_id", "user_id"))
    in_order = [
        (relation != Relation.SELF, id_, patient_id, user_id, relation, alert_missed)
        for relation, alert_missed, own in roles.values_list("relation", "alert_missed", "own")
        for id_, patient_id, user_id in json.loads(own)
    ]
    in_order.sort()
    patients = CareRole.objects.filter(user_id=OuterRef("pk")).order_by().values("user_id")
    users = User.objects.filter(id__any_of={user_id for _o, _i, _p, user_id, *_ in in_order}, is_active=True)
    counted = users.order_by().annotate(patients=Subquery(patients.annotate(all=Count("id")).values("all")))
    by_number = counted.values("patients").annotate(ids=Ids("id")).values_list("patients", "ids")
    active = {number: numbers(ids) for number, ids in by_number}
    born = _told_apart({user_id for number, ids in active.items() if number > 1 for user_id in ids})
    left = set().union(*active.values())
    for _others, _id, patient_id, user_id, relation, alert_missed in in_order:
        if user_id in left:
            born_on = born.get((user_id, patient_id)) if born else None
            people[patient_id].append(Carer(user_id, relation, alert_missed, born_on))
    return people


def _told_apart(of_several: Collection[int]) -> dict[tuple[int, int], date | None]:
    """The date of birth of each patient whose name another patient of the same user has too, by user and patient."""
    if not of_several:
        return {}
    living = CareRole.objects.filter(patient__deceased_on__isnull=True).order_by()
    rows = living.filter(user_id__any_of=Many(of_several))
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


def clinics_known(user: User | AnonymousUser) -> QuerySet[Clinic] | list[int]:
    """The same for a long list, which takes their ids at once; of all, which are head office's, nothing is asked. Only
    where the database knows the clinic beforehand it goes along an index in the list's order.
    """
    clinics = clinics_of_staff(user)
    is_all = user.is_active and user.is_superuser
    return clinics if is_all else list(clinics.values_list("pk", flat=True))


def clinics_managed_by(user: User | AnonymousUser) -> QuerySet[Clinic]:
    """The clinics that this person manages: head office all, managers their own, others none."""
    clinics = clinics_of_staff(user)
    if user.is_superuser or user.pk is None:
        return clinics
    managed = StaffRole.objects.filter(user_id=user.pk, role=StaffRole.Role.MANAGER)
    return clinics.filter(pk__in=managed.values("clinic_id"))


def clinics_followed_by(user: User | AnonymousUser) -> QuerySet[Clinic]:
    """The clinics whose figures this person may see: those that they manage, and those of their districts. It opens
    nobody's record there.
    """
    managed = clinics_managed_by(user)
    if not user.is_active or user.is_superuser or user.pk is None:
        return managed
    districts = RegionRole.objects.filter(user_id=user.pk).values("region_id")
    return Clinic.objects.filter(Q(pk__in=managed.order_by().values("pk")) | Q(region__in=districts))


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


def zones_of_clinics(clinic_ids: Collection[int]) -> dict[int, str]:
    """The time zone of each of these clinics. One query."""
    return dict(Clinic.objects.filter(pk__in=clinic_ids).order_by().values_list("pk", "timezone"))


def person_at(address: str) -> User | None:
    """The person who signs in with this e-mail address or phone number. One query."""
    number = as_phone(address)
    if number is not None:
        return User.objects.filter(phone=number).first()
    return User.objects.filter(email=address.strip().lower()).first()


def patients_here(clinic_ids: Collection[int] | QuerySet[Clinic]) -> QuerySet[Patient]:
    """The patients of these clinics who are expected (`home.models.is_here`). In no order."""
    return Patient.objects.filter(is_here(), clinic__in=clinic_ids).order_by()
