"""Exceptions in Sentry, for sites that have one (SENTRY_DSN). Imported only there."""

import logging
from typing import Any, cast

import sentry_sdk
from sentry_sdk.integrations.atexit import AtexitIntegration
from sentry_sdk.integrations.dedupe import DedupeIntegration
from sentry_sdk.integrations.logging import LoggingIntegration
from sentry_sdk.types import Event, Hint

from site_config.failures import failure_in, request_facts

_OF_AN_EVENT = ("event_id", "timestamp", "platform", "level", "logger", "environment", "release", "sdk")
_OF_AN_EXCEPTION = ("type", "module")
_OF_A_MECHANISM = ("type", "handled", "exception_id", "parent_id", "is_exception_group", "source")
_OF_A_FRAME = (
    "filename",
    "abs_path",
    "module",
    "function",
    "lineno",
    "in_app",
    "pre_context",
    "context_line",
    "post_context",
)


def start(dsn: str) -> None:
    """Send what is logged with an exception; nothing of who asked, what for, or what was in the variables."""
    sentry_sdk.init(
        dsn=dsn,
        # What Sentry finds by itself in requests, queries and frameworks is people's data. The log knows all failures.
        default_integrations=False,
        auto_enabling_integrations=False,
        integrations=[
            LoggingIntegration(level=None, event_level=logging.ERROR),
            DedupeIntegration(),
            AtexitIntegration(callback=lambda pending, timeout: None),
        ],
        before_send=scrub,
        send_default_pii=False,
        include_local_variables=False,
        max_request_body_size="never",
        max_breadcrumbs=0,
        auto_session_tracking=False,
        send_client_reports=False,
    )


def scrub(event: Event, hint: Hint) -> Event | None:
    """The event made anew of what is known to be harmless, so that nothing new in Sentry's package can slip through.

    None, which sends nothing, for what is no failure.
    """
    record = hint.get("log_record")
    if record is None or failure_in(record) is None:
        return None
    facts = {name: value for name, value in request_facts().items() if value}
    scrubbed = _only(_OF_AN_EVENT, event) | {
        "tags": facts,
        "exception": {"values": [_exception(each) for each in _values(event.get("exception"))]},
    }
    if facts.get("route"):
        scrubbed["transaction"] = facts["route"]
    return cast("Event", scrubbed)


def _exception(exception: dict[str, Any]) -> dict[str, Any]:
    frames = (exception.get("stacktrace") or {}).get("frames") or []
    return _only(_OF_AN_EXCEPTION, exception) | {
        "mechanism": _only(_OF_A_MECHANISM, exception.get("mechanism") or {}),
        "stacktrace": {"frames": [_only(_OF_A_FRAME, frame) for frame in frames]},
    }


def _values(part: Any) -> list[dict[str, Any]]:
    return list((part or {}).get("values") or ())


def _only(names: tuple[str, ...], of: Any) -> dict[str, Any]:
    return {name: of[name] for name in names if name in of}
