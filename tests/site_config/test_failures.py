"""An exception in a page or in a task reaches ADMINS by mail and Sentry, and nobody's data go with it."""

import gzip
import json
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socket import socket
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.core import mail
from django.core.cache import cache
from django.core.mail.backends.base import BaseEmailBackend
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from site_config import error_mail
from site_config.environment import BASE_DIR
from site_config.error_mail import QUIET, ErrorMailHandler
from site_config.failures import request_facts
from site_config.request_id import request_id_middleware

PLANTED = {"NAME": "Nomvula-Dlamini", "PHONE": "+27-82-555-0199", "MEDICINE": "Metformin"}
ADMIN = "sipho@clinic.example"


@dataclass
class Listener:
    """A mail server and Sentry, as far as they take what they are sent."""

    mails: list[bytes] = field(default_factory=list)
    to: list[str] = field(default_factory=list)
    posts: list[tuple[str, bytes]] = field(default_factory=list)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        assert isinstance(envelope.content, bytes)
        self.mails.append(envelope.content)
        self.to += envelope.rcpt_tos
        return "250 OK"

    def mail(self) -> Any:
        (content,) = self.mails
        return message_from_bytes(content, policy=policy.default)

    def text(self) -> str:
        return str(self.mail().get_content()).replace("\r\n", "\n")

    def event(self) -> dict[str, Any]:
        """The one event in the one envelope: a header, then each item with a header of its own, a line of JSON each."""
        ((path, envelope),) = self.posts
        assert path == "/api/1/envelope/"
        _envelope_header, item_header, item = (json.loads(line) for line in envelope.splitlines())
        assert item_header["type"] == "event"
        return dict(item)


@contextmanager
def sentry(listener: Listener) -> Iterator[int]:
    class Ingest(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            zipped = self.headers.get("Content-Encoding") == "gzip"
            listener.posts.append((self.path, gzip.decompress(body) if zipped else body))
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Ingest) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


@contextmanager
def mail_server(listener: Listener) -> Iterator[int]:
    with closing(socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    controller = Controller(listener, hostname="127.0.0.1", port=port)
    controller.start()
    yield port
    controller.stop()


@pytest.fixture(scope="module", params=["request", "task"])
def fallen(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Listener]:
    """What was told when something failed in a process of its own: in a page, or in a task of a consumer."""
    listener = Listener()
    with mail_server(listener) as smtp, sentry(listener) as ingest:
        environment = {
            "PATH": os.environ["PATH"],
            "DATA_DIR": str(tmp_path_factory.mktemp("site")),
            "DJANGO_SETTINGS_MODULE": "site_config.settings",
            "DEBUG": "false",
            "SECRET_KEY": "k" * 50,
            "EMAIL_URL": f"smtp://127.0.0.1:{smtp}",
            "ADMINS": f"Sipho Dube <{ADMIN}>",
            "SENTRY_DSN": f"http://key@127.0.0.1:{ingest}/1",
            **{f"PLANTED_{name}": value for name, value in PLANTED.items()},
        }
        done = subprocess.run(
            [sys.executable, "-m", "tests.site_config.failing", request.param],
            cwd=BASE_DIR,
            env=environment,
            capture_output=True,
            text=True,
        )
    assert done.returncode == 0, done.stderr
    return request.param, listener


def test_the_admins_get_one_mail_with_kind_and_place(fallen: tuple[str, Listener]) -> None:
    where, listener = fallen
    told = listener.mail()
    assert listener.to == [ADMIN]
    assert told["Subject"].startswith("[MedGuard] LookupError in failing.py, line ")
    text = listener.text()
    assert "error: LookupError" in text and "in stumble" in text
    assert 'raise LookupError(f"{name} ({phone}) has no {medicine}") from error' in text
    assert text.index("ValueError") < text.rindex("LookupError")
    assert ("request: request-17" in text) is (where == "request")


def test_sentry_gets_one_event_with_kind_and_place(fallen: tuple[str, Listener]) -> None:
    where, listener = fallen
    event = listener.event()
    assert [each["type"] for each in event["exception"]["values"]] == ["ValueError", "LookupError"]
    frames = [frame["function"] for frame in event["exception"]["values"][-1]["stacktrace"]["frames"]]
    assert frames[-1] == "stumble"
    assert event["logger"] == ("django.request" if where == "request" else "huey")


def test_a_request_is_told_by_its_pattern(fallen: tuple[str, Listener]) -> None:
    where, listener = fallen
    facts = {
        "request": "request-17",
        "method": "POST",
        "route": "health/patients/<str:name>/",
        "view": "patient",
    }
    if where == "task":
        facts = {}
    assert listener.event()["tags"] == facts
    text = listener.text()
    assert all(f"{name}: {value}\n" in text for name, value in facts.items())


def test_nobodys_data_are_told(fallen: tuple[str, Listener]) -> None:
    _where, listener = fallen
    sent = b"".join([*listener.mails, listener.text().encode(), *(body for _, body in listener.posts)])
    parts = {part for value in PLANTED.values() for part in (value, *value.split("-")) if len(part) > 3}
    assert {part for part in parts if part.encode() in sent} == set()
    assert not {"user", "request", "breadcrumbs", "extra", "contexts", "logentry"} & set(listener.event())


@pytest.fixture
def handler(settings: Any) -> ErrorMailHandler:
    settings.ADMINS = [("Sipho Dube", ADMIN)]
    cache.clear()
    return ErrorMailHandler()


def fail(handler: logging.Handler, error: Exception, name: str = "notifications") -> None:
    try:
        raise error
    except Exception:
        logger = logging.Logger(name)
        logger.addHandler(handler)
        logger.exception("Oh.")


def test_a_storm_of_one_error_is_one_mail(handler: ErrorMailHandler) -> None:
    for _ in range(1_000):
        fail(handler, ValueError())
    handler.flush()
    assert len(mail.outbox) == 1


def test_after_a_while_it_is_told_again_and_how_often_it_happened(
    handler: ErrorMailHandler, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1_000.0
    monkeypatch.setattr("site_config.error_mail.time.monotonic", lambda: now)
    for _ in range(5):
        fail(handler, ValueError())
    handler.flush()
    cache.clear()  # whose own clock has moved on too
    now += QUIET
    fail(handler, ValueError())
    monkeypatch.undo()
    handler.flush()
    assert [("4 times more" in each.body) for each in mail.outbox] == [False, True]


def test_another_error_is_another_mail(handler: ErrorMailHandler) -> None:
    fail(handler, ValueError())
    fail(handler, KeyError())
    handler.flush()
    assert len(mail.outbox) == 2


def test_processes_that_share_a_cache_tell_an_error_once(handler: ErrorMailHandler) -> None:
    for each in (handler, ErrorMailHandler()):
        fail(each, ValueError())
        each.flush()
    assert len(mail.outbox) == 1


def test_what_strangers_forge_and_what_is_no_exception_is_not_mailed(handler: ErrorMailHandler) -> None:
    fail(handler, ValueError(), "django.security.DisallowedHost")
    logger = logging.Logger("notifications")
    logger.addHandler(handler)
    logger.error("SMS provider %(provider)s is down.", {"provider": "twilio"})
    handler.flush()
    assert mail.outbox == []


class Hanging(BaseEmailBackend):
    """A mail server that is down, and says so only when it is told to."""

    answers = threading.Event()

    def send_messages(self, messages: Any) -> int:
        Hanging.answers.wait(30)
        raise ConnectionRefusedError


def test_mail_that_is_down_holds_nobody_up_and_calls_for_no_more_mail(
    handler: ErrorMailHandler, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    settings.EMAIL_BACKEND = f"{__name__}.Hanging"
    root = logging.getLogger()
    root.addHandler(handler)
    try:
        fail(handler, ValueError())  # comes back though nobody answers
        Hanging.answers.set()
        handler.flush()
    finally:
        root.removeHandler(handler)
        Hanging.answers.clear()
    said = [
        (record.levelname, record.getMessage())
        for record in caplog.records
        if record.name == error_mail.__name__
    ]
    assert said == [("WARNING", "An error could not be mailed: ConnectionRefusedError")]


def test_outside_of_requests_there_are_no_facts_of_one(rf: RequestFactory) -> None:
    asked: list[dict[str, str]] = []

    def view(request: HttpRequest) -> HttpResponse:
        asked.append(request_facts())
        return HttpResponse()

    request_id_middleware(view)(rf.get("/", headers={"X-Request-ID": "abc"}))
    assert asked[0] == {"request": "abc", "method": "GET", "route": "", "view": ""}
    assert request_facts() == {}
