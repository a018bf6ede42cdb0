"""What goes wrong, as JSON in the reader's language: {"field": ["…"]} or {"detail": "…"}. Never a page."""

import logging
from collections.abc import Callable, Iterator, Mapping
from math import ceil
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, UnreadablePostError
from django.utils.translation import gettext as _
from rest_framework import exceptions, status
from rest_framework.response import Response
from rest_framework.views import exception_handler

from notifications.database_errors import is_passing
from notifications.exceptions import KeyUsedError, ScheduleError, UnknownRecipientsError

logger = logging.getLogger(__name__)


class BodyTooLargeError(exceptions.APIException):
    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE


class WrongSignInError(exceptions.APIException):
    """Whether nobody has this address or the password is another is not told."""

    status_code = status.HTTP_401_UNAUTHORIZED
    auth_header = "Token"


class LockedOutError(exceptions.APIException):
    """Too many wrong passwords; `wait` is in seconds."""

    status_code = status.HTTP_429_TOO_MANY_REQUESTS

    def __init__(self, wait: float) -> None:
        super().__init__()
        self.wait = wait


class UnavailableError(exceptions.APIException):
    """Something behind us is down for the moment."""

    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    wait = 5


class UnknownPeopleError(exceptions.NotFound):
    """Somebody whom a message is for doesn't exist, or not for whoever asks."""


class KeyUsedAgainError(exceptions.APIException):
    """An idempotency key came again with another body."""

    status_code = status.HTTP_422_UNPROCESSABLE_ENTITY


class OutOfOrderError(exceptions.APIException):
    status_code = status.HTTP_500_INTERNAL_SERVER_ERROR


_Words = Callable[[Any], str]
# Without those that bring words of their own.
_WORDS: dict[type[Exception], _Words] = {
    exceptions.NotAuthenticated: lambda error: _("Sign in first, and send the token with the request."),
    exceptions.AuthenticationFailed: lambda error: _("This token is invalid or has expired. Sign in again."),
    exceptions.NotFound: lambda error: _("There is nothing here, or it is not yours."),
    exceptions.MethodNotAllowed: lambda error: _("This can't be done here."),
    exceptions.UnsupportedMediaType: lambda error: _("The body must be sent as application/json."),
    exceptions.Throttled: lambda error: _("Too many requests. Wait a little, then try again."),
    BodyTooLargeError: lambda error: _("The body is too large: 1 MB at most."),
    WrongSignInError: lambda error: _("The e-mail address or the password is wrong. Please try again."),
    LockedOutError: lambda error: (
        _("Too many wrong tries. Please wait %(minutes)s minutes.") % {"minutes": ceil(error.wait / 60)}
    ),
    UnavailableError: lambda error: _("This can't be done at the moment. Please try again soon."),
    OutOfOrderError: lambda error: _("Something went wrong on our side. We have made a note of it."),
}


def answer(error: Exception, context: Mapping[str, Any]) -> Response:
    """DRF's exception handler for our calls: an answer for every error, whatever it is."""
    known = _known(error)
    response: Response = exception_handler(known, dict(context))
    if type(known) in _WORDS:
        response.data = {"detail": _WORDS[type(known)](known)}
    elif isinstance(known, exceptions.ValidationError):
        response.data = _by_field(known.detail)
    return response


def _known(error: Exception) -> exceptions.APIException:
    match error:
        case exceptions.APIException():
            return error
        case UnknownRecipientsError():
            return UnknownPeopleError(error.errors)
        case KeyUsedError():
            return KeyUsedAgainError(str(error))
        case ScheduleError():
            return exceptions.ValidationError(error.errors)
        case ValidationError():
            return exceptions.ValidationError(_said(error))
        case Http404():
            return exceptions.NotFound()
        case PermissionDenied():
            return exceptions.PermissionDenied(_("You may not do this."))
        case UnreadablePostError():
            return exceptions.ParseError(_("The body did not arrive in full."))
        case _ if is_passing(error):
            logger.warning("A call could not be answered: %s", type(error).__name__, exc_info=error)
            return UnavailableError()
    logger.error("A call failed.", exc_info=error)
    return OutOfOrderError()


def _said(error: ValidationError) -> dict[str, Any]:
    """By field where it names fields."""
    return error.message_dict if hasattr(error, "error_dict") else {"detail": error.messages[0]}


def _by_field(detail: Any) -> dict[str, Any]:
    """Each field with all that is said of it, whatever it is made of; `detail` with its one text."""
    named = detail if isinstance(detail, Mapping) else {"detail": " ".join(_texts(detail))}
    return {
        field: " ".join(_texts(said)) if field == "detail" else list(_texts(said))
        for field, said in named.items()
    }


def _texts(said: Any) -> Iterator[str]:
    if isinstance(said, Mapping):
        said = said.values()
    if isinstance(said, str):
        yield str(said)
    else:
        for each in said:
            yield from _texts(each)
