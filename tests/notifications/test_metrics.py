"""What /metrics tells, to whom, and what it costs."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from notifications.channels.breaker import mark_down
from notifications.channels.gateways import REST
from notifications.health import checks, measures
from notifications.health.metrics import FINISHED, UNFINISHED
from notifications.models import (
    ConsumerHeartbeat,
    Delivery,
    EventRecord,
    InboundMessage,
    ListenerCall,
    Notification,
    PeriodicRun,
    PeriodicTask,
)
from notifications.selectors import database_state, overdue
from notifications.selectors.database_state import Table, Transactions
from tests.notifications.factories import DeliveryFactory, NotificationFactory

pytestmark = pytest.mark.django_db
TOKEN = "a-long-and-quiet-word"
Samples = dict[tuple[str, ...], float]


@pytest.fixture(autouse=True)
def token(settings: Any) -> None:
    settings.NOTIFICATION_METRICS_TOKEN = TOKEN


@pytest.fixture(autouse=True)
def _pigeons(pigeons: object) -> Iterator[None]:
    """The one channel there is."""
    return


def read(client: Client) -> Samples:
    """The value of each, by name and labels."""
    response = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert response.status_code == 200
    assert response["Content-Type"].startswith("text/plain; version=")
    return {
        (sample.name.removeprefix("medguard_"), *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(response.content.decode())
        for sample in family.samples
    }


def ago(**parts: int) -> Any:
    return timezone.now() - timedelta(**parts)


def test_deliveries_are_counted_by_channel_and_state(client: Client) -> None:
    DeliveryFactory.create_batch(2)
    DeliveryFactory(state="retry", due_at=ago(minutes=-5))
    DeliveryFactory(state="sent", finished_at=ago(minutes=59))
    DeliveryFactory(state="failed", finished_at=ago(minutes=1))
    DeliveryFactory(state="failed", finished_at=ago(minutes=61))
    DeliveryFactory(channel="owls", state="sending")
    found = read(client)
    unfinished = {key[1:]: value for key, value in found.items() if key[0] == "deliveries_unfinished"}
    finished = {key[1:]: value for key, value in found.items() if key[0] == "deliveries_finished_last_hour"}
    assert unfinished == {
        ("owls", "sending"): 1,
        ("pigeons", "pending"): 2,
        ("pigeons", "retry"): 1,
        ("pigeons", "sending"): 0,
    }
    assert finished == {
        ("pigeons", "cancelled"): 0,
        ("pigeons", "delivered"): 0,
        ("pigeons", "expired"): 0,
        ("pigeons", "failed"): 1,
        ("pigeons", "sent"): 1,
    }


def test_every_state_is_counted_in_one_place() -> None:
    assert sorted([*UNFINISHED, *FINISHED]) == sorted(Delivery.State)


def test_the_longest_waiting_of_each_kind_of_work_is_told(client: Client) -> None:
    record = EventRecord.objects.create(
        event_type="weather.rain",
        payload={},
        created_at=ago(),
        delete_at=ago(days=-1),
        due_at=ago(seconds=40),
    )
    ListenerCall.objects.create(event_record=record, listener="audit", due_at=ago(seconds=30))
    DeliveryFactory(due_at=ago(seconds=20))
    DeliveryFactory(due_at=ago(seconds=900), finished_at=ago(), state="sent")
    NotificationFactory(scheduled_status=Notification.Status.PENDING, scheduled_at=ago(seconds=50))
    NotificationFactory(scheduled_status=Notification.Status.FAILED, scheduled_at=ago(days=5))
    task = PeriodicTask.objects.create(name="Late", cron="* * * * *", timezone="UTC", last_slot=ago())
    PeriodicRun.objects.create(task=task, slot=ago(seconds=60), due_at=ago(seconds=60))
    InboundMessage.objects.create(
        provider="twilio", provider_id="SM1", received_at=ago(), due_at=ago(seconds=70)
    )
    found = read(client)
    late = {key[1]: round(value, -1) for key, value in found.items() if key[0] == "overdue_seconds"}
    assert late == {
        "delivery": 20,
        "inbound_sms": 70,
        "publication": 40,
        "listener_call": 30,
        "scheduled_message": 50,
        "periodic_slot": 60,
    }


def test_each_sms_provider_is_up_or_not(client: Client, settings: Any) -> None:
    settings.SMS_PROVIDERS = ["africastalking", "twilio"]
    mark_down("twilio", reason="It answered 500.", rest=REST, now=timezone.now())
    up = {key[1]: value for key, value in read(client).items() if key[0] == "sms_provider_up"}
    assert up == {"africastalking": 1, "twilio": 0}


def test_so_are_the_providers_of_whatsapp_and_of_calls(client: Client, settings: Any) -> None:
    """Each for itself: a company's SMS may work while its calls don't."""
    settings.SMS_PROVIDERS = settings.VOICE_PROVIDERS = ["africastalking", "twilio"]
    settings.WHATSAPP_PROVIDER = "twilio"
    for name in ("voice-africastalking", "whatsapp-twilio"):
        mark_down(name, reason="It answered 500.", rest=REST, now=timezone.now())
    up = {key: value for key, value in read(client).items() if key[0].endswith("_provider_up")}
    assert up == {
        ("sms_provider_up", "africastalking"): 1,
        ("sms_provider_up", "twilio"): 1,
        ("voice_provider_up", "africastalking"): 0,
        ("voice_provider_up", "twilio"): 1,
        ("whatsapp_provider_up", "twilio"): 0,
    }


def test_nothing_is_late_before_its_time(client: Client) -> None:
    DeliveryFactory(due_at=ago(minutes=-5))
    NotificationFactory(scheduled_status=Notification.Status.PENDING, scheduled_at=ago(minutes=-5))
    found = read(client)
    assert {value for key, value in found.items() if key[0] == "overdue_seconds"} == {0}


def test_consumers_are_counted_by_their_sign_of_life(client: Client) -> None:
    assert ("consumer_heartbeat_age_seconds",) not in read(client)
    assert read(client)["up", "consumer"] == 0
    ConsumerHeartbeat.objects.create(consumer="dead", beat_at=ago(days=2))
    for number in (70, 10):
        ConsumerHeartbeat.objects.create(consumer=f"alive {number}", beat_at=ago(seconds=number))
    found = read(client)
    assert found["consumers",] == 2
    assert 10 <= found["consumer_heartbeat_age_seconds",] < 20
    assert found["up", "consumer"] == 1


def test_the_queue_is_measured(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks.HUEY, "pending_count", lambda: 7)
    assert read(client)["queue_length",] == 7


def test_a_queue_that_is_down_hides_nothing_else(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def down() -> int:
        raise ConnectionError

    monkeypatch.setattr(checks.HUEY, "pending_count", down)
    found = read(client)
    assert (found["up", "queue"], found["up", "database"]) == (0, 1)
    assert ("queue_length",) not in found
    assert found["overdue_seconds", "delivery"] == 0


def test_a_database_that_is_down_is_told(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def down(**kwargs: object) -> None:
        raise DatabaseError

    class Down:
        cursor = staticmethod(down)

    monkeypatch.setattr(checks, "connection", Down())
    monkeypatch.setattr(measures, "unfinished_deliveries", down)
    found = read(client)
    assert found["up", "database"] == 0
    assert ("deliveries_unfinished", "pigeons", "pending") not in found
    assert found["up", "queue"] == 1


@pytest.mark.parametrize(
    "authorization", ["", TOKEN, f"Bearer {TOKEN}x", "Bearer ", "Bearer é", f"Token {TOKEN}"]
)
def test_strangers_find_nothing_there(client: Client, authorization: str) -> None:
    assert client.get("/metrics", headers={"Authorization": authorization}).status_code == 404


def test_without_a_token_it_is_closed_to_all(client: Client, settings: Any) -> None:
    settings.NOTIFICATION_METRICS_TOKEN = ""
    assert client.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404


def test_in_a_trial_it_is_open(client: Client, settings: Any) -> None:
    settings.DEBUG = True
    assert client.get("/metrics").status_code == 200


def test_it_is_kept_nowhere_and_only_read(client: Client, settings: Any) -> None:
    settings.DEBUG = True
    assert "no-store" in client.get("/metrics")["Cache-Control"]
    assert client.post("/metrics").status_code == 405


def test_a_newer_prometheus_gets_the_newer_format(client: Client, settings: Any) -> None:
    settings.DEBUG = True
    response = client.get("/metrics", headers={"Accept": "application/openmetrics-text; version=1.0.0"})
    assert response["Content-Type"].startswith("application/openmetrics-text")
    assert response.content.endswith(b"# EOF\n")


def test_it_takes_a_fixed_number_of_queries(client: Client) -> None:
    read(client)
    with CaptureQueriesContext(connection) as few:
        read(client)
    DeliveryFactory.create_batch(20)
    DeliveryFactory.create_batch(20, state="sent", finished_at=ago(minutes=1))
    with CaptureQueriesContext(connection) as many:
        read(client)
    assert len(many) == len(few) <= 15


@pytest.mark.parametrize(
    ("measure", "index"),
    [
        (measures.unfinished_deliveries, "delivery_unfinished"),
        (lambda: measures.deliveries_finished_lately(now=timezone.now()), "delivery_to_wipe"),
        (lambda: overdue.overdue_delivery(now=timezone.now()), "delivery_unfinished"),
        (lambda: overdue.overdue_publication(now=timezone.now()), "event_record_unfinished"),
        (lambda: overdue.overdue_scheduled(now=timezone.now()), "notification_pending"),
    ],
    ids=["unfinished", "finished", "delivery", "publication", "scheduled"],
)
def test_it_reads_no_table_but_by_its_partial_index(measure: Any, index: str) -> None:
    with CaptureQueriesContext(connection) as asked:
        found = measure()
        if not isinstance(found, float):
            list(found)
    (query,) = asked.captured_queries
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # An empty table is read as a whole for good reason; a full one would not be.
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute(f"EXPLAIN {query['sql']}")
        else:
            cursor.execute(f"EXPLAIN QUERY PLAN {query['sql']}")
        plan = "\n".join(str(row) for row in cursor.fetchall())
    assert index in plan


def test_open_transactions_and_dead_rows_are_told(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database_state, "transactions", lambda: Transactions(75.5, 2))
    monkeypatch.setattr(database_state, "hot_tables", lambda: [Table("notifications_delivery", 40, 3)])
    found = read(client)
    assert (found["oldest_transaction_seconds",], found["hidden_sessions",]) == (75.5, 2)
    rows = {key[1:]: value for key, value in found.items() if key[0] == "table_rows"}
    assert rows == {("live", "notifications_delivery"): 40, ("dead", "notifications_delivery"): 3}


def test_on_sqlite_nothing_of_the_kind_is_told(client: Client) -> None:
    told = {key[0] for key in read(client)} & {"oldest_transaction_seconds", "hidden_sessions", "table_rows"}
    assert len(told) == (3 if connection.vendor == "postgresql" else 0)
