"""What a part costs, and in which month."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from notifications.rules.prices import Price, month_of, price_of


def price(prefix: str, cents: str, provider: str = "twilio", since: date = date(2026, 1, 1)) -> Price:
    return Price(provider, prefix, Decimal(cents), since)


PRICES = [
    price("+", "2.0"),
    price("+27", "0.30"),
    price("+2782", "0.25"),
    price("+27", "0.10", provider="africastalking"),
    price("+27", "0.35", since=date(2026, 11, 1)),
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
        assert price_of(prices, provider, number, on=on) == (None if cost is None else Decimal(cost))


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
