"""Begins a series."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from events.models import EventSeries, read_config, validate_reminders
from events.models.series import default_reminders
from events.services.generation import generate
from home.models import Clinic


def create_recurring_event(
    *,
    title: str,
    clinic: Clinic,
    recurring_config: Mapping[str, Any],
    title_af: str = "",
    description: str = "",
    description_af: str = "",
    place: str = "",
    capacity: int | None = None,
    reminders: Sequence[int] | None = None,
    now: datetime | None = None,
) -> EventSeries:
    """Begin a series, and make its occurrences of the next weeks at once.

    `title` and `description` are the English ones. `reminders` are minutes before the start, a day and an hour unless
    given. ValidationError says by field what is wrong, of the pattern (`config`) naming its key; then nothing is saved.
    """
    now = now or timezone.now()
    series = new_series(
        clinic=clinic,
        title_en=title,
        title_af=title_af,
        description_en=description,
        description_af=description_af,
        place=place,
        config=recurring_config,
        capacity=capacity,
        reminders=default_reminders() if reminders is None else list(reminders),
        created_at=now,
    )
    with transaction.atomic():
        series.save()
        generate(now=now, series_ids=[series.pk])
    return series


def new_series(*, config: Mapping[str, Any], reminders: Sequence[int], **values: Any) -> EventSeries:
    """A series of these values that can be saved, and isn't yet. ValidationError says by field what is wrong."""
    series = EventSeries(config=read_config(config).as_json(), reminders=reminders, **values)
    validate_reminders(reminders)
    # The clinic is a row that somebody has read.
    series.full_clean(exclude=["clinic", "programme"])
    return series
