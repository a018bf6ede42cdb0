from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import DatabaseError
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from notifications import tasks
from notifications.health import checks
from notifications.models import ConsumerHeartbeat, Delivery
from tests.notifications.inbox.conftest import make_message, make_user


@pytest.fixture(autouse=True)
def heartbeat(db: None) -> ConsumerHeartbeat:
    ConsumerHeartbeat.objects.create(consumer="dead", beat_at=timezone.now() - timedelta(days=9))
    return ConsumerHeartbeat.objects.create(consumer="alive", beat_at=timezone.now() - timedelta(seconds=70))


def overdue(seconds: int, **fields: Any) -> None:
    message = make_message(make_user(f"{seconds}@demo.medguard.test"))
    due_at = timezone.now() - timedelta(seconds=seconds)
    Delivery.objects.create(
        notification=message, channel="email", address="a@b.test", due_at=due_at, **fields
    )


def test_a_process_that_answers_is_alive(client: Client) -> None:
    response = client.get("/health/live/")
    assert response.status_code == 200
    assert response.json() == {"status": "ok"}
    assert "no-store" in response["Cache-Control"]


def test_all_is_well(client: Client) -> None:
    overdue(200)
    overdue(900, finished_at=timezone.now())
    overdue(-900)
    response = client.get("/health/ready/")
    found = response.json()
    assert response.status_code == 200, found
    assert found["status"] == found["database"]["status"] == found["queue"]["status"] == "ok"
    assert 69 <= found["consumer"]["heartbeat_age_seconds"] <= 80
    assert 199 <= found["deliveries"]["oldest_overdue_seconds"] <= 210
    assert "no-store" in response["Cache-Control"]


def test_a_silent_consumer_is_unwell(client: Client, heartbeat: ConsumerHeartbeat) -> None:
    heartbeat.beat_at = timezone.now() - timedelta(seconds=151)
    heartbeat.save()
    response = client.get("/health/ready/")
    assert response.status_code == 503
    assert response.json()["consumer"]["status"] == response.json()["status"] == "unwell"


def test_no_consumer_at_all_is_unwell(client: Client) -> None:
    ConsumerHeartbeat.objects.all().delete()
    assert client.get("/health/ready/").json()["consumer"] == {
        "status": "unwell",
        "heartbeat_age_seconds": None,
    }


def test_a_delivery_that_nobody_takes_is_unwell(client: Client) -> None:
    overdue(310)
    response = client.get("/health/ready/")
    assert response.status_code == 503
    assert response.json()["deliveries"]["status"] == "unwell"


def test_a_queue_that_is_down_is_named(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def down() -> int:
        raise ConnectionError("no queue here")

    monkeypatch.setattr(checks.HUEY, "pending_count", down)
    response = client.get("/health/ready/")
    assert response.status_code == 503
    found = response.json()
    assert found["queue"] == {"status": "unwell"}
    assert found["consumer"]["status"] == "ok"


def test_a_database_that_is_down_is_named(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    class Down:
        def cursor(self) -> None:
            raise DatabaseError("no database here")

    monkeypatch.setattr(checks, "connection", Down())
    response = client.get("/health/ready/")
    assert response.status_code == 503
    assert response.json()["database"] == {"status": "unwell"}


def test_the_command_says_it_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("health")
    line = capsys.readouterr().out
    assert line.count("\n") == 1
    assert "database ok" in line
    assert "oldest_overdue_seconds 0" in line


def test_the_command_fails_when_something_is_unwell(capsys: pytest.CaptureFixture[str]) -> None:
    ConsumerHeartbeat.objects.all().delete()
    with pytest.raises(SystemExit) as ended:
        call_command("health")
    assert ended.value.code == 1
    assert "consumer unwell" in capsys.readouterr().out


def test_a_consumers_second_sign_of_life_is_one_statement_that_holds_no_lock(
    django_assert_num_queries: DjangoAssertNumQueries, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks, "close_old_connections", lambda: None)
    tasks.beat()
    mine = ConsumerHeartbeat.objects.exclude(consumer__in=["alive", "dead"])
    mine.update(beat_at=timezone.now() - timedelta(days=1))
    with django_assert_num_queries(1):
        tasks.beat()
    assert timezone.now() - mine.get().beat_at < timedelta(minutes=5)
