"""What a part costs, and in which month."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from notifications.rules.prices import Price, Unit, exact, minutes_begun, month_of, price_of


def price(
    prefix: str,
    cents: str,
    provider: str = "twilio",
    since: date = date(2026, 1, 1),
    unit: Unit = Unit.SMS_PART,
) -> Price:
    return Price(unit, provider, prefix, Decimal(cents), since)


PRICES = [
    price("+", "2.0"),
    price("+27", "0.30"),
    price("+2782", "0.25"),
    price("+27", "0.10", provider="africastalking"),
    price("+27", "0.35", since=date(2026, 11, 1)),
    price("+2782", "0.85", unit=Unit.MINUTE),
]


@pytest.mark.parametrize(
    ("provider", "number", "on", "cost"),
    [
        ("twilio", "+27825550101", date(2026, 3, 1), "0.25"),
        ("twilio", "+27115550101", date(2026, 3, 1), "0.30"),
        ("twilio", "+27115550101", date(2026, 10, 31), "0.30"),
        ("twilio", "+27115550101", date(2026, 11, 1), "0.35"),
        ("twilio", "+447700900123", date(2026, 3, 1), "2.0"),
        ("africastalking", "+27825550101", date(2026, 3, 1), "0.10"),
        ("africastalking", "+447700900123", date(2026, 3, 1), None),
        ("twilio", "+27825550101", date(2025, 12, 31), None),
        ("http", "+27825550101", date(2026, 3, 1), None),
    ],
)
def test_the_longest_prefix_counts_and_of_its_prices_the_latest(
    provider: str, number: str, on: date, cost: str | None
) -> None:
    for prices in (PRICES, PRICES[::-1]):
        found = price_of(prices, Unit.SMS_PART, provider, number, on=on)
        assert found == (None if cost is None else Decimal(cost))


@pytest.mark.parametrize(
    ("unit", "cost"), [(Unit.MINUTE, "0.85"), (Unit.SMS_PART, "0.25"), (Unit.CALL, None)]
)
def test_each_has_a_price_of_its_own(unit: Unit, cost: str | None) -> None:
    found = price_of(PRICES, unit, "twilio", "+27825550101", on=date(2026, 3, 1))
    assert found == (None if cost is None else Decimal(cost))


@pytest.mark.parametrize(
    ("seconds", "minutes"), [(0, 0), (1, 1), (59, 1), (60, 1), (61, 2), (120, 2), (121, 3), (299, 5)]
)
def test_a_minute_that_has_begun_is_charged_for(seconds: int, minutes: int) -> None:
    assert minutes_begun(seconds) == minutes


@pytest.mark.parametrize(
    ("moment", "zone", "month"),
    [
        (datetime(2026, 11, 30, 21, 59, tzinfo=UTC), "Africa/Johannesburg", date(2026, 11, 1)),
        (datetime(2026, 11, 30, 22, 0, tzinfo=UTC), "Africa/Johannesburg", date(2026, 12, 1)),
        (datetime(2026, 12, 1, 4, 0, tzinfo=UTC), "America/New_York", date(2026, 11, 1)),
    ],
)
def test_a_month_begins_where_the_clinic_is(moment: datetime, zone: str, month: date) -> None:
    assert month_of(moment, zone) == month


@pytest.mark.parametrize(
    ("amount", "kept"),
    [
        ("0.30", "0.3000"),
        ("0.00005", "0.0000"),
        ("0.00015", "0.0002"),
        ("1.23456", "1.2346"),
        ("0", "0.0000"),
    ],
)
def test_an_amount_is_kept_to_the_hundredth_of_a_cent(amount: str, kept: str) -> None:
    assert str(exact(Decimal(amount))) == kept
