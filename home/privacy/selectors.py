"""Reads: what people agreed to, and who saw a record."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from home.models import AccessRecord, CareRole, Consent, Patient, Relation, StaffRole, User
from home.privacy.sentences import REMINDERS, personal_purposes
from home.selectors import clinics_of_staff


def consents_visible_to_staff(user: Any) -> QuerySet[Consent]:
    """Those of the patients of their clinics, and of the people who care for those."""
    clinics = clinics_of_staff(user)
    people = CareRole.objects.filter(patient__clinic__in=clinics).values("user_id")
    return Consent.objects.filter(Q(patient__clinic__in=clinics) | Q(user_id__in=people))


def records_visible_to_managers(user: Any) -> QuerySet[AccessRecord]:
    """Who saw the records of the patients of the clinics that they manage; head office sees all."""
    clinics = clinics_of_staff(user)
    if not user.is_superuser:
        managed = StaffRole.objects.filter(user_id=user.pk, role=StaffRole.Role.MANAGER)
        clinics = clinics.filter(pk__in=managed.values("clinic_id"))
    return AccessRecord.objects.filter(patient__clinic__in=clinics)


def history_of(*, user_ids: Collection[int] = (), patient_ids: Collection[int] = ()) -> list[Consent]:
    """All consents of these people and of these patients, the latest first. One query."""
    theirs = Q(patient_id__in=patient_ids) | Q(user_id__in=user_ids)
    return list(Consent.objects.filter(theirs).select_related("witness", "withdrawn_by", "patient", "user"))


def unreminded(patient_id: int) -> list[User]:
    """Those of a patient's people whose reminders stay in their inbox, because they agreed to none outside it, or to no
    channel. One query.
    """
    standing = Consent.objects.filter(user_id=OuterRef("pk"), withdrawn_at__isnull=True)
    by_any = standing.filter(purpose__in=set(personal_purposes()) - {REMINDERS})
    people = User.objects.filter(care_roles__patient_id=patient_id, is_active=True)
    return list(
        people.exclude(Exists(standing.filter(purpose=REMINDERS)), Exists(by_any)).order_by("first_name")
    )


def patients_spoken_for(user: User) -> QuerySet[Patient]:
    """The patients in whose name this person decides: themselves first, and those whose guardian they are."""
    roles = CareRole.objects.filter(user=user, relation__in=[Relation.SELF, Relation.GUARDIAN])
    living = Patient.objects.filter(pk__in=roles.values("patient_id"), deceased_on__isnull=True)
    themselves = Exists(roles.filter(patient=OuterRef("pk"), relation=Relation.SELF))
    return living.select_related("clinic").order_by(themselves.desc(), "first_name", "id")


def patients_themselves(user_ids: Iterable[int]) -> list[int]:
    """The patients who are these people. One query."""
    roles = CareRole.objects.filter(user_id__in=user_ids, relation=Relation.SELF)
    return list(roles.values_list("patient_id", flat=True))


@dataclass(frozen=True, slots=True)
class Look:
    """A look at a record, with the role at the patient's clinic that whoever looked has now ("": none any more)."""

    record: AccessRecord
    role: str


def looks(records: Iterable[AccessRecord]) -> list[Look]:
    """With their roles, in the same order. One query for all."""
    listed = list(records)
    roles = StaffRole.objects.filter(user_id__in={each.user_id for each in listed if each.user_id})
    # A manager who also works as a nurse is shown as the manager.
    held: dict[tuple[int, int], str] = {}
    for role in roles.order_by("-role"):
        held[role.user_id, role.clinic_id] = str(role.get_role_display())
    return [Look(each, held.get((each.user_id or 0, each.patient.clinic_id), "")) for each in listed]
