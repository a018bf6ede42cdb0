"""What receipts of any channel change, in any order."""

from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest

from notifications.channels.receipts import Outcome, Receipt, note
from notifications.models import Delivery
from tests.notifications.factories import DeliveryFactory

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 24, 8, tzinfo=UTC)
DELIVERED, READ, FAILED = Outcome
AFTER_ALL = {
    (): "sent",
    (FAILED,): "failed",
    (DELIVERED,): "delivered",
    (READ,): "delivered",
    (DELIVERED, READ): "delivered",
    (DELIVERED, FAILED): "delivered",
    (READ, FAILED): "delivered",
    (DELIVERED, READ, FAILED): "delivered",
}


def sent(**changes: object) -> Delivery:
    return DeliveryFactory(
        **{
            "channel": "whatsapp",
            "state": "sent",
            "provider": "meta",
            "provider_id": "wamid.7",
            "sent_at": NOW,
            "finished_at": NOW,
            **changes,
        }
    )


@pytest.mark.parametrize(
    ("outcomes", "state"),
    [(order, state) for kinds, state in AFTER_ALL.items() for order in permutations(kinds)],
)
def test_the_order_of_receipts_does_not_matter(outcomes: tuple[Outcome, ...], state: str) -> None:
    row = sent()
    times = {}
    for minutes, outcome in enumerate(outcomes, start=1):
        times[outcome] = NOW + timedelta(minutes=minutes)
        note("whatsapp", "meta", Receipt("wamid.7", outcome, "131026"), now=times[outcome])
    row.refresh_from_db()
    arrived = [times[outcome] for outcome in (DELIVERED, READ) if outcome in times]
    assert (row.state, row.read_at) == (state, times.get(READ))
    assert row.delivered_at == (min(arrived) if arrived else None)
    assert ("131026" in row.error) == (state == "failed")


@pytest.mark.parametrize("outcome", Outcome)
def test_what_comes_again_is_no_news(outcome: Outcome) -> None:
    sent()
    said = [note("whatsapp", "meta", Receipt("wamid.7", outcome), now=NOW) for _ in range(2)]
    assert said == [True, False]


@pytest.mark.parametrize(
    "other", [{"channel": "sms"}, {"provider": "twilio"}, {"provider_id": "wamid.8"}], ids=str
)
@pytest.mark.parametrize("outcome", Outcome)
def test_a_receipt_says_nothing_of_other_messages(outcome: Outcome, other: dict[str, str]) -> None:
    row = sent(**other)
    assert not note("whatsapp", "meta", Receipt("wamid.7", outcome), now=NOW)
    row.refresh_from_db()
    assert (row.state, row.delivered_at, row.read_at) == ("sent", None, None)
