"""What the gateways of all channels share: what is wrong with a provider, and what it sent us."""

import logging
import re
from datetime import timedelta

from django.http import QueryDict

from notifications.exceptions import ChannelError, NotificationError

logger = logging.getLogger(__name__)


class MalformedError(NotificationError, ValueError):
    """What a provider, or whoever claims to be one, sent us isn't what it documents."""


REST = timedelta(minutes=5)
"""How long a provider that is down is left alone before one message tries it again."""
BREATHER = timedelta(seconds=30)
"""How long one that has too much to do is, unless it says so itself."""
AWAY = timedelta(minutes=15)
"""How long to wait until a message is sent once more to a phone that was off or out of reach."""
TELLS_WITHIN = timedelta(minutes=2)
"""How long one whose answer got lost has to tell us of the message. A call rings for half a minute, and is answered or
over by then.
"""


class GatewayError(ChannelError):
    """A provider didn't take a message.

    A permanent one is about the number or the text: no other provider could do better; `opted_out` where the number's
    owner told the provider to stop. With `rest` the provider itself is in trouble, and is to be left alone for so long;
    its text then names nobody. With neither it can't carry this one message, and another may. `in_doubt` where it may
    have taken the message all the same.
    """

    def __init__(
        self,
        message: str,
        *,
        permanent: bool = False,
        opted_out: bool = False,
        rest: timedelta | None = None,
        retry_after: timedelta | None = None,
        in_doubt: bool = False,
    ) -> None:
        super().__init__(message, permanent=permanent or opted_out, retry_after=retry_after)
        self.opted_out = opted_out
        self.rest = rest
        self.in_doubt = in_doubt


def unknown_state(provider: str, state: str) -> None:
    """Log the name of a state that a provider doesn't document."""
    logger.warning(
        "A state of %(provider)s is unknown: %(state)s. It changed nothing.",
        {"provider": provider, "state": in_log(state)},
    )


def in_log(state: str) -> str:
    """A state as it may be logged: what is no word may be of people."""
    return state if re.fullmatch("[A-Za-z_]{1,40}", state) else "(not a word)"


def value(form: QueryDict, name: str, *, longest: int, default: str | None = None) -> str:
    """One value of a webhook's form, without NUL and not longer than that; MalformedError when there is none."""
    found = form.get(name, default)
    if found is None or "\0" in found or len(found) > longest or (default is None and not found):
        raise MalformedError(name)
    return found
