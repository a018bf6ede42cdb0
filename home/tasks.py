"""Huey's tasks of this app."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from huey.contrib.djhuey import db_task

from home.letters.letter import Letter, seal, send, unseal
from home.models import Invitation
from notifications.exceptions import ChannelError
from notifications.periodic import periodic_task
from notifications.tasks import URGENT, wake

logger = logging.getLogger(__name__)

LIFE = timedelta(minutes=5)
"""A letter that nobody sent by then isn't sent: its reader has asked for another."""
AGAIN_AFTER = 10.0
"""Seconds."""
KEEP_INVITATIONS = timedelta(days=30)
"""How long staff see an invitation that nobody took up; its address may be of somebody who never wanted one."""


_failing: set[str] = set()
"""The channels by which the last letter of this process could not be sent."""
_trying: dict[str, threading.Lock] = {}


@db_task(priority=URGENT)
def send_letter(sealed: str) -> None:
    """Send it, and try again while it is of use.

    Letters come before all else, and everybody asks for another when none comes. So while a channel is in trouble one
    worker of a process tries it, and the others stay free.
    """
    letter = unseal(sealed, life=LIFE)
    if letter is None:
        return
    with _turn(letter.channel) as is_ours:
        again = _send(letter) if is_ours else True
    if again:
        wake(send_letter, sealed, delay=AGAIN_AFTER)


@contextmanager
def _turn(channel: str) -> Iterator[bool]:
    """Whether to try this channel now."""
    if channel not in _failing:
        yield True
        return
    lock = _trying.setdefault(channel, threading.Lock())
    is_ours = lock.acquire(blocking=False)
    try:
        yield is_ours
    finally:
        if is_ours:
            lock.release()


def _send(letter: Letter) -> bool:
    """Whether it is worth another try."""
    try:
        send(letter)
    except ChannelError as error:
        # Not why: the answer may name the address.
        logger.warning("A letter by %(channel)s could not be sent.", {"channel": letter.channel})
        if not error.permanent:
            _failing.add(letter.channel)
            return True
    _failing.discard(letter.channel)
    return False


def post(letter: Letter | None) -> None:
    """Have it sent without waiting; None takes as long and sends nothing, so that no answer says who has an account.

    For letters whose reader asks again when none comes. Where the queue is away they are sent at once.
    """
    sealed = seal(letter)
    try:
        send_letter(sealed)
    except Exception:
        logger.exception("The queue can't be reached; a letter is sent without it.")
        send_letter.call_local(sealed)


@periodic_task("Old invitations", cron="30 2 * * 0")
def delete_old_invitations(slot: datetime) -> str:
    """Those that nobody took up. The others say who was let in by whom, and stay."""
    old = Invitation.objects.filter(accepted_at__isnull=True, expires_at__lte=slot - KEEP_INVITATIONS)
    deleted, _by_model = old.delete()
    return f"{deleted} invitations deleted"
