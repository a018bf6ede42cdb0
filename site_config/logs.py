"""What the site logs, the same way in each of its processes: a line a record, as text or as JSON, about ids alone.

Messages are written with ids in mind (`"Delivery %(delivery)s failed.", {"delivery": 5}`), but an exception quotes
whatever it stumbled over: a value, an address, a row with a name. So a traceback shows where it happened and of
what kind it was, and what the exception says only where the machine, not a person's data, is what it speaks of.
"""

import copy
import logging
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

import redis
from django.db import OperationalError
from pythonjsonlogger.json import JsonFormatter

from site_config import request_id
from site_config.tracebacks import Quotes, said_by, traceback_of

Raised = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]

OF_THE_MACHINE = (
    AttributeError,
    ConnectionError,
    ImportError,
    NameError,
    OperationalError,
    TimeoutError,
    redis.ConnectionError,
    redis.TimeoutError,
)
"""What these say was written by Python, a server or a driver about itself."""

SECRET_FOLLOWS = (
    "answer",
    "calendar",
    "confirm",
    "confirm-email",
    "i",
    "key",
    "recordings",
    "unsubscribe",
    "work",
)
"""In an address, the part after one of these lets whoever has it in: it is a link out of a message, or a calendar's."""
_SECRETS = re.compile(rf"(/(?:{'|'.join(SECRET_FOLLOWS)})/)[^\s?\"']*[^\s?\"'/]|\?[^\s\"']+")
"""What servers and Django say of a request names its path: all of it after those, and each query."""


def configuration(*, log_format: str, quote_errors: bool, mail_errors: bool) -> dict[str, Any]:
    """For `logging.config.dictConfig`. `log_format` is text or json; `quote_errors` shows what each exception says;
    `mail_errors` mails exceptions to ADMINS.

    uvicorn, gunicorn and Huey bring handlers of their own, which are taken from them. Their access logs are off: they
    hold the addresses of people, and the proxy has one.
    """
    plain: dict[str, Any] = {"handlers": [], "propagate": True}
    silent: dict[str, Any] = {"handlers": [], "propagate": False}
    mail = {"mail": {"class": "site_config.error_mail.ErrorMailHandler"}} if mail_errors else {}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "text": {"()": f"{__name__}.TextLine", "quote_errors": quote_errors},
            "json": {"()": f"{__name__}.JsonLine", "quote_errors": quote_errors},
        },
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": log_format}, **mail},
        "root": {"handlers": ["console", *mail], "level": "WARNING"},
        "loggers": {
            "notifications": {"level": "INFO"},
            "medications": {"level": "INFO"},
            "django": {**plain, "level": "WARNING"},
            "axes": {"level": "WARNING"},
            # A handler of its own keeps its consumer from adding another.
            "huey": {"handlers": ["console", *mail], "level": "WARNING", "propagate": False},
            "uvicorn": {**plain, "level": "INFO"},
            "uvicorn.error": {**plain, "level": "INFO"},
            "uvicorn.access": silent,
            "gunicorn.error": {**plain, "level": "INFO"},
            "gunicorn.access": silent,
        },
    }


class TextLine(logging.Formatter):
    """For people: time, level, logger and message."""

    def __init__(self, *, quote_errors: bool) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")
        self.quote_errors = quote_errors

    def format(self, record: logging.LogRecord) -> str:
        return super().format(_discreet(record, quote=self.quote_errors))

    def formatException(self, ei: Raised) -> str:  # noqa: N802 - logging's name
        return traceback_of(ei[1], quotes=_quotes(all_of_them=self.quote_errors))


class JsonLine(JsonFormatter):
    """For programs: the same as fields, with the ids that the message names, the process and the request."""

    def __init__(self, *, quote_errors: bool) -> None:
        super().__init__(json_ensure_ascii=False)
        self.quote_errors = quote_errors

    def format(self, record: logging.LogRecord) -> str:
        return super().format(_discreet(record, quote=self.quote_errors))

    def formatException(self, ei: Raised) -> str:  # noqa: N802 - logging's name
        return traceback_of(ei[1], quotes=_quotes(all_of_them=self.quote_errors))

    def add_fields(
        self, log_data: dict[str, Any], record: logging.LogRecord, message_dict: dict[str, Any]
    ) -> None:
        # Nothing of what others attach to a record: Django, for one, attaches the whole request.
        ids = record.args if isinstance(record.args, Mapping) else {}
        log_data |= {
            **ids,
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.message,
            "process": record.process,
        }
        if name := request_id.current.get():
            log_data["request"] = name
        if "exc_info" in message_dict:
            log_data["exception"] = message_dict["exc_info"]


def _discreet(record: logging.LogRecord, *, quote: bool) -> logging.LogRecord:
    """The record, its exceptions among the values named but not quoted, and nothing of what others made of it."""
    record = copy.copy(record)
    record.exc_text = None
    if not isinstance(record.args, Mapping):  # such as name ids: those are ours
        record.args = tuple(_value(each, quote=quote) for each in record.args or ())
        record.msg, record.args = without_secrets(record.getMessage()), None
    return record


def _value(value: object, *, quote: bool) -> object:
    return said_by(value, quotes=_quotes(all_of_them=quote)) if isinstance(value, BaseException) else value


def without_secrets(text: str) -> str:
    """The text, with nothing in its addresses that would let its reader in somewhere."""
    return _SECRETS.sub(lambda found: f"{found[1] or '?'}-", text)


def _quotes(*, all_of_them: bool) -> Quotes:
    return lambda error: all_of_them or isinstance(error, OF_THE_MACHINE)
