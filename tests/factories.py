"""People and places for tests. Names are real ones, so that what a test prints reads as a story."""

from datetime import date
from typing import Any

import factory
from factory.django import DjangoModelFactory

from home.models import CareRole, Clinic, Patient, Relation, StaffRole, User

PASSWORD = "a-long-and-quiet-word"


class UserFactory(DjangoModelFactory[User]):
    """Somebody with an e-mail address; `phone="..."` and `email=None` for somebody without."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    email = factory.Sequence(lambda n: f"person{n}@example.org")
    first_name = "Thandi"
    last_name = "Nkosi"

    @classmethod
    def _create(cls, model_class: type[User], *args: Any, **kwargs: Any) -> User:
        kwargs.setdefault("password", PASSWORD)
        make = (
            model_class.objects.create_superuser
            if kwargs.pop("is_superuser", False)
            else model_class.objects.create_user
        )
        return make(*args, **kwargs)


class ClinicFactory(DjangoModelFactory[Clinic]):
    class Meta:
        model = Clinic

    name = factory.Sequence(lambda n: f"Clinic {n}")


class PatientFactory(DjangoModelFactory[Patient]):
    class Meta:
        model = Patient

    clinic = factory.SubFactory(ClinicFactory)
    first_name = "Pieter"
    last_name = "Botha"
    date_of_birth = date(1950, 3, 14)


class CareRoleFactory(DjangoModelFactory[CareRole]):
    class Meta:
        model = CareRole

    patient = factory.SubFactory(PatientFactory)
    user = factory.SubFactory(UserFactory)
    relation = Relation.SELF


class StaffRoleFactory(DjangoModelFactory[StaffRole]):
    class Meta:
        model = StaffRole

    clinic = factory.SubFactory(ClinicFactory)
    user = factory.SubFactory(UserFactory)
    role = StaffRole.Role.NURSE
