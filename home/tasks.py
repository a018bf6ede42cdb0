"""Huey's tasks of this app."""

import logging
from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy
from huey.contrib.djhuey import db_task

from home.models import Invitation
from home.transactional.message import Letter, seal, send, unseal
from notifications.exceptions import ChannelError
from notifications.periodic import periodic_task
from notifications.work.one_at_a_time import alone
from notifications.work.wakeups import URGENT, answers_to, wake

logger = logging.getLogger(__name__)

LIFE = timedelta(minutes=5)
"""A letter that nobody sent by then isn't sent: its reader has asked for another."""
AGAIN_AFTER, BUSY = 10.0, 1.0
"""Seconds until a letter that could not be sent, or that met another one, comes again."""
KEEP_INVITATIONS = timedelta(days=30)
"""How long staff see an invitation that nobody took up; its address may be of somebody who never wanted one."""
SEND_LETTER = "send_letter"


@answers_to(SEND_LETTER)
@db_task(priority=URGENT)
def send_letter(sealed: str) -> None:
    """Send it, and try again while it is of use.

    Letters come before all else, and everybody asks for another when none comes: while a channel hangs they mustn't
    keep more than one worker of a process at it.
    """
    letter = unseal(sealed, life=LIFE)
    if letter is None:
        return
    with alone(f"letters by {letter.channel}") as admitted:
        if not admitted:
            wake(SEND_LETTER, sealed, delay=BUSY)
            return
        try:
            send(letter)
        except ChannelError as error:
            # Not why: the answer may name the address.
            logger.warning("A letter by %(channel)s could not be sent.", {"channel": letter.channel})
            if not error.permanent:
                wake(SEND_LETTER, sealed, delay=AGAIN_AFTER)


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


@periodic_task("Old invitations", cron="30 2 * * 0", label=gettext_lazy("Delete old invitations"))
def delete_old_invitations(slot: datetime) -> str:
    """Those that nobody took up. The others say who was let in by whom, and stay."""
    old = Invitation.objects.filter(accepted_at__isnull=True, expires_at__lte=slot - KEEP_INVITATIONS)
    deleted, _by_model = old.delete()
    return f"{deleted} invitations deleted"
