"""Calling a provider: what HTTP itself can say to it, once for all of them."""

from datetime import timedelta
from typing import Any

import requests
from django.conf import settings
from django.utils import timezone
from urllib3.exceptions import ProtocolError, ReadTimeoutError

from notifications.channels.gateways import BREATHER, REST, GatewayError
from notifications.channels.retry_after import retry_after

CONNECT_WITHIN = 3.0
LONGEST_WAIT = timedelta(minutes=15)
"""That a provider is believed: a reminder can't wait for the rest."""


def post(http: requests.Session, url: str, data: dict[str, str], **how: Any) -> requests.Response:
    """`call` with a form."""
    return call(http, "POST", url, data=data, **how)


def call(http: requests.Session, method: str, url: str, **how: Any) -> requests.Response:
    """The provider's answer, if it is one of 2xx or 4xx. All else is a GatewayError of a provider in trouble."""
    response = ask(http, url, method=method, **how)
    if response.status_code == requests.codes.too_many_requests:
        wait = wait_of(response)
        raise GatewayError("It has too much to do.", rest=wait, retry_after=wait)
    if response.status_code >= 500 or 300 <= response.status_code < 400:
        raise GatewayError(f"It answered {response.status_code}.", rest=REST)
    return response


def ask(http: requests.Session, url: str, *, method: str = "POST", **how: Any) -> requests.Response:
    """The provider's answer, whatever it is; `how` is handed to requests. GatewayError where there is none."""
    timeout = (min(CONNECT_WITHIN, settings.SMS_TIMEOUT), settings.SMS_TIMEOUT)
    try:
        return http.request(method, url, timeout=timeout, allow_redirects=False, **how)
    except requests.ReadTimeout as error:
        raise GatewayError(
            "It didn't answer in time; it may have sent it all the same.", rest=REST, in_doubt=True
        ) from error
    except requests.RequestException as error:
        if _was_asked(error):
            said = f"Its answer got lost ({type(error).__name__}); it may have sent it all the same."
            raise GatewayError(said, rest=REST, in_doubt=True) from error
        raise GatewayError(f"It can't be reached ({type(error).__name__}).", rest=REST) from error


def _was_asked(error: requests.RequestException) -> bool:
    """Whether the connection stood, and broke before the answer was there. Where there was none, urllib3 says so."""
    return bool(error.args) and isinstance(error.args[0], ProtocolError | ReadTimeoutError)


def wait_of(response: requests.Response) -> timedelta:
    """For how long a provider that has too much to do is left alone."""
    said = response.headers.get("Retry-After")
    return retry_after(said, now=timezone.now(), longest=LONGEST_WAIT) or BREATHER
