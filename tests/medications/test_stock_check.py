"""The nightly check that a batch is the sum of its movements."""

import logging
from decimal import Decimal

import pytest

from medications.models import StockBatch
from medications.periodic_tasks import check_stock
from medications.services.stock import stock_receive
from tests.medications.factories import NOW, TODAY, PrescriptionFactory

pytestmark = pytest.mark.django_db


def test_what_differs_is_reported_and_left(caplog: pytest.LogCaptureFixture) -> None:
    prescription = PrescriptionFactory()
    batch = stock_receive(
        medicine=prescription.medicine,
        prescription=prescription,
        quantity=Decimal(28),
        expiry_date=TODAY,
        now=NOW,
    )
    assert check_stock(NOW) == "0 batches differ from their movements"
    assert not caplog.records
    StockBatch.objects.update(quantity=Decimal(27))
    with caplog.at_level(logging.ERROR):
        assert check_stock(NOW) == "1 batches differ from their movements"
    assert f"{{{batch.pk}: Decimal('-1.000')}}" in caplog.text
    batch.refresh_from_db()
    assert batch.quantity == 27
