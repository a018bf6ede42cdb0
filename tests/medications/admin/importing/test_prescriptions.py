"""What patients take already, from a file."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from wagtail.log_actions import log

from home.imports.acts import import_start, import_undo
from home.imports.importable import Reading, Row, importable
from home.imports.verdicts import made_by, said_of
from home.models import Import, Patient
from medications.audiences import _first_of_all
from medications.models import Dose, Medicine, Prescription
from medications.services.expansion import expand_doses
from medications.services.prescriptions import prescription_changed, prescription_end
from medications.services.prescriptions_from_files import prescription_bring_in
from medications.services.reminders import send_dose_reminders
from medications.services.stock_warnings import send_low_stock_warnings
from notifications.models import EventRecord
from tests.factories import PatientFactory
from tests.home.conftest import Cast
from tests.home.imports.conftest import NOW, work
from tests.home.imports.files import csv_file, xlsx_file
from tests.medications.factories import (
    DoseFactory,
    DoseScheduleFactory,
    MedicineFactory,
    StockBatchFactory,
    times,
)

pytestmark = pytest.mark.django_db

Made = Callable[..., Import]
HEADINGS = ("Folder", "Patient", "Medicine", "Dose", "Times", "Days", "Start", "End", "Instructions")
TWICE = (
    "HIL-1", "Lerato Mokoena", "metformin 500mg", "1", "08:00, 20:00", "daily", "12/03/2026", "", "with food",
)  # fmt: skip


@pytest.fixture(autouse=True)
def metformin() -> Medicine:
    medicine: Medicine = MedicineFactory()
    return medicine


@pytest.fixture(autouse=True)
def lerato(cast: Cast) -> Patient:
    patient: Patient = PatientFactory(
        clinic=cast.clinic, first_name="Lerato", last_name="Mokoena", folder_number="HIL-1"
    )
    return patient


def file(*rows: tuple[Any, ...], headings: tuple[str, ...] = HEADINGS) -> Any:
    return csv_file(rows, headings=headings, name="medicines.csv")


def states(run: Import) -> dict[int, str]:
    return dict(run.rows.values_list("number", "state"))


def with_cell(position: int, text: str) -> tuple[str, ...]:
    row = [*TWICE]
    row[position] = text
    return tuple(row)


def with_columns(**more: str) -> Any:
    return file((*TWICE, *more.values()), headings=(*HEADINGS, *more))


def test_it_is_prescribed_and_nothing_else_happens(done: Made, cast: Cast, lerato: Patient) -> None:
    run = done(file(TWICE), kind="prescriptions")
    prescription = Prescription.objects.get()
    assert (prescription.patient, prescription.medicine.name_en) == (lerato, "Metformin")
    assert (prescription.start_date, prescription.end_date) == (date(2026, 3, 12), None)
    assert prescription.schedules.get().rule == times("08:00", "20:00")
    assert (prescription.instructions_en, prescription.instructions_af) == ("with food", "saam met kos")
    assert (prescription.is_silent, prescription.prescriber, prescription.created_at) == (True, None, NOW)
    row = run.rows.get()
    assert (row.patient, row.sends) == (lerato, True)
    assert not Dose.objects.exists()
    assert not EventRecord.objects.exists()


def test_how_it_would_be_taken_is_said_before(tried: Made) -> None:
    run = tried(file(with_cell(3, "1/2"), with_cell(2, "")), kind="prescriptions")
    assert said_of(run.rows.get(number=2)).notes == [
        "“metformin 500mg” was read as Metformin 500 mg, tablet.",
        "Metformin 500 mg: 0.5 tablet at 08:00 and 20:00, with food",
    ]
    assert not Prescription.objects.exists()


def test_of_a_refused_row_the_medicine_is_said_beside_the_patient(tried: Made, lerato: Patient) -> None:
    row = tried(file(with_cell(3, "500")), kind="prescriptions").rows.get()
    assert row.patient == lerato
    assert said_of(row).notes == ["Metformin 500 mg"]


def test_columns_and_words_in_afrikaans_and_a_workbooks_own_days_and_times(done: Made) -> None:
    headings = ("Lêernommer", "Medisyne", "Sterkte", "Dosis", "Tye", "Dae", "Begin", "Tot", "Aanwysings")
    sheet = xlsx_file(
        [
            (
                "hil 1", "Metformien", "500 mg", "½ tablet", "8vm en saans", "Maandae en Donderdae",
                date(2026, 11, 2), date(2026, 12, 31), "Saam met kos",
            )
        ],
        headings=headings, name="medisyne.xlsx",
    )  # fmt: skip
    done(sheet, kind="prescriptions", language="af")
    prescription = Prescription.objects.get()
    assert prescription.schedules.get().rule == times("evening", "08:00", quantity="0.5", weekdays=[0, 3])
    assert (prescription.start_date, prescription.end_date) == (date(2026, 11, 2), date(2026, 12, 31))


def test_every_so_many_days_and_as_needed(done: Made) -> None:
    MedicineFactory(name_en="Paracetamol")
    headings = (*HEADINGS, "As needed", "Min hours", "Max per day")
    every = (*with_cell(5, "every second day"), "", "", "")
    needed = (*with_cell(2, "Paracetamol")[:4], "", "", "", "", "", "yes", "6", "4")
    done(file(every, needed, headings=headings), kind="prescriptions")
    rules = {each.prescription.medicine.name_en: each.rule for each in _schedules()}
    assert rules["Metformin"] == {
        "kind": "every_n_days", "n": 2, "times": ["08:00", "20:00"], "quantity": "1", "start_date": "2026-03-12",
    }  # fmt: skip
    assert rules["Paracetamol"] == {"kind": "as_needed", "quantity": "1", "min_hours": 6.0, "max_per_day": 4}


def _schedules() -> list[Any]:
    return [each for one in Prescription.objects.all() for each in one.schedules.all()]


@pytest.mark.parametrize(
    ("position", "text", "column"),
    [
        (0, "", "folder_number"),
        (0, "HIL-2", "folder_number"),
        (1, "Sipho Dube", "first_name"),
        (2, "", "medicine"),
        (2, "aspirin", "medicine"),
        (2, "=A1", "medicine"),
        (3, "", "quantity"),
        (3, "0", "quantity"),
        (3, "1,000", "quantity"),
        (3, "a few", "quantity"),
        (3, "500", "quantity"),
        (3, "500 mg", "quantity"),
        (3, "12", "quantity"),
        (3, "0.3", "quantity"),
        (3, "01/02/2026", "quantity"),
        (4, "", "times"),
        (4, "8", "times"),
        (4, "12am", "times"),
        (4, "08:00, 08:00", "times"),
        (4, "08:00, prn", "times"),
        (5, "2", "days"),
        (5, "sometimes", "days"),
        (5, "every 0 days", "days"),
        (6, "31/02/2026", "start_date"),
        (6, "12/03/26", "start_date"),
        (7, "11/03/2026", "end_date"),
        (7, "23/11/2026", "end_date"),
        (8, "not on Sundays", "instructions"),
    ],
)
def test_a_row_with_a_fault_is_refused_beside_its_column(
    done: Made, position: int, text: str, column: str
) -> None:
    run = done(file(with_cell(position, text)), kind="prescriptions")
    verdict = said_of(run.rows.get())
    assert (verdict.state, [each.column for each in verdict.problems]) == ("refused", [column])
    assert not Prescription.objects.exists()


@pytest.mark.parametrize(
    ("more", "column"),
    [
        ({"As needed": "yes"}, "as_needed"),
        ({"As needed": "perhaps"}, "as_needed"),
        ({"Min hours": "6"}, "as_needed"),
        ({"Unit": "mg"}, "quantity"),
        ({"Unit": "ml"}, "quantity"),
        ({"ID number": "8706050123084"}, "id_number"),
        ({"Instructions (English)": "crushed"}, "instructions_af"),
        ({"Instructions (Afrikaans)": "fyn gemaak"}, "instructions_en"),
    ],
)
def test_what_other_columns_say_may_be_wrong_too(done: Made, more: dict[str, str], column: str) -> None:
    run = done(with_columns(**more), kind="prescriptions")
    verdict = said_of(run.rows.get())
    assert (verdict.state, [each.column for each in verdict.problems]) == ("refused", [column])


def test_with_its_unit_a_large_number_is_taken(done: Made) -> None:
    done(with_columns(Unit="tablets"), kind="prescriptions")
    MedicineFactory(name_en="Prednisone", strength="5 mg")
    run = done(
        file((*with_cell(3, "12 tabs")[:2], "Prednisone", "12 tabs", *TWICE[4:])), kind="prescriptions"
    )
    assert states(run) == {2: "done"}


@pytest.mark.parametrize(("amount", "unit"), [("500 mg", "tablets"), ("500", "tablets"), ("500 tabs", "")])
def test_milligrams_are_no_tablets_whatever_the_column_says(done: Made, amount: str, unit: str) -> None:
    run = done(file((*with_cell(3, amount), unit), headings=(*HEADINGS, "Unit")), kind="prescriptions")
    assert [each.column for each in said_of(run.rows.get()).problems] == ["quantity"]


def test_without_its_first_day_nothing_is_counted_in_days(tried: Made) -> None:
    row = with_cell(5, "weekly")
    run = tried(file((*row[:6], "", *row[7:])), kind="prescriptions")
    assert [each.column for each in said_of(run.rows.get()).problems] == ["start_date"]


def test_a_patient_of_another_clinic_is_not_found(tried: Made, cast: Cast) -> None:
    PatientFactory(clinic=cast.other_clinic, folder_number="KHA-1", first_name="Lerato", last_name="Mokoena")
    run = tried(file(with_cell(0, "KHA-1")), kind="prescriptions")
    [problem] = said_of(run.rows.get()).problems
    assert problem.words == "No patient of this clinic has this number."


def test_another_clinics_own_medicine_is_not_found(tried: Made, cast: Cast) -> None:
    MedicineFactory(clinic=cast.other_clinic, name_en="Cough mixture", strength="")
    assert states(tried(file(with_cell(2, "Cough mixture")), kind="prescriptions")) == {2: "refused"}


def test_a_patient_who_has_left_is_refused(tried: Made, lerato: Patient) -> None:
    Patient.objects.filter(pk=lerato.pk).update(left_on=date(2026, 5, 1))
    assert states(tried(file(TWICE), kind="prescriptions")) == {2: "refused"}


def test_what_is_taken_already_stays_as_it_is(done: Made, lerato: Patient, metformin: Medicine) -> None:
    there = DoseScheduleFactory(prescription__patient=lerato, prescription__medicine=metformin).prescription
    run = done(file(TWICE), kind="prescriptions")
    assert states(run) == {2: "same"}
    assert said_of(run.rows.get()).notes[-1] == (
        "This patient takes it already, and that stays as it is (Metformin 500 mg: 1 tablet at 08:00, with food)."
    )
    assert Prescription.objects.get() == there


def test_what_has_ended_is_prescribed_anew(done: Made, lerato: Patient, metformin: Medicine) -> None:
    schedule = DoseScheduleFactory(prescription__patient=lerato, prescription__medicine=metformin)
    prescription_end(prescription_id=schedule.prescription_id, now=NOW)
    assert states(done(file(TWICE), kind="prescriptions")) == {2: "done"}


def test_the_same_medicine_twice_in_a_file_is_prescribed_once(done: Made) -> None:
    run = done(file(TWICE, with_cell(3, "2")), kind="prescriptions")
    assert states(run) == {2: "done", 3: "refused"}
    assert [each.column for each in said_of(run.rows.get(number=3)).problems] == ["medicine"]
    assert states(done(file(with_cell(3, "2")), kind="prescriptions")) == {2: "same"}


def test_somebody_prescribes_it_between_the_look_and_the_act(
    done: Made, lerato: Patient, metformin: Medicine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def late(**given: Any) -> Prescription:
        DoseScheduleFactory(prescription__patient=lerato, prescription__medicine=metformin)
        return prescription_bring_in(**given)

    monkeypatch.setattr("medications.admin.importing.prescriptions.prescription_bring_in", late)
    run = done(file(TWICE), kind="prescriptions")
    assert states(run) == {2: "refused"}
    assert "Somebody has just prescribed" in said_of(run.rows.get()).problems[0].words


def minute_by_minute(since: datetime, until: datetime) -> list[tuple[datetime, str]]:
    """What the site publishes on its own, with when, if it looks every half hour."""
    at = since
    while at <= until:
        with time_machine.travel(at, tick=False):
            expand_doses(now=at)
            send_dose_reminders(now=at)
            send_low_stock_warnings(now=at)
        at += timedelta(minutes=30)
    return list(EventRecord.objects.order_by("id").values_list("created_at", "event_type"))


def test_nothing_is_sent_and_nothing_missed_until_staff_say_so(done: Made) -> None:
    run = done(file(TWICE), kind="prescriptions")
    assert minute_by_minute(NOW, NOW + timedelta(days=2)) == []
    assert not Dose.objects.exists()
    # At 12:00 in Johannesburg: the dose of 08:00 is over.
    started = NOW + timedelta(days=2, hours=4)
    with time_machine.travel(started, tick=False):
        import_start(import_id=run.pk, now=started)
        work(started)
    assert not EventRecord.objects.exists()
    first = Dose.objects.earliest("due_at").due_at
    assert first == datetime.fromisoformat("2026-11-26T20:00+02:00")
    told = minute_by_minute(started, first + timedelta(minutes=5))
    assert [name for _at, name in told] == ["medication.dose_due"]
    [dose] = Dose.objects.filter(reminders_sent__gt=0)
    assert (dose.due_at, dose.reminders_sent) == (first, 1)


def test_to_start_twice_changes_nothing(done: Made) -> None:
    run = done(file(TWICE), kind="prescriptions")
    kind: Any = importable("prescriptions")
    import_start(import_id=run.pk, now=NOW)
    work()
    before = list(Dose.objects.order_by("id").values_list("id", "due_at", "next_reminder_at"))
    kind.start(made_by(run.rows.get()), NOW)
    assert list(Dose.objects.order_by("id").values_list("id", "due_at", "next_reminder_at")) == before != []


def test_a_change_before_the_start_plans_nothing(done: Made) -> None:
    done(file(TWICE), kind="prescriptions")
    prescription_changed(prescription_id=Prescription.objects.get().pk, now=NOW)
    expand_doses(now=NOW)
    assert not Dose.objects.exists()


def test_what_moved_to_another_clinic_is_neither_started_nor_taken_away(
    done: Made, cast: Cast, lerato: Patient
) -> None:
    run = done(file(TWICE), kind="prescriptions")
    Patient.objects.filter(pk=lerato.pk).update(clinic=cast.other_clinic)
    kind: Any = importable("prescriptions")
    kind.start(made_by(run.rows.get()), NOW)
    assert not Dose.objects.exists()
    import_undo(import_id=run.pk, now=NOW)
    work()
    assert states(run) == {2: "kept"}
    assert Prescription.objects.get().is_silent


def test_it_begins_no_series_until_staff_say_so(done: Made, lerato: Patient) -> None:
    done(file(TWICE), kind="prescriptions")
    days = [date(2026, 3, 12)]
    assert _first_of_all((), {}, days) == []
    Prescription.objects.update(is_silent=False)
    assert [each.subject_id for each in _first_of_all((), {}, days)] == [lerato.pk]


def test_an_undo_takes_away_what_nobody_worked_with(done: Made, cast: Cast, lerato: Patient) -> None:
    names = ["Amlodipine", "Enalapril", "Paracetamol", "Simvastatin"]
    for name in names:
        MedicineFactory(name_en=name, name_af=name, strength="")
    rows = [(*TWICE[:2], name, *TWICE[3:]) for name in ["metformin 500mg", *names]]
    run = done(file(*rows), kind="prescriptions")
    of = {each.medicine.name_en: each for each in Prescription.objects.all()}
    log(instance=of["Amlodipine"], action="wagtail.edit", user=cast.nurse)
    prescription_end(prescription_id=of["Enalapril"].pk, now=NOW)
    StockBatchFactory(prescription=of["Simvastatin"], medicine=of["Simvastatin"].medicine)
    import_undo(import_id=run.pk, now=NOW)
    work()
    assert states(run) == {2: "undone", 3: "kept", 4: "kept", 5: "undone", 6: "kept"}
    assert "has worked with this prescription" in said_of(run.rows.get(number=3)).problems[-1].words
    assert {each.medicine.name_en for each in Prescription.objects.all()} == {
        "Amlodipine",
        "Enalapril",
        "Simvastatin",
    }
    again = done(file(*rows), kind="prescriptions")
    assert states(again) == {2: "done", 3: "same", 4: "done", 5: "done", 6: "same"}


def test_an_undo_leaves_what_was_taken(done: Made, cast: Cast) -> None:
    headings = (*HEADINGS, "As needed", "Min hours", "Max per day")
    needed = (*TWICE[:4], "", "", "", "", "", "yes", "6", "4")
    run = done(file(needed, headings=headings), kind="prescriptions")
    prescription = Prescription.objects.get()
    DoseFactory(
        schedule=prescription.schedules.get(), kind=Dose.Kind.AS_NEEDED, state=Dose.State.TAKEN, due_at=NOW
    )
    import_undo(import_id=run.pk, now=NOW)
    work()
    assert states(run) == {2: "kept"}


def test_a_poisoned_row_takes_no_other_with_it(done: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    MedicineFactory(name_en="Poison", strength="")

    def poisoned(**given: Any) -> Prescription:
        prescription = prescription_bring_in(**given)
        if prescription.medicine.name_en == "Poison":
            raise RuntimeError("poison")
        return prescription

    monkeypatch.setattr("medications.admin.importing.prescriptions.prescription_bring_in", poisoned)
    run = done(file(with_cell(2, "Poison"), TWICE), kind="prescriptions")
    assert states(run) == {2: "refused", 3: "done"}
    assert Prescription.objects.get().medicine.name_en == "Metformin"


def test_many_rows_are_looked_at_with_as_many_queries_as_one(cast: Cast, metformin: Medicine) -> None:
    kind: Any = importable("prescriptions")
    names = ("folder_number", "first_name", "medicine", "quantity", "times", "days", "start_date")
    patients = [
        PatientFactory(
            clinic=cast.clinic, first_name="Lerato", last_name="Mokoena", folder_number=f"HIL-{each}"
        )
        for each in range(100, 130)
    ]
    for each in patients:
        DoseScheduleFactory(prescription__patient=each, prescription__medicine__name_en=f"M{each.pk}")

    def asked(patients: list[Any]) -> int:
        rows = [
            Row(each, dict(zip(names, (one.folder_number, *TWICE[1:]), strict=False)))
            for each, one in enumerate(patients)
        ]
        with CaptureQueriesContext(connection) as queries:
            checked = kind.check(rows, Reading(cast.clinic, cast.nurse, NOW))
        assert {verdict.state for verdict, _what in checked} == {"new"}, checked
        return len(queries)

    assert asked(patients) == asked(patients[:1]) == 4
