"""What Wagtail itself keeps of rows: its log of changes, and its index of what refers to what."""

from collections.abc import Iterator
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import CharField, Model, Q, QuerySet
from django.db.models.functions import Cast
from django.utils.translation import gettext_lazy as _
from wagtail.models import ModelLogEntry, ReferenceIndex, Revision

from notifications.privacy import Step, cleared, deleted


def forget_log_entries(model: type[Model], rows: QuerySet[Any]) -> Iterator[Step]:
    """The steps that take the names out of the log of these rows, and delete their revisions and references."""
    kind = ContentType.objects.get_for_model(model)
    keys = rows.annotate(key=Cast("pk", CharField())).values("key")
    logged = ModelLogEntry.objects.filter(content_type=kind, object_id__in=keys)
    name = {"name": model._meta.verbose_name}
    yield cleared(_("Entries in the log of changes: %(name)s") % name, _named(logged), label="", data={})
    revisions = Revision.objects.filter(base_content_type=kind, object_id__in=keys)
    yield deleted(_("Earlier versions: %(name)s") % name, revisions)
    references = ReferenceIndex.objects.filter(
        Q(base_content_type=kind, object_id__in=keys) | Q(to_content_type=kind, to_object_id__in=keys)
    )
    yield deleted(_("Entries in the index of references: %(name)s") % name, references)


def forget_mentions(texts: list[str]) -> Iterator[Step]:
    """The step that empties every entry of the log whose label has one of these texts in it."""
    mentioned = Q(pk=None)
    for text in texts:
        mentioned |= Q(label__icontains=text)
    yield cleared(
        _("Entries in the log of changes that mention this person"),
        _named(ModelLogEntry.objects.filter(mentioned)),
        label="",
        data={},
    )


def _named(entries: QuerySet[Any]) -> QuerySet[Any]:
    return entries.exclude(label="", data={})
