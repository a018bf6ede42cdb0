"""What is asked for when a message is scheduled, checked field by field."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from notifications.exceptions import ScheduleError
from notifications.rules.blank import is_blank
from notifications.types import Priority

MAX_RECIPIENTS = 10_000
MAX_TITLE = 200
MAX_TYPE = 30
MAX_OBJECT_TYPE = 64
MAX_ID = 2**63 - 1
_SLUG = re.compile(r"[-a-zA-Z0-9_]+")
_ESCAPED_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")


@dataclass(frozen=True, slots=True)
class ScheduleRequest:
    """A message for some people at a time, with nothing malformed; `scheduled_at` is in UTC, `data` a JSON text."""

    recipients: tuple[int, ...]
    title: str
    message: str
    scheduled_at: datetime
    notif_type: str
    priority: Priority
    related_object_type: str
    related_object_id: int | None
    data: str

    def fingerprint(self, also: str) -> str:
        """The same for the same request alone; `also` is what else is asked for."""
        return sha256(json.dumps([asdict(self), also], default=str).encode()).hexdigest()


def check(
    *,
    recipients: Any,
    title: Any,
    message: Any,
    scheduled_at: Any,
    notif_type: Any = "system",
    priority: Any = "normal",
    related_object_type: Any = "",
    related_object_id: Any = None,
    data: Any = None,
    now: datetime,
) -> ScheduleRequest:
    """The request, or a ScheduleError that names every field that is wrong. `now` is aware."""
    errors: dict[str, list[str]] = {}

    def checked(field: str, rule: Any, *values: Any) -> Any:
        try:
            return rule(*values)
        except ValueError as error:
            errors[field] = [str(error)]
            return None

    request = ScheduleRequest(
        recipients=checked("recipients", _recipients, recipients),
        title=checked("title", _title, title),
        message=checked("message", text_of, message),
        scheduled_at=checked("scheduled_at", _moment, scheduled_at, now),
        notif_type=checked("type", _slug, notif_type),
        priority=checked("priority", _priority, priority),
        related_object_type=checked("related_object_type", _object_type, related_object_type),
        related_object_id=checked("related_object_id", _object_id, related_object_id),
        data=checked("data", json_of, data),
    )
    if errors:
        raise ScheduleError(errors)
    return request


def _recipients(value: Any) -> tuple[int, ...]:
    if isinstance(value, str | bytes | Mapping) or not isinstance(value, Iterable):
        raise ValueError(_("Give a list of people's ids."))
    given = list(value)
    if len(given) > MAX_RECIPIENTS:
        raise ValueError(_("Too many people: %(most)s at most.") % {"most": MAX_RECIPIENTS})
    if not all(is_id(each) for each in given):
        raise ValueError(_("Give a list of people's ids."))
    ids = tuple(dict.fromkeys(given))
    if not ids:
        raise ValueError(_("At least one person is needed."))
    return ids


def text_of(value: Any) -> str:
    """The text, which shows something and can be stored; ValueError for anything else."""
    if not isinstance(value, str):
        raise ValueError(_("This must be text."))
    if is_blank(value):
        raise ValueError(_("This may not be empty."))
    _check_characters(value)
    return value


def _title(value: Any) -> str:
    title = text_of(value)
    if len(title) > MAX_TITLE:
        raise ValueError(_("This is too long: %(most)s characters at most.") % {"most": MAX_TITLE})
    return title


def _moment(value: Any, now: datetime) -> datetime:
    """ISO 8601 with an offset, or an aware datetime; later than now."""
    try:
        moment = value if isinstance(value, datetime) else parse_datetime(value)
    except (TypeError, ValueError):
        moment = None
    if moment is None:
        raise ValueError(_("This is not a date and time. Write it like 2026-12-28T10:00:00Z."))
    if moment.utcoffset() is None:
        raise ValueError(_("The offset from UTC is missing, as in 2026-12-28T10:00:00+02:00."))
    try:
        moment = moment.astimezone(UTC)
    except OverflowError:
        raise ValueError(_("This is not a date and time. Write it like 2026-12-28T10:00:00Z.")) from None
    if moment <= now:
        raise ValueError(_("This is in the past."))
    if moment.year - now.year > 10:
        raise ValueError(_("This is too far away: ten years at most."))
    return moment


def _slug(value: Any) -> str:
    if not isinstance(value, str) or not is_slug(value):
        raise ValueError(
            _("Use letters, digits, hyphens and underscores, %(most)s at most.") % {"most": MAX_TYPE}
        )
    return value


def _priority(value: Any) -> Priority:
    names = [priority.name.lower() for priority in Priority]
    if not isinstance(value, str) or value not in names:
        raise ValueError(_("This must be one of %(names)s.") % {"names": ", ".join(names)})
    return Priority[value.upper()]


def _object_type(value: Any) -> str:
    if value is None or value == "":
        return ""
    text = text_of(value)
    if len(text) > MAX_OBJECT_TYPE:
        raise ValueError(_("This is too long: %(most)s characters at most.") % {"most": MAX_OBJECT_TYPE})
    return text


def _object_id(value: Any) -> int | None:
    if value is not None and not is_id(value):
        raise ValueError(_("This must be a whole number."))
    number: int | None = value
    return number


def json_of(value: Any) -> str:
    """A JSON object as a text; ValueError for anything else."""
    if value is None:
        return "{}"
    if not isinstance(value, Mapping):
        raise ValueError(_("This must be a JSON object."))
    try:
        text = json.dumps(value, allow_nan=False, ensure_ascii=False)
    except (TypeError, ValueError, RecursionError):
        raise ValueError(_("This must be a JSON object.")) from None
    _check_characters(text)
    if _ESCAPED_NUL.search(text):
        raise ValueError(_("This has a character that can't be stored."))
    return text


def usual_priority(name: str) -> str:
    """The name by which we know a priority: other programs say “medium” for normal."""
    return "normal" if isinstance(name, str) and name.lower() == "medium" else name


def is_slug(value: str) -> bool:
    """Whether this can be the type of a message that somebody words themselves."""
    return bool(_SLUG.fullmatch(value)) and len(value) <= MAX_TYPE


def is_id(value: Any) -> bool:
    """Whether this can be the id of a row."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value <= MAX_ID


def _check_characters(text: str) -> None:
    """No NUL, which PostgreSQL can't keep, and no half of a surrogate pair, which nothing can."""
    if "\x00" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise ValueError(_("This has a character that can't be stored."))
