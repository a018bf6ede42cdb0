"""The treatment as files: a table that no spreadsheet runs, and a Bundle that FHIR's own models accept."""

import csv
import json
from datetime import date, timedelta
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from fhir.resources.R4B.bundle import Bundle
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from home.models import Patient
from medications.models import Dose, Medicine, Prescription
from medications.presentation.treatment_csv import treatment_csv
from medications.presentation.treatment_fhir import bundle, treatment_fhir
from medications.rules.adherence import Outcome
from medications.selectors.treatment import Treatment, TreatmentDose, treatment_of
from medications.services.stock import stock_receive, stock_take
from tests.factories import PatientFactory, UserFactory
from tests.medications.factories import (
    NOW,
    TODAY,
    DoseFactory,
    DoseScheduleFactory,
    MedicineFactory,
    PrescriptionFactory,
    VaccinationRecordFactory,
    times,
)

pytestmark = pytest.mark.django_db

State = Dose.State
DAILY = {"times": ["morning", "20:00"], "quantity": "1"}
FROM = {"start_date": "2026-11-01"}


@pytest.fixture
def patient() -> Patient:
    return PatientFactory(first_name="Lwazi", last_name="Nkosi", date_of_birth=date(2020, 5, 2))


def prescribe(patient: Patient, *rules: Any, **fields: Any) -> Prescription:
    prescription = PrescriptionFactory(patient=patient, **fields)
    for rule in rules:
        DoseScheduleFactory(prescription=prescription, rule=rule)
    return prescription


def table(patient: Patient, language: str = "en") -> list[dict[str, str]]:
    with translation.override(language):
        text = treatment_csv(treatment_of(patient, now=NOW))
    heading, *rows = csv.reader(StringIO(text.removeprefix("\ufeff")))
    return [dict(zip(heading, row, strict=True)) for row in rows]


def read(patient: Patient, language: str = "en") -> tuple[Any, dict[str, list[dict[str, Any]]]]:
    """The Bundle as FHIR's models read it from the file's text, and its resources as they are written, by type."""
    with translation.override(language):
        text = treatment_fhir(treatment_of(patient, now=NOW))
    by_type: dict[str, list[dict[str, Any]]] = {}
    for entry in json.loads(text)["entry"]:
        by_type.setdefault(entry["resource"]["resourceType"], []).append(entry["resource"])
    return Bundle.model_validate_json(text), by_type


def dosage(patient: Patient, rule: Any, **fields: Any) -> list[dict[str, Any]]:
    prescribe(patient, rule, **fields)
    found: list[dict[str, Any]] = read(patient)[1]["MedicationRequest"][0]["dosageInstruction"]
    return found


def everything(patient: Patient) -> Prescription:
    """One of each that a file can hold."""
    prescription = prescribe(patient, times("08:00", quantity="0.5"), prescriber=UserFactory())
    schedule = prescription.schedules.get()
    for number, state in enumerate((State.TAKEN, State.SKIPPED, State.MISSED, State.UNANSWERED)):
        DoseFactory(
            schedule=schedule,
            due_at=NOW - timedelta(days=number),
            state=state,
            quantity=Decimal("0.5"),
            answered_at=NOW - timedelta(days=number, minutes=-5),
            skip_reason="felt sick" if state == State.SKIPPED else "",
        )
    DoseFactory(schedule=schedule, due_at=NOW + timedelta(days=1))
    batch = stock_receive(
        medicine=prescription.medicine,
        prescription=prescription,
        quantity=Decimal(28),
        expiry_date=date(2027, 6, 30),
        batch_number="B7",
        now=NOW,
    )
    stock_take(
        prescription_id=prescription.pk,
        quantity=Decimal("0.5"),
        day=TODAY,
        dose=schedule.doses.get(state=State.TAKEN),
        user=None,
        now=NOW,
    )
    batch.refresh_from_db()
    assert batch.quantity == Decimal("27.5")
    VaccinationRecordFactory(patient=patient, date_given=date(2020, 5, 2), dose_number=0, batch_number="L1")
    VaccinationRecordFactory(patient=patient, next_due_date=TODAY + timedelta(days=9), dose_number=2)
    VaccinationRecordFactory(patient=patient, dose_number=3)
    return prescription


def test_the_table_has_a_line_for_each_thing_on_record(patient: Patient) -> None:
    everything(patient)
    rows = table(patient)
    assert [row["What"] for row in rows] == ["prescription", *["dose"] * 4, "collected", "vaccination"]
    assert rows[0]["Note"] == "0.5 tablet at 08:00, with food"
    assert [row["State"] for row in rows[1:5]] == ["unanswered", "missed", "skipped", "taken"]
    assert rows[3] == {
        "What": "dose",
        "Date": "2026-11-23",
        "Time": "08:00",
        "Name": "Metformin",
        "Strength": "500 mg",
        "Planned": "0.5",
        "Taken": "0",
        "Unit": "tablet",
        "State": "skipped",
        "Until": "",
        "Note": "felt sick",
    }
    assert (rows[5]["Taken"], rows[5]["Note"]) == ("28", "B7")
    assert (rows[6]["Date"], rows[6]["Note"]) == ("2020-05-02", "dose 0 L1")


def test_the_table_is_in_afrikaans_with_numbers_that_programs_read(patient: Patient) -> None:
    everything(patient)
    rows = table(patient, "af")
    assert rows[1]["Naam"] == "Metformien"
    assert rows[1]["Beplan"] == "0.5"
    assert rows[4]["Status"] == "geneem"


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\t", "\r"])
def test_nothing_that_people_wrote_is_run(patient: Patient, first: str) -> None:
    evil = f"{first}cmd|' /C calc'!A0"
    medicine = MedicineFactory(name_en=evil, name_af=evil, strength=evil)
    schedule = DoseScheduleFactory(
        prescription=PrescriptionFactory(patient=patient, medicine=medicine, instructions_en=evil)
    )
    DoseFactory(schedule=schedule, state=State.SKIPPED, skip_reason=evil)
    VaccinationRecordFactory(patient=patient, vaccine__name_en=evil, date_given=TODAY, batch_number=evil)
    cells = [cell for row in table(patient) for cell in row.values()]
    assert f"'{evil}" in cells
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]


def test_the_bundle_is_valid_and_has_each_resource(patient: Patient) -> None:
    everything(patient)
    found, by_type = read(patient)
    assert found.type == "collection"
    assert {kind: len(resources) for kind, resources in by_type.items()} == {
        "Patient": 1,
        "MedicationRequest": 1,
        "MedicationAdministration": 4,
        "MedicationDispense": 1,
        "Immunization": 1,
    }
    assert by_type["Patient"][0]["birthDate"] == "2020-05-02"
    assert by_type["MedicationRequest"][0]["status"] == "active"


def test_what_became_of_a_dose_is_said_in_fhirs_words(patient: Patient) -> None:
    everything(patient)
    doses = read(patient)[1]["MedicationAdministration"]
    assert [each["status"] for each in doses] == ["unknown", "not-done", "not-done", "completed"]
    assert [each.get("statusReason") for each in doses] == [
        None,
        [{"text": "missed"}],
        [{"text": "felt sick"}],
        None,
    ]
    assert doses[3]["dosage"]["dose"]["value"] == 0.5
    assert "dosage" not in doses[1]
    assert doses[3]["effectiveDateTime"] == "2026-11-24T08:05:00+02:00"


def test_a_part_of_a_dose_is_what_was_taken(patient: Patient) -> None:
    prescription = prescribe(patient, times("08:00"))
    half = TreatmentDose(
        pk=1,
        prescription=prescription,
        due_at=NOW,
        outcome=Outcome.PART,
        planned=Decimal(1),
        taken=Decimal("0.5"),
        taken_at=NOW,
        skip_code="",
        skip_reason="",
        kind="planned",
    )
    treatment = Treatment(
        patient=patient,
        made_at=NOW,
        prescriptions=[prescription],
        doses=[half],
        collected=[],
        vaccinations=[],
        not_counted=frozenset(),
    )
    found = Bundle.model_validate(bundle(treatment)).entry[2].resource
    assert (found.status, found.dosage.dose.value) == ("completed", Decimal("0.5"))
    [_heading, _prescription, row] = csv.reader(StringIO(treatment_csv(treatment)))
    assert row[5:9] == ["1", "0.5", "tablet", "taken in part"]


def test_what_came_too_early_to_count_is_said_so(patient: Patient) -> None:
    VaccinationRecordFactory(
        patient=patient, vaccine__code="hexavalent", dose_number=1, date_given=patient.date_of_birth
    )
    assert [row["State"] for row in table(patient)] == ["too early: doesn’t count"]
    assert read(patient)[1]["Immunization"][0]["isSubpotent"] is True


def test_a_dose_at_birth_is_said_as_it_is_and_what_nobody_gave_is_not_there(patient: Patient) -> None:
    everything(patient)
    found = {each["occurrenceDateTime"]: each["protocolApplied"] for each in read(patient)[1]["Immunization"]}
    assert found == {"2020-05-02": [{"doseNumberString": "0"}]}


def test_references_are_to_what_is_in_the_bundle_and_stay_the_same(patient: Patient) -> None:
    everything(patient)
    text = treatment_fhir(treatment_of(patient, now=NOW))
    entries = json.loads(text)["entry"]
    urls = [entry["fullUrl"] for entry in entries]
    assert len(urls) == len(set(urls))
    for entry in entries:
        for key in ("subject", "patient", "request"):
            if key in entry["resource"]:
                assert entry["resource"][key]["reference"] in urls
    again = json.loads(treatment_fhir(treatment_of(patient, now=NOW + timedelta(hours=1))))
    assert [entry["fullUrl"] for entry in again["entry"]] == urls


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({}, "active"),
        ({"end_date": TODAY}, "active"),
        ({"end_date": TODAY - timedelta(days=1)}, "completed"),
        ({"ended_at": NOW}, "stopped"),
    ],
)
def test_the_state_of_a_prescription(patient: Patient, fields: dict[str, Any], status: str) -> None:
    prescribe(patient, times("08:00"), **fields)
    assert read(patient)[1]["MedicationRequest"][0]["status"] == status


BOUNDS = {"boundsPeriod": {"start": "2026-11-01"}}
TWICE = {"frequency": 2, "periodUnit": "d", "timeOfDay": ["06:30:00", "20:00:00"]}


@pytest.mark.parametrize(
    ("rule", "repeat"),
    [
        (times("morning", "20:00"), {**BOUNDS, **TWICE, "period": 1}),
        (
            times("morning", "20:00", weekdays=[4, 0]),
            {**BOUNDS, **TWICE, "period": 1, "dayOfWeek": ["mon", "fri"]},
        ),
        ({"kind": "every_n_days", "n": 3, **DAILY, **FROM}, {**BOUNDS, **TWICE, "period": 3}),
        (
            {"kind": "interval", "hours": 8, "quantity": "1", "first": "2026-11-02T08:00:00+02:00"},
            {
                "boundsPeriod": {"start": "2026-11-02T06:00:00+00:00"},
                "frequency": 1,
                "period": 8,
                "periodUnit": "h",
            },
        ),
        (
            {"kind": "as_needed", "min_hours": 1.5, "max_per_day": 4, "quantity": "2"},
            {**BOUNDS, "frequency": 1, "period": 1.5, "periodUnit": "h"},
        ),
    ],
)
def test_timing_says_what_the_plan_says(patient: Patient, rule: Any, repeat: dict[str, Any]) -> None:
    patient.slot_times = {"morning": "06:30"}
    patient.save()
    [found] = dosage(patient, rule)
    assert found["timing"]["repeat"] == repeat
    assert found["text"]


def test_as_needed_has_its_daily_maximum(patient: Patient) -> None:
    [found] = dosage(patient, {"kind": "as_needed", "min_hours": 6, "max_per_day": 4, "quantity": "2"})
    assert found["asNeededBoolean"] is True
    assert found["maxDosePerPeriod"]["numerator"]["value"] == 8
    assert found["maxDosePerPeriod"]["denominator"]["value"] == 24


def test_a_taper_is_a_dosage_for_each_step(patient: Patient) -> None:
    steps = [{"quantity": "2", "days": 5}, {"quantity": "1", "days": 5}, {"quantity": "0.5", "days": 5}]
    found = dosage(
        patient, {"kind": "taper", "steps": steps, "times": ["08:00"], **FROM}, end_date=date(2026, 11, 12)
    )
    assert [
        (
            each["sequence"],
            each["doseAndRate"][0]["doseQuantity"]["value"],
            *each["timing"]["repeat"]["boundsPeriod"].values(),
        )
        for each in found
    ] == [
        (1, 2, "2026-11-01", "2026-11-05"),
        (2, 1, "2026-11-06", "2026-11-10"),
        (3, 0.5, "2026-11-11", "2026-11-12"),
    ]


def test_a_cycle_is_told_by_its_next_doses(patient: Patient) -> None:
    [found] = dosage(
        patient, {"kind": "cycle", "on": 2, "off": 5, "times": ["08:00"], "quantity": "1", **FROM}
    )
    assert "repeat" not in found["timing"]
    assert found["timing"]["event"][:3] == [
        "2026-11-29T06:00:00+00:00",
        "2026-11-30T06:00:00+00:00",
        "2026-12-06T06:00:00+00:00",
    ]
    assert "2 days" in found["timing"]["code"]["text"]


def test_a_rule_that_nobody_can_read_takes_nothing_with_it(patient: Patient) -> None:
    prescription = prescribe(patient, times("08:00"), times("20:00"))
    prescription.schedules.filter(pk=prescription.schedules.first().pk).update(rule={"kind": "what"})
    prescribe(patient, times("09:00"))
    first, second = read(patient)[1]["MedicationRequest"]
    assert [bool(each.get("timing")) for each in first["dosageInstruction"]] == [False, True]
    assert first["dosageInstruction"][0]["text"] == "as your clinic told you"
    assert len(second["dosageInstruction"]) == 1
    assert len(table(patient)) == 2


@pytest.mark.parametrize("form", Medicine.Form.values)
@pytest.mark.parametrize("language", ["en", "af"])
def test_every_form_has_its_unit(patient: Patient, form: str, language: str) -> None:
    prescribe(patient, times("08:00"), medicine=MedicineFactory(form=form))
    found, by_type = read(patient, language)
    assert found.language == language
    quantity = by_type["MedicationRequest"][0]["dosageInstruction"][0]["doseAndRate"][0]["doseQuantity"]
    assert quantity["code"] == ("mL" if form == "ml" else f"{{{form}}}")


def test_a_patient_with_the_least_on_record_is_valid_too(patient: Patient) -> None:
    patient.date_of_birth = None
    patient.save()
    _bundle, by_type = read(patient)
    assert list(by_type) == ["Patient"]
    assert "birthDate" not in by_type["Patient"][0]
    assert table(patient) == []


def test_nothing_of_others_is_in_it(patient: Patient) -> None:
    everything(PatientFactory())
    assert table(patient) == []
    assert list(read(patient)[1]) == ["Patient"]


def test_it_takes_as_many_queries_however_much_there_is(patient: Patient) -> None:
    counts = []
    for _ in range(2):
        everything(patient)
        with CaptureQueriesContext(connection) as queries:
            treatment = treatment_of(patient, now=NOW)
            treatment_csv(treatment), treatment_fhir(treatment)
        counts.append(len(queries))
    assert counts == [6, 6]


TIMES = st.lists(st.sampled_from(["morning", "bedtime", "06:15", "13:00"]), min_size=1, unique=True)
QUANTITIES = st.sampled_from(["0.5", "1", "2.25"])
DAYS = st.integers(1, 40)
RULES = st.one_of(
    st.builds(lambda at, quantity: times(*at, quantity=quantity), TIMES, QUANTITIES),
    st.builds(
        lambda at, quantity, days: times(*at, quantity=quantity, weekdays=sorted(days)),
        TIMES,
        QUANTITIES,
        st.sets(st.integers(0, 6), min_size=1),
    ),
    st.builds(
        lambda at, n: {"kind": "every_n_days", "n": n, "times": at, "quantity": "1", **FROM}, TIMES, DAYS
    ),
    st.builds(
        lambda at, on, off: {"kind": "cycle", "on": on, "off": off, "times": at, "quantity": "1", **FROM},
        TIMES,
        DAYS,
        DAYS,
    ),
    st.builds(
        lambda at, steps: {
            "kind": "taper",
            "times": at,
            "steps": [{"quantity": quantity, "days": days} for quantity, days in steps],
            **FROM,
        },
        TIMES,
        st.lists(st.tuples(QUANTITIES, DAYS), min_size=1, max_size=4),
    ),
    st.builds(
        lambda hours, quantity: {
            "kind": "interval",
            "hours": hours,
            "quantity": quantity,
            "first": "2026-11-01T08:00:00+02:00",
        },
        st.sampled_from([4, 6, 7.5, 12, 36]),
        QUANTITIES,
    ),
    st.builds(
        lambda hours, most: {"kind": "as_needed", "min_hours": hours, "max_per_day": most, "quantity": "1"},
        st.sampled_from([0.5, 4, 6]),
        st.integers(1, 6),
    ),
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(rules=st.lists(RULES, max_size=3), ends=st.none() | st.integers(0, 60))
def test_every_plan_gives_a_valid_bundle(patient: Patient, rules: list[Any], ends: int | None) -> None:
    Prescription.objects.all().delete()
    end_date = None if ends is None else date(2026, 11, 1) + timedelta(days=ends)
    prescribe(patient, *rules, end_date=end_date)
    found, by_type = read(patient)
    [request] = by_type["MedicationRequest"]
    assert len(found.entry) == 2
    numbers = [each["sequence"] for each in request.get("dosageInstruction", [])]
    assert numbers == list(range(1, len(numbers) + 1))
