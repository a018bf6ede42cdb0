"""From the people to tell to finished messages: choices, routing and texts, for a whole batch at once."""

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from notifications import routing
from notifications.channels import registry as channels
from notifications.exceptions import TemplateTextError
from notifications.models import Notification
from notifications.pipeline.rows import DeliveryRow, NewMessage, NotificationRow
from notifications.rendering import RenderRequest, render_many
from notifications.selectors import Person, people, texts_of
from notifications.types import IN_APP, Decision, EventType, Reason, Recipient, Rendered, Wishes

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Routed:
    """What one routing decided, in every form that the rows need."""

    decisions: tuple[Decision, ...]
    json: str
    expired: bool
    in_inbox: bool


def compose(
    event_type: EventType,
    recipients: Sequence[Recipient],
    *,
    now: datetime,
    requested: frozenset[str] | None = None,
) -> list[NewMessage]:
    """Work out each person's message. Whoever can't be told any more (gone, deactivated) is left out.

    A constant number of queries, whatever the number of recipients. Equal wishes are routed once, equal texts
    rendered once.
    """
    known = people({recipient.user_id for recipient in recipients})
    recipients = [recipient for recipient in recipients if recipient.user_id in known]
    addresses = {name: channel.addresses(known) for name, channel in channels.outside().items()}
    rendered = _render(event_type, recipients, known)
    names = channels.names()

    @cache
    def routed(wishes: Wishes, reachable: frozenset[str], valid_until: datetime | None) -> _Routed:
        decisions = routing.route(
            event_type,
            wishes=wishes,
            reachable=reachable,
            channels=names,
            now=now,
            valid_until=valid_until,
            requested=requested,
        )
        return _Routed(
            decisions,
            json.dumps([_decision(decision) for decision in decisions]),
            expired=decisions[0].reason is Reason.EXPIRED,
            in_inbox=any(d.send for d in decisions if d.channel == IN_APP),
        )

    messages = []
    for recipient, texts in zip(recipients, rendered, strict=True):
        user_id = recipient.user_id
        person = known[user_id]
        reachable = frozenset(name for name, found in addresses.items() if user_id in found)
        route = routed(person.wishes, reachable, recipient.valid_until)
        messages.append(
            NewMessage(
                _notification(event_type, recipient, person, texts, route, now),
                tuple(
                    DeliveryRow(
                        decision.channel,
                        event_type.priority,
                        addresses[decision.channel][user_id],
                        *channels.outside()[decision.channel].content(texts),
                        decision.send_at or now,
                    )
                    for decision in route.decisions
                    if decision.send and decision.channel != IN_APP
                ),
            )
        )
    return messages


def _render(
    event_type: EventType, recipients: Sequence[Recipient], known: Mapping[int, Person]
) -> list[Rendered]:
    requests = [_request(recipient, known[recipient.user_id]) for recipient in recipients]
    try:
        return render_many(event_type, texts_of(event_type), requests)
    except TemplateTextError:
        # Publishing refuses such a text; one that got into the database all the same mustn't hold up anybody.
        logger.exception("The template of %s can't be used; its built-in texts are.", event_type.name)
        return render_many(event_type, event_type.texts, requests)


def _request(recipient: Recipient, person: Person) -> RenderRequest:
    return RenderRequest(recipient.params, person.language, person.wishes.timezone, person.wishes.detail)


def _notification(
    event_type: EventType, recipient: Recipient, person: Person, texts: Rendered, route: _Routed, now: datetime
) -> NotificationRow:
    return NotificationRow(
        recipient_id=recipient.user_id,
        event_record_id=recipient.event_record_id,
        event_type=event_type.name,
        category=event_type.category.value,
        priority=int(event_type.priority),
        language=person.language,
        title=texts.title[:200],
        body=texts.body,
        path=recipient.path,
        data=json.dumps(recipient.data),
        related_object_type=recipient.related_object_type,
        related_object_id=recipient.related_object_id,
        in_inbox=route.in_inbox,
        require_acknowledgment=event_type.require_acknowledgment,
        dedupe_key=recipient.dedupe_key,
        routing=route.json,
        scheduled_at=now,
        scheduled_status=Notification.Status.EXPIRED.value if route.expired else Notification.Status.SENT.value,
        valid_until=recipient.valid_until,
        created_at=now,
        sent_at=None if route.expired else now,
        delete_at=now + event_type.retention,
    )


def _decision(decision: Decision) -> Mapping[str, object]:
    return {
        "channel": decision.channel,
        "send": decision.send,
        "reason": decision.reason.value,
        "send_at": decision.send_at.isoformat() if decision.send_at else None,
    }
