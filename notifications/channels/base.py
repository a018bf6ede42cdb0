"""What a channel is."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, ClassVar

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from notifications.types import Detail, Message, Reason, Rendered, SendResult

Send = Callable[[Message], SendResult]


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
    at_once: ClassVar[int] = 1
    """How many messages may be on their way to the provider at the same time. More than one only where sendings are
    written down together, since a worker that dies leaves all of those in doubt; they are then sent by threads that
    have no database.
    """

    unreachable: ClassVar[Any] = gettext_lazy(
        "We have no address or number for you here. You can add it in your settings, under “How we reach "
        "you”."
    )
    """What somebody is told who can't be reached by it."""
    costs: ClassVar[bool] = False
    """Whether each sending costs the clinic money."""
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

    @abstractmethod
    def content(self, rendered: Rendered) -> tuple[str, str]:
        """The (subject, body) of a message that this channel carries."""

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

    @abstractmethod
    def session(self) -> AbstractContextManager[Send]:
        """Open whatever a batch shares, and give back the call that sends one message.

        Opening and sending raise `ChannelError`, which says itself whether to try again.
        """
