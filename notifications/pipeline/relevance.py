"""Which deliveries are withheld at the moment of sending, and why."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from notifications import gate, registry
from notifications.channels import registry as channels
from notifications.costs.reserving import Asked, reserve
from notifications.models import Delivery, Notification
from notifications.rules.quiet_hours import quiet_until
from notifications.rules.routing import bars, is_paused, must_come_at_once, strongest
from notifications.selectors.people import people
from notifications.types import Category, EventType, Priority, Reason, Wishes

_WANTED = {Reason.CHOSEN, Reason.QUIET_HOURS, Reason.EMAIL_TIME}
_SENDERS_CHOICE = {Reason.REQUESTED, Reason.NOT_REQUESTED}


class Withheld(NamedTuple):
    """The state that a delivery which isn't sent now ends in, and why; or, with `until`, how long it is held."""

    state: Delivery.State
    reason: Reason
    until: datetime | None = None


def withheld(rows: Sequence[Delivery], *, now: datetime) -> dict[int, Withheld]:
    """Those that aren't to be sent now, by id.

    Asks each event type once about all of its messages, and once who still wants them. A constant number of queries
    for each type. Whoever is in their quiet hours now, whatever was planned (it was late, it is tried again, they
    chose other hours since), is left in peace until those end.
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
        elif not _can_wait(row):
            continue
        elif row.notification.in_inbox and is_paused(person.wishes, now):
            found[row.pk] = Withheld(Delivery.State.CANCELLED, Reason.PAUSED)
        elif (until := quiet_until(person.wishes.quiet_hours, person.wishes.timezone, now)) is None:
            continue
        elif valid_until and valid_until <= until:
            found[row.pk] = Withheld(Delivery.State.EXPIRED, Reason.EXPIRED)
        else:
            found[row.pk] = Withheld(Delivery.State.PENDING, Reason.QUIET_HOURS, until)
    for id_ in _stale([row for row in rows if row.pk not in found or found[row.pk].until]):
        found[id_] = Withheld(Delivery.State.CANCELLED, Reason.NO_LONGER_RELEVANT)
    for id_ in _too_dear([row for row in rows if row.pk not in found], now):
        # Failed, so that staff find it among what didn't arrive, and can send it once there is money.
        found[id_] = Withheld(Delivery.State.FAILED, Reason.BUDGET)
    return found


def _too_dear(rows: Sequence[Delivery], now: datetime) -> set[int]:
    """Those for which no money is left this month. For the others it is reserved, where it wasn't yet."""
    by_channel: dict[str, list[Delivery]] = defaultdict(list)
    for row in rows:
        channel = channels.outside().get(row.channel)
        if channel is not None and channel.costs and row.reserved is None:
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
    reserved, refused = reserve(asked, now=now)
    for row in rows:
        row.reserved = reserved.get(row.pk, row.reserved)
    return refused


def _is_essential(row: Delivery) -> bool:
    """Urgent or clinical: no budget stands in its way."""
    event_type = _type_of(row)
    return row.notification.priority >= Priority.URGENT or (event_type is not None and event_type.clinical)


def _obstacles(rows: Sequence[Delivery]) -> dict[tuple[str, int], Reason]:
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


def _type_of(row: Delivery) -> EventType | None:
    category = Category(row.notification.category)
    return registry.find(row.notification.event_type) or registry.of_category(category)


def _is_off(row: Delivery, wishes: Wishes) -> bool:
    category, channel = Category(row.notification.category), row.channel
    if channel in wishes.muted or (category, channel, False) in wishes.choices:
        return True
    if (category, channel, True) in wishes.choices or not _may_rest_on_a_choice(row):
        return False
    # What equals the default isn't kept as a choice: whoever takes back an “on” leaves nothing but the default.
    event_type = _type_of(row)
    return event_type is not None and not event_type.channels.get(channel, False)


def _can_wait(row: Delivery) -> bool:
    event_type = registry.find(row.notification.event_type)
    if event_type is not None and must_come_at_once(event_type):
        return False
    return row.notification.priority < Priority.URGENT


def _may_rest_on_a_choice(row: Delivery) -> bool:
    decided = {decision["channel"]: decision for decision in row.notification.routing}
    if decided.get(row.channel, {}).get("stands_in"):
        return False
    reasons = {channel: decision["reason"] for channel, decision in decided.items()}
    return reasons.get(row.channel) in _WANTED and _SENDERS_CHOICE.isdisjoint(reasons.values())


def _stale(rows: Sequence[Delivery]) -> set[int]:
    by_type: dict[str, list[Delivery]] = defaultdict(list)
    for row in rows:
        by_type[row.notification.event_type].append(row)
    stale = {row.pk for row in rows if row.notification.scheduled_status != Notification.Status.SENT}
    for name, group in by_type.items():
        event_type = registry.find(name)
        if event_type is None:
            continue
        data: list[dict[str, Any]] = [row.notification.data for row in group]
        answers = event_type.still_relevant(data)
        stale |= {row.pk for row, holds in zip(group, answers, strict=True) if not holds}
    return stale
