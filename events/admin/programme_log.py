"""Writes one act on many series into the history of each."""

from collections.abc import Iterable
from typing import Any
from uuid import uuid4

from django.contrib.contenttypes.models import ContentType
from django.utils import timezone
from wagtail.models import ModelLogEntry

from events.models import EventSeries


def log_each(all_series: Iterable[EventSeries], *, action: str, user: Any) -> None:
    """As Wagtail's `log` does for one of them; in one statement."""
    kind = ContentType.objects.get_for_model(EventSeries, for_concrete_model=False)
    now, act = timezone.now(), uuid4()
    ModelLogEntry.objects.bulk_create(
        ModelLogEntry(
            content_type=kind,
            object_id=str(series.pk),
            label=str(series),
            action=action,
            timestamp=now,
            user=user,
            uuid=act,
            data={},
            content_changed=True,
            deleted=False,
        )
        for series in all_series
    )
