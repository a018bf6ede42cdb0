"""Which deliveries are withheld at the moment of sending, and why."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from notifications import gate, registry
from notifications.channels import registry as channels
from notifications.models import Delivery, Notification
from notifications.rules.night import night_until
from notifications.rules.quiet_hours import quiet_until
from notifications.rules.routing import bars, is_paused, must_come_at_once, strongest
from notifications.selectors.people import people
from notifications.types import Category, EventType, Priority, Reason, Wishes

_WANTED = {Reason.CHOSEN, Reason.QUIET_HOURS, Reason.NIGHT, Reason.EMAIL_TIME}
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
    chose other hours since), is left in peace until those end; and nobody is called at night.
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
    for id_ in _stale([row for row in rows if row.pk not in found or found[row.pk].until]):
        found[id_] = Withheld(Delivery.State.CANCELLED, Reason.NO_LONGER_RELEVANT)
    return found


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


def _held(row: Delivery, wishes: Wishes, now: datetime) -> Withheld | None:
    """Until when nothing of the kind is sent to this person, and why; None where nothing keeps it."""
    channel = channels.outside().get(row.channel)
    can_wait = _can_wait(row)
    if channel and channel.rings and (can_wait or not wishes.calls_at_night):
        until = night_until(wishes.timezone, now)
        if until is not None:
            return Withheld(Delivery.State.PENDING, Reason.NIGHT, until)
    until = quiet_until(wishes.quiet_hours, wishes.timezone, now) if can_wait else None
    return Withheld(Delivery.State.PENDING, Reason.QUIET_HOURS, until) if until is not None else None


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
