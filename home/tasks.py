"""Huey's tasks of this app."""

import logging
from datetime import timedelta

from huey.contrib.djhuey import db_task

from home.letters.letter import Letter, seal, send, unseal
from notifications.exceptions import ChannelError
from notifications.tasks import URGENT

logger = logging.getLogger(__name__)

LIFE = timedelta(minutes=5)
"""A letter that nobody sent by then isn't sent: its reader has asked for another."""
AGAIN_AFTER = 10.0
"""Seconds."""


@db_task(priority=URGENT)
def send_letter(sealed: str) -> None:
    """Send it, and try again while it is of use."""
    letter = unseal(sealed, life=LIFE)
    if letter is None:
        return
    try:
        send(letter)
    except ChannelError as error:
        # Not why: the answer may name the address.
        logger.warning("A letter by %(channel)s could not be sent.", {"channel": letter.channel})
        if not error.permanent:
            send_letter.schedule((sealed,), delay=AGAIN_AFTER)


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
