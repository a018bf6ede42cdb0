"""People and places for tests. Names are real ones, so that what a test prints reads as a story."""

from datetime import date
from typing import Any, TypeVar

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory
from wagtail.signal_handlers import disable_reference_index_auto_update

from home.models import CareRole, Clinic, Consent, Patient, Relation, StaffRole, User
from home.privacy.consents import consents_for_all
from home.privacy.sentences import personal_purposes

PASSWORD = "a-long-and-quiet-word"


Row = TypeVar("Row")


class RowFactory(DjangoModelFactory[Row]):
    """Makes rows without an entry in Wagtail's index of what uses what, which takes longer than the row itself.

    What the site saves by itself gets its entry in tests too.
    """

    class Meta:
        abstract = True

    @classmethod
    def _create(cls, model_class: type[Row], *args: object, **kwargs: object) -> Row:
        with disable_reference_index_auto_update():
            return cls._save(model_class, *args, **kwargs)

    @classmethod
    def _save(cls, model_class: type[Row], *args: object, **kwargs: object) -> Row:
        row: Row = super()._create(model_class, *args, **kwargs)  # type: ignore[no-untyped-call]
        return row


class UserFactory(RowFactory[User]):
    """Somebody with an e-mail address; `phone="..."` and `email=None` for somebody without."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    email = factory.Sequence(lambda n: f"person{n}@example.org")
    first_name = "Thandi"
    last_name = "Nkosi"

    @classmethod
    def _save(cls, model_class: type[User], *args: Any, **kwargs: Any) -> User:
        kwargs.setdefault("password", PASSWORD)
        make = (
            model_class.objects.create_superuser
            if kwargs.pop("is_superuser", False)
            else model_class.objects.create_user
        )
        return make(*args, **kwargs)


class ClinicFactory(RowFactory[Clinic]):
    class Meta:
        model = Clinic

    name = factory.Sequence(lambda n: f"Clinic {n}")


class PatientFactory(RowFactory[Patient]):
    class Meta:
        model = Patient

    clinic = factory.SubFactory(ClinicFactory)
    first_name = "Pieter"
    last_name = "Botha"
    date_of_birth = date(1950, 3, 14)


class CareRoleFactory(RowFactory[CareRole]):
    class Meta:
        model = CareRole

    patient = factory.SubFactory(PatientFactory)
    user = factory.SubFactory(UserFactory)
    relation = Relation.SELF

    @classmethod
    def _save(cls, model_class: type[CareRole], *args: Any, **kwargs: Any) -> CareRole:
        role = super()._save(model_class, *args, **kwargs)
        agree(role)
        return role


def agree(*roles: CareRole) -> None:
    """Whoever is written to because of these roles agreed to all of it. What is about consent itself deletes that."""
    consents_for_all(
        user_ids={role.user_id for role in roles},
        patient_ids={role.patient_id for role in roles if role.relation == Relation.CARER},
        purposes=personal_purposes(),
        how=Consent.How.PAPER,
        now=timezone.now(),
    )


class StaffRoleFactory(RowFactory[StaffRole]):
    class Meta:
        model = StaffRole

    clinic = factory.SubFactory(ClinicFactory)
    user = factory.SubFactory(UserFactory)
    role = StaffRole.Role.NURSE
