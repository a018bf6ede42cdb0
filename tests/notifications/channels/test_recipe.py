"""The recipe for a channel, followed to the letter: the file that stands there is added, and carries messages."""

import importlib
import re
import socketserver
import threading
from collections.abc import Iterator
from datetime import time
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.conf import settings as site
from django.test import Client
from django.utils import timezone

from notifications.channels.base import Channel
from notifications.models import Delivery, NotificationPreferences
from notifications.pipeline.deliver import deliver, deliver_held
from notifications.services import NotificationService
from tests.factories import UserFactory
from tests.notifications.conftest import NOW

pytestmark = pytest.mark.django_db

RECIPE = (
    (Path(site.BASE_DIR) / "CONTRIBUTING.md")
    .read_text()
    .partition("## Add a channel")[2]
    .partition("\n## ")[0]
)
NUMBER, STRANGE_NUMBER = "+27825550101", "+27825550102"


class Gateway(socketserver.ThreadingTCPServer):
    """What stands in the cellar: it answers OK with a number, or what it is told to."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Line)
        self.got: list[str] = []
        self.says = ""


class Line(socketserver.StreamRequestHandler):
    server: Gateway

    def handle(self) -> None:
        while line := self.rfile.readline().decode().strip():
            self.server.got.append(line)
            nobody = line.startswith(STRANGE_NUMBER)
            self.wfile.write(f"{'NOBODY' if nobody else self.server.says or 'OK 17'}\n".encode())


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    with Gateway() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture(autouse=True)
def _added(tmp_path: Path, gateway: Gateway, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """One file and one setting, as the recipe says."""
    [block] = re.findall(r"^ *```python\n(.*?)^ *```", RECIPE, re.DOTALL | re.MULTILINE)
    (tmp_path / "pager_of_the_recipe.py").write_text(re.sub(r"^   ", "", block, flags=re.MULTILINE))
    monkeypatch.syspath_prepend(tmp_path)
    module = importlib.import_module("pager_of_the_recipe")
    monkeypatch.setattr(module, "GATEWAY", gateway.server_address)
    settings.NOTIFICATION_CHANNELS = [*site.NOTIFICATION_CHANNELS, "pager_of_the_recipe.PagerChannel"]


@pytest.fixture
def thandi() -> Any:
    return UserFactory(phone=NUMBER)


def tell(*users: Any, title: str = "Closed on Friday") -> None:
    NotificationService.send(
        users=users, title=title, message="All day.", notif_type="event", channels=["in_app", "pager"]
    )


def test_the_recipe_names_all_that_a_channel_must_have() -> None:
    named = set(re.findall(r"`([a-z_]+)`", RECIPE.partition("```python")[0]))
    assert {"name", "label", *Channel.__abstractmethods__} <= named


def test_a_message_goes_through_it(gateway: Gateway, thandi: Any, client: Client) -> None:
    tell(thandi)
    assert deliver("pager", now=timezone.now()).sent == 1
    [line] = gateway.got
    assert line.startswith(f"{NUMBER} ")
    row = Delivery.objects.get(channel="pager")
    assert (row.state, row.provider, row.provider_id) == ("sent", "pager", "17")
    client.force_login(thandi)
    why = client.get(f"/en/inbox/{row.notification_id}/").content.decode()
    assert "Pager" in why
    assert f"Sent to {NUMBER}" in why


def test_people_choose_it(gateway: Gateway, thandi: Any, client: Client) -> None:
    client.force_login(thandi)
    assert 'name="event.pager"' in client.get("/en/preferences/").content.decode()
    for chosen in ({}, {"event.pager": "on"}):
        client.post("/en/preferences/", {"part": "channels", "only": "event.pager", **chosen})
        NotificationService.send(users=[thandi], title="Closed", message="All day.", notif_type="event")
    deliver("pager", now=timezone.now())
    assert len(gateway.got) == 1


@time_machine.travel(NOW)
def test_what_quiet_hours_hold_goes_through_it_as_one(gateway: Gateway, thandi: Any) -> None:
    NotificationPreferences.objects.create(
        user=thandi, quiet_hours_enabled=True, quiet_hours_start=time(0, 1), quiet_hours_end=time(0, 0)
    )
    tell(thandi)
    tell(thandi, title="Open on Saturday")
    NotificationPreferences.objects.update(quiet_hours_enabled=False)
    Delivery.objects.update(due_at=timezone.now())
    assert deliver_held("pager", now=timezone.now()).sent == 2
    assert gateway.got == [f"{NUMBER} You have 2 messages from your clinic"]


def test_its_errors_say_whether_to_try_again(gateway: Gateway, thandi: Any) -> None:
    gateway.says = "BUSY"
    tell(UserFactory(phone=STRANGE_NUMBER))
    tell(thandi)
    deliver("pager", now=timezone.now())
    states = Delivery.objects.order_by("notification_id").values_list("state", "error")
    assert list(states) == [("failed", "The gateway said NOBODY."), ("retry", "The gateway said BUSY.")]


def test_without_its_gateway_all_waits(
    gateway: Gateway, thandi: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pager_of_the_recipe.GATEWAY", ("127.0.0.1", 1))
    tell(thandi)
    deliver("pager", now=timezone.now())
    row = Delivery.objects.get()
    assert (row.state, row.error) == ("retry", "The pagers' gateway can't be reached.")
