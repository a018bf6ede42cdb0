"""What is on a clinic's shelf, from a file."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from home.imports.acts import import_start, import_undo
from home.imports.importable import Reading, Row, importable
from home.imports.verdicts import said_of
from home.models import Import
from medications.models import Medicine, StockBatch, StockMovement
from medications.services.expansion import expand_doses
from medications.services.stock import stock_receive
from medications.services.stock_acts import stock_count
from medications.services.stock_warnings import send_expiry_warnings, send_low_stock_warnings
from notifications.models import EventRecord
from tests.home.conftest import Cast
from tests.home.imports.conftest import NOW, work
from tests.home.imports.files import csv_file, xlsx_file
from tests.medications.factories import (
    DoseScheduleFactory,
    MedicineFactory,
    StockBatchFactory,
)

pytestmark = pytest.mark.django_db

Made = Callable[..., Import]
HEADINGS = ("Item", "Strength", "Qty", "Expiry", "Batch no")
PACK = ("metformin", "500mg", "280", "31/12/2026", "M1")


@pytest.fixture(autouse=True)
def metformin() -> Medicine:
    medicine: Medicine = MedicineFactory()
    return medicine


def file(*rows: tuple[Any, ...], headings: tuple[str, ...] = HEADINGS) -> Any:
    return csv_file(rows, headings=headings, name="shelf.csv")


def states(run: Import) -> dict[int, str]:
    return dict(run.rows.values_list("number", "state"))


def test_a_batch_is_received_once(done: Made, cast: Cast, metformin: Medicine) -> None:
    done(file(PACK), kind="shelf")
    batch = StockBatch.objects.get()
    assert (batch.medicine, batch.clinic, batch.prescription) == (metformin, cast.clinic, None)
    assert (batch.quantity, batch.expiry_date, batch.batch_number) == (
        Decimal(280),
        date(2026, 12, 31),
        "M1",
    )
    movement = StockMovement.objects.get()
    assert (movement.kind, movement.quantity, movement.by) == ("received", Decimal(280), cast.nurse)


def test_columns_and_names_in_afrikaans_and_a_workbooks_own_days(done: Made) -> None:
    headings = ("Middel", "Hoeveelheid", "Vervaldatum", "Lotnommer")
    sheet = xlsx_file(
        [("Metformien 500 mg", 28, date(2027, 3, 31), "M2")], headings=headings, name="rak.xlsx"
    )
    done(sheet, kind="shelf", language="af")
    batch = StockBatch.objects.get()
    assert (batch.quantity, batch.expiry_date, batch.batch_number) == (
        Decimal(28),
        date(2027, 3, 31),
        "M2",
    )


@pytest.mark.parametrize(
    ("position", "text", "column"),
    [
        (0, "", "medicine"),
        (0, "aspirin", "medicine"),
        (1, "50 mg", "medicine"),
        (2, "", "quantity"),
        (2, "-1", "quantity"),
        (2, "1,000", "quantity"),
        (2, "10000000", "quantity"),
        (3, "", "expiry_date"),
        (3, "30/02/2027", "expiry_date"),
        (3, "31/12/2126", "expiry_date"),
        (3, "=TODAY()", "expiry_date"),
        (4, "M" * 61, "batch_number"),
    ],
)
def test_a_row_with_a_fault_is_refused_beside_its_column(
    done: Made, position: int, text: str, column: str
) -> None:
    row = [*PACK]
    row[position] = text
    run = done(file(tuple(row)), kind="shelf")
    verdict = said_of(run.rows.get())
    assert (verdict.state, [each.column for each in verdict.problems]) == ("refused", [column])
    assert not StockBatch.objects.exists()


def test_where_several_medicines_may_be_meant_nothing_is_guessed(tried: Made) -> None:
    MedicineFactory(strength="850 mg")
    run = tried(file(("metformin", "", *PACK[2:])), kind="shelf")
    [problem] = said_of(run.rows.get()).problems
    assert problem.column == "medicine"
    assert "Metformin 850 mg" in problem.words


def test_how_a_medicine_was_read_is_said(tried: Made) -> None:
    run = tried(file(("metf", "", *PACK[2:])), kind="shelf")
    assert said_of(run.rows.get()).notes == ["“metf” was read as Metformin 500 mg, tablet."]


def test_another_clinics_own_medicine_is_not_found(tried: Made, cast: Cast) -> None:
    MedicineFactory(clinic=cast.other_clinic, name_en="Cough mixture", strength="")
    run = tried(file(("Cough mixture", "", *PACK[2:])), kind="shelf")
    assert states(run) == {2: "refused"}


def test_what_is_there_already_stays_as_it_was_counted(done: Made, cast: Cast, metformin: Medicine) -> None:
    StockBatchFactory(
        prescription=None,
        clinic=cast.clinic,
        medicine=metformin,
        batch_number="m1",
        quantity=Decimal(20),
        expiry_date=date(2026, 12, 31),
    )
    run = done(file(PACK, (*PACK[:4], "M3"), (*PACK[:4], "m3")), kind="shelf")
    assert states(run) == {2: "same", 3: "done", 4: "refused"}
    assert "20 tablets" in said_of(run.rows.get(number=2)).notes[-1]
    assert sorted(StockBatch.objects.values_list("quantity", flat=True)) == [Decimal(20), Decimal(280)]


def test_the_same_batch_at_another_clinic_is_another(done: Made, cast: Cast, metformin: Medicine) -> None:
    StockBatchFactory(
        prescription=None,
        clinic=cast.other_clinic,
        medicine=metformin,
        batch_number="M1",
        expiry_date=date(2026, 12, 31),
    )
    assert states(done(file(PACK), kind="shelf")) == {2: "done"}


def taken_daily(cast: Cast, medicine: Medicine) -> None:
    DoseScheduleFactory(prescription__patient=cast.pieter, prescription__medicine=medicine)
    expand_doses(now=NOW)


def warned() -> set[tuple[str, int]]:
    """Of which batches staff are told what, once the site has looked."""
    send_low_stock_warnings(now=NOW)
    send_expiry_warnings(now=NOW)
    return {(each.event_type, each.payload["stock_batch_id"]) for each in EventRecord.objects.all()}


def test_nobody_is_warned_of_it_until_staff_say_so(done: Made, cast: Cast, metformin: Medicine) -> None:
    taken_daily(cast, metformin)
    run = done(file((*PACK[:2], "20", "28/11/2026", "M1")), kind="shelf")
    assert warned() == set()
    import_start(import_id=run.pk, now=NOW)
    work()
    batch = StockBatch.objects.get().pk
    assert warned() == {("medication.low_stock", batch), ("medication.expiring", batch)}


def test_of_what_was_on_the_shelf_before_staff_are_warned_as_ever(
    done: Made, cast: Cast, metformin: Medicine
) -> None:
    taken_daily(cast, metformin)
    own = StockBatchFactory(
        prescription=None,
        clinic=cast.clinic,
        medicine=metformin,
        quantity=Decimal(2),
        expiry_date=date(2026, 11, 28),
    )
    done(file((*PACK[:2], "20", "28/11/2026", "M1")), kind="shelf")
    assert ("medication.low_stock", own.pk) in warned()
    assert {batch for _name, batch in warned()} == {own.pk}


def test_an_undo_takes_away_what_nobody_touched(done: Made, cast: Cast) -> None:
    run = done(file(PACK, (*PACK[:4], "M2")), kind="shelf")
    counted = StockBatch.objects.get(batch_number="M2")
    stock_count(counts={counted.pk: Decimal(279)}, user=cast.nurse, now=NOW)
    import_undo(import_id=run.pk, now=NOW)
    work()
    assert states(run) == {2: "undone", 3: "kept"}
    assert "has done something with this stock" in said_of(run.rows.get(number=3)).problems[-1].words
    assert list(StockBatch.objects.all()) == [counted]
    assert set(StockMovement.objects.values_list("batch", flat=True)) == {counted.pk}


def test_what_was_undone_can_be_brought_in_again(done: Made) -> None:
    run = done(file(PACK), kind="shelf")
    import_undo(import_id=run.pk, now=NOW)
    work()
    assert states(done(file(PACK), kind="shelf")) == {2: "done"}


def test_a_poisoned_row_takes_no_other_with_it(done: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    def poisoned(**given: Any) -> StockBatch:
        batch = stock_receive(**given)
        if given["batch_number"] == "M2":
            raise RuntimeError("poison")
        return batch

    monkeypatch.setattr("medications.admin.importing.shelf.stock_receive", poisoned)
    run = done(file(PACK, (*PACK[:4], "M2"), (*PACK[:4], "M3")), kind="shelf")
    assert states(run) == {2: "done", 3: "refused", 4: "done"}
    assert set(StockBatch.objects.values_list("batch_number", flat=True)) == {"M1", "M3"}


def test_a_batch_of_rows_is_looked_at_with_two_queries(cast: Cast) -> None:
    kind: Any = importable("shelf")
    cells = dict(zip(("medicine", "strength", "quantity", "expiry_date"), PACK, strict=False))
    rows = [Row(each, {**cells, "batch_number": f"M{each}"}) for each in range(50)]
    with CaptureQueriesContext(connection) as queries:
        checked = kind.check(rows, Reading(cast.clinic, cast.nurse, NOW))
    assert {verdict.state for verdict, _what in checked} == {"new"}
    assert len(queries) == 2
