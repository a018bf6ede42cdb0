"""Plans one series for many clinics in one act, and changes or ends all of them."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, NamedTuple
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet

from events.exceptions import EventRefusedError, OutdatedError, SeriesRefusedError
from events.models import ClinicEvent, EventSeries, Programme
from events.models.series import default_reminders
from events.services.changes.apply import apply_each
from events.services.changes.details import check_details
from events.services.changes.plan import Change, Plan
from events.services.changes.series_plan import plan_each
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

    SeriesRefusedError says of which series what is refused. Two queries, however many they are; two more where a
    patient has no account.
    """
    changed = _changed(all_series, change_of)
    return _planned(changed, ClinicEvent.objects.all(), now)


def change_all(
    all_series: Iterable[EventSeries], change_of: ChangeOf, *, now: datetime, seen: str | None = None
) -> list[EventSeries]:
    """Change all of them or none, and give those back that were. Raises as `plan_changes`.

    With `seen`, the `digest` of what somebody was shown, OutdatedError where it would not be the same any more. As many
    queries however many they are.
    """
    with transaction.atomic():
        ids = [series.pk for series in all_series]
        # Locked in the order of their ids, as everywhere.
        locked = (
            EventSeries.objects.select_for_update(of=("self",)).select_related("clinic").filter(pk__in=ids)
        )
        changed = _changed(locked.order_by("id"), change_of)
        planned = _planned(changed, ClinicEvent.objects.select_for_update(of=("self",)), now)
        if seen is not None and digest(planned) != seen:
            raise OutdatedError
        if planned:
            apply_each([plan for _series, plan in planned], now=now)
    return [series for series, _plan in planned]


def programme_change(
    programme: Programme,
    all_series: Iterable[EventSeries],
    change_of: ChangeOf,
    *,
    titles: Mapping[str, str],
    seen: str | None,
    now: datetime,
) -> list[EventSeries]:
    """`change_all`, and the titles of the programme ("title_en" and so on) with it."""
    with transaction.atomic():
        changed = change_all(all_series, change_of, seen=seen, now=now)
        if titles:
            Programme.objects.filter(pk=programme.pk).update(**titles)
    return changed


def digest(planned: Iterable[tuple[EventSeries, Plan]]) -> str:
    """The same for plans that do the same: what changes, moves and is cancelled or made, and who is told."""
    said = [
        [
            series.pk,
            plan.old_config and plan.old_config.as_json(),
            plan.config and plan.config.as_json(),
            dict(plan.old_details),
            dict(plan.details),
            [start.isoformat() for start in plan.added],
            [
                [
                    each.event_id,
                    each.outcome,
                    *(moment.isoformat() for moment in (each.old_starts_at, each.old_ends_at)),
                    *(moment.isoformat() for moment in (each.starts_at, each.ends_at)),
                    dict(each.details),
                    sorted(each.notified),
                ]
                for each in plan.occurrences
            ],
        ]
        for series, plan in sorted(planned, key=lambda each: each[0].pk)
    ]
    return sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def _changed(all_series: Iterable[EventSeries], change_of: ChangeOf) -> list[tuple[EventSeries, Change]]:
    changed = []
    for series in all_series:
        try:
            change = change_of(series)
        except EventRefusedError as error:
            raise SeriesRefusedError(series.pk, error) from error
        if change:
            check_details(change.details)
            changed.append((series, change))
    return changed


def _planned(
    changed: Sequence[tuple[EventSeries, Change]], rows: QuerySet[ClinicEvent], now: datetime
) -> list[tuple[EventSeries, Plan]]:
    plans = plan_each(changed, rows=rows, now=now)
    return [(series, plan) for (series, _change), plan in zip(changed, plans, strict=True)]
