"""Bodies that nobody should send: answered in JSON, with what is wrong, and never with a 500."""

import asyncio
import io
import json
from typing import Any

import pytest
from django.core.handlers.asgi import ASGIRequest
from django.db import OperationalError
from django.test import Client, RequestFactory

from notifications.api import body
from notifications.api.errors import BodyTooLargeError
from notifications.models import Notification
from notifications.scheduler import NotificationScheduler
from site_config.asgi import application
from tests.notifications.api.conftest import Program
from tests.notifications.inbox.conftest import make_message

SCHEDULE = "/api/notifications/schedule/"
PREFERENCES = "/api/notification-preferences/"
DEEP = '{"data": ' + "[" * 990 + "]" * 990 + "}"


@pytest.mark.parametrize("path", [SCHEDULE, PREFERENCES])
@pytest.mark.parametrize(
    "raw",
    [
        b"{",
        b"nonsense",
        b"'single'",
        b'{"title": "\xff\xfe"}',
        b"\xef\xbb\xbf{}",
        b'{"title": NaN}',
        b'{"title": Infinity}',
        b'{"title": -Infinity}',
        b'{"title": 1e999}',
        b"[1, 2]",
        b'"text"',
        b"null",
        b"7",
        DEEP.encode(),
        b'{"data": ' + b'{"a": ' * 990 + b"1" + b"}" * 990 + b"}",
        b"[" * 900_000,
        b'{"title": "\\u0000"}',
        b'{"data": {"deep": [{"in": "a\\u0000b"}]}}',
        b'{"data": {"\\u0000": 1}}',
        b'{"title": "\\ud800"}',
        b'{"data": {"\\udfff": 1}}',
        b'{"recipients": [9223372036854775808]}',
        b'{"recipients": [-9223372036854775809]}',
        b'{"recipients": [' + b"9" * 5000 + b"]}",
    ],
    ids=lambda raw: repr(raw[:30]),
)
def test_what_is_no_json_that_can_be_kept_is_400(thandi: Program, path: str, raw: bytes) -> None:
    answer = thandi.call("PUT" if path == PREFERENCES else "POST", path, raw)
    assert (answer.status_code, list(answer.json())) == (400, ["detail"])


def test_twenty_levels_are_taken(thandi: Program) -> None:
    data: Any = {"in": "most"}
    for _ in range(body.MAX_DEPTH - 2):
        data = {"in": data}
    assert thandi.schedule(thandi.user, data=data).status_code == 201
    assert thandi.schedule(thandi.user, data={"in": data}).status_code == 400


def test_whole_characters_beyond_the_basic_plane_are_taken(thandi: Program) -> None:
    id_ = thandi.scheduled(thandi.user, title="Môre \U0001f48a", data={"\ud83d\ude00": "\U0010ffff"})
    assert thandi.get(f"/api/notifications/{id_}/").json()["title"] == "Môre \U0001f48a"


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "", "json"]
)
def test_what_is_not_sent_as_json_is_415(thandi: Program, kind: str) -> None:
    answer = thandi.post(SCHEDULE, b"title=x", **{"Content-Type": kind})
    assert answer.status_code == 415
    assert answer.json() == {"detail": "The body must be sent as application/json."}


def test_json_with_a_charset_is_json(thandi: Program) -> None:
    for kind in ("application/json; charset=utf-8", "Application/JSON", "application/json; charset=nonsense"):
        assert thandi.call("PATCH", PREFERENCES, {}, **{"Content-Type": kind}).status_code == 200


def test_a_body_of_one_megabyte_is_taken_and_not_a_byte_more(thandi: Program) -> None:
    empty = len(json.dumps({"language": "en", "timezone": ""}))
    full = json.dumps({"language": "en", "timezone": "x" * (body.MAX_BYTES - empty)})
    assert thandi.call("PUT", PREFERENCES, full).json().keys() == {"timezone"}
    assert thandi.call("PUT", PREFERENCES, full + " ").status_code == 413


@pytest.mark.parametrize(
    ("verb", "path"),
    [
        ("POST", SCHEDULE),
        ("PUT", PREFERENCES),
        ("POST", "/api/notifications/mark-all-read/"),
        ("POST", "/api/auth/login/"),
        ("POST", "/api/auth/logout/"),
        ("POST", "/api/notifications/{id}/mark-read/"),
        ("POST", "/api/notifications/{id}/retry/"),
        ("DELETE", "/api/notifications/{id}/cancel_scheduled/"),
    ],
)
def test_ten_megabytes_are_413_wherever_they_are_sent(thandi: Program, verb: str, path: str) -> None:
    path = path.format(id=make_message(thandi.user).pk)
    for kind in ("application/json", "text/plain"):
        answer = thandi.call(verb, path, b" " * 10_000_000, **{"Content-Type": kind})
        assert (answer.status_code, answer.json()) == (
            413,
            {"detail": "The body is too large: 1 MB at most."},
        )


def test_an_announced_length_is_enough_to_refuse(thandi: Program) -> None:
    answer = Client().generic(
        "POST",
        SCHEDULE,
        b"{}",
        content_type="application/json",
        CONTENT_LENGTH="5000000000",
        headers={"Authorization": f"Token {thandi.token}"},
    )
    assert answer.status_code == 413


@pytest.mark.parametrize("length", [None, "", "nonsense", "10"])
def test_under_asgi_no_length_and_a_false_one_hide_nothing(length: str | None) -> None:
    """Daphne and uvicorn hand over what came, chunked or not; what was announced is only a word."""
    scope = {"type": "http", "method": "POST", "path": SCHEDULE, "headers": []}
    if length is not None:
        scope["headers"] = [(b"content-length", length.encode())]
    small, large = b'{"title": "x"}', b" " * (body.MAX_BYTES + 1)
    assert body.read(ASGIRequest(scope, io.BytesIO(small))) == small
    with pytest.raises(BodyTooLargeError):
        body.read(ASGIRequest(scope, io.BytesIO(large)))


def test_under_wsgi_a_chunked_body_is_read_and_bounded() -> None:
    """gunicorn gives no length then, and ends the stream itself."""

    def chunked(raw: bytes) -> Any:
        request = RequestFactory().post(SCHEDULE, content_type="application/json")
        del request.META["CONTENT_LENGTH"]
        request.environ |= {"wsgi.input": io.BytesIO(raw), "wsgi.input_terminated": True}
        return request

    assert body.read(chunked(b'{"title": "x"}')) == b'{"title": "x"}'
    with pytest.raises(BodyTooLargeError):
        body.read(chunked(b" " * (body.MAX_BYTES + 1)))


@pytest.mark.django_db(transaction=True)
def test_a_chunked_body_is_413_over_the_whole_way(thandi: Program) -> None:
    """Through Django's own ASGI handler and all middleware."""
    sent: list[dict[str, Any]] = []
    chunk = b" " * 100_000
    parts = [{"type": "http.request", "body": chunk, "more_body": True} for _ in range(20)]
    parts.append({"type": "http.request", "body": b"", "more_body": False})

    async def receive() -> dict[str, Any]:
        return parts.pop(0) if parts else await asyncio.Event().wait()  # type: ignore[func-returns-value]

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": SCHEDULE,
        "query_string": b"",
        "headers": [
            (b"host", b"localhost"),
            (b"content-type", b"application/json"),
            (b"transfer-encoding", b"chunked"),
            (b"authorization", f"Token {thandi.token}".encode()),
        ],
    }
    asyncio.run(application(scope, receive, send))
    assert sent[0]["status"] == 413
    assert json.loads(sent[1]["body"]) == {"detail": "The body is too large: 1 MB at most."}


@pytest.mark.parametrize(
    "path",
    [
        "/api/nowhere/",
        "/api/notifications/abc/",
        "/api/notifications/1",
        "/api/notifications/-1/",
        "/api/notifications/schedule",
        "/api/auth/",
        "/api/%00/",
        "/api/é/",
    ],
)
def test_an_unknown_address_is_404_in_json(thandi: Program, stranger: Program, path: str) -> None:
    for program in (thandi, stranger):
        for verb in ("GET", "POST", "PUT", "DELETE", "OPTIONS"):
            answer = program.call(verb, path)
            assert (answer.status_code, answer["Content-Type"]) == (404, "application/json")


def test_whoever_would_rather_have_html_gets_json(stranger: Program) -> None:
    for path in ("/api/", "/api/notifications/", "/api/nowhere/", "/api/schema/?format=api"):
        assert stranger.get(path, Accept="text/html")["Content-Type"] == "application/json"


def test_a_fault_of_ours_is_500_in_json_and_in_the_log(
    thandi: Program, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*args: object, **kwargs: object) -> None:
        raise RuntimeError("secret")

    monkeypatch.setattr(NotificationScheduler, "schedule", fail)
    answer = thandi.schedule(thandi.user)
    assert answer.status_code == 500
    assert answer.json() == {"detail": "Something went wrong on our side. We have made a note of it."}
    assert "RuntimeError: secret" in caplog.text


def test_a_database_that_is_away_is_503(thandi: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: object, **kwargs: object) -> None:
        raise OperationalError("the server closed the connection")

    monkeypatch.setattr(NotificationScheduler, "schedule", fail)
    answer = thandi.schedule(thandi.user)
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert Notification.objects.count() == 0
