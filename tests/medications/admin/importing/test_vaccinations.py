"""Vaccinations that were given, from a file."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from wagtail.log_actions import log

from home.imports.acts import import_undo
from home.imports.importable import Reading, Row, importable
from home.imports.verdicts import said_of
from home.models import Import, Patient
from medications.models import VaccinationRecord
from notifications.models import EventRecord
from tests.factories import PatientFactory
from tests.home.conftest import Cast
from tests.home.imports.conftest import NOW, work
from tests.home.imports.files import csv_file
from tests.medications.factories import VaccinationRecordFactory, VaccineFactory

pytestmark = pytest.mark.django_db

Made = Callable[..., Import]
HEADINGS = ("Folder", "Patient ID", "Vaccine", "Dose", "Given on", "Lot")
MEASLES = ("HIL-1", "", "measles", "1", "04/03/2026", "L1")


@pytest.fixture
def lerato(cast: Cast) -> Patient:
    patient: Patient = PatientFactory(
        clinic=cast.clinic, first_name="Lerato", folder_number="HIL-1", date_of_birth=date(2025, 9, 1)
    )
    return patient


@pytest.fixture(autouse=True)
def _vaccines(lerato: Patient) -> None:
    VaccineFactory(code="mr")
    VaccineFactory(code="hexavalent", name_en="Hexavalent", name_af="Heksavalent")


def file(*rows: tuple[str, ...], headings: tuple[str, ...] = HEADINGS) -> Any:
    return csv_file(rows, headings=headings, name="vaccinations.csv")


def states(run: Import) -> dict[int, str]:
    return dict(run.rows.values_list("number", "state"))


def with_cell(position: int, text: str) -> tuple[str, ...]:
    row = [*MEASLES]
    row[position] = text
    return tuple(row)


def test_it_is_recorded_as_given_and_nobody_is_written_to(done: Made, lerato: Patient) -> None:
    run = done(file(MEASLES), kind="vaccinations")
    record = VaccinationRecord.objects.get()
    assert (record.patient, record.vaccine.code, record.dose_number) == (lerato, "mr", 1)
    assert (record.date_given, record.batch_number, record.next_due_date) == (date(2026, 3, 4), "L1", None)
    row = run.rows.get()
    assert (row.patient, row.sends) == (lerato, False)
    assert not EventRecord.objects.exists()


def test_columns_and_names_in_afrikaans(done: Made) -> None:
    headings = ("Lêernommer", "Entstof", "Dosis", "Datum gegee", "Lotnommer")
    run = done(
        file(("hil 1", "Heksavalent", "1", "2025-10-13", "L2"), headings=headings),
        kind="vaccinations",
        language="af",
    )
    assert states(run) == {2: "done"}
    assert VaccinationRecord.objects.get().vaccine.code == "hexavalent"


@pytest.mark.parametrize(
    ("position", "text", "column"),
    [
        (0, "", "folder_number"),
        (0, "HIL-2", "folder_number"),
        (1, "8706050123084", "id_number"),
        (1, "8,7E+12", "id_number"),
        (2, "", "vaccine"),
        (2, "smallpox", "vaccine"),
        (3, "", "dose_number"),
        (3, "first", "dose_number"),
        (3, "-1", "dose_number"),
        (3, "9", "dose_number"),
        (4, "", "date_given"),
        (4, "31/02/2026", "date_given"),
        (4, "25/11/2026", "date_given"),
        (4, "31/08/2025", "date_given"),
        (5, "L" * 61, "batch_number"),
    ],
)
def test_a_row_with_a_fault_is_refused_beside_its_column(
    done: Made, position: int, text: str, column: str
) -> None:
    run = done(file(with_cell(position, text)), kind="vaccinations")
    verdict = said_of(run.rows.get())
    assert (verdict.state, [each.column for each in verdict.problems]) == ("refused", [column])
    assert not VaccinationRecord.objects.exists()


def test_a_patient_of_another_clinic_is_not_found(tried: Made, cast: Cast) -> None:
    PatientFactory(clinic=cast.other_clinic, folder_number="KHA-1")
    run = tried(file(with_cell(0, "KHA-1")), kind="vaccinations")
    [problem] = said_of(run.rows.get()).problems
    assert problem.words == "No patient of this clinic has this number."


def test_where_two_folder_numbers_are_alike_it_is_that_one_as_it_is_written(tried: Made, cast: Cast) -> None:
    other = PatientFactory(clinic=cast.clinic, folder_number="HIL 1")
    rows = MEASLES, with_cell(0, "HIL 1"), with_cell(0, "HIL1")
    run = tried(file(*rows), kind="vaccinations")
    assert states(run) == {2: "new", 3: "new", 4: "refused"}
    assert run.rows.get(number=3).patient == other


def test_a_patient_who_has_left_is_refused(tried: Made, lerato: Patient) -> None:
    Patient.objects.filter(pk=lerato.pk).update(left_on=date(2026, 5, 1))
    assert states(tried(file(MEASLES), kind="vaccinations")) == {2: "refused"}


def test_what_is_recorded_already_is_left_and_another_day_of_it_is_refused(done: Made) -> None:
    done(file(MEASLES), kind="vaccinations")
    run = done(file(MEASLES, with_cell(5, "L2"), with_cell(4, "05/03/2026")), kind="vaccinations")
    assert states(run)[2] == "same"
    assert states(run)[4] == "refused"
    assert VaccinationRecord.objects.count() == 1


def test_one_that_is_planned_is_refused_so_that_staff_put_it_down_there(done: Made, lerato: Patient) -> None:
    VaccinationRecordFactory(
        patient=lerato,
        vaccine__code="mr-planned",
        vaccine__name_en="Td",
        dose_number=1,
        next_due_date=date(2026, 12, 1),
    )
    run = done(file(with_cell(2, "Td")), kind="vaccinations")
    assert [each.column for each in said_of(run.rows.get()).problems] == ["dose_number"]


def test_what_came_too_early_is_recorded_and_said(done: Made) -> None:
    run = done(file(with_cell(4, "10/09/2025")), kind="vaccinations")
    assert states(run) == {2: "done"}
    assert "doesn’t count" in said_of(run.rows.get()).notes[0]


def test_doses_of_a_file_are_seen_beside_each_other_in_whichever_order(tried: Made) -> None:
    first, second = (
        ("HIL-1", "", "hexavalent", "1", "13/10/2025", ""),
        (
            "HIL-1",
            "",
            "hexavalent",
            "2",
            "20/10/2025",
            "",
        ),
    )
    run = tried(file(second, first), kind="vaccinations")
    assert states(run) == {2: "new", 3: "new"}
    assert "doesn’t count" in said_of(run.rows.get(number=2)).notes[0]
    assert not said_of(run.rows.get(number=3)).notes


def test_an_undo_takes_away_what_nobody_changed(done: Made, cast: Cast) -> None:
    run = done(file(MEASLES, ("HIL-1", "", "hexavalent", "1", "13/10/2025", "")), kind="vaccinations")
    changed = VaccinationRecord.objects.get(vaccine__code="hexavalent")
    log(instance=changed, action="wagtail.edit", user=cast.nurse)
    import_undo(import_id=run.pk, now=NOW)
    work()
    assert states(run) == {2: "undone", 3: "kept"}
    assert list(VaccinationRecord.objects.all()) == [changed]


def test_a_poisoned_row_takes_no_other_with_it(done: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    save = VaccinationRecord.save

    def poisoned(record: VaccinationRecord, **given: Any) -> None:
        save(record, **given)
        if record.batch_number == "L2":
            raise RuntimeError("poison")

    monkeypatch.setattr(VaccinationRecord, "save", poisoned)
    run = done(file(MEASLES, ("HIL-1", "", "hexavalent", "1", "13/10/2025", "L2")), kind="vaccinations")
    assert states(run) == {2: "done", 3: "refused"}
    assert VaccinationRecord.objects.get().batch_number == "L1"


def test_many_rows_are_looked_at_with_as_many_queries_as_one(cast: Cast) -> None:
    kind: Any = importable("vaccinations")
    names = ("folder_number", "id_number", "vaccine", "dose_number", "date_given")
    folders = [PatientFactory(clinic=cast.clinic, folder_number=f"HIL-{each}") for each in range(100, 130)]

    def asked(patients: list[Any]) -> int:
        rows = [
            Row(each, dict(zip(names, (one.folder_number, *MEASLES[1:]), strict=False)))
            for each, one in enumerate(patients)
        ]
        with CaptureQueriesContext(connection) as queries:
            checked = kind.check(rows, Reading(cast.clinic, cast.nurse, NOW))
        assert {verdict.state for verdict, _what in checked} == {"new"}
        return len(queries)

    assert asked(folders) == asked(folders[:1]) == 4
