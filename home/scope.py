"""What the engine is told of clinics: a message belongs to the clinic of the patient whom it is about."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet

from home.models import CareRole, Patient, User
from home.selectors import clinics_managed_by, clinics_of_staff
from notifications.places import Place, register_places
from notifications.scope import Scopes, register_scopes
from notifications.types import ABOUT_NOBODY, About


def about_patient(patient: Patient) -> About:
    """What a message about this patient is about."""
    return About(patient.clinic_id, patient.pk)


def people_of_staff(user: User | AnonymousUser) -> QuerySet[CareRole, Any]:
    """The ids of those who care for patients of the clinics where this person works."""
    return CareRole.objects.filter(patient__clinic__in=clinics_of_staff(user)).values("user_id")


def about_people(
    user: User | AnonymousUser, user_ids: Collection[int], patient_id: int | None
) -> dict[int, About | None]:
    """What a message of this member of staff to each of these people is about.

    They may write to those who care for patients of their clinics, and about such a patient: this one, if it is given.
    Otherwise the message is about the only such patient that the person cares for, or else it belongs to the only
    clinic of theirs; None where there are several. Head office may write to everybody, about nobody too.
    """
    roles = CareRole.objects.filter(user_id__any_of=user_ids, patient__clinic__in=clinics_of_staff(user))
    if patient_id is not None:
        roles = roles.filter(patient_id=patient_id)
    patients: dict[int, list[About]] = defaultdict(list)
    for user_id, clinic_id, id_ in roles.values_list("user_id", "patient__clinic_id", "patient_id"):
        patients[user_id].append(About(clinic_id, id_))
    found = {user_id: _in_common(each) for user_id, each in patients.items()}
    if user.is_superuser and patient_id is None:
        everybody = User.objects.filter(pk__any_of=user_ids).values_list("pk", flat=True)
        return {user_id: found.get(user_id) or ABOUT_NOBODY for user_id in everybody}
    return found


def about_person(user_id: int) -> About:
    """The one patient that this person cares for, or the one clinic of theirs; nobody where there are several."""
    roles = CareRole.objects.filter(user_id=user_id).order_by()
    patients = roles.values_list("patient__clinic_id", "patient_id")
    return _in_common(About(*each) for each in patients) or ABOUT_NOBODY


def clinics_with_words(user: User | AnonymousUser) -> list[Place]:
    """The clinics where this person works; its managers write a clinic's words. Two queries."""
    managed = set(clinics_managed_by(user).values_list("pk", flat=True))
    return [
        Place(id_, name, id_ in managed) for id_, name in clinics_of_staff(user).values_list("pk", "name")
    ]


def _clinics(user: User | AnonymousUser) -> QuerySet[Any, Any]:
    return clinics_of_staff(user).order_by().values("pk")


def _in_common(each: Iterable[About]) -> About | None:
    """What all of these are about, or the scope that all of them have."""
    different = set(each)
    if len(different) == 1:
        return different.pop()
    scopes = {about.scope_id for about in different}
    return About(scopes.pop()) if len(scopes) == 1 else None


register_scopes(Scopes(_clinics, people_of_staff, about_people, about_person))
register_places(clinics_with_words)
