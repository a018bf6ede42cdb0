"""Only entry points read the clock. Whatever they call is handed `now` (aware), so that one call has one moment, and
a test says which."""

import ast
import re
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("events", "home", "medications", "notifications", "site_config")

ENTRY_POINTS = {
    "*/admin/*.py": "staff's pages and their forms",
    "*/context_processors.py": "Django calls them for each page",
    "*/management/commands/*.py": "commands",
    "*/receivers.py": "signals bring no time",
    "*/periodic_tasks.py": "a slot may be long past",
    "*/tasks.py": "Huey starts them",
    "*/views.py": "pages",
    "*/views/*.py": "pages, and the REST calls",
    "home/middleware.py": "Django calls it for each page",
    "home/sign_in/adapters.py": "allauth calls it, and hands down no time",
    "home/sign_in/session_middleware.py": "each request",
    "notifications/replies/voice_calls.py": "a page that providers call",
    "notifications/pipeline/bus.py": "part of the fixed surface: its `now` may be left out",
    "notifications/channels/*/webhooks.py": "pages that providers call",
    "notifications/inbox/*.py": "the pages of the inbox, their forms and their stream",
    "notifications/scheduling/scheduler.py": "part of the fixed surface, without a `now`",
    "notifications/services.py": "part of the fixed surface, without a `now`",
}
FUNCTIONS = {
    "events/services/series.py::create_recurring_event": "part of the fixed surface: its `now` may be left out",
    "notifications/channels/push/channel.py::PushChannel._post": "how long it is of use counts from its own sending",
    "notifications/channels/push/channel.py::_Tried.note": "when the push service took it, after who knows how long",
    "notifications/channels/push/channel.py::_refusal": "a date in an answer is one on the world's clock",
    "notifications/channels/email/channel.py::_refused_by_service": "as above",
    "notifications/channels/http.py::wait_of": "as above",
    "notifications/channels/rate_limit.py::_take_slot": "seconds, counted by all processes together",
    "notifications/channels/rate_limit.py::wait_for_slot": "waits for such a second",
    "notifications/channels/sms/gateways/file.py::FileGateway.send": "names a file for the moment of its sending",
    "notifications/channels/sms/providers.py::_send.hand_over": "what a provider said just now",
    "notifications/channels/sms/providers.py::session": "the price is that of the day on which it is sent",
    "notifications/channels/voice/providers.py::session": "the price is that of the day on which it is sent",
    "notifications/channels/whatsapp/sending.py::session": "the price is that of the day on which it is sent",
    "notifications/channels/whatsapp/channel.py::WhatsAppChannel.session.send_message": "what a provider said just now",
    "notifications/channels/whatsapp/gateways/file.py::FileGateway.send": "names a file, as for SMS",
    "notifications/channels/whatsapp/sending.py::_send": "a provider may take long to fail, as for SMS",
    "notifications/channels/voice/gateways/file.py::FileGateway.place": "names a file, as for SMS",
    "notifications/channels/failover.py::first_that_takes": "a provider may take long to fail, and rests from then on",
    "home/transactional/message.py::send": "what it costs belongs to the month in which it is sent",
    "notifications/live/sources.py::PollSource.listen": "runs as long as its process, and looks each second",
    "notifications/pipeline/deliver.py::send_held_messages": "a periodic task: its slot may be long past",
    "notifications/scheduling/dead_letters.py::retry_stuck_messages": "a periodic task, as above",
    "notifications/scheduling/sending.py::begin_with_this_minute": "a periodic task, as above",
    "notifications/preferences/settings.py::save_given": "part of the fixed surface: a program's save brings no time",
    "notifications/work/clock.py::ticking": "goes on from the moment that it is handed",
    "notifications/work/sweep.py::sweep_for_work": "a periodic task, as above",
    "notifications/models/template.py::NotificationTemplate.serve_preview": "Wagtail calls it for a page",
}
CLOCK = {
    "date.today",
    "datetime.now",
    "datetime.today",
    "datetime.utcnow",
    "time.gmtime",
    "time.localtime",
    "time.time",
    "time.time_ns",
    "timezone.localdate",
    "timezone.localtime",
    "timezone.now",
}
WITH_A_TIME = {"time.gmtime", "time.localtime", "timezone.localdate", "timezone.localtime"}
"""These read the clock only when they are given no time."""
IN_SECRET = {"Now", "auto_now", "auto_now_add"}
"""The database's clock, and fields that look at ours by themselves."""


def test_only_entry_points_read_the_clock() -> None:
    forbidden = [
        f"{path}:{line} {name} in {function}"
        for path, line, name, function in _readings()
        if not any(fnmatch(path, pattern) for pattern in ENTRY_POINTS)
        and f"{path}::{function}" not in FUNCTIONS
    ]
    assert not forbidden, "\n".join(["They must be handed `now`:", *forbidden])


def test_no_template_reads_the_clock() -> None:
    """`timesince` may: it says how long ago something was when the page is read."""
    templates = (ROOT / "templates").rglob("*.html")
    assert not [path.name for path in templates if re.search(r"{% *now ", path.read_text(encoding="utf-8"))]


def test_no_exception_is_kept_that_nothing_needs() -> None:
    readings = list(_readings())
    paths = {path for path, *_ in readings}
    assert FUNCTIONS.keys() <= {f"{path}::{function}" for path, _, _, function in readings}
    assert not [each for each in ENTRY_POINTS if not any(fnmatch(path, each) for path in paths)]


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("def f():\n    return timezone.now()", ["timezone.now"]),
        ("f(clock=timezone.now)", ["timezone.now"]),
        ("from django.utils.timezone import now", ["timezone.now"]),
        ("from time import time, monotonic", ["time.time"]),
        ("class A:\n    today = datetime.date.today()", ["date.today"]),
        ("timezone.localdate(now), timezone.localdate()", ["timezone.localdate"]),
        ("datetime.now(UTC)", ["datetime.now"]),
        ("DateTimeField(auto_now_add=True)", ["auto_now_add"]),
        ("rows.filter(at__lt=Now())", ["Now"]),
        ("DateTimeField(default=timezone.now)", []),
        ("time.monotonic(), self.clock.time(), event.now()", []),
    ],
)
def test_a_reading_is_recognised(code: str, found: list[str]) -> None:
    assert [name for _, name, _ in _readings_in(ast.parse(code))] == found


def _readings() -> Iterator[tuple[str, int, str, str]]:
    """Path, line, what is read, and the function that reads it."""
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            if "migrations" not in path.parts:
                for reading in _readings_in(ast.parse(path.read_text(encoding="utf-8"))):
                    yield path.relative_to(ROOT).as_posix(), *reading


def _readings_in(tree: ast.AST) -> Iterator[tuple[int, str, str]]:
    """A value by default of a model's field is none: it is for rows that the admin and fixtures make."""
    harmless = {id(each) for node in ast.walk(tree) if (each := _harmless_part(node)) is not None}

    def walk(node: ast.AST, function: str) -> Iterator[tuple[int, str, str]]:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            function = f"{function}.{node.name}".lstrip(".")
        if id(node) not in harmless:
            yield from ((getattr(node, "lineno", 0), name, function) for name in _names(node))
        for child in ast.iter_child_nodes(node):
            yield from walk(child, function)

    return walk(tree, "")


def _harmless_part(node: ast.AST) -> ast.AST | None:
    """Of a call that is given a time what is called, and of a field the value by default."""
    match node:
        case ast.Call(func=func, args=[_, *_]) if WITH_A_TIME.intersection(_names(func)):
            return func
        case ast.keyword(arg="default", value=value):
            return value
    return None


def _names(node: ast.AST) -> list[str]:
    match node:
        case ast.Attribute(value=ast.Name(id=owner) | ast.Attribute(attr=owner), attr=attr):
            return [name] if (name := f"{owner}.{attr}") in CLOCK else []
        case ast.ImportFrom(module=str(module), names=aliases):
            owner = module.rpartition(".")[2]
            return [name for alias in aliases if (name := f"{owner}.{alias.name}") in CLOCK]
        case ast.Call(func=ast.Name(id=name)) | ast.keyword(arg=str(name)) if name in IN_SECRET:
            return [name]
    return []
