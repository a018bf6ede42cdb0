"""The constraints of people and places, whichever code writes them."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from home.models import Relation, User
from tests.factories import CareRoleFactory, ClinicFactory, PatientFactory, UserFactory

pytestmark = pytest.mark.django_db


def test_a_user_needs_an_address() -> None:
    with pytest.raises(ValueError, match="needs an e-mail address or a phone number"):
        User.objects.create_user(first_name="Nobody")
    with pytest.raises(IntegrityError, match="user_email_or_phone"), transaction.atomic():
        User.objects.bulk_create([User(first_name="Nobody")])


def test_a_user_may_have_a_phone_alone_and_two_of_them_do_not_clash_on_their_empty_e_mail() -> None:
    first = UserFactory(email="", phone="082 123 4567")
    second = UserFactory(email=None, phone="+27 83 123 4567")
    assert (first.email, first.phone.as_e164) == (None, "+27821234567")
    assert second.phone.as_e164 == "+27831234567"
    assert str(UserFactory(email=None, phone="0841234567", first_name="", last_name="")) == "+27841234567"


def test_an_e_mail_address_is_one_whatever_its_capitals() -> None:
    thandi = UserFactory(email=" Thandi@Example.ORG ")
    assert thandi.email == "thandi@example.org"
    assert User.objects.get_by_natural_key("THANDI@example.org") == thandi
    with pytest.raises(IntegrityError), transaction.atomic():
        UserFactory(email="thandi@EXAMPLE.org")
    with pytest.raises(IntegrityError, match="user_email_lower_case"), transaction.atomic():
        User.objects.filter(pk=thandi.pk).update(email="Thandi@example.org")


def test_a_number_is_one_however_it_is_written_and_nothing_else_is_a_number() -> None:
    UserFactory(phone="082 123 4567")
    with pytest.raises(IntegrityError), transaction.atomic():
        UserFactory(phone="+27821234567")
    with pytest.raises(ValueError, match="12345 is not a phone number"):
        UserFactory(phone="12345")
    with pytest.raises(ValueError, match="12345 is not a phone number"), transaction.atomic():
        UserFactory.build(email=None, phone="12345").save()


def test_somebody_cares_for_a_patient_once_and_a_patient_has_one_self() -> None:
    role = CareRoleFactory()
    with pytest.raises(IntegrityError), transaction.atomic():
        CareRoleFactory(patient=role.patient, user=role.user, relation=Relation.CARER)
    with pytest.raises(IntegrityError), transaction.atomic():
        CareRoleFactory(patient=role.patient, relation=Relation.SELF)
    CareRoleFactory(patient=role.patient, relation=Relation.GUARDIAN)
    CareRoleFactory(patient=role.patient, relation=Relation.GUARDIAN)


def test_the_clock_of_a_patient_is_their_own_over_the_clinics() -> None:
    clinic = ClinicFactory(timezone="Africa/Windhoek", slot_times={"morning": "07:00", "evening": "19:00"})
    assert PatientFactory(clinic=clinic).zone == "Africa/Windhoek"
    away = PatientFactory(clinic=clinic, timezone="Europe/London", slot_times={"evening": "21:30"})
    assert away.zone == "Europe/London"
    assert away.slots == {"morning": "07:00", "evening": "21:30"}


@pytest.mark.parametrize(
    ("slot_times", "said"),
    [
        ({"breakfast": "07:00"}, "breakfast"),
        ({"morning": "7:00"}, "must be written like 07:30"),
        ({"morning": "24:00"}, "must be written like 07:30"),
        ({"morning": 7}, "must be written like 07:30"),
        (["07:00"], "by name"),
    ],
)
def test_an_impossible_time_of_day_is_refused(slot_times: object, said: str) -> None:
    for row in (ClinicFactory.build(slot_times=slot_times), PatientFactory.build(slot_times=slot_times)):
        with pytest.raises(ValidationError) as refused:
            row.clean_fields(exclude={"clinic"})
        assert said in " ".join(refused.value.message_dict["slot_times"])


def test_an_unknown_time_zone_is_refused() -> None:
    with pytest.raises(ValidationError, match="Mars/Olympus"):
        ClinicFactory.build(timezone="Mars/Olympus").clean_fields()
