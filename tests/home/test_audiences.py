"""By what the patients of an announcement are chosen here: age, language, a list."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db.models import Q

from home.audiences import born_for
from home.models import Clinic, Patient, Relation
from notifications import audiences
from notifications.exceptions import MessageError
from tests.factories import CareRoleFactory, ClinicFactory, PatientFactory
from tests.notifications.factories import NotificationPreferencesFactory

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
EVERYBODY = ["patients", "carers", "staff", "managers"]


def told(
    clinic: Clinic | None, chosen: Mapping[str, Sequence[str]], names: Sequence[str] = EVERYBODY
) -> set[int]:
    within: dict[str, Any] = {"clinic": clinic.pk} if clinic else {}
    return audiences.user_ids(names, within, chosen, now=NOW)


def patient(clinic: Clinic, **fields: Any) -> int:
    """The account of a new one."""
    return CareRoleFactory(patient=PatientFactory(clinic=clinic, **fields)).user_id


@pytest.mark.parametrize(
    ("born", "age"),
    [
        (date(2026, 11, 24), "0-4"),
        (date(2021, 11, 25), "0-4"),
        (date(2021, 11, 24), "5-11"),
        (date(2008, 11, 25), "12-17"),
        (date(2008, 11, 24), "18-39"),
        (date(1966, 11, 25), "40-59"),
        (date(1966, 11, 24), "60+"),
    ],
)
def test_an_age_is_that_of_today(born: date, age: str) -> None:
    clinic = ClinicFactory()
    user_id = patient(clinic, date_of_birth=born)
    patient(clinic, date_of_birth=None)
    assert told(clinic, {"age": [age]}) == {user_id}


@pytest.mark.parametrize(("today", "of_age"), [(date(2026, 2, 28), False), (date(2026, 3, 1), True)])
def test_who_was_born_on_a_leap_day_is_older_in_march(today: date, of_age: bool) -> None:
    one = PatientFactory(date_of_birth=date(2008, 2, 29))
    found = Patient.objects.filter(Q(pk=one.pk) & born_for(["18-39"], today))
    assert found.exists() is of_age


def test_two_filters_hold_for_the_same_patient() -> None:
    clinic = ClinicFactory()
    child = PatientFactory(clinic=clinic, date_of_birth=date(2024, 1, 1))
    father = PatientFactory(clinic=clinic, date_of_birth=date(1950, 1, 1))
    guardian = CareRoleFactory(patient=child, relation=Relation.GUARDIAN).user
    CareRoleFactory(patient=father, user=guardian, relation=Relation.CARER)
    assert told(clinic, {"age": ["0-4"], "list": [str(father.pk)]}) == set()
    assert told(clinic, {"age": ["0-4"], "list": [str(child.pk)]}) == {guardian.pk}


def test_a_language_is_that_in_which_somebody_reads_messages() -> None:
    clinic = ClinicFactory()
    english, afrikaans = patient(clinic), patient(clinic)
    NotificationPreferencesFactory(user_id=afrikaans, language="af")
    assert told(clinic, {"language": ["af"]}) == {afrikaans}
    assert told(clinic, {"language": ["en"]}) == {english}
    assert told(clinic, {"language": ["en", "af"]}) == {english, afrikaans}


def test_no_filter_reaches_beyond_the_clinic() -> None:
    here, there = ClinicFactory(), ClinicFactory()
    other = PatientFactory(clinic=there, date_of_birth=date(1950, 1, 1))
    CareRoleFactory(patient=other)
    assert told(here, {"list": [str(other.pk)]}) == told(here, {"age": ["60+"]}) == set()


def test_whoever_died_or_moved_is_in_no_list() -> None:
    clinic = ClinicFactory()
    dead = PatientFactory(clinic=clinic, deceased_on=date(2026, 1, 1))
    CareRoleFactory(patient=dead)
    assert told(clinic, {"list": [str(dead.pk)]}) == set()


def test_a_filter_that_there_isnt_tells_nobody() -> None:
    with pytest.raises(MessageError, match="star_sign"):
        told(ClinicFactory(), {"star_sign": ["leo"]})


def test_a_list_finds_people_by_folder_and_by_any_of_their_phones() -> None:
    here, there = ClinicFactory(), ClinicFactory()
    by_folder = PatientFactory(clinic=here, folder_number="WYN-00417")
    by_phone = PatientFactory(clinic=here, phone="+27821234567")
    of_carer = CareRoleFactory(patient=PatientFactory(clinic=here), user__phone="+27825550199").patient
    PatientFactory(clinic=there, folder_number="X1")
    lines = ["wyn 00417", "082 123 4567", "821234567", "+27 82 555 0199", "X1", "Folder"]
    listed = audiences.read_list(lines, {"clinic": here.pk})
    assert listed.subject_ids == {by_folder.pk, by_phone.pk, of_carer.pk}
    assert listed.unknown == ("X1", "Folder")


def test_a_folder_number_that_two_clinics_gave_means_nobody() -> None:
    for _ in range(2):
        PatientFactory(clinic=ClinicFactory(), folder_number="17")
    assert audiences.read_list(["17"], {}).unknown == ("17",)
