"""What receipts of any channel change, in any order."""

from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
from pytest_django import DjangoAssertNumQueries, Settings

from notifications.channels.receipts import (
    Outcome,
    Receipt,
    apply_kept,
    is_unconfirmed,
    note,
    settle_doubt,
    taken_after_all,
    unconfirmed,
)
from notifications.models import Delivery, EarlyReceipt, Spending
from notifications.pipeline.retention import wipe_texts
from notifications.types import Lane, SendResult
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
    note("whatsapp", "meta", Receipt("wamid.7", outcome), now=NOW)
    apply_kept(row.channel, [SendResult(row.provider, row.provider_id)])
    row.refresh_from_db()
    assert (row.state, row.delivered_at, row.read_at) == ("sent", None, None)
    assert EarlyReceipt.objects.count() == 1


@pytest.mark.parametrize(
    ("outcomes", "state"),
    [(order, state) for kinds, state in AFTER_ALL.items() for order in permutations(kinds)],
)
def test_what_comes_before_its_sending_is_written_down_counts_then(
    outcomes: tuple[Outcome, ...], state: str
) -> None:
    times = {}
    for minutes, outcome in enumerate(outcomes, start=1):
        times[outcome] = NOW + timedelta(minutes=minutes)
        said = [note("whatsapp", "meta", Receipt("wamid.7", outcome, "131026"), now=times[outcome])]
        said += [note("whatsapp", "meta", Receipt("wamid.7", outcome, "131026"), now=NOW)]
        assert said == [True, False]
    row = sent()
    apply_kept("whatsapp", [SendResult("meta", "wamid.7"), SendResult("meta", "wamid.8")])
    row.refresh_from_db()
    arrived = [times[outcome] for outcome in (DELIVERED, READ) if outcome in times]
    assert (row.state, row.read_at) == (state, times.get(READ))
    assert row.delivered_at == (min(arrived) if arrived else None)
    assert ("131026" in row.error) == (state == "failed")
    assert not EarlyReceipt.objects.exists()


MAY_PASS = Receipt("wamid.7", FAILED, "131016", timedelta(minutes=15))


def test_what_may_pass_is_sent_once_more_and_then_given_up(settings: Settings) -> None:
    settings.NOTIFICATION_RETRY_SECONDS = [10, 7200]
    row, now = sent(reserved=1), NOW
    for failures, least, most in ((1, 15, 15), (2, 108, 132)):
        assert note("whatsapp", "meta", MAY_PASS, now=now)
        row.refresh_from_db()
        assert (row.state, row.finished_at, row.failures, row.reserved) == ("retry", None, failures, None)
        assert timedelta(minutes=least) <= row.due_at - now <= timedelta(minutes=most)
        assert row.error == "It didn't reach the phone: 131016"
        assert not note("whatsapp", "meta", MAY_PASS, now=now)
        now = row.due_at
        Delivery.objects.update(state="sent", sent_at=now, finished_at=now, error="")
    assert note("whatsapp", "meta", MAY_PASS, now=now)
    row.refresh_from_db()
    assert (row.state, row.finished_at) == ("failed", now)


@pytest.mark.parametrize(
    "changes",
    [
        {"sent_at": NOW - timedelta(days=1)},
        {"notification__valid_until": NOW + timedelta(minutes=15)},
        {"body": ""},
        {"address": ""},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_what_would_come_too_late_or_has_lost_its_text_is_not_sent_once_more(
    changes: dict[str, object],
) -> None:
    row = sent(**changes)
    assert note("whatsapp", "meta", MAY_PASS, now=NOW)
    row.refresh_from_db()
    assert row.state == "failed"


def test_several_that_are_one_message_are_sent_once_more_as_one() -> None:
    rows = [
        sent(digest=7, lane=Lane.HELD, notification__valid_until=until)
        for until in (NOW + timedelta(minutes=1), NOW + timedelta(hours=1))
    ]
    assert note("whatsapp", "meta", MAY_PASS, now=NOW)
    for row in rows:
        row.refresh_from_db()
    assert {row.state for row in rows} == {"retry"}
    assert len({row.due_at for row in rows}) == 1


@pytest.mark.parametrize("outcome", [DELIVERED, READ])
def test_what_seemed_to_fail_and_has_arrived_is_not_sent_once_more(outcome: Outcome) -> None:
    row = sent()
    for receipt in (MAY_PASS, Receipt("wamid.7", outcome)):
        assert note("whatsapp", "meta", receipt, now=NOW)
    row.refresh_from_db()
    assert (row.state, row.finished_at, row.error) == ("delivered", NOW, "")


def test_one_that_is_about_one_of_several_says_nothing_of_the_others() -> None:
    other, row = sent(channel="voice"), sent(channel="voice")
    note("voice", "meta", Receipt("wamid.7", READ, delivery_id=row.pk), now=NOW)
    for each in (other, row):
        each.refresh_from_db()
    assert (other.state, row.state) == ("sent", "delivered")


def test_early_ones_about_each_of_several_are_kept_apart() -> None:
    rows = [sent(channel="voice", state="sending", provider_id="") for _ in range(3)]
    for row in rows[:2]:
        assert note("voice", "meta", Receipt("wamid.7", READ, delivery_id=row.pk), now=NOW)
    Delivery.objects.update(state="sent", provider_id="wamid.7")
    apply_kept("voice", [SendResult("meta", "wamid.7")])
    assert [Delivery.objects.get(pk=row.pk).state for row in rows] == ["delivered", "delivered", "sent"]
    assert not EarlyReceipt.objects.exists()


def test_one_that_may_pass_is_kept_as_such() -> None:
    note("whatsapp", "meta", MAY_PASS, now=NOW)
    row = sent()
    apply_kept("whatsapp", [SendResult("meta", "wamid.7")])
    row.refresh_from_db()
    assert row.state == "retry" and row.due_at >= NOW + timedelta(minutes=15)


@pytest.mark.parametrize(("state", "owner"), [("sending", "a worker"), ("retry", "a worker")])
def test_what_a_worker_sends_again_waits_for_the_receipt_of_that(state: str, owner: str) -> None:
    sent(state=state, lease_owner=owner)
    assert not note("whatsapp", "meta", Receipt("wamid.7", DELIVERED), now=NOW)
    assert not EarlyReceipt.objects.exists()


def test_a_receipt_that_crosses_its_sending_on_the_way_is_not_left_lying(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The sending is written down just before the receipt is kept, and asked for early receipts before that too."""
    row = sent(state="sending", provider="", provider_id="")
    keep = EarlyReceipt.objects.get_or_create

    def written_down_first(**values: object) -> object:
        Delivery.objects.filter(pk=row.pk).update(state="sent", provider="meta", provider_id="wamid.7")
        apply_kept("whatsapp", [SendResult("meta", "wamid.7")])
        return keep(**values)

    monkeypatch.setattr(EarlyReceipt.objects, "get_or_create", written_down_first)
    assert note("whatsapp", "meta", Receipt("wamid.7", DELIVERED), now=NOW)
    row.refresh_from_db()
    assert row.state == "delivered"
    assert not EarlyReceipt.objects.exists()


def test_what_is_never_written_down_goes_after_a_day() -> None:
    note("sms", "twilio", Receipt("SM-of-a-code", DELIVERED), now=NOW)
    wipe_texts(now=NOW + timedelta(hours=23))
    assert EarlyReceipt.objects.count() == 1
    wipe_texts(now=NOW + timedelta(hours=25))
    assert not EarlyReceipt.objects.exists()


def test_a_batch_asks_once_for_what_came_early(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(1):
        apply_kept("sms", [SendResult("twilio", f"SM{number}") for number in range(500)])


A_DAY = timedelta(days=1)
SILENT: list[tuple[dict[str, object], bool]] = [
    ({}, True),
    ({"sent_at": NOW - A_DAY + timedelta(minutes=1)}, False),
    ({"provider": "africastalking"}, True),
    ({"provider": "file"}, False),
    ({"provider": "a gateway of before"}, False),
    ({"channel": "email"}, False),
    ({"state": "delivered", "delivered_at": NOW}, False),
    ({"state": "failed", "error": "It didn't reach the phone: 30003"}, False),
    ({"state": "cancelled", "reason": "gone", "sent_at": None}, False),
    ({"state": "retry", "finished_at": None}, False),
]


@pytest.mark.parametrize(("changes", "silent"), SILENT, ids=str)
def test_a_message_of_which_nobody_says_anything_shows_that_after_a_day(
    settings: Settings, changes: dict[str, object], silent: bool
) -> None:
    settings.SMS_PROVIDERS = ["twilio", "africastalking", "file"]
    settings.AFRICASTALKING_WEBHOOK_SECRET = "of-ours"
    row = sent(**{"channel": "sms", "provider": "twilio", "sent_at": NOW - A_DAY, **changes})
    assert is_unconfirmed(row, now=NOW) is silent
    assert Delivery.objects.filter(unconfirmed(now=NOW)).exists() is silent


def test_nothing_is_expected_of_a_provider_that_has_no_way_to_tell_us(settings: Settings) -> None:
    settings.SMS_PROVIDERS = ["africastalking"]
    settings.AFRICASTALKING_WEBHOOK_SECRET = ""
    row = sent(channel="sms", provider="africastalking", sent_at=NOW - A_DAY)
    assert not is_unconfirmed(row, now=NOW)
    assert not Delivery.objects.filter(unconfirmed(now=NOW)).exists()


def in_doubt(**changes: object) -> Delivery:
    """One of which Meta may have taken the first sending."""
    nothing_known = {"state": "retry", "provider_id": "", "sent_at": None, "finished_at": None, "failures": 1}
    return sent(**{**nothing_known, **changes})


def told(row: Delivery, provider_id: str = "wamid.7", key: str = "") -> bool:
    """Meta names the message by our key."""
    return taken_after_all("whatsapp", key or f"medguard-{row.pk}", "meta", provider_id, now=NOW)


@pytest.mark.parametrize("state", ["retry", "failed"])
def test_what_was_in_doubt_is_sent_as_soon_as_its_provider_names_it(state: str) -> None:
    row = in_doubt(state=state, error="Its answer got lost.")
    assert [told(row), told(row)] == [True, False]
    row.refresh_from_db()
    assert (row.state, row.provider_id, row.sent_at, row.finished_at) == ("sent", "wamid.7", NOW, NOW)
    assert (row.error, row.sendings) == ("", 1)
    assert Spending.objects.get().messages == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"state": "retry", "lease_owner": "a worker"},
        {"state": "cancelled"},
        {"provider": ""},
        {"provider": "twilio"},
        {"provider_id": "wamid.6"},
        {"channel": "sms"},
    ],
    ids=str,
)
def test_nothing_that_was_not_in_doubt_becomes_sent_by_that(changes: dict[str, object]) -> None:
    row = in_doubt(**changes)
    assert not told(row)
    before = (row.state, row.provider_id)
    row.refresh_from_db()
    assert (row.state, row.provider_id) == before
    assert not EarlyReceipt.objects.exists() and not Spending.objects.exists()


@pytest.mark.parametrize("key", ["medguard-", "reply-7", "medguard-0", f"medguard-{'9' * 40}", "medguard-x"])
def test_a_name_that_is_none_of_ours_changes_nothing(key: str) -> None:
    row = in_doubt()
    assert not told(row, key=key)
    row.refresh_from_db()
    assert row.state == "retry"


def test_several_that_are_one_message_are_sent_as_one_and_charged_for_once() -> None:
    first = in_doubt(lane=Lane.HELD)
    others = [in_doubt(lane=Lane.HELD, notification__recipient=first.notification.recipient) for _ in "ab"]
    Delivery.objects.update(digest=first.pk)
    another = in_doubt(notification__recipient=first.notification.recipient)
    assert told(first)
    states = dict(Delivery.objects.values_list("pk", "state"))
    assert states == {**dict.fromkeys([first.pk, *(each.pk for each in others)], "sent"), another.pk: "retry"}
    assert sorted(Delivery.objects.values_list("sendings", flat=True)) == [0, 0, 0, 1]


def test_what_a_provider_says_before_its_answer_got_lost_counts_then() -> None:
    row = in_doubt(state="sending", provider="", lease_owner="a worker")
    assert not told(row)
    assert note("whatsapp", "meta", Receipt("wamid.7", DELIVERED), now=NOW)
    Delivery.objects.update(state="retry", provider="meta", lease_owner="")
    assert settle_doubt("whatsapp", [f"medguard-{row.pk}"], now=NOW) == 1
    row.refresh_from_db()
    assert (row.state, row.provider_id) == ("delivered", "wamid.7")


def test_it_is_forgotten_once_the_answer_came_after_all() -> None:
    """Or a later sending in doubt would be taken for the one that it was about."""
    row = in_doubt(state="sending", provider="", lease_owner="a worker")
    told(row)
    apply_kept("whatsapp", [SendResult("meta", "wamid.7")], [f"medguard-{row.pk}"])
    assert not EarlyReceipt.objects.exists()
    Delivery.objects.update(state="retry", provider="meta", lease_owner="")
    assert settle_doubt("whatsapp", [f"medguard-{row.pk}"], now=NOW) == 0


def test_what_a_provider_says_while_the_doubt_is_written_down_is_not_left_lying(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    row = in_doubt(state="sending", provider="", lease_owner="a worker")
    keep = EarlyReceipt.objects.get_or_create

    def written_down_first(**values: object) -> object:
        Delivery.objects.update(state="retry", provider="meta", lease_owner="")
        assert settle_doubt("whatsapp", [f"medguard-{row.pk}"], now=NOW) == 0
        return keep(**values)

    monkeypatch.setattr(EarlyReceipt.objects, "get_or_create", written_down_first)
    assert told(row)
    row.refresh_from_db()
    assert row.state == "sent"
