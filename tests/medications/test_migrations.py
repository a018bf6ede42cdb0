"""Rows of before the ledger: where sums did not hold, a correction makes them."""

from datetime import timedelta
from decimal import Decimal
from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection

from medications.models import StockMovement
from medications.selectors.ledger import unbalanced
from medications.selectors.supply import supply_of
from medications.services.ledger import owed_of
from medications.services.stock import stock_give_back
from tests.medications.factories import NOW, DoseFactory, DoseScheduleFactory, StockBatchFactory

pytestmark = pytest.mark.django_db

migration = import_module("medications.migrations.0003_stock_sums")
DAY = timedelta(days=1)


class Editor:
    """Of a schema editor what the migration uses."""

    connection = connection


def migrate() -> None:
    migration.rename_kinds(apps, Editor)
    migration.make_sums_hold(apps, Editor)


def test_kinds_have_their_names_of_today() -> None:
    batch = StockBatchFactory(quantity=Decimal(27))
    for kind, quantity in (("refill", 28), ("taken", -1), ("count", 0), ("undone", 0)):
        StockMovement.objects.create(
            batch=batch, prescription=batch.prescription, kind=kind, quantity=quantity, at=NOW
        )
    migrate()
    kinds = StockMovement.objects.order_by("id").values_list("kind", flat=True)
    assert list(kinds) == ["received", "taken", "counted", "undone"]


def test_a_batch_without_its_movement_is_corrected_and_a_sound_one_is_not() -> None:
    bare, sound = StockBatchFactory(quantity=Decimal("27.5")), StockBatchFactory(quantity=Decimal("0.3"))
    for _ in range(3):
        StockMovement.objects.create(batch=sound, kind="refill", quantity=Decimal("0.1"), at=NOW)
    migrate()
    assert unbalanced() == {}
    correction = StockMovement.objects.get(kind="corrected")
    assert (correction.batch, correction.prescription, correction.quantity) == (
        bare,
        bare.prescription,
        Decimal("27.5"),
    )


def test_what_was_taken_before_anybody_counted_is_not_owed_and_the_rest_is() -> None:
    schedule = DoseScheduleFactory()
    early, late = (DoseFactory(schedule=schedule, due_at=NOW - n * DAY, state="taken") for n in (9, 1))
    StockBatchFactory(prescription=schedule.prescription, quantity=Decimal(0), received_at=NOW - 5 * DAY)
    for dose in (early, late):
        StockMovement.objects.create(
            dose=dose, prescription=schedule.prescription, kind="taken", quantity=-1, at=dose.due_at
        )
    migrate()
    [owed] = owed_of(schedule.prescription_id)
    assert (owed.dose_id, owed.quantity) == (late.pk, 1)
    assert supply_of([schedule.prescription_id], now=NOW)[schedule.prescription_id].shortfall == 1
    stock_give_back(dose=early, user=None, now=NOW)
    stock_give_back(dose=late, user=None, now=NOW)
    assert owed_of(schedule.prescription_id) == []
    assert unbalanced() == {}
