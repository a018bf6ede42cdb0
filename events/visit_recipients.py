"""The recipients of messages about visits, and whether one still holds. Constant queries for each batch."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from events.models import Visit
from events.rules.visit_times import ends_at, missed_is_news_until
from events.selectors.visits import comes_again
from events.visit_formats import ChangeValue, PatientValue
from home.carers import carer_data, while_carers_are_told
from home.models import Relation, is_here
from home.scope import about_patient
from home.selectors import people_of
from notifications.types import Publication, Recipient

PATH = "/visits/"
_State = Visit.State
_STATE_OF = {"moved": _State.MOVED, "cancelled": _State.CANCELLED, "restored": _State.PLANNED}


def reminder_recipients(publications: Sequence[Publication], now: datetime) -> Iterable[Recipient]:
    """The patient's people, until the visit's day is over. Four queries.

    The reminder of a week before is left out where the other one is due as well.
    """
    visits = _visits(publications, [_State.PLANNED])
    for publication, visit, people in _with_people(publications, visits):
        said = publication.payload
        if f"{visit.day}" == said["day"]:
            valid_until = ends_at(visit.day, visit.clinic.zone)
            yield from _recipients(publication, visit, people, valid_until, {"step": said["step"]})


def missed_recipients(publications: Sequence[Publication], now: datetime) -> Iterable[Recipient]:
    """The patient's people, if the patient didn't come since and no other visit is planned instead. Four queries."""
    visits = {
        key: visit for key, visit in _visits(publications, [_State.MISSED]).items() if not visit.comes_again
    }
    for publication, visit, people in _with_people(publications, visits):
        valid_until = missed_is_news_until(visit.day, visit.clinic.zone)
        yield from _recipients(publication, visit, people, valid_until, {})


def moved_recipients(publications: Sequence[Publication], now: datetime) -> Iterable[Recipient]:
    """The patient's people, if what the clinic changed still stands. Four queries."""
    visits = _visits(publications, _STATE_OF.values())
    for publication, visit, people in _with_people(publications, visits):
        change = publication.payload["change"]
        if visit.state == _STATE_OF[change] and (new := _as_it_is(visit)):
            value = ChangeValue(change, visit.day, new.day, new.at)
            last = max(visit.day, new.day)
            params = {"change": value, "reason": visit.reason}
            yield from _recipients(
                publication, visit, people, ends_at(last, visit.clinic.zone), {"change": change}, params
            )


@while_carers_are_told
def reminder_still_relevant(data: Sequence[Mapping[str, Any]]) -> Sequence[bool]:
    """Whether each is still planned for that day, of somebody who lives and stays. One query."""
    planned = _standing(data, lambda visit: visit.state == _State.PLANNED)
    return [planned.get(each["visit_id"]) == each["day"] for each in data]


@while_carers_are_told
def missed_still_relevant(data: Sequence[Mapping[str, Any]]) -> Sequence[bool]:
    """Whether each is still missed, and nothing planned instead. One query."""
    missed = _standing(data, lambda visit: visit.state == _State.MISSED and not visit.comes_again)
    return [each["visit_id"] in missed for each in data]


@while_carers_are_told
def moved_still_relevant(data: Sequence[Mapping[str, Any]]) -> Sequence[bool]:
    """Whether what was changed still stands. One query."""
    found = {visit.pk: visit for visit in _rows({each["visit_id"] for each in data})}
    return [
        (visit := found.get(each["visit_id"])) is not None
        and visit.state == _STATE_OF[each["change"]]
        and _as_it_is(visit) is not None
        for each in data
    ]


def _rows(visit_ids: Collection[int]) -> Iterable[Any]:
    """The visits of people who live and stay; `comes_again` as `selectors.visits` has it."""
    return (
        Visit.objects.filter(
            is_here("patient"),
            pk__in=visit_ids,
        )
        .select_related("patient__clinic", "clinic", "moved_to")
        .annotate(comes_again=comes_again())
    )


def _visits(publications: Sequence[Publication], states: Collection[str]) -> dict[int, Any]:
    rows = _rows({each.payload["visit_id"] for each in publications})
    return {visit.pk: visit for visit in rows if visit.state in states}


def _standing(data: Sequence[Mapping[str, Any]], holds: Callable[[Any], bool]) -> dict[int, str]:
    rows = _rows({each["visit_id"] for each in data})
    return {visit.pk: f"{visit.day}" for visit in rows if holds(visit)}


def _as_it_is(visit: Visit) -> Visit | None:
    """The visit in this one's place; None where that was decided too."""
    new = visit.moved_to if visit.state == _State.MOVED else visit
    return new if new and (new is visit or new.is_planned) else None


def _with_people(
    publications: Sequence[Publication], visits: Mapping[int, Any]
) -> Iterable[tuple[Publication, Any, Any]]:
    people = people_of({visit.patient_id for visit in visits.values()})
    for publication in publications:
        if visit := visits.get(publication.payload["visit_id"]):
            yield publication, visit, people[visit.patient_id]


def _recipients(
    publication: Publication,
    visit: Visit,
    people: Iterable[Any],
    valid_until: datetime,
    data: Mapping[str, Any],
    params: Mapping[str, Any] = {},
) -> Iterable[Recipient]:
    day: date = visit.day
    for carer in people:
        named = PatientValue(visit.patient.get_full_name(), carer.born)
        yield Recipient(
            event_record_id=publication.id,
            user_id=carer.user_id,
            params={
                "what": visit.kind,
                "when": (day, visit.at),
                "clinic": visit.clinic.name,
                "for_whom": "" if carer.relation == Relation.SELF else named,
                **params,
            },
            # The key of the publication prevents doubles, so its id identifies the message.
            dedupe_key=f"{publication.id}:visit",
            path=PATH,
            data={
                "visit_id": visit.pk,
                "day": day.isoformat(),
                **data,
                **carer_data(carer.relation, visit.patient_id),
            },
            related_object_type="visit",
            related_object_id=visit.pk,
            valid_until=valid_until,
            about=about_patient(visit.patient),
        )
