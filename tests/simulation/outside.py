"""What lies outside: providers that lie, delay, repeat and forget, and all that they were ever handed."""

from collections import deque
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, ClassVar, NamedTuple

from django.utils import timezone

from notifications.channels.base import Channel, Send
from notifications.channels.email.channel import EmailChannel
from notifications.channels.push.channel import PushChannel
from notifications.channels.receipts import Outcome, Receipt, note
from notifications.channels.sms.channel import SmsChannel
from notifications.channels.voice.channel import VoiceChannel
from notifications.channels.whatsapp.channel import WhatsAppChannel
from notifications.exceptions import ChannelError
from notifications.models import Delivery
from notifications.types import Message, Rendered, SendResult
from tests.simulation import deaths

PROVIDER = "sim"
COSTS = {"sms": Decimal("0.25"), "whatsapp": Decimal("0.25"), "voice": Decimal(1)}
LUCK = {
    "good": 12,
    "storm": 3,
    "refused": 1,
    "busy": 1,
    "lost_answer": 2,
    "nonsense": 1,
    "early_receipt": 1,
    "meanwhile": 3,
    "slow": 1,
    "slow_refused": 2,
    "beside": 2,
}
"""What may come of one message, and how often. `lost_answer`: it is sent, and nobody learns of it. `meanwhile`: people
act while it is being sent. `beside`: another consumer works meanwhile. `slow`: it takes longer than a lease, and
another consumer comes; `slow_refused`: and then it is refused.
"""


class Taken(NamedTuple):
    """One message that a provider took."""

    channel: str
    message: Message
    at: datetime
    provider_id: str
    luck: str

    @property
    def name(self) -> tuple[str, str]:
        """Which message it is, however often it is sent."""
        return self.channel, self.message.key


@dataclass
class Outside:
    """All providers. The luck of each message is taken from `luck`, and is good when that is used up."""

    luck: deque[str] = field(default_factory=deque)
    taken: list[Taken] = field(default_factory=list)
    doubted: set[str] = field(default_factory=set)
    """By the provider's name for it, what was sent and for a reason may not be written down: it may be sent again."""
    replies: list[tuple[str, str]] = field(default_factory=list)
    """Numbers, and what they were answered."""
    _began: int = 0
    witness: Callable[[str, Message], None] = lambda _channel, _message: None
    """Looks at each message as it leaves."""
    meanwhile: Callable[[], None] = lambda: None
    another_comes: Callable[[], None] = lambda: None
    pass_time: Callable[[timedelta], None] = lambda _time: None

    def send(self, channel: str, message: Message) -> SendResult:
        """Hand a message over. Raises what providers raise."""
        luck = self.luck.popleft() if self.luck else "good"
        deaths.reach("send")
        if luck == "storm":
            raise ChannelError("The provider is away.", permanent=False)
        if luck == "refused":
            raise ChannelError("The provider refuses it.", permanent=True)
        if luck == "busy":
            raise ChannelError("Too many.", permanent=False, retry_after=timedelta(minutes=30))
        if luck == "nonsense":
            raise ValueError("not what a provider says")
        if luck == "slow_refused":
            self._outlast_the_lease()
            raise ChannelError("The provider refuses it, at last.", permanent=True)
        self.witness(channel, message)
        provider_id = f"{channel}-{message.key}-{len(self.taken)}"
        taken = Taken(channel, message, timezone.now(), provider_id, luck)
        self.taken.append(taken)
        deaths.reach("sent")
        if luck == "lost_answer":
            self.doubted.add(provider_id)
            raise ChannelError("No answer came.", permanent=False)
        if luck == "early_receipt" and channel in TELLING:
            note(channel, PROVIDER, Receipt(provider_id, Outcome.DELIVERED), now=timezone.now())
        if luck == "meanwhile":
            self.pass_time(timedelta(seconds=1))
            self.meanwhile()
        if luck == "beside":
            self.another_comes()
        if luck == "slow":
            self._outlast_the_lease()
        return SendResult(PROVIDER, provider_id, parts=1, cost=COSTS.get(channel))

    def _outlast_the_lease(self) -> None:
        self.pass_time(timedelta(seconds=70))
        self.doubt()
        self.another_comes()

    def turn_begins(self) -> None:
        """A consumer begins, who has nothing in hand."""
        self._began = len(self.taken)

    def doubt(self) -> None:
        """Whoever had messages in hand died, or was taken for dead: what isn't written down by now may go again."""
        in_hand = {each.provider_id for each in self.taken[self._began :]}
        written = Delivery.objects.filter(provider_id__in=in_hand)
        self.doubted |= in_hand.difference(written.values_list("provider_id", flat=True))


class _Simulated(Channel):
    outside: ClassVar[Outside]

    @contextmanager
    def session(self) -> Iterator[Send]:
        yield lambda message: _Simulated.outside.send(self.name, message)


class Push(_Simulated):
    """Sends one after the other, and writes all down together."""

    name = "push"
    label = PushChannel.label
    batch_size = PushChannel.batch_size
    acknowledge_each = False
    takes_quick_replies = True

    def addresses(self, user_ids: Collection[int]) -> dict[int, str]:
        return PushChannel().addresses(user_ids)

    def content(self, rendered: Rendered) -> tuple[str, str]:
        return PushChannel().content(rendered)


class Email(_Simulated, EmailChannel):
    """The site's own, but for the server."""


class _ToNumbers(_Simulated):
    """By a provider that has a price, and tells what became of each."""

    each = Decimal("0.25")

    def gives_receipts(self) -> frozenset[str]:
        return frozenset([PROVIDER])

    def most(self, messages: Sequence[tuple[str, str]], *, now: datetime) -> Sequence[Decimal]:
        return [self.each] * len(messages)


class _Written(_ToNumbers):
    """Which people can answer, and are answered by."""

    def reply(self, key: str, address: str, text: str) -> SendResult:
        _Simulated.outside.replies.append((address, text))
        return SendResult(PROVIDER, key, parts=1)


class Sms(_Written, SmsChannel):
    """The site's own, but for the providers."""


class WhatsApp(_Written, WhatsAppChannel):
    """The site's own, but for the provider."""


class Voice(_ToNumbers, VoiceChannel):
    """The site's own, but for the providers."""

    each = Decimal(1)

    def look_up(self, addresses: Collection[str]) -> Mapping[str, Any]:
        return {}


CHANNELS = (Push, Email, Sms, WhatsApp, Voice)
NAMES = tuple(each.name for each in CHANNELS)
TELLING = ("sms", "whatsapp")
"""Those whose provider sends receipts; what became of a call comes as what is heard, and its end."""


def connect(outside: Outside) -> None:
    """From now on the channels bring their messages there."""
    _Simulated.outside = outside


def settings() -> dict[str, Any]:
    """Of a site that has these channels and no others."""
    return {
        "NOTIFICATION_CHANNELS": [f"{__name__}.{each.__name__}" for each in CHANNELS],
        "NOTIFICATION_LIVE_REDIS_URL": "",
        "SMS_REPLIES": True,
        "MEDICATION_HORIZON_DAYS": 4,
        "ALLOWED_HOSTS": ["testserver"],
    }
