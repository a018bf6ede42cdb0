"""Web push: a message for each browser in which the person turned notices on, readable by that browser alone.

One delivery is for one person, whose browsers are looked up as it is sent (docs/decisions/0030).
"""

import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import ClassVar

from django.conf import settings
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from notifications.channels.base import Channel, Send
from notifications.channels.push import http, keys, lost_devices
from notifications.channels.push.hosts import is_push_service, origin_of
from notifications.channels.push.payload import headers, payload, seconds_to_live
from notifications.channels.push.sealing import sealed
from notifications.channels.push.vapid import from_base64
from notifications.channels.retry_after import retry_after
from notifications.encryption.cipher import is_unreadable
from notifications.exceptions import ChannelError
from notifications.models import PushSubscription
from notifications.models.lookups import Many
from notifications.types import Message, Rendered, SendResult

_TAKEN = range(200, 203)
_GONE = {404, 410}
_OURS = {401, 403}
"""We are refused, not this message: staff will mend it."""
_OF_THE_MESSAGE = {413, 429}
"""Too long, or too many: another one may do."""
_MOST_FAILURES = 32_000


class PushChannel(Channel):
    """Sends through the push services of the browsers; a person may have several."""

    name: ClassVar[str] = "push"
    label: ClassVar = _("Phone notifications")
    unreachable: ClassVar = _("You have not turned on notifications on any phone or computer.")
    takes_quick_replies: ClassVar[bool] = True
    batch_size: ClassVar[int] = 500
    # A browser shows what has the same key once.
    acknowledge_each: ClassVar[bool] = False
    at_once: ClassVar[int] = http.AT_ONCE
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

    def look_up(self, addresses: Collection[str]) -> dict[str, list[PushSubscription]]:
        found: dict[str, list[PushSubscription]] = {}
        owners = {int(address) for address in addresses if address.isdecimal()}
        for subscription in PushSubscription.objects.filter(user_id__any_of=owners).order_by("id"):
            found.setdefault(str(subscription.user_id), []).append(subscription)
        return found

    @contextmanager
    def session(self) -> Iterator[Send]:
        tried = _Tried()
        with http.connected() as services:
            try:
                yield lambda message: self._send(services, message, tried)
            finally:
                tried.note()

    def _send(self, services: http.Services, message: Message, tried: "_Tried") -> SendResult:
        """Sent when one browser's push service took it; else the error says whether another attempt makes sense."""
        subscriptions: Sequence[PushSubscription] = message.found or ()
        text = payload(message)
        over = time.monotonic() + self.turn
        accepted, refused = 0, list[ChannelError]()
        for subscription in subscriptions:
            if time.monotonic() >= over:
                refused.append(ChannelError("There was no time for every device.", permanent=False))
                break
            try:
                self._post(services, subscription, message, text)
            except _GoneError:
                tried.gone.append(subscription.pk)
            except ChannelError as error:
                tried.failed.append(subscription.pk)
                if isinstance(error, _RefusedError):
                    tried.refused.append(subscription.pk)
                refused.append(error)
            else:
                tried.accepted.append(subscription.pk)
                accepted += 1
        if not accepted:
            raise _error_of(refused)
        return SendResult(provider=self.name, provider_id=f"{accepted}/{len(subscriptions)}")

    def _post(
        self, services: http.Services, subscription: PushSubscription, message: Message, text: bytes
    ) -> None:
        endpoint = subscription.endpoint
        if is_unreadable(endpoint) or is_unreadable(subscription.auth):
            raise ChannelError(
                "What the device is reached by can't be read: its key is missing.", permanent=False
            )
        if not is_push_service(endpoint, settings.PUSH_HOSTS):
            raise ChannelError("The device's push service is none of PUSH_HOSTS.", permanent=True)
        try:
            body = sealed(text, point=from_base64(subscription.p256dh), secret=from_base64(subscription.auth))
        except ValueError as error:
            said = f"The device's subscription can't be used: {type(error).__name__}"
            raise ChannelError(said, permanent=True) from error
        now = timezone.now()
        try:
            answer = services.post(
                endpoint,
                body,
                {
                    **headers(message),
                    "TTL": str(seconds_to_live(message, now)),
                    "Content-Encoding": "aes128gcm",
                    "Authorization": keys.authorization(origin_of(endpoint), now=now),
                },
                timeout=self.timeout,
            )
        except http.NoAnswerError as error:
            # Not its text, which may name the endpoint.
            said = f"The push service can't be reached: {type(error.__cause__).__name__}"
            raise ChannelError(said, permanent=False) from error
        if answer.status not in _TAKEN:
            raise _refusal(answer.status, answer.retry_after)


class _RefusedError(ChannelError):
    """The push service takes nothing for this device, or nothing that we have signed."""


class _GoneError(Exception):
    """The person turned notices off in that browser, or the browser is no more (RFC 8030 7.3)."""


@dataclass(frozen=True, slots=True)
class _Tried:
    """The devices that a batch of messages was sent to, by what became of that. Filled by several threads."""

    accepted: list[int] = field(default_factory=list)
    failed: list[int] = field(default_factory=list)
    refused: list[int] = field(default_factory=list)
    """Of those that failed."""
    gone: list[int] = field(default_factory=list)

    def note(self) -> None:
        """Mark the devices, all that fared alike with one statement."""
        devices = PushSubscription.objects
        if self.accepted:
            devices.filter(pk__any_of=set(self.accepted)).update(
                last_used_at=timezone.now(), failures=0, failing_since=None, refused_at=None
            )
        if failed := set(self.failed).difference(self.accepted):
            devices.filter(pk__any_of=failed, failures__lt=_MOST_FAILURES).update(failures=F("failures") + 1)
        if refused := set(self.refused).difference(self.accepted):
            lost_devices.refused(refused, now=timezone.now())
        if self.gone:
            devices.filter(pk__any_of=set(self.gone)).delete()


def _error_of(refused: Sequence[ChannelError]) -> ChannelError:
    """Transient if any browser may take it later, after the shortest wait that one of these asks for."""
    again = [error for error in refused if not error.permanent]
    if not again:
        said = str(refused[0]) if refused else "No device is left that shows notices."
        return ChannelError(said, permanent=True)
    shortest = min(error.retry_after or timedelta(0) for error in again)
    return ChannelError(str(again[0]), permanent=False, retry_after=shortest or None)


def _refusal(status: int, asked: str | None) -> Exception:
    """What a push service's answer means, and how long it `asked` to be left alone (RFC 8030 5 and 7, RFC 8292 4.2)."""
    if status in _GONE:
        return _GoneError()
    transient = status in _OURS or status == 429 or status >= 500
    of_the_device = 400 <= status < 500 and status not in _OF_THE_MESSAGE
    return (_RefusedError if of_the_device else ChannelError)(
        f"The push service answered {status}.",
        permanent=not transient,
        retry_after=retry_after(asked, now=timezone.now()) if transient else None,
    )
