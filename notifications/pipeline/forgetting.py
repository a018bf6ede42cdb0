"""How messages are forgotten: they stay as something that was sent, without what they said or to which address."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db.models import Case, F, Model, QuerySet, Value, When
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _
from wagtail.models import Revision, TaskState

from notifications.event_types import ANNOUNCEMENT
from notifications.languages.listed import PAGES
from notifications.models import DRAFT, Announcement, Delivery, EventRecord, MessageSeries, Notification
from notifications.privacy import Effect, Step, cleared
from notifications.types import Reason

_UNKNOWN = {"address": "", "subject": "", "body": "", "error": ""}
_WAITING = Notification.Status.PENDING
_NO_TITLE = "–"
"""Not empty: lists link it."""
_NO_WORDS = {"title": dict.fromkeys(PAGES, _NO_TITLE), "message": dict.fromkeys(PAGES, "")}


def forget_messages(messages: QuerySet[Notification], now: datetime) -> Iterator[Step]:
    """The steps that call off what waits of these messages, and wipe the words and addresses of all of them.

    They leave the inbox. What a worker has in its hands at this moment may still leave the house.
    """
    deliveries = Delivery.objects.filter(notification__in=messages)
    yield cleared(
        _("Messages waiting to go out, called off"),
        deliveries.filter(finished_at__isnull=True),
        state=Delivery.State.CANCELLED,
        reason=Reason.NO_LONGER_RELEVANT,
        finished_at=now,
        lease_owner="",
        lease_until=None,
        **_UNKNOWN,
    )
    yield cleared(
        _("Messages sent by e-mail, SMS or to the phone"),
        deliveries.filter(finished_at__isnull=False).exclude(**_UNKNOWN),
        **_UNKNOWN,
    )
    yield cleared(
        _("Messages in the inbox"),
        messages.exclude(title=_NO_TITLE, body="", in_inbox=False),
        title=_NO_TITLE,
        body="",
        data={},
        path="",
        error="",
        in_inbox=False,
        scheduled_status=Case(
            When(scheduled_status=_WAITING, then=Value(Notification.Status.CANCELLED)),
            default=F("scheduled_status"),
        ),
    )


def forget_announcements(texts: Collection[str], now: datetime) -> Iterator[Step]:
    """The steps that wipe the announcements in which one of these texts stands, and the messages that they became; and
    the drafts of other programs, which are kept alike. One that waits for its time is called off.
    """
    announcements = EventRecord.objects.filter(event_type__in=(ANNOUNCEMENT, DRAFT))
    found = [each for each in announcements.iterator() if _said(each.payload, texts)]
    earlier = _earlier_words()
    written = [
        each
        for each in Announcement.objects.iterator()
        if _said({"title": each.title, "message": each.message}, texts)
        or _stands_in(earlier.get((Announcement, str(each.pk)), ""), texts)
    ]
    series = [
        each
        for each in MessageSeries.objects.iterator()
        if _stands_in(each.name + json.dumps(each.steps, ensure_ascii=False), texts)
        or _stands_in(earlier.get((MessageSeries, str(each.pk)), ""), texts)
    ]

    def carry_out() -> int:
        for row in (*written, *series):
            # With what it said before, and what was said about it.
            row.revisions.delete()
            row.workflow_states.delete()
        wiped = Announcement.objects.filter(pk__in=[each.pk for each in written])
        wiped.update(**_NO_WORDS)
        # It has no more dates, since it has nothing more to say.
        wiped.filter(begun_at__isnull=False, stopped_at__isnull=True).update(stopped_at=now)
        for each in series:
            # It ends, since it has nothing more to say.
            MessageSeries.objects.filter(pk=each.pk).update(
                name=_NO_TITLE, steps=[], ended_at=Coalesce("ended_at", Value(now))
            )
        for record in found:
            record.payload |= _NO_WORDS
            if record.finished_at is None:
                record.state, record.finished_at = EventRecord.State.CANCELLED, now
            record.save(update_fields=["payload", "state", "finished_at"])
        return len(series) + len(
            {each.pk for each in written}
            | {each.payload.get("announcement", f"record {each.pk}") for each in found}
        )

    if found or written or series:
        yield Step(_("Announcements that mention this person"), Effect.CLEARED, carry_out)
        yield from forget_messages(Notification.objects.filter(event_record__in=found), now)


def _earlier_words() -> dict[tuple[type[Model] | None, str], str]:
    """What stood in the drafts of announcements and series, and what was written by who sent one back, by its model and
    id. Two queries.
    """
    found: dict[tuple[type[Model] | None, str], str] = defaultdict(str)
    kinds = {
        kind.pk: kind.model_class()
        for kind in ContentType.objects.get_for_models(Announcement, MessageSeries).values()
    }
    drafts = Revision.objects.filter(base_content_type__in=kinds)
    for kind, id_, content in drafts.values_list("base_content_type", "object_id", "content").iterator():
        found[kinds[kind], id_] += json.dumps(content, ensure_ascii=False)
    states = TaskState.objects.filter(workflow_state__base_content_type__in=kinds).exclude(comment="")
    columns = ("workflow_state__base_content_type", "workflow_state__object_id", "comment")
    for kind, id_, comment in states.values_list(*columns):
        found[kinds[kind], id_] += comment
    return found


def _said(payload: Mapping[str, Any], texts: Collection[str]) -> bool:
    return _stands_in("\n".join((*payload["title"].values(), *payload["message"].values())), texts)


def _stands_in(words: str, texts: Collection[str]) -> bool:
    return any(text.lower() in words.lower() for text in texts)


def forget_files(texts: Collection[str]) -> Iterator[Step]:
    """The step that deletes the mail and SMS that a trial site wrote to files, where one of these texts is in them."""

    def found() -> list[Path]:
        folders = [Path(each) for each in (settings.EMAIL_FILE_PATH, settings.SMS_FILE_PATH) if each]
        files = [file for folder in folders if folder.is_dir() for file in folder.iterdir() if file.is_file()]
        return [file for file in files if _mentions(file, texts)]

    def carry_out() -> int:
        files = found()
        for file in files:
            file.unlink(missing_ok=True)
        return len(files)

    if texts:
        words = _("Messages written to files instead of being sent")
        yield Step(words, Effect.DELETED, carry_out, count=lambda: len(found()))


def _mentions(file: Path, texts: Collection[str]) -> bool:
    """Mail is looked through as its reader sees it, too: there a name may be written in another encoding."""
    try:
        content = file.read_bytes()
    except FileNotFoundError:
        return False
    mail = message_from_bytes(content, policy=policy.default)
    parts = [part.get_content() for part in mail.walk() if part.get_content_maintype() == "text"]
    shown = "\n".join([content.decode(errors="replace"), *map(str, mail.values()), *parts]).lower()
    return any(text.lower() in shown for text in texts)
