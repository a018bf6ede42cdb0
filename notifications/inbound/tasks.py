"""The work that SMS from people make: deal with them one by one, and answer."""

import logging
import time
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy
from huey.contrib.djhuey import db_task

from notifications.exceptions import ChannelError
from notifications.inbound.dealing import deal_with
from notifications.models import InboundSms
from notifications.periodic import periodic_task
from notifications.pipeline.lease import Claim, claim, count_due
from notifications.pipeline.next_attempt import next_attempt
from notifications.sms.base import Sms
from notifications.sms.providers import send_sms
from notifications.tasks import SOON, TURN, take_alone, wake

logger = logging.getLogger(__name__)

ANSWER_WITHIN = timedelta(minutes=15)
"""An answer that comes later than this puzzles more than it helps."""
_TO_DEAL_WITH: dict[str, Any] = {"made_of": ""}
_TO_ANSWER: dict[str, Any] = {"made_of__gt": ""}


@db_task(priority=SOON)
def answer_sms() -> None:
    """Deal with what has come in, then answer it.

    In one process one worker answers, so that a slow provider holds up nothing else; least of all what others write.
    """
    over = time.monotonic() + TURN
    while deal_with_next(now=timezone.now()):
        if time.monotonic() >= over:
            wake(answer_sms)
            return
    take_alone(
        "answer SMS",
        _answer_until,
        is_more=lambda: count_due(InboundSms, now=timezone.now(), **_TO_ANSWER) > 0,
        again=partial(wake, answer_sms),
    )


def _answer_until(over: float) -> bool:
    """One at least; whether there was any."""
    answered = False
    while answer_next(now=timezone.now()):
        answered = True
        if time.monotonic() >= over:
            break
    return answered


@periodic_task("SMS received", cron="* * * * *", essential=True, label=gettext_lazy("Answer received SMS"))
def find_what_waits(slot: datetime) -> str:
    """Wake a worker for messages that nobody finished."""
    waiting = count_due(InboundSms, now=timezone.now(), at_most=100)
    if waiting:
        wake(answer_sms)
    return f"{waiting} waiting"


def deal_with_next(*, now: datetime) -> bool:
    """Deal with the oldest that waits, once; False when there is none. Calls nobody, so it takes no time."""
    taken = claim(InboundSms, now=now, limit=1, **_TO_DEAL_WITH)
    if not taken:
        return False
    row = InboundSms.objects.get(pk=taken.ids[0])
    try:
        deal_with(row)
    except Exception as failure:
        logger.exception("SMS %(sms)s can't be dealt with.", {"sms": row.pk})
        _set_back(taken, row, _of_ours(failure))
    else:
        if row.answer:
            taken.release(taken.ids)
        else:
            taken.finish(state=InboundSms.State.DONE, error="")
    return True


def answer_next(*, now: datetime) -> bool:
    """Send the answer that has waited longest; False when there is none."""
    taken = claim(InboundSms, now=now, limit=1, **_TO_ANSWER)
    if not taken:
        return False
    row = InboundSms.objects.get(pk=taken.ids[0])
    try:
        error = _answer(row)
    except ChannelError as failure:
        _set_back(taken, row, failure)
    except Exception as failure:
        logger.exception("SMS %(sms)s can't be answered.", {"sms": row.pk})
        _set_back(taken, row, _of_ours(failure))
    else:
        taken.finish(state=InboundSms.State.DONE, error=error)
    return True


def _answer(row: InboundSms) -> str:
    """Send the answer, if there is one; why it wasn't sent. Raises ChannelError when it is worth another try."""
    if not row.answer:
        return ""
    if timezone.now() - row.received_at > ANSWER_WITHIN:
        return "It was too late for an answer."
    try:
        send_sms(Sms(key=f"medguard-answer-{row.pk}", number=row.sender, text=row.answer))
    except ChannelError as error:
        if not error.permanent:
            raise
        # Twilio, for one, lets nothing through any more after a STOP, and answers it itself.
        return str(error)[:1000]
    return ""


def _of_ours(failure: Exception) -> ChannelError:
    """A fault of ours, which may be mended while this waits."""
    return ChannelError(f"{type(failure).__name__}: {failure}", permanent=False)


def _set_back(taken: Claim, row: InboundSms, error: ChannelError) -> None:
    failures = row.failures + 1
    again = next_attempt(failures=failures, error=error)
    said = str(error)[:1000]
    if again is None:
        taken.finish(state=InboundSms.State.FAILED, error=said, failures=failures)
    else:
        taken.postpone(taken.ids, due_at=again, state=InboundSms.State.PENDING, error=said)
