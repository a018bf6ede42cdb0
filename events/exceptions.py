"""The errors that the services of this app raise."""

from typing import Any

from django.core.exceptions import ValidationError


class EventRefusedError(ValidationError, ValueError):
    """Something can't be done, and nothing was changed. `message_dict` says why by field, in the reader's language."""


class SeriesRefusedError(EventRefusedError):
    """The same of one of several series, and none of them was changed."""

    def __init__(self, series_id: int, error: ValidationError) -> None:
        super().__init__(error.error_dict)
        self.series_id = series_id


class OutdatedError(Exception):
    """Something is no longer as it was when somebody saw what would happen, and nothing was changed."""


def refusal(field: str, message: Any, code: str, **params: Any) -> EventRefusedError:
    """The error with this message for one field."""
    return EventRefusedError({field: ValidationError(message, code=code, params=params or None)})
