"""In which order the outside channels carry a message, how long each waits for the one before, and when none follows.

A plan is a tuple of steps. The first one that can reach the person goes at once. Each further one waits, and isn't sent
when the message has reached the person by then: they read it, acknowledged it or put it away, or a provider said that
it arrived at their phone. That a provider took a message, which is all that e-mail and push ever say, has reached
nobody yet. So no two steps are under way at once, and whatever can't be sent makes room for the next.
"""

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from notifications.types import OPT_IN, EventType, Priority, Reason


class Step(NamedTuple):
    """A channel, and for how many minutes it waits after the step before it went; for the first they don't count."""

    channel: str
    minutes: int


Plan = tuple[Step, ...]

UNNAMED = 30
"""Minutes that a channel waits which the plan doesn't name."""
LONGEST = 24 * 60
"""Minutes that a step may wait."""
LAST_MOMENT = timedelta(minutes=1)
"""So long before it would be too late, a step is due whose minutes would be over later: it goes if the ones before it
failed.
"""
AFTER_A_SLOW_ONE = timedelta(minutes=2)
"""For so long beyond its time a step waits, once, for one before it that nobody has tried to send yet."""
IN_HAND = timedelta(seconds=30)
"""A step that finds another one being sent looks again after this, and a later step after so much more."""

_FREE = (Step("push", 0), Step("email", 15))


def usual(event_type: EventType) -> Plan:
    """The plan of a category to which staff gave none: the free channels that are on by default, in their order."""
    return tuple([step for step in _FREE if event_type.channels.get(step.channel)])


def read(stored: Any) -> Plan:
    """A plan as it is stored: a list of a channel and minutes each. ValueError where it is none."""
    try:
        plan = tuple([Step(channel, minutes) for channel, minutes in stored])
    except (TypeError, ValueError) as error:
        raise ValueError(f"{stored!r} is no plan.") from error
    for channel, minutes in plan:
        if not isinstance(channel, str) or type(minutes) is not int or not 0 <= minutes <= LONGEST:
            raise ValueError(f"{stored!r} is no plan.")
    return plan


def in_order(plan: Plan, channels: Collection[str]) -> Iterator[Step]:
    """The steps whose channel is in use, then the channels that the plan doesn't name, those first that people asked
    for. Each channel once.
    """
    named = {step.channel: step for step in reversed(plan) if step.channel in channels}
    yield from (step for step in plan if named.get(step.channel) is step)
    rest = sorted((each for each in channels if each not in named), key=lambda channel: channel not in OPT_IN)
    yield from (Step(channel, UNNAMED) for channel in rest)


def minutes_of(step: Step, priority: Priority) -> int:
    """How long this step waits: what is urgent waits half as long, rounded up."""
    return (step.minutes + 1) // 2 if priority >= Priority.URGENT else step.minutes


class Stage(StrEnum):
    """How far a delivery has got. WAITING was never tried; IN_HAND, somebody may be sending it at this moment; RETRYING
    failed, and is to be tried again.
    """

    WAITING = "waiting"
    IN_HAND = "in_hand"
    RETRYING = "retrying"
    SENT = "sent"
    ARRIVED = "arrived"
    OVER = "over"


class Progress(NamedTuple):
    """One delivery of a message: its step (None where it goes beside the plan), its stage, and when it was sent; or,
    where it waits for its turn and not for the end of quiet hours, when that comes.
    """

    step: int | None
    stage: Stage
    sent_at: datetime | None = None
    turn_at: datetime | None = None


class Turn(NamedTuple):
    """A step that is due: how many minutes it waits after the one before, until when it was to wait at first, and when
    it was due this time. From `ends` on it would be too late.
    """

    step: int
    minutes: int
    planned: datetime
    due_at: datetime
    ends: datetime | None = None


def held_back(
    turn: Turn, others: Collection[Progress], *, seen: bool, now: datetime
) -> Reason | datetime | None:
    """Why this step isn't to be sent at all, or when to look again; None when it is its turn.

    `others` are the message's other deliveries, and `seen` is whether its reader has read or answered it.

    A step that was sent has its minutes to reach the person, also where nothing could follow it after those. One that
    couldn't be sent in them, because its provider is away or slow, makes room for the next, and isn't sent any more
    once that one was.
    """
    if seen or any(each.stage is Stage.ARRIVED for each in others):
        return Reason.REACHED
    steps = [(each.step, each) for each in others if each.step is not None]
    if any(step > turn.step and each.stage is Stage.SENT for step, each in steps):
        return Reason.OVERTAKEN
    if any(each.stage is Stage.IN_HAND for _step, each in steps):
        # Two that find each other don't look again at the same time.
        return now + (turn.step + 1) * IN_HAND
    for step, each in steps:
        if step == turn.step - 1 and each.stage is Stage.SENT and each.sent_at is not None:
            until = each.sent_at + timedelta(minutes=turn.minutes)
            if turn.ends is not None and turn.ends <= until:
                return Reason.OVERTAKEN
            if now < until:
                return until
    put_off = [
        each.turn_at for step, each in steps if step < turn.step and each.turn_at and each.turn_at > now
    ]
    if put_off:
        # What went late puts off the whole rest of its plan.
        until = max(put_off) + timedelta(minutes=turn.minutes)
        return until if turn.ends is None else max(*put_off, min(until, turn.ends - LAST_MOMENT))
    late = turn.planned + AFTER_A_SLOW_ONE
    if turn.due_at < late and any(step < turn.step and each.stage is Stage.WAITING for step, each in steps):
        return max(late, now + AFTER_A_SLOW_ONE)
    return None
