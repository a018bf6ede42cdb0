"""The recipients of notifications about events, and whether one is still relevant. Constant queries for each batch."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Q
from django.utils.translation import override

from events.formats import MovedValue
from events.models import CONCERNED, HAS_PLACE, Attendance, ClinicEvent
from events.rules.notice_times import ENDED_IS_NEWS
from events.selectors.readers import Reader, places
from events.visit_formats import PatientValue, for_whom
from home.carers import carer_data, while_carers_are_told
from notifications.languages.listed import PAGES
from notifications.texts.formats import Bilingual
from notifications.types import About, Publication, Recipient

_JOINED = Attendance.State.JOINED
_THERE = (Attendance.State.JOINED, Attendance.State.ATTENDED)
_PLANNED = ClinicEvent.State.PLANNED
_CANCELLED = ClinicEvent.State.CANCELLED


class _Event(NamedTuple):
    id: int
    title_en: str | None
    title_af: str | None
    place: str
    clinic: str
    clinic_id: int
    starts_at: datetime
    ends_at: datetime
    state: str
    sequence: int
    cancel_reason: str

    @property
    def title(self) -> Bilingual:
        return self.title_en or "", self.title_af or ""

    def params(self) -> dict[str, Any]:
        return {
            "title": (self.title,),
            "when": (self.starts_at, self.ends_at),
            "where": (self.place, self.clinic),
        }


def place_recipients(publications: Sequence[Publication], now: datetime) -> Iterable[Recipient]:
    """The person who was given a place, or who cares for them, unless they withdrew since. Two queries, as `places`."""
    ids = {each.payload["attendance_id"] for each in publications}
    given = places(Attendance.objects.filter(id__in=ids, state=_JOINED))
    events = _events({place.event_id for place in given.values()})
    for publication in publications:
        place = given.get(publication.payload["attendance_id"])
        event = events.get(place.event_id) if place else None
        if place and event and event.state == _PLANNED:
            for reader in place.readers:
                yield _recipient(publication, reader, [event], event.params(), event.ends_at)


def reminder_recipients(publications: Sequence[Publication], now: datetime) -> Iterable[Recipient]:
    """Everybody who has joined, if the event still begins then. Two queries."""
    for publication, event, people in _attending(publications, (_JOINED,)):
        if event.state == _PLANNED:
            for reader in people:
                yield _recipient(publication, reader, [event], event.params(), event.starts_at)


def starting_recipients(publications: Sequence[Publication], now: datetime) -> Iterable[Recipient]:
    """As `reminder_recipients`; each person once for an event and its start, however often it is published."""
    for each in reminder_recipients(publications, now):
        [(event_id, starts_at)] = each.data["events"]
        of_patient = _of_patient(each.about.subject_id)
        yield each._replace(dedupe_key=f"{event_id}:{starts_at}:starting{of_patient}")


def ended_recipients(publications: Sequence[Publication], now: datetime) -> Iterable[Recipient]:
    """Everybody who joined and was not marked as absent. Two queries."""
    for publication, event, people in _attending(publications, _THERE):
        if event.state != _CANCELLED:
            valid_until = event.ends_at + ENDED_IS_NEWS
            for reader in people:
                yield _recipient(publication, reader, [event], event.params(), valid_until)


def moved_recipients(publications: Sequence[Publication], now: datetime) -> Iterable[Recipient]:
    """Everybody who joined or waits, once, with all of their events. Two queries.

    An event that was moved again or cancelled since is left out: another publication covers that.
    """
    ids = {id_ for each in publications for id_, _, _ in each.payload["moved"]}
    events, people = _events(ids), _people(ids, CONCERNED)
    for publication in publications:
        values: dict[Reader, dict[_Event, MovedValue]] = defaultdict(dict)
        for event_id, sequence, before in publication.payload["moved"]:
            event = events.get(event_id)
            if event and event.state == _PLANNED and event.sequence == sequence:
                span = (event.starts_at, event.ends_at)
                value = MovedValue(datetime.fromisoformat(before), span, event.place)
                for reader in people[event_id]:
                    values[reader][event] = value
        for reader, moved in values.items():
            params = {"title": _titles(moved), "moved": tuple(moved.values()), "clinic": _clinics(moved)}
            yield _recipient(publication, reader, list(moved), params, max(each.ends_at for each in moved))


def cancelled_recipients(publications: Sequence[Publication], now: datetime) -> Iterable[Recipient]:
    """Everybody who joined or waited, once, with all of their events. Two queries."""
    ids = {id_ for each in publications for id_ in each.payload["event_ids"]}
    events, people = _events(ids), _people(ids, CONCERNED)
    for publication in publications:
        values: dict[Reader, list[_Event]] = defaultdict(list)
        for event_id in publication.payload["event_ids"]:
            event = events.get(event_id)
            if event and event.state == _CANCELLED:
                for reader in people[event_id]:
                    values[reader].append(event)
        for reader, cancelled in values.items():
            params = {
                "title": _titles(cancelled),
                "events": tuple((each.starts_at, each.ends_at) for each in cancelled),
                "clinic": _clinics(cancelled),
                "reason": cancelled[0].cancel_reason,
            }
            valid_until = max(each.ends_at for each in cancelled)
            yield _recipient(publication, reader, cancelled, params, valid_until)


@while_carers_are_told
def joined_still_relevant(data: Sequence[Mapping[str, Any]]) -> Sequence[bool]:
    """Whether the event is still planned for that time, and the person has a place. One query."""
    return _still(data, (_PLANNED,), HAS_PLACE)


@while_carers_are_told
def ended_still_relevant(data: Sequence[Mapping[str, Any]]) -> Sequence[bool]:
    """Whether it was not cancelled after all, and the person was not marked as absent. One query."""
    return _still(data, (_PLANNED, ClinicEvent.State.COMPLETED), _THERE)


@while_carers_are_told
def moved_still_relevant(data: Sequence[Mapping[str, Any]]) -> Sequence[bool]:
    """Whether any of the events is still planned for that time, and the person still concerned. One query."""
    return _still(data, (_PLANNED,), CONCERNED)


@while_carers_are_told
def cancelled_still_relevant(data: Sequence[Mapping[str, Any]]) -> Sequence[bool]:
    """Whether any of the events is still cancelled, and the person concerned. One query."""
    return _still(data, (_CANCELLED,), CONCERNED)


def _still(
    data: Sequence[Mapping[str, Any]], event_states: Collection[str], states: Collection[str]
) -> list[bool]:
    rows = Attendance.objects.filter(
        Q(user_id__in={each["user_id"] for each in data})
        | Q(patient_id__in={each["patient_id"] for each in data if "patient_id" in each}),
        event_id__in={event_id for each in data for event_id, _ in each["events"]},
        state__in=states,
        event__state__in=event_states,
    )
    users: set[tuple[Any, ...]] = set()
    patients: set[tuple[Any, ...]] = set()
    for user_id, patient_id, event_id, starts_at in rows.values_list(
        "user_id", "patient_id", "event_id", "event__starts_at"
    ):
        users.add((user_id, event_id, starts_at.isoformat()))
        patients.add((patient_id, event_id, starts_at.isoformat()))
    return [
        any(
            (each["patient_id"], *event) in patients
            if "patient_id" in each
            else (each["user_id"], *event) in users
            for event in each["events"]
        )
        for each in data
    ]


def _recipient(
    publication: Publication,
    reader: Reader,
    events: Sequence[_Event],
    params: Mapping[str, Any],
    valid_until: datetime,
) -> Recipient:
    of_patient = reader.patient_id
    whose = {"patient_id": of_patient, **carer_data(reader.relation, of_patient)} if of_patient else {}
    if of_patient:
        patient = PatientValue(reader.name, reader.born)
        params = {**params, "title": tuple(_with_name(title, patient) for title in params["title"])}
    return Recipient(
        event_record_id=publication.id,
        user_id=reader.user_id,
        params=params,
        # The key of the publication prevents doubles, so its id identifies the message.
        dedupe_key=f"{publication.id}:event{_of_patient(of_patient)}",
        data={
            "user_id": reader.user_id,
            "events": [[event.id, event.starts_at.isoformat()] for event in events],
            **whose,
        },
        path=f"/events/{events[0].id}/",
        related_object_type="clinicevent",
        related_object_id=events[0].id,
        valid_until=valid_until,
        about=About(events[0].clinic_id, of_patient),
    )


def _of_patient(patient_id: int | None) -> str:
    """Who cares for two patients on the list is told of each."""
    return f":{patient_id}" if patient_id else ""


def _with_name(title: Bilingual, patient: PatientValue) -> Bilingual:
    """A title with the patient's name, for those who care for them; what is missing stays so."""
    return tuple(_named(each, patient, language) for each, language in zip(title, PAGES, strict=True))


def _named(title: str, patient: PatientValue, language: str) -> str:
    with override(language):
        return f"{title} ({for_whom(patient)})" if title else ""


def _attending(
    publications: Sequence[Publication], states: Collection[str]
) -> Iterator[tuple[Publication, _Event, list[Reader]]]:
    """Each publication's event, if it still begins at that time, and who is told of the places in these states."""
    ids = {each.payload["event_id"] for each in publications}
    events, people = _events(ids), _people(ids, states)
    for publication in publications:
        event = events.get(publication.payload["event_id"])
        if event and event.starts_at.isoformat() == publication.payload["starts_at"]:
            yield publication, event, people[event.id]


def _events(ids: Collection[int]) -> dict[int | None, _Event]:
    columns = (name if name != "clinic" else "clinic__name" for name in _Event._fields)
    rows = ClinicEvent.objects.filter(id__in=ids).values_list(*columns)
    return {row[0]: _Event(*row) for row in rows}


def _people(event_ids: Collection[int], states: Collection[str]) -> dict[int, list[Reader]]:
    people: dict[int, list[Reader]] = defaultdict(list)
    for place in places(Attendance.objects.filter(event_id__in=event_ids, state__in=states)).values():
        people[place.event_id] += place.readers
    return people


def _titles(events: Iterable[_Event]) -> tuple[Bilingual, ...]:
    return tuple(dict.fromkeys(event.title for event in events))


def _clinics(events: Iterable[_Event]) -> str:
    return ", ".join(dict.fromkeys(event.clinic for event in events))
