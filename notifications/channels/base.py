"""What a channel is."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Coroutine, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from notifications.exceptions import ChannelError
from notifications.models import Delivery
from notifications.types import Detail, EventType, Message, Reason, Rendered, SendResult

Send = Callable[[Message], SendResult]
ConcurrentSend = Callable[[Message], Coroutine[Any, Any, SendResult]]
End = Callable[[], SendResult]


@dataclass(frozen=True, slots=True)
class TwoSteps:
    """Sends a message in two steps: `begin` does what must wait for nothing, and gives back the call that ends it.

    A message is begun while the one before it is being written down, by a thread that has no database, and ended when
    that is done. Until then the provider may do nothing with it. One that is never ended is forgotten: when the next is
    begun, when the session is over, and when the worker dies.
    """

    begin: Callable[[Message], End]

    def __call__(self, message: Message) -> SendResult:
        return self.begin(message)()


class Wording(ABC):
    """How a channel words the messages of one batch, where it isn't free to say what they say.

    `placeholders` are those whose values it wants by themselves (`Rendered.values`).
    """

    placeholders: frozenset[str] = frozenset()

    @abstractmethod
    def obstacle(self, user_id: int, language: str, detail: Detail) -> Reason | None:
        """Why it can't say such a message to this person; None where it can."""

    @abstractmethod
    def content(self, rendered: Rendered, *, language: str, detail: Detail) -> tuple[str, str]:
        """As `Channel.content`, for somebody whom nothing hinders."""


class Channel(ABC):
    """An outside channel, one folder each; settings.NOTIFICATION_CHANNELS lists those in use."""

    name: ClassVar[str]
    label: ClassVar[Any]
    batch_size: ClassVar[int] = 100
    """How many deliveries one worker holds at a time (docs/decisions/0102)."""
    longest_send: ClassVar[float] = 30.0
    """Seconds that one send may take, all the provider's answers together; well within a lease."""
    acknowledge_each: ClassVar[bool] = True
    """Whether each sending is written down before the next message goes, so that a worker that dies leaves at most one
    in doubt, which is sent again. Off only where whoever gets a message twice is shown it once, by its `key`: then
    those that the provider answered alike are written down together, after half a second at most.
    """

    unreachable: ClassVar[Any] = gettext_lazy(
        "We have no address or number for you here. You can add it in your settings, under “How we reach "
        "you”."
    )
    """What somebody is told who can't be reached by it."""
    costs: ClassVar[bool] = False
    """Whether each message costs the clinic money: what only repeats another one doesn't go by it, unless its reader
    chose that.
    """
    rings: ClassVar[bool] = False
    """Whether it rings. Then it keeps the night (`rules.night`), unless the person wants to be called for what can't
    wait; and what only repeats another message doesn't go by it, since who didn't answer is called again anyway.
    """
    takes_quick_replies: ClassVar[bool] = False
    """Whether a message may be answered from where it is read; then it comes with its answers."""

    @abstractmethod
    def addresses(self, user_ids: Collection[int]) -> dict[int, str]:
        """Where to reach each of these people; who can't be reached is left out. One query."""

    def obstacles(self, user_ids: Collection[int]) -> dict[int, Reason]:
        """Those of these people whose address may not be used, and why. At most one query."""
        return {}

    def address_words(self, address: str, provider_id: str = "") -> str:
        """What people call an address, after a sending with what the provider answered."""
        return address

    def gives_receipts(self) -> frozenset[str]:
        """The providers in use that say later what became of a message (`channels.receipts`)."""
        return frozenset()

    def how_to_start(self, provider: str) -> str:
        """What somebody must do who told this provider to stop and wants its messages again, in the active language."""
        return ""

    @abstractmethod
    def content(self, rendered: Rendered) -> tuple[str, str]:
        """The (subject, body) of a message that this channel carries."""

    def wording(self, event_type: EventType, user_ids: Collection[int], *, now: datetime) -> Wording | None:
        """How it words messages of this type for these people, asked once for a batch; None where it says what they
        say. Two queries at most. `now` is aware.
        """
        return None

    def carrier(self, provider: str) -> str:
        """A sentence for its reader on who carried a message (`SendResult.provider`); empty where that says nothing."""
        return ""

    def merged(self, subjects: Sequence[str], *, detail: Detail) -> tuple[str, str]:
        """The (subject, body) of one message that stands for several which were held, in the language in use.

        `subjects` are theirs, as its reader wants them seen by others (`detail`). A short message says how many wait.
        """
        return "", _("You have %(count)d messages from your clinic") % {"count": len(subjects)}

    def look_up(self, addresses: Collection[str]) -> Mapping[str, Any]:
        """What else the channel must know to send to these addresses, by address; `Message.found` when one is sent.

        Asked once for a batch, and again as often as it is asked what still holds. One query.
        """
        return {}

    def reply(self, key: str, address: str, text: str) -> SendResult:
        """Answer somebody who wrote to us by it. Raises `ChannelError`, as sending does."""
        raise ChannelError(f"Nobody is answered by {self.name}.", permanent=True)

    def most(self, messages: Sequence[tuple[str, str]], *, now: datetime) -> Sequence[Decimal]:
        """What each of these, an address and a body, costs at most if it is sent now, in rand; nothing where no price
        is known. Only channels that cost are asked. One query.
        """
        return [Decimal(0)] * len(messages)

    def price(self, delivery: Delivery, *, now: datetime) -> Decimal | None:
        """What one sending of it costs by its provider, in rand, where that is told later that it was sent; None where
        nobody knows. One query.
        """
        return None

    @abstractmethod
    def session(self) -> AbstractContextManager[Send]:
        """Open whatever a batch shares, and give back the call that sends one message; it may be one of `TwoSteps`.

        Opening and sending raise `ChannelError`, which says itself whether to try again.
        """


class ConcurrentChannel(Channel):
    """A channel that has several messages on their way to the provider at the same time.

    A worker that dies leaves all of them in doubt. So it is for those whose reader is shown once what has the same
    `key`, and their sendings are written down together.
    """

    acknowledge_each: ClassVar[bool] = False
    at_once: ClassVar[int]
    """How many at most."""

    @abstractmethod
    def concurrent_session(self) -> AbstractContextManager[ConcurrentSend]:
        """As `session`, where sending is a coroutine: so many of them take turns in one thread, without the database.

        Opening and closing may use the database.
        """

    @contextmanager
    def session(self) -> Iterator[Send]:
        with self.concurrent_session() as send:
            yield lambda message: asyncio.run(send(message))
