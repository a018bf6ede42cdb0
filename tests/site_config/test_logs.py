"""Lines of the log: the ids a message names, and nothing that an exception quotes."""

import io
import json
import logging
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import IntegrityError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.test import AsyncClient, Client, RequestFactory
from django.urls import URLResolver, get_resolver

from site_config import request_id
from site_config.logs import SECRET_FOLLOWS, JsonLine, TextLine, configuration
from site_config.request_id import request_id_middleware

SECRET = "Thandi Nkosi"
Lines = Callable[[], str]


def logger_to(formatter: logging.Formatter) -> tuple[logging.Logger, Lines]:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter)
    logger = logging.Logger("clinic")
    logger.addHandler(handler)
    return logger, stream.getvalue


def fail(error: Exception) -> None:
    try:
        raise KeyError(SECRET)
    except KeyError as cause:
        raise error from cause


def test_json_lines_carry_time_level_logger_message_and_ids() -> None:
    logger, said = logger_to(JsonLine(quote_errors=False))
    logger.warning("Delivery %(delivery)s by %(channel)s failed.", {"delivery": 5, "channel": "email"})
    line = json.loads(said())
    assert said().count("\n") == 1
    assert line.pop("time").endswith("+00:00")
    assert line.pop("process") > 0
    assert line == {
        "level": "WARNING",
        "logger": "clinic",
        "message": "Delivery 5 by email failed.",
        "delivery": 5,
        "channel": "email",
    }


def test_text_lines_carry_time_level_logger_and_message() -> None:
    logger, said = logger_to(TextLine(quote_errors=False))
    logger.warning("Delivery %(delivery)s failed.", {"delivery": 5})
    assert said().endswith(" WARNING clinic: Delivery 5 failed.\n")
    assert said().startswith("20")


@pytest.mark.parametrize("line", [TextLine, JsonLine])
def test_a_traceback_says_where_and_of_what_kind_but_quotes_nothing(line: Any) -> None:
    logger, said = logger_to(line(quote_errors=False))
    try:
        fail(IntegrityError(f"Failing row contains (1, {SECRET})."))
    except IntegrityError as error:
        logger.exception("Publication %s failed: %s", 7, error)
    assert SECRET not in said()
    assert "Publication 7 failed: django.db.utils.IntegrityError" in said()
    assert said().index("KeyError") < said().rindex("django.db.utils.IntegrityError")
    assert "in fail" in said()


@pytest.mark.parametrize("line", [TextLine, JsonLine])
def test_each_error_of_a_group_is_told_without_what_it_says(line: Any) -> None:
    logger, said = logger_to(line(quote_errors=False))
    try:
        raise ExceptionGroup(SECRET, [ValueError(SECRET), OSError(SECRET)])
    except ExceptionGroup:
        logger.exception("Two at once.")
    assert SECRET not in said()
    assert "ValueError" in said() and "OSError" in said()


@pytest.mark.parametrize("line", [TextLine, JsonLine])
def test_what_is_wrong_with_the_machine_is_said(line: Any) -> None:
    logger, said = logger_to(line(quote_errors=False))
    try:
        fail(OperationalError("database is locked"))
    except OperationalError:
        logger.exception("The queue can't be reached.")
    assert "OperationalError: database is locked" in said()
    assert SECRET not in said()


@pytest.mark.parametrize("line", [TextLine, JsonLine])
def test_while_trying_out_errors_are_quoted(line: Any) -> None:
    logger, said = logger_to(line(quote_errors=True))
    try:
        fail(ValueError("no such slot"))
    except ValueError:
        logger.exception("Oh.")
    assert "ValueError: no such slot" in said()


def test_what_others_attach_to_a_record_is_left_out() -> None:
    logger, said = logger_to(JsonLine(quote_errors=False))
    logger.error("Internal Server Error", extra={"request": f"/?name={SECRET}", "status_code": 500})
    assert SECRET not in said()


def test_another_formatters_traceback_is_not_taken_over() -> None:
    logger, said = logger_to(TextLine(quote_errors=False))
    logger.handlers.insert(0, logging.StreamHandler(io.StringIO()))
    try:
        fail(ValueError(SECRET))
    except ValueError:
        logger.exception("Oh.")
    assert SECRET not in said()


@pytest.mark.parametrize("log_format", ["text", "json"])
def test_servers_and_the_queue_log_through_the_same_handler_and_no_access_log_is_kept(
    log_format: str,
) -> None:
    made = configuration(log_format=log_format, quote_errors=False, mail_errors=False)
    assert set(made["handlers"]) == {"console"}
    assert made["handlers"]["console"]["formatter"] == log_format
    loggers = made["loggers"]
    for name in ("uvicorn", "uvicorn.error", "gunicorn.error", "django"):
        assert (loggers[name]["handlers"], loggers[name]["propagate"]) == ([], True)
    for name in ("uvicorn.access", "gunicorn.access"):
        assert (loggers[name]["handlers"], loggers[name]["propagate"]) == ([], False)
    assert loggers["huey"]["handlers"] == ["console"]


def test_a_request_keeps_the_name_that_the_proxy_gave_it_and_its_lines_carry_it(rf: RequestFactory) -> None:
    logger, said = logger_to(JsonLine(quote_errors=False))

    def view(request: HttpRequest) -> HttpResponse:
        logger.warning("Here.")
        return HttpResponse()

    response = request_id_middleware(view)(rf.get("/", headers={"X-Request-ID": "abc-123"}))
    logger.warning("Afterwards.")
    inside, outside = map(json.loads, said().splitlines())
    assert response["X-Request-ID"] == inside["request"] == "abc-123"
    assert "request" not in outside
    assert request_id.current.get() == ""


def test_a_name_that_could_forge_a_line_is_not_taken_over(client: Client) -> None:
    response = client.get("/health/live/", headers={"X-Request-ID": 'a", "level": "x'})
    assert len(response["X-Request-ID"]) == 32


async def test_streams_have_names_too(async_client: AsyncClient) -> None:
    response = await async_client.get("/health/live/", headers={"X-Request-ID": "abc"})
    assert response["X-Request-ID"] == "abc"


TOKEN = "sesame-1:tXyZ_9"
LINKS = [
    f"/en/answer/{TOKEN}/",
    f"/af/unsubscribe/{TOKEN}/",
    f"/en/i/{TOKEN}/",
    f"/calendar/{TOKEN}.ics",
    f"/en/accounts/password/reset/key/1-{TOKEN}/",
    f"/en/accounts/confirm-email/{TOKEN}/",
    f"/admin/password_reset/confirm/MQ/{TOKEN}/",
    f"/sms/africastalking/inbound/?key={TOKEN}",
    f"/en/accounts/login/?next=/en/answer/{TOKEN}/",
]


@pytest.mark.parametrize("line", [TextLine, JsonLine])
@pytest.mark.parametrize("link", LINKS)
@pytest.mark.parametrize(
    ("words", "as_value"),
    [
        ("Not Found: %s", True),
        ("Error handling request %s", True),
        ("Request %s failed.", False),
        ('"GET %s HTTP/1.1" 404', True),
    ],
)
def test_no_link_that_lets_somebody_in_is_logged(link: str, words: str, as_value: bool, line: Any) -> None:
    """As Django, gunicorn and uvicorn say it."""
    logger, said = logger_to(line(quote_errors=False))
    logger.warning(*((words, link) if as_value else (words.replace("%s", link.replace("%", "%%")),)))
    assert TOKEN not in said() and "sesame" not in said()
    assert words.partition("%s")[0].replace('"', "") in said().replace('\\"', "").replace('"', "")


def test_other_addresses_are_logged_as_they_are() -> None:
    logger, said = logger_to(TextLine(quote_errors=False))
    logger.warning("Not Found: %s and %d%%", "/en/how-reminders-work/", 5)
    assert said().endswith("Not Found: /en/how-reminders-work/ and 5%\n")


def test_every_address_that_lets_somebody_in_is_known_to_the_log() -> None:
    """A part of a path that is free text either names a kind of thing or is a secret."""
    harmless = {
        "act", "action", "action_name", "app_label", "app_name", "content_type_app_name", "content_type_model_name",
        "category", "event_type", "filter_spec", "rule",
        "kind", "language", "model_name", "object_id", "path", "pk", "provider", "rest", "revision_id_a",
        "revision_id_b",
    }  # fmt: skip
    unknown = [
        route
        for route in routes(get_resolver())
        if route != "en/my-data/erasure/<slug:key>/"  # a patient's number, or "account"
        for name in re.findall(r"<(?:(?:str|slug|path|uuid):)?(\w+)>", route)
        if name not in harmless
        and not re.search(rf"(?:^|[/^])(?:{'|'.join(SECRET_FOLLOWS)})/(?:[^/]*/)?[^/]*<[^/]*{name}>", route)
    ]
    assert unknown == []


def routes(resolver: URLResolver, before: str = "") -> Iterator[str]:
    for each in resolver.url_patterns:
        route = before + str(each.pattern)
        if isinstance(each, URLResolver):
            yield from routes(each, route)
        else:
            yield route
