"""From the people to tell to finished messages: choices, routing and texts, for a whole batch at once."""

import json
import logging
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from json.encoder import (  # type: ignore[attr-defined]  # the first is left out of its stubs
    c_make_encoder,
    encode_basestring_ascii,
)

from notifications.channels import registry as channels
from notifications.channels.base import Wording
from notifications.channels.ways import Addresses, Ways
from notifications.exceptions import TemplateTextError
from notifications.languages.listed import PAGES
from notifications.languages.switches import switched_on
from notifications.models import Notification
from notifications.pipeline.insert import Common, CommonDelivery, NewMessage, Own
from notifications.rules import routing
from notifications.rules.message_language import language_for
from notifications.rules.plans import Plan
from notifications.selectors.people import Person, people
from notifications.selectors.plans import plan_of
from notifications.selectors.templates import wordings_of
from notifications.texts.languages import worded_in
from notifications.texts.rendering import RenderRequest, render_many
from notifications.types import (
    IN_APP,
    WANTED_LANGUAGE,
    Decision,
    EventType,
    Lane,
    Reason,
    Recipient,
    Rendered,
    Texts,
    Wishes,
)

logger = logging.getLogger(__name__)


def _json(data: Mapping[str, object]) -> str:
    return "".join(_encode(data, 0))


# What JSONEncoder.encode makes anew for each value, which takes longer than to write it.
_encode = c_make_encoder(
    None, json.JSONEncoder().default, encode_basestring_ascii, None, ": ", ", ", False, False, True
)

_Composed = tuple[Common, tuple[CommonDelivery, ...]]
"""What equal messages share: the columns of the notification and those of its deliveries."""


def compose(
    event_type: EventType,
    recipients: Sequence[Recipient],
    *,
    now: datetime,
    requested: frozenset[str] | None = None,
) -> list[NewMessage]:
    """Work out each person's message. People who can't be told any more (gone, deactivated) are left out.

    A constant number of queries, whatever the number of recipients. Equal wishes are routed once, equal texts
    rendered once.
    """
    known = people({recipient.user_id for recipient in recipients})
    recipients = [recipient for recipient in recipients if recipient.user_id in known]
    wordings = {
        name: wording
        for name, channel in channels.outside().items()
        if (wording := channel.wording(event_type, known.keys(), now=now))
    }
    readers = _readers(event_type, recipients, known)
    rendered = _render(event_type, recipients, readers, wordings.values())
    batch = _Batch(event_type, requested, now, Addresses(known.keys()), plan_of(event_type), wordings)
    return [
        batch.message(recipient, reader, texts)
        for recipient, reader, texts in zip(recipients, readers, rendered, strict=True)
    ]


@dataclass(frozen=True, slots=True)
class _Routed:
    """What one routing decided, in every form that the rows need."""

    json: str
    status: str
    in_inbox: bool
    outside: tuple[Decision, ...]


class _Batch:
    """The messages of one batch: what is equal is worked out once."""

    def __init__(
        self,
        event_type: EventType,
        requested: frozenset[str] | None,
        now: datetime,
        addresses: Addresses,
        plan: Plan,
        wordings: Mapping[str, Wording],
    ) -> None:
        self._event_type = event_type
        self._requested = requested
        self._now = now
        self._addresses = addresses
        self._plan = plan
        # What rings comes to nobody who didn't ask for it; that is their choice.
        self._paid = frozenset(
            name for name, channel in channels.outside().items() if channel.costs and not channel.rings
        )
        self._wordings = wordings
        self._names = channels.names()
        self._once = [name for name, channel in channels.outside().items() if channel.rings]
        self._route = cache(self._routed)
        self._composed: dict[tuple[object, ...], _Composed] = {}

    def message(self, recipient: Recipient, person: Person, texts: Rendered) -> NewMessage:
        ways = self._ways_to(recipient.user_id, person)
        # Equal people and equal texts are the same objects here, and comparing those takes no time.
        key = (
            id(person),
            id(texts),
            ways,
            recipient.related_object_type,
            recipient.valid_until,
            recipient.no_stand_in,
            recipient.requested,
        )
        composed = self._composed.get(key)
        if composed is None:
            composed = self._composed[key] = self._compose(recipient, person, texts, ways)
        common, deliveries = composed
        own = Own(
            recipient.user_id,
            recipient.event_record_id,
            recipient.dedupe_key,
            recipient.path,
            _json(recipient.data),
            recipient.related_object_id,
            recipient.about.scope_id,
            recipient.about.subject_id,
        )
        return NewMessage(own, common, self._places(recipient.user_id, deliveries), deliveries)

    def _ways_to(self, user_id: int, person: Person) -> Ways:
        """As the addresses have them, without channels that have no words for it."""
        reachable, barred = self._addresses.ways_to(user_id)
        for name, wording in self._wordings.items():
            reason = name in reachable and wording.obstacle(user_id, person.language, person.wishes.detail)
            if reason and not routing.bars(dict(barred).get(name), self._event_type):
                barred = (*barred, (name, reason))
        return reachable, barred

    def _content(self, channel: str, person: Person, texts: Rendered) -> tuple[str, str]:
        if wording := self._wordings.get(channel):
            return wording.content(texts, language=person.language, detail=person.wishes.detail)
        return channels.outside()[channel].content(texts)

    def _places(self, user_id: int, deliveries: Sequence[CommonDelivery]) -> tuple[str, ...]:
        return tuple([self._addresses.of(user_id, delivery.channel) for delivery in deliveries])

    def _compose(self, recipient: Recipient, person: Person, texts: Rendered, ways: Ways) -> _Composed:
        requested = self._requested if recipient.requested is None else recipient.requested
        route = self._route(person.wishes, ways, recipient.valid_until, recipient.no_stand_in, requested)
        deliveries = tuple(
            CommonDelivery(
                decision.channel,
                Lane.HELD.value if decision.reason in routing.HOLDS else int(self._event_type.priority),
                *self._content(decision.channel, person, texts),
                decision.send_at or self._now,
                decision.step,
            )
            for decision in route.outside
        )
        return _common(self._event_type, person, texts, route, recipient, self._now), deliveries

    def _routed(
        self,
        wishes: Wishes,
        ways: Ways,
        valid_until: datetime | None,
        no_stand_in: Reason | None,
        requested: frozenset[str] | None,
    ) -> _Routed:
        reachable, barred = ways
        decisions = routing.route(
            self._event_type,
            wishes=wishes,
            reachable=reachable,
            channels=self._names,
            now=self._now,
            valid_until=valid_until,
            requested=requested,
            obstacles=dict(barred),
            no_stand_in=no_stand_in,
            plan=self._plan,
            paid=self._paid,
            once=self._once,
        )
        status = Notification.Status.SENT
        if decisions[0].reason is Reason.EXPIRED:
            status = Notification.Status.EXPIRED
        elif requested is not None and not any(decision.send for decision in decisions):
            # Whoever asked for a channel is told the truth: it reached nobody.
            status = Notification.Status.FAILED
        return _Routed(
            json.dumps([_decision(decision) for decision in decisions]),
            status=status.value,
            in_inbox=any(d.send for d in decisions if d.channel == IN_APP),
            outside=tuple(d for d in decisions if d.send and d.channel != IN_APP),
        )


def _readers(
    event_type: EventType, recipients: Sequence[Recipient], known: Mapping[int, Person]
) -> list[Person]:
    """Each recipient's person, in the language in which this message is written. Equal ones stay the same object.

    One query, where anybody wants another language than that of their pages.
    """
    if not any(person.wanted for person in known.values()):
        return [known[recipient.user_id] for recipient in recipients]
    on = switched_on({recipient.about.scope_id for recipient in recipients})
    worded = worded_in(event_type)
    readers: dict[tuple[int, int | None], Person] = {}
    found = []
    for recipient in recipients:
        person, scope_id = known[recipient.user_id], recipient.about.scope_id
        key = id(person), scope_id
        if key not in readers:
            usable = worded.intersection((*PAGES, *on.get(scope_id, ())))
            language = language_for(person.wanted, person.language, usable)
            readers[key] = person if language == person.language else replace(person, language=language)
        found.append(readers[key])
    return found


def _render(
    event_type: EventType,
    recipients: Sequence[Recipient],
    readers: Sequence[Person],
    wordings: Collection[Wording],
) -> list[Rendered]:
    """What each of them reads. Scopes without words of their own are rendered together, the others one by one."""
    texts_in_use = wordings_of(event_type, {recipient.about.scope_id for recipient in recipients})
    alike: dict[int | None, list[int]] = defaultdict(list)
    for index, recipient in enumerate(recipients):
        alike[texts_in_use.key(recipient.about.scope_id)].append(index)
    also = frozenset().union(*(wording.placeholders for wording in wordings))
    rendered: dict[int, Rendered] = {}
    for scope_id, indexes in alike.items():
        requests = [_request(recipients[index], readers[index]) for index in indexes]
        texts = _render_alike(event_type, texts_in_use.to_try(scope_id), requests, also)
        rendered.update(zip(indexes, texts, strict=True))
    return [rendered[index] for index in range(len(recipients))]


def _render_alike(
    event_type: EventType,
    to_try: Sequence[Mapping[str, Texts]],
    requests: Sequence[RenderRequest],
    also: Collection[str],
) -> list[Rendered]:
    *better, last = to_try
    for texts in better:
        try:
            return render_many(event_type, texts, requests, also=also)
        except TemplateTextError:
            # Publishing refuses such a text; one that got into the database all the same mustn't hold up anybody.
            logger.exception("A template of %s can't be used; what stands in for it is.", event_type.name)
    return render_many(event_type, last, requests, also=also)


def _request(recipient: Recipient, person: Person) -> RenderRequest:
    return RenderRequest(recipient.params, person.language, person.wishes.timezone, person.wishes.detail)


def _common(
    event_type: EventType,
    person: Person,
    texts: Rendered,
    route: _Routed,
    recipient: Recipient,
    now: datetime,
) -> Common:
    return Common(
        event_type=event_type.name,
        category=event_type.category.value,
        priority=int(event_type.priority),
        language=person.language,
        title=texts.title[:200],
        body=texts.body,
        related_object_type=recipient.related_object_type,
        in_inbox=route.in_inbox,
        require_acknowledgment=event_type.require_acknowledgment,
        routing=route.json
        if person.wanted in ("", person.language)
        else _in_second_choice(route.json, person),
        scheduled_at=now,
        scheduled_status=route.status,
        valid_until=recipient.valid_until,
        created_at=now,
        sent_at=now if route.status == Notification.Status.SENT else None,
        delete_at=now + event_type.retention,
    )


def _in_second_choice(decisions: str, person: Person) -> str:
    """The decisions, the first of which says in which language the message should have been."""
    first, *others = json.loads(decisions)
    return json.dumps([{**first, WANTED_LANGUAGE: person.wanted}, *others])


def _decision(decision: Decision) -> Mapping[str, object]:
    kept: dict[str, object] = {
        "channel": decision.channel,
        "send": decision.send,
        "reason": decision.reason.value,
        "send_at": decision.send_at.isoformat() if decision.send_at else None,
    }
    if decision.stands_in:
        kept["stands_in"] = True
    if decision.step is not None:
        kept |= {"step": decision.step, "minutes": decision.minutes}
    return kept
