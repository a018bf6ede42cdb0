"""Whom a message and a page speak of: two patients who look alike are told apart, and a name stays in its own order."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import translation

from home.models import Patient, Relation, User
from medications import formats
from medications.formats import PatientValue, SupplyValue
from notifications import bus, registry
from notifications.models import Notification
from notifications.pipeline.fan_out import fan_out
from notifications.texts.formats import isolated
from notifications.types import Publication
from tests.factories import CareRoleFactory, PatientFactory, UserFactory
from tests.medications.factories import (
    NOW,
    DoseFactory,
    PrescriptionFactory,
    StockBatchFactory,
    VaccinationRecordFactory,
)

pytestmark = pytest.mark.django_db
YUSUF = "يوسف"
YUSUF_ISOLATED = f"\u2068{YUSUF}\u2069"


@pytest.fixture(autouse=True)
def _now() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def twins() -> tuple[User, Sequence[Patient]]:
    """Anna cares for two called Pieter Botha and for Sipho; somebody else cares for the first as well."""
    anna = UserFactory(first_name="Anna")
    first = PatientFactory(date_of_birth=date(1950, 3, 14))
    second = PatientFactory(first_name="PIÉTER", date_of_birth=date(2020, 5, 1), clinic=first.clinic)
    sipho = PatientFactory(first_name="Sipho", clinic=first.clinic)
    for patient in (first, second, sipho):
        CareRoleFactory(patient=patient, user=anna, relation=Relation.CARER)
    CareRoleFactory(patient=first, relation=Relation.CARER)
    return anna, (first, second, sipho)


def told(event_type: str, payload: dict[str, Any]) -> dict[int, Any]:
    found = registry.get(event_type).recipients([Publication(1, payload)], NOW)
    return {each.user_id: each.params for each in found}


def test_a_dose_reminder_says_which_of_two_patients_with_one_name_is_meant(twins: Any) -> None:
    anna, (first, second, sipho) = twins
    born = {}
    for patient in (first, second, sipho):
        dose = DoseFactory(prescription=PrescriptionFactory(patient=patient), due_at=NOW)
        params = told("medication.dose_due", {"dose_ids": [dose.pk]})
        born[patient.pk] = params.pop(anna.pk)["whose"].born
        # Who cares for one of them alone needs no more than the name.
        assert all(other["whose"].born is None for other in params.values())
    assert born == {first.pk: date(1950, 3, 14), second.pk: date(2020, 5, 1), sipho.pk: None}


def test_so_do_messages_about_stock_prescriptions_and_vaccinations(twins: Any) -> None:
    anna, (first, _second, _sipho) = twins
    prescription = PrescriptionFactory(patient=first)
    batch = StockBatchFactory(prescription=prescription)
    low = told("medication.low_stock", {"stock_batch_id": batch.pk, "days_left": 3})[anna.pk]
    new = told("medication.prescribed", {"prescription_id": prescription.pk})[anna.pk]
    record = VaccinationRecordFactory(patient=first, next_due_date=date(2026, 12, 1))
    due = {"vaccination_record_id": record.pk, "due_on": "2026-12-01"}
    vaccination = told("vaccination.due", due)[anna.pk]
    assert {each.born for each in (low["supply"], new["for_whom"], vaccination["for_whom"])} == {
        date(1950, 3, 14)
    }


def test_one_who_died_is_not_to_be_confused_with(twins: Any) -> None:
    anna, (first, second, _sipho) = twins
    Patient.objects.filter(pk=second.pk).update(deceased_on=date(2026, 1, 1))
    dose = DoseFactory(prescription=PrescriptionFactory(patient=first), due_at=NOW)
    assert told("medication.dose_due", {"dose_ids": [dose.pk]})[anna.pk]["whose"].born is None


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "en",
            (
                "Pieter Botha (born 14 March 1950)'s",
                "Pieter Botha (born 14 March 1950)",
                "Pieter Botha (born 14 March 1950)'s supply",
                f"{YUSUF_ISOLATED}'s",
            ),
        ),
        (
            "af",
            (
                "Pieter Botha (gebore 14 Maart 1950) se",
                "Pieter Botha (gebore 14 Maart 1950)",
                "Pieter Botha (gebore 14 Maart 1950) se voorraad",
                f"{YUSUF_ISOLATED} se",
            ),
        ),
    ],
)
def test_the_birth_date_and_the_order_of_a_name_are_written_in_both_languages(
    language: str, words: tuple[str, ...]
) -> None:
    pieter = PatientValue("Pieter Botha", date(1950, 3, 14))
    with translation.override(language):
        assert words == (
            formats.whose(pieter),
            formats.for_whom(pieter),
            formats.supply(SupplyValue("patient", *pieter)),
            formats.whose(YUSUF),
        )


@pytest.mark.parametrize(
    ("name", "marked"),
    [("Pieter", False), ("Renée", False), ("王", False), ("", False), (YUSUF, True), ("דוד Levi", True)],
)
def test_only_a_name_from_right_to_left_is_isolated_so_that_others_stay_in_the_alphabet_of_sms(
    name: str, marked: bool
) -> None:
    assert isolated(name) == (f"\u2068{name}\u2069" if marked else name)


def test_marks_in_a_name_do_not_end_ours() -> None:
    assert isolated(f"{YUSUF}\u2069\u202e") == YUSUF_ISOLATED
    assert isolated("Pieter\u202e") == "Pieter"


def test_a_subject_has_the_name_in_its_own_order(twins: Any) -> None:
    _anna, (first, _second, _sipho) = twins
    Patient.objects.filter(pk=first.pk).update(first_name=YUSUF, last_name=YUSUF)
    dose = DoseFactory(prescription=PrescriptionFactory(patient=first), due_at=NOW)
    bus.publish("medication.dose_due", {"dose_ids": [dose.pk]}, dedupe_key="1", now=NOW)
    fan_out(now=NOW)
    name = f"\u2068{YUSUF} {YUSUF}\u2069"
    titles = set(Notification.objects.values_list("title", flat=True))
    assert titles == {f"08:00: time for {name}'s medicine"}


def test_the_chips_tell_two_children_of_one_name_apart(client: Client, twins: Any) -> None:
    anna, _patients = twins
    client.force_login(anna)
    page = client.get("/en/today/").content.decode()
    assert "<bdi>Pieter Botha (born 14 March 1950)</bdi>" in page
    assert "<bdi>PIÉTER Botha (born 1 May 2020)</bdi>, 6 years" in page
    assert "<bdi>Sipho</bdi>" in page


def test_a_name_from_right_to_left_stands_before_its_age(client: Client) -> None:
    born = date(NOW.year - 4, 1, 1)
    child = PatientFactory(first_name=YUSUF, last_name="Al-Amin", date_of_birth=born)
    anna = CareRoleFactory(patient=child, relation=Relation.GUARDIAN).user
    client.force_login(anna)
    page = client.get("/en/today/").content.decode()
    assert f"<bdi>{YUSUF_ISOLATED}</bdi>, 4 years" in page


def test_a_medicines_page_says_for_which_of_the_two_it_is(client: Client, twins: Any) -> None:
    anna, (first, _second, _sipho) = twins
    client.force_login(anna)
    prescription = PrescriptionFactory(patient=first)
    page = client.get(f"/en/medicines/{prescription.pk}/").content.decode()
    assert "For <bdi>Pieter Botha (born 14 March 1950)</bdi>" in page
