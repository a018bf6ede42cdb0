"""While messages are delivered and fail, no line of the log tells who they are for or what they say."""

import io
import logging
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from huey.contrib.djhuey import HUEY

from notifications import bus
from notifications.exceptions import ChannelError
from notifications.models import Delivery, EventRecord, Notification
from notifications.pipeline.deliver import deliver
from notifications.pipeline.fan_out import FanOut, fan_out
from notifications.scheduling.sending import send_due
from notifications.types import Message
from site_config.logs import JsonLine, TextLine
from tests.factories import UserFactory
from tests.notifications.conftest import Ground, Pigeons
from tests.notifications.factories import DeliveryFactory, NotificationFactory

pytestmark = pytest.mark.django_db

PRIVATE = (
    "Nomvula",
    "Dlamini",
    "nomvula@",
    "82 555 0199",
    "825550199",
    "Metformin",
    "Your tablets",
    "the loft",
)
QUOTED = "Nomvula Dlamini has no Metformin"
LOGGERS = ("", "huey", "notifications", "django", "axes")


@pytest.fixture(params=[TextLine, JsonLine])
def log(request: pytest.FixtureRequest, caplog: pytest.LogCaptureFixture) -> Iterator[Callable[[], str]]:
    """What the site's own formatter makes of every record, down to the most talkative."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(request.param(quote_errors=False))
    caplog.set_level(logging.INFO)
    propagating = {name: logging.getLogger(name).propagate for name in LOGGERS}
    logging.getLogger().addHandler(handler)
    for name in LOGGERS[1:]:
        logging.getLogger(name).propagate = True
    yield stream.getvalue
    logging.getLogger().removeHandler(handler)
    for name, propagate in propagating.items():
        logging.getLogger(name).propagate = propagate


@pytest.fixture
def nomvula() -> Any:
    return UserFactory(
        first_name="Nomvula", last_name="Dlamini", email="nomvula@demo.medguard.test", phone="+27825550199"
    )


def assert_discreet(lines: str) -> None:
    assert lines
    assert [each for each in PRIVATE if each in lines] == []


def stumble(*args: Any, **kwargs: Any) -> None:
    raise LookupError(QUOTED)


def for_her(nomvula: Any, **changes: Any) -> Delivery:
    return DeliveryFactory(
        notification__recipient=nomvula,
        notification__title="Your tablets",
        notification__body="Nomvula, take your Metformin.",
        address="nomvula@demo.medguard.test",
        body="Nomvula, take your Metformin.",
        **changes,
    )


def quoting(error: type[Exception]) -> Callable[[Message], None]:
    """A channel that fails and says of whom, as servers and libraries do."""

    def fail(message: Message) -> None:
        said = f"550 {message.address}: {message.body}"
        raise ChannelError(said, permanent=True) if error is ChannelError else error(said)

    return fail


@pytest.mark.parametrize("error", [None, ChannelError, ValueError, KeyError, UnicodeError])
def test_of_a_delivery_only_the_id_is_told(
    error: type[Exception] | None, nomvula: Any, pigeons: type[Pigeons], log: Callable[[], str]
) -> None:
    row = for_her(nomvula)
    pigeons.on_send = quoting(error) if error else None
    deliver("pigeons", now=timezone.now())
    row.refresh_from_db()
    if error is None:
        assert row.state == "sent"
        assert not any(each in log() for each in PRIVATE)
    else:
        assert "Metformin" in row.error  # staff who may see the row are told
        assert str(row.pk) in log()
        assert_discreet(log())


def test_of_a_publication_that_fails_only_the_id_is_told(
    nomvula: Any, rain: type[Ground], monkeypatch: pytest.MonkeyPatch, log: Callable[[], str]
) -> None:
    monkeypatch.setattr("notifications.pipeline.fan_out.tell", stumble)
    record = bus.publish("weather.rain", {"user_ids": [nomvula.pk]})
    fan_out(now=timezone.now())
    record.refresh_from_db()
    assert record.state == EventRecord.State.PENDING and "Metformin" in record.error
    assert str(record.pk) in log()
    assert_discreet(log())


def test_of_a_scheduled_message_that_fails_only_the_id_is_told(
    nomvula: Any, monkeypatch: pytest.MonkeyPatch, log: Callable[[], str]
) -> None:
    row = NotificationFactory(
        recipient=nomvula,
        title="Your tablets",
        body="Metformin",
        scheduled_status=Notification.Status.PENDING,
        scheduled_at=timezone.now() - timedelta(minutes=1),
    )
    monkeypatch.setattr("notifications.scheduling.sending.compose", stumble)
    send_due(now=timezone.now(), done=FanOut())
    row.refresh_from_db()
    assert row.scheduled_status == Notification.Status.FAILED
    assert str(row.pk) in log()
    assert_discreet(log())


def test_of_a_task_that_fails_only_its_id_is_told(log: Callable[[], str]) -> None:
    task = HUEY.task(name="stumble")(stumble)
    instance = task.s()
    HUEY.execute(instance)
    HUEY._registry.unregister(task.task_class)
    assert instance.id in log()
    assert_discreet(log())


def test_of_a_page_that_fails_only_the_path_is_told(
    nomvula: Any, client: Client, monkeypatch: pytest.MonkeyPatch, log: Callable[[], str]
) -> None:
    client.raise_request_exception = False
    client.force_login(nomvula)
    monkeypatch.setattr("notifications.inbox.views.render", stumble)
    assert client.get("/en/inbox/?q=Metformin").status_code == 500
    assert "/en/inbox/" in log()
    assert_discreet(log())


def test_of_wrong_passwords_no_login_is_told(nomvula: Any, client: Client, log: Callable[[], str]) -> None:
    for _ in range(11):
        client.post("/en/accounts/login/", {"login": nomvula.email, "password": "Metformin"})
    assert "AXES" in log()
    assert_discreet(log())
    assert "127.0.0.1" not in log()
