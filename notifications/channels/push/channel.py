"""Web push: a message for each browser in which the person turned notices on, readable by that browser alone.

One delivery is for one person, whose browsers are looked up as it is sent (docs/decisions/0030).
"""

import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, ClassVar

import requests
from django.conf import settings
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from http_ece import ECEException
from pywebpush import WebPushException, webpush

from notifications.channels.base import Channel, Send
from notifications.channels.push import keys
from notifications.channels.push.hosts import is_push_service
from notifications.channels.push.payload import headers, payload, seconds_to_live
from notifications.channels.retry_after import retry_after
from notifications.encryption.cipher import is_unreadable
from notifications.exceptions import ChannelError
from notifications.models import PushSubscription
from notifications.models.lookups import Many
from notifications.types import Message, Rendered, SendResult

_GONE = {404, 410}
_OURS = {401, 403}
"""We are refused, not this message: staff will mend it."""
_MOST_FAILURES = 32_000


class PushChannel(Channel):
    """Sends through the push services of the browsers; a person may have several."""

    name: ClassVar[str] = "push"
    label: ClassVar = _("Phone notifications")
    unreachable: ClassVar = _("You have not turned on notifications on any phone or computer.")
    takes_quick_replies: ClassVar[bool] = True
    # A browser shows what has the same key once.
    acknowledge_each: ClassVar[bool] = False
    timeout: ClassVar[tuple[float, float]] = (3.0, 5.0)
    """Seconds to connect, and for each piece of the answer."""
    turn: ClassVar[float] = 15.0
    """Seconds in which all of a person's browsers must have been tried."""

    def addresses(self, user_ids: Collection[int]) -> dict[int, str]:
        owners = PushSubscription.objects.filter(user_id__any_of=Many(user_ids)).order_by().distinct()
        return {user_id: str(user_id) for user_id in owners.values_list("user_id", flat=True)}

    def address_words(self, address: str, provider_id: str = "") -> str:
        accepted, _of, every = provider_id.partition("/")
        if not every:
            return gettext("each device with notifications on")
        return gettext("%(accepted)s of %(all)s devices") % {"accepted": accepted, "all": every}

    def content(self, rendered: Rendered) -> tuple[str, str]:
        return "", rendered.short_text

    @contextmanager
    def session(self) -> Iterator[Send]:
        with _Session() as http:
            yield lambda message: self._send(http, message)

    def _send(self, http: requests.Session, message: Message) -> SendResult:
        """Sent when one browser's push service took it; else the error says whether another attempt makes sense."""
        subscriptions = list(PushSubscription.objects.filter(user_id=int(message.address)).order_by("id"))
        body = payload(message)
        over = time.monotonic() + self.turn
        tried = _Tried()
        for subscription in subscriptions:
            if time.monotonic() >= over:
                tried.refused.append(ChannelError("There was no time for every device.", permanent=False))
                break
            try:
                self._post(http, subscription, message, body)
            except _GoneError:
                tried.gone.append(subscription.pk)
            except ChannelError as error:
                tried.failed.append(subscription.pk)
                tried.refused.append(error)
            else:
                tried.accepted.append(subscription.pk)
        tried.note()
        if not tried.accepted:
            raise tried.error()
        return SendResult(provider=self.name, provider_id=f"{len(tried.accepted)}/{len(subscriptions)}")

    def _post(
        self, http: requests.Session, subscription: PushSubscription, message: Message, body: bytes
    ) -> None:
        if is_unreadable(subscription.endpoint) or is_unreadable(subscription.auth):
            raise ChannelError(
                "What the device is reached by can't be read: its key is missing.", permanent=False
            )
        if not is_push_service(subscription.endpoint, settings.PUSH_HOSTS):
            raise ChannelError("The device's push service is none of PUSH_HOSTS.", permanent=True)
        try:
            webpush(
                {
                    "endpoint": subscription.endpoint,
                    "keys": {"p256dh": subscription.p256dh, "auth": subscription.auth},
                },
                data=body,
                vapid_private_key=keys.key(),
                vapid_claims={"sub": settings.VAPID_SUBJECT},  # it is added to, so a fresh one each time
                ttl=seconds_to_live(message, timezone.now()),
                headers=headers(message),
                timeout=self.timeout,
                requests_session=http,
            )
        except WebPushException as error:
            raise _refusal(error) from error
        except (requests.Timeout, requests.ConnectionError) as error:
            # Not its text, which names the endpoint.
            said = f"The push service can't be reached: {type(error).__name__}"
            raise ChannelError(said, permanent=False) from error
        except (requests.RequestException, ECEException, ValueError) as error:
            said = f"The device's subscription can't be used: {type(error).__name__}"
            raise ChannelError(said, permanent=True) from error


class _Session(requests.Session):
    """Follows no redirect, and takes no user names for the push services from a .netrc."""

    def __init__(self) -> None:
        super().__init__()
        self.auth: Callable[[Any], Any] = lambda request: request

    def get_redirect_target(self, resp: requests.Response) -> None:
        return None


class _GoneError(Exception):
    """The person turned notices off in that browser, or the browser is no more (RFC 8030 7.3)."""


@dataclass(slots=True)
class _Tried:
    """What became of one message at each of a person's browsers."""

    accepted: list[int] = field(default_factory=list)
    failed: list[int] = field(default_factory=list)
    gone: list[int] = field(default_factory=list)
    refused: list[ChannelError] = field(default_factory=list)

    def note(self) -> None:
        mine = PushSubscription.objects
        if self.accepted:
            mine.filter(pk__in=self.accepted).update(last_used_at=timezone.now(), failures=0)
        if self.failed:
            mine.filter(pk__in=self.failed, failures__lt=_MOST_FAILURES).update(failures=F("failures") + 1)
        if self.gone:
            mine.filter(pk__in=self.gone).delete()

    def error(self) -> ChannelError:
        """Transient if any browser may take it later, after the shortest wait that one of these asks for."""
        again = [error for error in self.refused if not error.permanent]
        if not again:
            said = str(self.refused[0]) if self.refused else "No device is left that shows notices."
            return ChannelError(said, permanent=True)
        shortest = min(error.retry_after or timedelta(0) for error in again)
        return ChannelError(str(again[0]), permanent=False, retry_after=shortest or None)


def _refusal(error: WebPushException) -> Exception:
    """What a push service's answer means (RFC 8030 5 and 7, RFC 8292 4.2)."""
    status = error.status_code
    if status is None:
        return ChannelError("The device's subscription can't be used.", permanent=True)
    if status in _GONE:
        return _GoneError()
    transient = status in _OURS or status == 429 or status >= 500
    return ChannelError(
        f"The push service answered {status}.",
        permanent=not transient,
        retry_after=retry_after(error.retry_after, now=timezone.now()) if transient else None,
    )
