"""Which deliveries are withheld at the moment of sending, and why."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from notifications import gate, registry
from notifications.channels import registry as channels
from notifications.costs.reserving import Asked, reserve
from notifications.models import Delivery, Notification
from notifications.pipeline.due import DueDelivery
from notifications.rules.night import hour_for_calls, night_until
from notifications.rules.quiet_hours import quiet_until
from notifications.rules.routing import bars, is_paused, must_come_at_once, strongest
from notifications.selectors.people import people
from notifications.types import Category, EventType, Priority, Reason, Wishes
from notifications.work import plan

_WANTED = {Reason.CHOSEN, Reason.QUIET_HOURS, Reason.NIGHT, Reason.EMAIL_TIME}
_SENDERS_CHOICE = {Reason.REQUESTED, Reason.NOT_REQUESTED}
_ENDS_THE_PLAN = {
    *(Reason.REACHED, Reason.OVERTAKEN, Reason.GONE, Reason.PAUSED),
    *(Reason.NO_LONGER_RELEVANT, Reason.STOPPED),
}


class Withheld(NamedTuple):
    """The state that a delivery which isn't sent now ends in, and why; or, with `until`, how long it is held.

    Without a reason it waits for its turn in the plan of its message.
    """

    state: Delivery.State
    reason: Reason | None
    until: datetime | None = None

    @property
    def makes_room(self) -> bool:
        """Whether the next step of its plan may still reach whom this one doesn't."""
        given_up = self.state in (Delivery.State.CANCELLED, Delivery.State.FAILED)
        return given_up and self.reason not in _ENDS_THE_PLAN

    @property
    def may_go_later(self) -> bool:
        """Also what failed, which staff may send once more."""
        return self.until is not None or self.state == Delivery.State.FAILED


def withheld(rows: Sequence[DueDelivery], *, now: datetime) -> dict[int, Withheld]:
    """Those that aren't to be sent now, by id.

    Asks each event type once about all of its messages, and once who still wants them. A constant number of queries
    for each type. Whoever is in their quiet hours now, whatever was planned (it was late, it is tried again, they
    chose other hours since), is left in peace until those end; and nobody is called at night. A step of a plan whose
    turn it isn't waits on, and is called off once the message has reached its reader. What costs money is sent while
    its clinic has some left, which is reserved for it.
    """
    known = people({row.notification.recipient_id for row in rows})
    obstacles = _obstacles(rows)
    found: dict[int, Withheld] = {}
    for row in rows:
        valid_until = row.notification.valid_until
        person = known.get(row.notification.recipient_id)
        if valid_until and valid_until <= now:
            found[row.pk] = Withheld(Delivery.State.EXPIRED, Reason.EXPIRED)
        elif person is None:
            found[row.pk] = Withheld(Delivery.State.CANCELLED, Reason.GONE)
        elif _is_off(row, person.wishes):
            found[row.pk] = Withheld(Delivery.State.CANCELLED, Reason.OFF_BY_CHOICE)
        elif not row.address:
            found[row.pk] = Withheld(Delivery.State.CANCELLED, Reason.NO_ADDRESS)
        elif (obstacle := obstacles.get((row.channel, row.notification.recipient_id))) and bars(
            obstacle, _type_of(row)
        ):
            found[row.pk] = Withheld(Delivery.State.CANCELLED, obstacle)
        elif _can_wait(row) and row.notification.in_inbox and is_paused(person.wishes, now):
            found[row.pk] = Withheld(Delivery.State.CANCELLED, Reason.PAUSED)
        elif (held := _held(row, person.wishes, now)) is None:
            continue
        elif valid_until and held.until and valid_until <= held.until:
            found[row.pk] = Withheld(Delivery.State.EXPIRED, Reason.EXPIRED)
        else:
            found[row.pk] = held
    for id_, reason in _stale([row for row in rows if row.pk not in found or found[row.pk].until]).items():
        found[id_] = Withheld(Delivery.State.CANCELLED, reason)
    found |= _out_of_turn([row for row in rows if row.pk not in found or found[row.pk].until], now)
    # Last, for money is kept only for what goes.
    for id_ in _too_dear([row for row in rows if row.pk not in found], now):
        # Failed, so that staff find it among what didn't arrive, and can send it once there is money.
        found[id_] = Withheld(Delivery.State.FAILED, Reason.BUDGET)
    return found


def _out_of_turn(rows: Sequence[DueDelivery], now: datetime) -> dict[int, Withheld]:
    """Those that wait for another step of their plan, or aren't needed beside it. Two queries."""
    found = {}
    ends = {row.pk: row.notification.valid_until for row in rows}
    for id_, verdict in plan.back(rows, now=now).items():
        if isinstance(verdict, Reason):
            found[id_] = Withheld(Delivery.State.CANCELLED, verdict)
        elif (valid_until := ends[id_]) and valid_until <= verdict:
            found[id_] = Withheld(Delivery.State.EXPIRED, Reason.TOO_LATE)
        else:
            found[id_] = Withheld(Delivery.State.PENDING, None, verdict)
    return found


def _too_dear(rows: Sequence[DueDelivery], now: datetime) -> set[int]:
    """Those for which no money is left this month. For the others it is reserved."""
    by_channel: dict[str, list[DueDelivery]] = defaultdict(list)
    for row in rows:
        channel = channels.outside().get(row.channel)
        if channel is not None and channel.costs:
            by_channel[row.channel].append(row)
    if not by_channel:
        return set()
    asked = [
        Asked(row.pk, row.scope_id, cost, _is_essential(row))
        for name, theirs in by_channel.items()
        for row, cost in zip(
            theirs,
            channels.outside()[name].most([(row.address, row.body) for row in theirs], now=now),
            strict=True,
        )
    ]
    return reserve(asked, now=now)


def _is_essential(row: DueDelivery) -> bool:
    """Urgent, also such as a nurse's answer, or clinical: no budget stands in its way."""
    event_type = _type_of(row)
    return not _can_wait(row) or (event_type is not None and event_type.clinical)


def _obstacles(rows: Sequence[DueDelivery]) -> dict[tuple[str, int], Reason]:
    """What bars these people's channels now, by channel and person. One query a channel at most, and one for all."""
    by_channel: dict[str, set[int]] = defaultdict(set)
    for row in rows:
        by_channel[row.channel].add(row.notification.recipient_id)
    not_agreed = gate.barred(by_channel)
    found: dict[tuple[str, int], Reason] = {}
    for name, user_ids in by_channel.items():
        if channel := channels.outside().get(name):
            obstacles = strongest(not_agreed.get(name, {}), channel.obstacles(user_ids))
            found |= {(name, user_id): reason for user_id, reason in obstacles.items()}
    return found


def _type_of(row: DueDelivery) -> EventType | None:
    category = Category(row.notification.category)
    return registry.find(row.notification.event_type) or registry.of_category(category)


def _is_off(row: DueDelivery, wishes: Wishes) -> bool:
    channel = row.channel
    chosen = wishes.choice(row.notification.event_type, row.notification.category, channel)
    if channel in wishes.muted or chosen is False:
        return True
    if chosen:
        return False
    event_type = _type_of(row)
    if event_type is None or event_type.is_on(channel):
        return False
    # What equals the default isn't kept as a choice: whoever takes back an “on” leaves nothing but the default.
    return _may_rest_on_a_choice(row)


def _can_wait(row: DueDelivery) -> bool:
    event_type = registry.find(row.notification.event_type)
    if event_type is not None and must_come_at_once(event_type):
        return False
    return row.notification.priority < Priority.URGENT


def _held(row: DueDelivery, wishes: Wishes, now: datetime) -> Withheld | None:
    """Until when nothing of the kind is sent to this person, and why; None where nothing keeps it. A call for which
    there is no hour is given up.
    """
    channel = channels.outside().get(row.channel)
    can_wait = _can_wait(row)
    quiet_hours = wishes.quiet_hours if can_wait else None
    until, reason = quiet_until(quiet_hours, wishes.timezone, now), Reason.QUIET_HOURS
    if channel and channel.rings and (can_wait or not wishes.calls_at_night):
        hour = hour_for_calls(quiet_hours, wishes.timezone, now)
        if hour is None:
            return Withheld(Delivery.State.CANCELLED, Reason.NO_HOUR)
        if night_until(wishes.timezone, now):
            reason = Reason.NIGHT
        until = hour if hour > now else None
    return Withheld(Delivery.State.PENDING, reason, until) if until is not None else None


def _may_rest_on_a_choice(row: DueDelivery) -> bool:
    decided = {decision["channel"]: decision for decision in row.notification.routing}
    own = decided.get(row.channel, {})
    if own.get("stands_in") or "step" in own:
        return False
    reasons = {channel: decision["reason"] for channel, decision in decided.items()}
    return reasons.get(row.channel) in _WANTED and _SENDERS_CHOICE.isdisjoint(reasons.values())


def _stale(rows: Sequence[DueDelivery]) -> dict[int, Reason]:
    by_type: dict[str, list[DueDelivery]] = defaultdict(list)
    for row in rows:
        by_type[row.notification.event_type].append(row)
    stale: dict[int, Reason] = {}
    for name, group in by_type.items():
        event_type = registry.find(name)
        if event_type is None:
            continue
        data: list[dict[str, Any]] = [row.notification.data for row in group]
        answers = event_type.still_relevant(data)
        for row, holds in zip(group, answers, strict=True):
            if isinstance(holds, Reason):
                stale[row.pk] = holds
            elif not holds:
                stale[row.pk] = Reason.NO_LONGER_RELEVANT
    not_sent = [row.pk for row in rows if row.notification.scheduled_status != Notification.Status.SENT]
    return stale | dict.fromkeys(not_sent, Reason.NO_LONGER_RELEVANT)
