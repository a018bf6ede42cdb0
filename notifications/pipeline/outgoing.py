"""Outgoing messages: one delivery each as a rule, or a digest of several that were held for one person."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils import translation

from notifications.channels.base import Channel
from notifications.encryption.cipher import is_unreadable
from notifications.exceptions import UnreadableError
from notifications.languages.listed import of_page
from notifications.pipeline.due import DueDelivery
from notifications.quick_replies import offered
from notifications.selectors.people import Person, people
from notifications.types import Item, Message, Priority


@dataclass(frozen=True, slots=True)
class OutgoingMessage:
    """Deliveries by one channel that go out as one message. Where they are several, `person` is whom they are for."""

    rows: tuple[DueDelivery, ...]
    person: Person | None = None

    @property
    def ids(self) -> list[int]:
        return [row.pk for row in self.rows]

    @property
    def address(self) -> str:
        """That of the newest: whoever has a new address is written to there."""
        return max(self.rows, key=lambda row: row.pk).address

    @property
    def valid_until(self) -> datetime | None:
        """When the last of them is of no use any more; None is never."""
        return latest_end(self.rows)

    def only(self, left: Mapping[int, DueDelivery]) -> "OutgoingMessage":
        """What is left of it when these, by id, are all that still hold."""
        return replace(self, rows=tuple([left[row.pk] for row in self.rows if row.pk in left]))


def latest_end(rows: Sequence[DueDelivery]) -> datetime | None:
    """When the last of these is of no use any more; None is never."""
    ends = [row.notification.valid_until for row in rows]
    return None if None in ends else max(end for end in ends if end is not None)


def singly(rows: Sequence[DueDelivery]) -> list[OutgoingMessage]:
    """Each by itself."""
    return [OutgoingMessage((row,)) for row in rows]


def together(rows: Sequence[DueDelivery]) -> list[OutgoingMessage]:
    """Each digest as one, the most urgent of it first. Three queries if any has more than one."""
    digests: dict[int | None, list[DueDelivery]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: (-row.notification.priority, row.pk)):
        digests[row.digest].append(row)
    several = {digest[0].notification.recipient_id for digest in digests.values() if len(digest) > 1}
    known = people(several) if several else {}
    return [
        OutgoingMessage(tuple(digest), known.get(digest[0].notification.recipient_id))
        for digest in digests.values()
    ]


def message(outgoing: OutgoingMessage, channel: Channel, found: Mapping[str, Any]) -> Message:
    """What the channel is handed for it, with what it `found` for the address.

    Raises UnreadableError where its key is missing, which may be put back.
    """
    if any(is_unreadable(part) for row in outgoing.rows for part in (row.address, row.subject, row.body)):
        raise UnreadableError(f"Delivery {outgoing.ids[0]}")
    if len(outgoing.rows) == 1:
        return single(
            outgoing.rows[0],
            with_quick_replies=channel.takes_quick_replies,
            found=found.get(outgoing.address),
        )
    if outgoing.person is None:
        raise LookupError("Nobody is there any more whom this is for.")
    return _merged(outgoing, outgoing.person, channel, found.get(outgoing.address))


def single(row: DueDelivery, *, with_quick_replies: bool = False, found: Any = None) -> Message:
    """What a channel is handed for one delivery that goes by itself."""
    notification = row.notification
    key = key_of(row)
    answers = offered(notification) if with_quick_replies else ()
    return Message(
        key=key,
        address=row.address,
        subject=row.subject,
        body=row.body,
        language=notification.language,
        url=_url(notification.language, notification.path),
        priority=Priority(notification.priority),
        # What asks for an answer asks again; the last time is the one that counts.
        thread=f"{notification.related_object_type}-{notification.related_object_id}" if answers else key,
        valid_until=notification.valid_until,
        answers=answers,
        user_id=notification.recipient_id,
        categories=(notification.category,),
        event_types=(notification.event_type,),
        found=found,
    )


def _merged(outgoing: OutgoingMessage, person: Person, channel: Channel, found: Any) -> Message:
    rows = outgoing.rows
    is_as_wanted = all(row.notification.language == person.wanted for row in rows)
    language = person.wanted if is_as_wanted else person.language
    with translation.override(language):
        subject, body = channel.merged([row.subject for row in rows], detail=person.wishes.detail)
    notifications = [row.notification for row in rows]
    key = key_of(rows[0])
    return Message(
        key=key,
        address=outgoing.address,
        subject=subject,
        body=body,
        language=language,
        url=_url(language, ""),
        priority=Priority(max(each.priority for each in notifications)),
        thread=key,
        valid_until=latest_end(rows),
        user_id=notifications[0].recipient_id,
        categories=tuple(sorted({each.category for each in notifications})),
        event_types=tuple(sorted({each.event_type for each in notifications})),
        items=tuple(Item(each.title, each.body, _url(language, each.path)) for each in notifications),
        found=found,
    )


def key_of(row: DueDelivery) -> str:
    """The same at each attempt, whatever of a digest has been withheld since."""
    return f"medguard-{row.digest or row.pk}"


def _url(language: str, path: str) -> str:
    return f"{settings.BASE_URL}/{of_page(language)}{path or '/inbox/'}"
