"""E-mail through a service's HTTP interface, which says yes, says no in its documented ways, and says nothing."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

import pytest
from pytest_django import Settings

from notifications.channels.email.channel import EmailChannel
from notifications.exceptions import ChannelError
from tests.notifications.channels.email.test_channel import MESSAGE, free_port, send


@dataclass
class Mailgun:
    """Answers as Mailgun documents it: `answer` is (status, headers); hangs until `ended` when it is None."""

    port: int
    answer: tuple[int, dict[str, str]] | None = (200, {})
    calls: list[tuple[str, str]] = field(default_factory=list)
    ended: Event = field(default_factory=Event)


@pytest.fixture
def mailgun(settings: Settings) -> Iterator[Mailgun]:
    service = Mailgun(port=0)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            service.calls.append((self.path, body.decode("utf-8", "replace")))
            if service.answer is None:
                service.ended.wait(10)
                return
            status, headers = service.answer
            said = json.dumps(
                {"id": "<20261124.1@mg.clinic.example>", "message": "Queued. Thank you."}
            ).encode()
            self.send_response(status)
            for name, value in {**headers, "Content-Type": "application/json"}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    service.port = server.server_port
    _use(settings, service.port)
    yield service
    service.ended.set()
    server.shutdown()
    server.server_close()
    thread.join()


def _use(settings: Settings, port: int) -> None:
    settings.EMAIL_BACKEND = "anymail.backends.mailgun.EmailBackend"
    settings.ANYMAIL = {
        "MAILGUN_API_KEY": "key",
        "MAILGUN_SENDER_DOMAIN": "mg.clinic.example",
        "MAILGUN_API_URL": f"http://127.0.0.1:{port}/v3",
    }
    settings.DEFAULT_FROM_EMAIL = "MedGuard <reminders@clinic.example>"
    settings.BASE_URL = "https://clinic.example"


def test_what_it_takes_has_its_own_name_there_and_our_message_id(mailgun: Mailgun) -> None:
    [sent] = send(MESSAGE)
    assert (sent.provider, sent.provider_id) == ("Mailgun", "<20261124.1@mg.clinic.example>")
    [(path, body)] = mailgun.calls
    assert path == "/v3/mg.clinic.example/messages"
    assert "medguard-7%40clinic.example" in body or "<medguard-7@clinic.example>" in body


@pytest.mark.parametrize(
    ("status", "headers", "permanent", "wait"),
    [
        (400, {}, True, None),
        (413, {}, True, None),
        (401, {}, False, None),
        (403, {}, False, None),
        (429, {"Retry-After": "120"}, False, timedelta(minutes=2)),
        (429, {}, False, None),
        (500, {}, False, None),
        (503, {"Retry-After": "soon"}, False, None),
    ],
)
def test_what_it_answers_decides_about_trying_again(
    mailgun: Mailgun, status: int, headers: dict[str, str], permanent: bool, wait: timedelta | None
) -> None:
    mailgun.answer = (status, headers)
    [refused] = send(MESSAGE)
    assert isinstance(refused, ChannelError)
    assert (refused.permanent, refused.retry_after) == (permanent, wait)
    assert str(status) in str(refused)
    assert "thandi" not in str(refused)
    mailgun.answer = (200, {})
    assert send(MESSAGE)[0].provider == "Mailgun"


def test_one_that_hangs_or_is_away_is_worth_another_try(
    mailgun: Mailgun, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(EmailChannel, "timeout", 0.3)
    mailgun.answer = None
    [hung] = send(MESSAGE)
    _use(settings, free_port())
    [away] = send(MESSAGE)
    assert {(each.permanent, str(each)) for each in (hung, away)} == {
        (False, "The e-mail service can't be reached.")
    }
