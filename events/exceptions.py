"""The error that the services of this app raise."""

from typing import Any

from django.core.exceptions import ValidationError


class EventRefusedError(ValidationError, ValueError):
    """Something can't be done, and nothing was changed. `message_dict` says why by field, in the reader's language."""


def refusal(field: str, message: Any, code: str, **params: Any) -> EventRefusedError:
    """The error with this message for one field."""
    return EventRefusedError({field: ValidationError(message, code=code, params=params or None)})
