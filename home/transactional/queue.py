"""Sends transactional messages by the queue, so that no page waits for a provider."""

import logging
from datetime import timedelta

from huey.contrib.djhuey import db_task

from home.transactional.message import TransactionalMessage, decrypt, encrypt, send
from notifications.exceptions import ChannelError
from notifications.work.one_at_a_time import alone
from notifications.work.wakeups import URGENT, answers_to, wake

logger = logging.getLogger(__name__)

LIFE = timedelta(minutes=5)
"""A message that wasn't sent by then isn't sent any more: its reader has asked for another."""
RETRY_DELAY, BUSY_DELAY = 10.0, 1.0
"""Seconds until a message is tried again that could not be sent, or whose channel was sending another one."""
SEND_TRANSACTIONAL = "send_transactional"


@answers_to(SEND_TRANSACTIONAL)
@db_task(priority=URGENT)
def send_transactional(encrypted: str) -> None:
    """Send the message, and try again until LIFE has passed.

    They have the highest priority, and a reader who gets none asks for another: while a channel hangs, they must not
    occupy more than one worker of a process.
    """
    message = decrypt(encrypted, life=LIFE)
    if message is None:
        return
    with alone(f"transactional messages by {message.channel}") as admitted:
        if not admitted:
            wake(SEND_TRANSACTIONAL, encrypted, delay=BUSY_DELAY)
            return
        try:
            send(message)
        except ChannelError as error:
            # Without the reason: the provider's answer may name the address.
            logger.warning(
                "A transactional message by %(channel)s could not be sent.", {"channel": message.channel}
            )
            if not error.permanent:
                wake(SEND_TRANSACTIONAL, encrypted, delay=RETRY_DELAY)


def enqueue(message: TransactionalMessage | None) -> None:
    """Have the message sent without waiting. None sends nothing but takes as long, so that the time tells nobody
    whether there is an account.

    For messages whose reader asks again when none comes. Where the queue is down they are sent at once.
    """
    encrypted = encrypt(message)
    try:
        send_transactional(encrypted)
    except Exception:
        logger.exception("The queue can't be reached; a transactional message is sent without it.")
        send_transactional.call_local(encrypted)
