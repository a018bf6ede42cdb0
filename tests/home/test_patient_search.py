"""Patients are found by part of a name, by the end of a number, and by the numbers of who cares for them."""

import base64
import hashlib
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from home.models import CareRole, Patient, Relation, SearchKey, User
from home.names import searchable
from home.patient_search import patients_found
from home.search_keys import keys_write, keys_write_all
from notifications.encryption.rotation import rotate
from tests.factories import CareRoleFactory, PatientFactory, UserFactory
from tests.home.conftest import Cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def fatima(cast: Cast) -> Patient:
    patient: Patient = PatientFactory(
        clinic=cast.clinic,
        first_name="Fatima",
        last_name="Jacobs",
        phone="+27725550163",
        folder_number="WYN-00417",
        id_number="8001015009087",
    )
    return patient


def found(cast: Cast, q: str, user: User | None = None) -> list[str]:
    return [each.first_name for each in patients_found(user or cast.nurse, q).order_by("first_name")]


@pytest.mark.parametrize(
    "q",
    [
        *("fatima", "FATIMA", "ati", "jacobs fatima", "Fatima Jacobs", " fat  jac ", "fátíma"),
        *(
            "0725550163",
            "072 555 0163",
            "072-555-0163",
            "+27725550163",
            "+27 72 555 0163",
            "+27(0)72 555 0163",
        ),
        *(
            "27725550163",
            "0027725550163",
            "0163",
            "5550163",
            "\u202a+27 72 555 0163\u202c",
            "072\u00a0555\u00a00163",
            "072\u2013555\u20110163",
        ),
        *("WYN-00417", "wyn00417", "wyn 00417", "00417", "417", "0417"),
        *("8001015009087", "800101 5009 087"),
        *("Fatima 0163", "0163 jac", "jacobs 417"),
    ],
)
def test_she_is_found(cast: Cast, fatima: Patient, q: str) -> None:
    assert found(cast, q) == ["Fatima"]


@pytest.mark.parametrize(
    "q",
    [
        "Fatim0",
        "163",
        "17",
        "0164",
        "0725550164",
        "WYN",
        "5009087",
        "Jacobson",
        "Pieter 0163",
        "%",
        "_",
        "fatima%",
    ],
)
def test_she_is_not_found(cast: Cast, fatima: Patient, q: str) -> None:
    assert "Fatima" not in found(cast, q)


@pytest.mark.parametrize(
    ("first", "last", "q"),
    [
        ("Siobhan", "O'Brien", "obrien"),
        ("Siobhan", "O’Brien", "o'brien"),
        ("Lwazi", "van der Merwe", "vandermerwe"),
        ("Lwazi", "van der Merwe", "merwe lwazi"),
        ("Elsabé", "Müller-Smit", "elsabe muller smit"),
        ("Madonna", "", "madonna"),
        ("محمد", "علي", "محمد"),
    ],
)
def test_names_are_found_as_people_write_them(cast: Cast, first: str, last: str, q: str) -> None:
    PatientFactory(clinic=cast.clinic, first_name=first, last_name=last)
    assert found(cast, q) == [first]


def test_the_number_of_who_cares_for_somebody_finds_them(cast: Cast) -> None:
    CareRoleFactory(
        patient=cast.pieter, user=UserFactory(email=None, phone="+27835550117"), relation=Relation.GUARDIAN
    )
    assert found(cast, "0117") == ["Pieter"]
    CareRole.objects.filter(patient=cast.pieter).delete()
    assert found(cast, "0117") == []


def test_no_other_clinics_patient_is_found(cast: Cast, fatima: Patient) -> None:
    assert found(cast, "0163", cast.other_nurse) == []
    assert found(cast, "fatima", cast.anna) == []
    assert found(cast, "fatima", cast.head_office) == ["Fatima"]


def test_a_number_that_changed_finds_nobody_any_more(cast: Cast, fatima: Patient) -> None:
    fatima.phone, fatima.folder_number = "+27835550117", None
    fatima.save()
    assert (found(cast, "0163"), found(cast, "417"), found(cast, "0117")) == ([], [], ["Fatima"])
    Patient.objects.filter(pk=fatima.pk).get().save(update_fields=["sex"])
    assert found(cast, "0117") == ["Fatima"]


def test_names_follow_however_they_are_saved(cast: Cast, fatima: Patient) -> None:
    fatima.last_name = "Adams"
    fatima.save(update_fields=["last_name"])
    assert found(cast, "adams") == ["Fatima"]
    made = Patient.objects.bulk_create([Patient(clinic=cast.clinic, first_name="Sipho", last_name="Nkosi")])
    assert (made[0].name_searched, found(cast, "nkos")) == (searchable("Sipho", "Nkosi"), ["Sipho"])


def test_the_keys_of_a_batch_are_written_with_two_statements(cast: Cast) -> None:
    made = Patient.objects.bulk_create(
        Patient(clinic=cast.clinic, first_name=f"Nr {at}", last_name="Z", phone=f"+2772555{at:04d}")
        for at in range(40)
    )
    with CaptureQueriesContext(connection) as queries:
        keys_write(made)
    assert len([each for each in queries if "search" in each["sql"].lower()]) <= 4
    assert found(cast, "0039") == ["Nr 39"]


def test_what_is_written_twice_stays_the_same(cast: Cast, fatima: Patient) -> None:
    before = set(SearchKey.objects.values_list("patient", "digest"))
    keys_write_all()
    keys_write([fatima, fatima])
    assert set(SearchKey.objects.values_list("patient", "digest")) == before


def test_another_key_of_the_site_still_finds_everybody(cast: Cast, fatima: Patient, settings: Any) -> None:
    """As after a restore on a site with another SECRET_KEY, which has the former one among its keys."""
    CareRoleFactory(patient=cast.pieter, user=UserFactory(email=None, phone="+27835550117"))
    poisoned = PatientFactory(clinic=cast.clinic, first_name="Sipho", phone="+27725550199")
    settings.FIELD_ENCRYPTION_KEYS = [*settings.FIELD_ENCRYPTION_KEYS, _fallback(settings.SECRET_KEY)]
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE home_patient SET phone = %s WHERE id = %s",
            ["idx1:00000000:aaaaaaaaaaaaaaaaaaaaaa|enc1:00000000:AAAA", poisoned.pk],
        )
    settings.SECRET_KEY = "another one"
    assert found(cast, "0163") == []
    rotate()
    assert (found(cast, "0163"), found(cast, "417"), found(cast, "0117")) == (
        ["Fatima"],
        ["Fatima"],
        ["Pieter"],
    )


def _fallback(secret_key: str) -> str:
    digest = hashlib.sha256(b"medguard.mfa" + secret_key.encode()).digest()
    return base64.urlsafe_b64encode(digest).decode()


@pytest.mark.parametrize(
    "q", ["", " ", "x" * 5000, "1" * 5000, "\x00", "' OR 1=1 --", "🙂", "- - -", "+" * 90]
)
def test_whatever_is_typed_is_answered(client: Client, cast: Cast, fatima: Patient, q: str) -> None:
    client.force_login(cast.nurse)
    for path in ("/admin/patients/", "/admin/patients/results/", "/admin/patient_chooser/results/"):
        assert client.get(path, {"q": q}).status_code == 200


def test_the_list_and_the_chooser_find_by_the_last_digits(
    client: Client, cast: Cast, fatima: Patient
) -> None:
    client.force_login(cast.nurse)
    for path in ("/admin/patients/", "/admin/patient_chooser/results/"):
        page = client.get(path, {"q": "0163"}).content.decode()
        assert "Jacobs" in page
        assert "Botha" not in page


def test_a_number_is_looked_up_by_an_index(cast: Cast, fatima: Patient) -> None:
    # Of a few rows or patients, one index is as good as another to the database.
    others = Patient.objects.bulk_create(PatientFactory.build_batch(300, clinic=cast.clinic))
    SearchKey.objects.bulk_create(
        [SearchKey(patient=each, digest=f"other {number}") for each in others for number in range(10)]
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE home_searchkey")
    assert "search_key_digest" in patients_found(cast.nurse, "0163").explain()
