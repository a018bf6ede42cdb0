"""What announcements are: publications of the engine's own type, limited to what a member of staff may address."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Q, QuerySet
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from notifications import audiences, registry
from notifications.audiences import Within
from notifications.event_types import ANNOUNCEMENT, wordings
from notifications.languages.listed import PAGES, own_name
from notifications.models import EventRecord
from notifications.selectors.templates import texts_of
from notifications.services import NotificationService
from notifications.texts.rendering import render
from notifications.types import Detail

AGAIN = timedelta(minutes=10)
"""The same words to the same people within this time are a button pressed twice."""


def visible(user: Any) -> QuerySet[EventRecord]:
    """The announcements to whom this member of staff may address themselves."""
    # They all have a key; said here, so that the index on it serves.
    announcements = EventRecord.objects.filter(event_type=ANNOUNCEMENT).exclude(dedupe_key="")
    mine = Q(pk__in=[])
    for within in audiences.scopes_for(user):
        mine |= Q(payload__within=dict(within.limit))
    return announcements.filter(mine)


def announce_once(
    *,
    title: Mapping[str, str],
    message: Mapping[str, str],
    names: list[str],
    within: Mapping[str, Any],
    priority: str,
    at: datetime | None,
    user: Any,
) -> EventRecord | None:
    """Announce it, unless this person just did; then None. Raises as NotificationService.announce does."""
    with transaction.atomic():
        # Whoever pressed twice waits here for their first press.
        get_user_model()._default_manager.select_for_update().get(pk=user.pk)
        recent = EventRecord.objects.filter(
            event_type=ANNOUNCEMENT, created_at__gte=timezone.now() - AGAIN
        ).exclude(dedupe_key="")
        said = {
            "title": dict(title),
            "message": dict(message),
            "audiences": names,
            "within": dict(within),
            "announced_by": user.pk,
        }
        for record in recent.exclude(state=EventRecord.State.CANCELLED):
            planned = record.due_at if record.due_at > record.created_at else None
            if record.payload == said and planned == at:
                return None
        return NotificationService.announce(
            title=title,
            message=message,
            audiences=names,
            within=within,
            priority=priority,
            at=at,
            announced_by=user,
        )


def previews(
    title: Mapping[str, str], message: Mapping[str, str], *, within: Mapping[str, Any]
) -> list[tuple[str, str]]:
    """In each language its name, and the page that shows the message as the inbox will, in words used within this.

    Raises TemplateTextError when the texts that staff wrote around announcements can't be used.
    """
    event_type = registry.get(ANNOUNCEMENT)
    texts = texts_of(event_type, audiences.about(within).scope_id)
    values = {"title": wordings(title), "message": wordings(message)}
    pages: list[tuple[str, str]] = []
    for language in PAGES:
        rendered = render(
            event_type,
            texts[language],
            values,
            language=language,
            timezone=settings.TIME_ZONE,
            detail=Detail.DETAILED,
        )
        with translation.override(language):
            page = render_to_string(
                "notifications/admin/preview_inbox.html",
                {"kind": "inbox", "language": language, "rendered": rendered, "now": timezone.now()},
            )
        pages.append((own_name(language), page))
    return pages


def addressed(record: EventRecord, places: Sequence[Within]) -> str:
    """To whom it goes, “Patients, Staff · Wynberg”; `places` are those that its reader may address."""
    labels = {each.name: str(each.label) for each in audiences.known()}
    groups = ", ".join(labels.get(name, name) for name in record.payload["audiences"])
    place = [each.label for each in places if each.limit == record.payload["within"]]
    return " · ".join([groups, *place[:1]])


def is_planned(record: EventRecord) -> bool:
    """Whether it can still be called off."""
    return record.state == EventRecord.State.PENDING and record.lease_until is None


def state(record: EventRecord) -> str:
    """How far it has come, in words."""
    match record.state:
        case EventRecord.State.PENDING:
            return _("planned") if record.due_at > timezone.now() else _("being sent")
        case EventRecord.State.PROCESSED:
            count = record.recipients
            return ngettext("sent to %(count)s person", "sent to %(count)s people", count) % {"count": count}
    return str(record.get_state_display())
