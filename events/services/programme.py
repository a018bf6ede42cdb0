"""Plans one series for many clinics in one act, and ends all of them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction

from events.models import EventSeries, Programme
from events.models.series import default_reminders
from events.services.changes.change import plan_series_change, series_update
from events.services.changes.plan import Change, Plan
from events.services.generation import generate
from events.services.series import new_series
from home.models import Clinic


@dataclass(frozen=True, kw_only=True)
class AtClinic:
    """What is a clinic's own in a programme: where, for how many, and the pattern, at its own times and dates."""

    clinic: Clinic
    recurring_config: Mapping[str, Any]
    place: str = ""
    capacity: int | None = None


class Begun(NamedTuple):
    """`is_new` is false where the programme was there: the same form was sent before."""

    programme: Programme
    is_new: bool


class ClinicRefusedError(ValidationError):
    """Something of one clinic can't be, and nothing was made. `message_dict` says why by field."""

    def __init__(self, clinic: Clinic, error: ValidationError) -> None:
        super().__init__(error.message_dict)
        self.clinic = clinic


def programme_create(
    *,
    key: UUID,
    title: str,
    clinics: Sequence[AtClinic],
    title_af: str = "",
    description: str = "",
    description_af: str = "",
    reminders: Sequence[int] | None = None,
    now: datetime,
) -> Begun:
    """Begin a series at each of these clinics, with its occurrences of the next weeks: all of them or none.

    With a `key` for which there is a programme already nothing is made, also when two ask at once. ClinicRefusedError
    says of which clinic what is wrong. As many queries however many clinics there are.
    """
    with transaction.atomic():
        programme, is_new = Programme.objects.get_or_create(
            key=key, defaults={"title_en": title, "title_af": title_af, "created_at": now}
        )
        if is_new:
            all_series = [
                _series_of(
                    each,
                    programme=programme,
                    title_en=title,
                    title_af=title_af,
                    description_en=description,
                    description_af=description_af,
                    reminders=default_reminders() if reminders is None else list(reminders),
                    created_at=now,
                )
                for each in clinics
            ]
            made = EventSeries.objects.bulk_create(all_series)
            generate(now=now, series_ids=[series.pk for series in made])
    return Begun(programme, is_new)


def _series_of(at: AtClinic, **shared: Any) -> EventSeries:
    try:
        return new_series(
            clinic=at.clinic, config=at.recurring_config, place=at.place, capacity=at.capacity, **shared
        )
    except ValidationError as error:
        raise ClinicRefusedError(at.clinic, error) from error


ChangeOf = Callable[[EventSeries], Change | None]
"""What is to be changed of a series; None for nothing."""


def plan_changes(
    all_series: Iterable[EventSeries], change_of: ChangeOf, *, now: datetime
) -> list[tuple[EventSeries, Plan]]:
    """What becomes of each series that is changed, and who will be notified. Nothing is written.

    EventRefusedError says by field what is refused.
    """
    return [
        (series, plan_series_change(series_id=series.pk, change=change, now=now))
        for series in all_series
        if (change := change_of(series))
    ]


def change_all(all_series: Iterable[EventSeries], change_of: ChangeOf, *, now: datetime) -> list[EventSeries]:
    """Change all of them or none, and give those back that were. Raises as `plan_changes`."""
    with transaction.atomic():
        ids = [series.pk for series in all_series]
        # Locked in the order of their ids, as everywhere.
        locked = (
            EventSeries.objects.select_for_update(of=("self",)).select_related("clinic").filter(pk__in=ids)
        )
        changed = [(series, change) for series in locked.order_by("id") if (change := change_of(series))]
        for series, change in changed:
            series_update(series_id=series.pk, change=change, now=now)
    return [series for series, _change in changed]
