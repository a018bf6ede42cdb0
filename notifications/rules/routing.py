"""Which channels carry one message to one person, when, and why.

The type's default gives way to the person's choice for its category, and that to their choice for the type itself. A
channel that is off by default stands in where nothing else reaches the person, for the types that say so; their
choice goes before that too. One after the other they go by the plan of the category; what the person chose, or the
sender, goes beside it at once. Quiet hours and the e-mail time of day hold a message, they never drop it, unless it
would be stale by then. A pause leaves a message in the inbox alone.
Urgent and time-critical types are neither held nor paused.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from types import MappingProxyType
from zoneinfo import ZoneInfo

from notifications.rules.plans import LAST_MOMENT, Plan, in_order, minutes_of
from notifications.rules.quiet_hours import quiet_until
from notifications.types import (
    IN_APP,
    OPT_IN,
    Decision,
    EmailTime,
    EventType,
    Priority,
    Reason,
    Wishes,
)

EMAIL = "email"
_ONLY_CLINICAL = {Reason.UNVERIFIED, Reason.NO_CONSENT_TREATMENT}
"""What keeps back no message but a clinical one."""
_BESIDE_THE_PLAN = {Reason.CHOSEN, Reason.REQUESTED}
_UNASKED = {Reason.ONLY_WAY, Reason.PLANNED}
"""Why a channel that is off by default is used although nobody asked for it: at a confirmed address only."""
HOLDS = frozenset({Reason.QUIET_HOURS, Reason.EMAIL_TIME})
"""The person's own reasons for a message to wait; all that waited for one of them leaves as one digest."""
NO_OBSTACLES: Mapping[str, Reason] = MappingProxyType({})
EMAIL_TIMES = {
    EmailTime.MORNING: time(8),
    EmailTime.AFTERNOON: time(14),
    EmailTime.EVENING: time(20),
}


def route(
    event_type: EventType,
    *,
    wishes: Wishes,
    reachable: Collection[str],
    channels: Sequence[str],
    now: datetime,
    valid_until: datetime | None = None,
    requested: Collection[str] | None = None,
    obstacles: Mapping[str, Reason] = NO_OBSTACLES,
    no_stand_in: Reason | None = None,
    plan: Plan = (),
    paid: Collection[str] = (),
    once: Collection[str] = (),
) -> tuple[Decision, ...]:
    """Decide for each of `channels`, in their order.

    `reachable` names the outside channels for which the person has an address, `obstacles` those that may not be used,
    and why: an address that isn't verified, and a missing consent to be reminded of treatment, keep back only what is
    clinical. `requested` are the channels of a direct send: no other is used, and each of them counts as on unless the
    person turned it off. `plan` is that of the category: a channel that it names is on. `no_stand_in` is why no channel
    that only stands in carries it, nor one of the `paid` ones that the person didn't choose; where it repeats another
    message, neither does one of `once`, whoever chose that.
    `now` and `valid_until` are aware; a `send_at` is in UTC, later than `now`, outside the person's quiet hours and
    before `valid_until`; that of a step no earlier than its minutes after the step before, or else in the last moment
    in which it makes sense, for when that one fails. Raises ZoneInfoNotFoundError when the person's zone doesn't exist.
    """
    # In UTC, because datetimes of one and the same zone compare by their wall clocks, not as moments.
    now = now.astimezone(UTC)
    if valid_until is not None and valid_until <= now:
        return tuple(Decision(channel, False, Reason.EXPIRED) for channel in channels)

    paused = is_paused(wishes, now) and not must_come_at_once(event_type)
    usable = {channel for channel in reachable if not bars(obstacles.get(channel), event_type)}
    ways = ways_to(reachable, obstacles, wishes.muted)
    named = {step.channel for step in plan}
    decided: dict[str, Decision] = {}
    before: Decision | None = None
    for step in in_order(plan, channels):
        channel = step.channel
        on, reason = _wanted(event_type, channel, wishes, requested, ways, named)
        beside = reason in _BESIDE_THE_PLAN
        if channel == IN_APP or not on:
            decision = Decision(channel, on, reason)
        elif channel not in reachable:
            decision = Decision(channel, False, Reason.NO_ADDRESS)
        elif channel not in usable or (reason in _UNASKED and channel not in ways):
            decision = Decision(channel, False, obstacles[channel])
        elif no_stand_in and (
            reason is Reason.ONLY_WAY
            or (channel in paid and not beside)
            or (channel in once and no_stand_in is Reason.REPEATED)
        ):
            decision = Decision(channel, False, no_stand_in)
        elif paused:
            decision = Decision(channel, False, Reason.PAUSED)
        elif beside:
            decision = _outside(event_type, channel, reason, wishes, now, now, valid_until)
        else:
            minutes = 0 if before is None else minutes_of(step, event_type.priority)
            start = now if before is None else (before.send_at or now) + timedelta(minutes=minutes)
            if before is not None and valid_until is not None and now < valid_until - LAST_MOMENT < start:
                # There is no time for its minutes, but there is if the one before it fails.
                start = max(before.send_at or now, valid_until - LAST_MOMENT)
            decision = _outside(event_type, channel, reason, wishes, start, now, valid_until)
            if decision.send:
                number = 0 if before is None or before.step is None else before.step + 1
                before = decision = replace(decision, step=number, minutes=minutes)
        decided[channel] = decision
    return _not_lost([decided[channel] for channel in channels])


def ways_to(
    reachable: Collection[str], obstacles: Mapping[str, Reason], muted: Collection[str]
) -> frozenset[str]:
    """The outside channels by which a person can be reached: they have an address there that is confirmed and works,
    agreed to it, and didn't turn it off.

    Whether they agreed to be reminded of treatment is the same for all channels, and asked apart from this.
    """
    barred = {name for name, reason in obstacles.items() if reason is not Reason.NO_CONSENT_TREATMENT}
    return frozenset(reachable) - barred - frozenset(muted)


def must_come_at_once(event_type: EventType) -> bool:
    """Whether neither quiet hours nor a pause hold it."""
    return event_type.time_critical or event_type.priority >= Priority.URGENT


def bars(obstacle: Reason | None, event_type: EventType | None) -> bool:
    """Whether this obstacle keeps a message of that type back; of an unknown type it might be clinical."""
    is_clinical = event_type is None or event_type.clinical
    return obstacle is not None and (obstacle not in _ONLY_CLINICAL or is_clinical)


def strongest(some: Mapping[int, Reason], others: Mapping[int, Reason]) -> Mapping[int, Reason]:
    """What bars each person, where two may: the obstacle that keeps back more, or else the one of `some`."""
    always = {id_: reason for id_, reason in some.items() if reason not in _ONLY_CLINICAL}
    also_weak = {id_: some[id_] for id_, reason in others.items() if reason in _ONLY_CLINICAL and id_ in some}
    return {**some, **others, **also_weak, **always}


def is_paused(wishes: Wishes, now: datetime) -> bool:
    """Whether the person has paused at `now` (aware) what needn't come at once."""
    if wishes.paused_until is None:
        return False
    return now < datetime.combine(wishes.paused_until, time.min, ZoneInfo(wishes.timezone)).astimezone(UTC)


def _wanted(
    event_type: EventType,
    channel: str,
    wishes: Wishes,
    requested: Collection[str] | None,
    ways: Collection[str],
    named: Collection[str],
) -> tuple[bool, Reason]:
    always = channel == IN_APP and event_type.clinical
    chosen = wishes.choice(event_type.name, event_type.category, channel)
    if requested is not None and channel not in requested:
        return False, Reason.NOT_REQUESTED
    if channel in wishes.muted:
        return False, Reason.CHANNEL_OFF
    if not always and chosen is False:
        return False, Reason.OFF_BY_CHOICE
    if requested is not None:
        return True, Reason.REQUESTED
    if always:
        return True, Reason.ALWAYS
    if chosen:
        return True, Reason.CHOSEN
    if event_type.is_on(channel):
        return True, Reason.DEFAULT
    if channel in event_type.stands_in and event_type.stands_in.issuperset(frozenset(ways) - OPT_IN):
        return True, Reason.ONLY_WAY
    if channel in named:
        return True, Reason.PLANNED
    return False, Reason.OFF_BY_DEFAULT


def _outside(
    event_type: EventType,
    channel: str,
    reason: Reason,
    wishes: Wishes,
    start: datetime,
    now: datetime,
    valid_until: datetime | None,
) -> Decision:
    """Send it at `start`, or when what holds it then is over."""
    stands_in = reason is Reason.ONLY_WAY
    held, held_by = (None, reason) if must_come_at_once(event_type) else _hold(channel, wishes, start)
    send_at = held or start
    if valid_until is not None and send_at >= valid_until:
        return Decision(channel, False, Reason.TOO_LATE)
    if held is not None:
        return Decision(channel, True, held_by, held, stands_in)
    return Decision(channel, True, reason, start if start > now else None, stands_in)


def _not_lost(decisions: Sequence[Decision]) -> tuple[Decision, ...]:
    """What a pause keeps from every outside channel is in the inbox, even where that is off for its category."""
    if Reason.PAUSED not in {decision.reason for decision in decisions} or any(d.send for d in decisions):
        return tuple(decisions)
    return tuple(
        Decision(IN_APP, True, Reason.PAUSED) if decision.channel == IN_APP else decision
        for decision in decisions
    )


def _hold(channel: str, wishes: Wishes, now: datetime) -> tuple[datetime | None, Reason]:
    """Until when a message on this channel waits (None: it doesn't), and what makes it wait."""
    if channel == EMAIL and wishes.email_time in EMAIL_TIMES:
        send_at, held_by = _email_slot(wishes, now)
        return (send_at if send_at > now else None), held_by
    return quiet_until(wishes.quiet_hours, wishes.timezone, now), Reason.QUIET_HOURS


def _email_slot(wishes: Wishes, now: datetime) -> tuple[datetime, Reason]:
    """The person's first e-mail time from `now` on, where one in the quiet hours moves to their end.

    It begins with days gone by, as theirs may have moved to today: an "evening" that is always in the quiet
    hours is every morning's end of them, not the morning after the next. Yesterday's is enough but where a
    zone skips a whole day.
    """
    zone = ZoneInfo(wishes.timezone)
    day = now.astimezone(zone).date() - timedelta(days=2)
    while True:
        slot = datetime.combine(day, EMAIL_TIMES[wishes.email_time], zone).astimezone(UTC)
        moved = quiet_until(wishes.quiet_hours, wishes.timezone, slot)
        if (moved or slot) >= now:
            return (moved, Reason.QUIET_HOURS) if moved else (slot, Reason.EMAIL_TIME)
        day += timedelta(days=1)
