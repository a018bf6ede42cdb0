"""What staff see of announcements: those of their own scope, in words."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db.models import Q, QuerySet
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from wagtail.models import WorkflowState

from notifications import audiences, registry
from notifications.announcements.progress import Stage, stage_of_recurring
from notifications.audiences import LIST, Within
from notifications.event_types import ANNOUNCEMENT, wordings
from notifications.languages.listed import PAGES, own_name
from notifications.models import Announcement, Approved, EventRecord
from notifications.selectors.templates import texts_of
from notifications.texts.rendering import render
from notifications.types import Detail


def visible(user: Any) -> QuerySet[Announcement]:
    """The announcements to whom this member of staff may address themselves, with their publications."""
    mine = Q(pk__in=[])
    for within in audiences.scopes_for(user):
        mine |= Q(within=dict(within.limit))
    return Announcement.objects.filter(mine).select_related("event_record")


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


def addressed(announcement: Announcement, places: Sequence[Within]) -> str:
    """To whom it goes, “Patients, Staff · Wynberg”; `places` are those that its reader may address."""
    labels = {each.name: str(each.label) for each in audiences.known()}
    groups = ", ".join(labels.get(name, name) for name in announcement.audiences)
    place = [each.label for each in places if each.limit == announcement.within]
    return " · ".join([groups, *place[:1]])


def chosen(announcement: Announcement) -> list[tuple[str, str]]:
    """By what some of these people are chosen: a filter, and what was chosen of it. A query or two a filter."""
    now = timezone.now()
    found = []
    for each in audiences.filters():
        values = announcement.filters.get(each.name)
        if not values:
            continue
        if each.name == LIST:
            said = ngettext("%(count)s patient", "%(count)s patients", len(values)) % {"count": len(values)}
        else:
            labels = dict(each.choices(announcement.within, now))
            said = ", ".join(str(labels.get(value, _("no longer there"))) for value in values)
        found.append((str(each.label), said))
    return found


def named(announcement: Announcement) -> list[str]:
    """The words that its filters keep secret and that stand in its texts all the same."""
    said = " ".join([*announcement.title.values(), *announcement.message.values()]).lower()
    return sorted(word for word in audiences.secrets(announcement.filters) if word.lower() in said)


def asked_about(model: type[Approved], ids: Sequence[int]) -> dict[int, str]:
    """How the question for approval stands, of those about which it was asked. One query."""
    kind = ContentType.objects.get_for_model(model)
    states = WorkflowState.objects.active().filter(base_content_type=kind, object_id__in=map(str, ids))
    return {int(id_): status for id_, status in states.values_list("object_id", "status")}


def state(announcement: Announcement, asked: str | None, zone: str) -> str:
    """How far it has come, in words; `asked` as `asked_about` has it, `zone` is that of its days and hours."""
    record = announcement.event_record
    if announcement.is_template:
        return stage_words(Stage.TEMPLATE)
    if announcement.begun_at is not None:
        return stage_words(stage_of_recurring(announcement, now=timezone.now(), zone=zone))
    if record is None:
        if announcement.live:
            return stage_words(Stage.SENT)
        if asked == WorkflowState.STATUS_IN_PROGRESS:
            return stage_words(Stage.ASKED)
        return stage_words(Stage.SENT_BACK if asked else Stage.DRAFT)
    if announcement.stopped_at is not None or record.state == EventRecord.State.CANCELLED:
        return stage_words(Stage.STOPPED)
    if record.state == EventRecord.State.FAILED:
        return stage_words(Stage.FAILED)
    if record.state == EventRecord.State.PENDING:
        return stage_words(Stage.PLANNED if record.due_at > timezone.now() else Stage.SENDING)
    count = record.recipients
    return ngettext("sent to %(count)s person", "sent to %(count)s people", count) % {"count": count}


def stage_words(stage: Stage) -> str:
    return {
        Stage.TEMPLATE: _("template"),
        Stage.DRAFT: _("draft"),
        Stage.ASKED: _("waits for approval"),
        Stage.SENT_BACK: _("sent back"),
        Stage.PLANNED: _("planned"),
        Stage.SENDING: _("being sent"),
        Stage.SENT: _("sent"),
        Stage.STOPPING: _("being stopped"),
        Stage.STOPPED: _("stopped"),
        Stage.FAILED: _("failed"),
        Stage.RUNNING: _("recurring"),
        Stage.ENDED: _("ended"),
    }[stage]
