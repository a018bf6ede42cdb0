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
    config = read_config(recurring_config).as_json()
    reminders = default_reminders() if reminders is None else list(reminders)
    validate_reminders(reminders)
    series = EventSeries(
        clinic=clinic,
        title_en=title,
        title_af=title_af,
        description_en=description,
        description_af=description_af,
        place=place,
        config=config,
        capacity=capacity,
        reminders=reminders,
    )
    now = now or timezone.now()
    with transaction.atomic():
        series.created_at = now
        series.full_clean()
        series.save()
        generate(now=now, series_ids=[series.pk])
    return series
