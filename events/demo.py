"""The clinic events and visits of the demo: recurring clubs with attendance; full, moved, cancelled and past events."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from events.models import Attendance, ClinicEvent, CollectionPlan, EventSeries, Visit
from events.rules.notice_times import next_at
from events.rules.visit_times import next_step_at
from events.rules.wall_time import attach
from events.services import create_recurring_event
from events.services.changes.apply import cancel
from events.services.event import event_create
from events.services.generation import WEEKS, generate
from home.demo import demo_patients
from home.models import CareRole, Clinic, Patient, Relation, User

PAST = timedelta(weeks=3)
_CHANGED = (
    "state",
    "cancel_reason",
    "starts_at",
    "ends_at",
    "own_time",
    "sequence",
    "next_notice_at",
    "updated_at",
)


@dataclass(frozen=True, slots=True)
class _Club:
    """A series at the clinic of one of its patients, and who joined its dates, in this order.

    Of those ahead, counted from 0, the number `moved` is a day later by itself, and `cancelled` is cancelled.
    """

    title: tuple[str, str]
    description: tuple[str, str]
    place: str
    config: dict[str, Any]
    people: tuple[str, ...]
    capacity: int | None = None
    moved: int | None = None
    cancelled: tuple[int, str] | None = None


_CLUBS = (
    _Club(
        ("Diabetes club", "Diabetesklub"),
        (
            "We measure, walk a round and talk about food. Bring your tablets and your card.",
            "Ons meet, stap ’n draai en gesels oor kos. Bring u tablette en u kaart saam.",
        ),
        "Group room",
        {"type": "weekly", "weekday": 1, "start_time": "10:00", "end_time": "11:30"},
        ("Thandi", "Sipho", "Zanele"),
        moved=2,
        cancelled=(3, "The nurse is away on training."),
    ),
    _Club(
        ("Blood pressure group", "Bloeddrukgroep"),
        (
            "A small group with the nurse. There are three places.",
            "’n Klein groepie saam met die suster. Daar is drie plekke.",
        ),
        "Room 4",
        {"type": "weekly", "weekday": 3, "start_time": "14:00", "end_time": "15:00"},
        ("Johannes", "Sarah", "Zanele", "Pieter", "Ruan"),
        capacity=3,
    ),
    _Club(
        ("Baby clinic and vaccinations", "Babakliniek en inentings"),
        (
            "Weighing, vaccinations and advice. Bring the Road to Health booklet.",
            "Weeg, inentings en raad. Bring die Pad na Gesondheid-boekie saam.",
        ),
        "Hall",
        {
            "type": "monthly",
            "nth": 1,
            "weekday": 2,
            "start_time": "08:00",
            "end_time": "13:00",
            "skip_public_holidays": True,
        },
        ("Fatima", "Lwazi"),
    ),
    _Club(
        ("Walking group", "Stapgroep"),
        (
            "Half an hour at everybody’s own pace, whatever your age.",
            "’n Halfuur teen elkeen se eie pas, wat ook al u ouderdom.",
        ),
        "At the gate",
        {"type": "weekly", "weekdays": [0, 4], "start_time": "07:00", "end_time": "07:45"},
        ("Naledi", "Willem", "Ayesha", "Themba"),
    ),
)


def load(now: datetime) -> str:
    """Make the events unless they exist; a line on what was made. In one transaction, after `home.demo.load`.

    Past events are completed, and notices of the past count as sent: none goes out.
    """
    patients = demo_patients()
    clinics = {patient.clinic_id for patient in patients.values()}
    if not patients or EventSeries.objects.filter(clinic__in=clinics).exists():
        return ""
    users = _users(patients)
    lists: list[Attendance] = []
    for club in _CLUBS:
        people = [(users.get(name), patients[name]) for name in club.people if name in patients]
        for number, event in enumerate(_events(club, patients[club.people[0]].clinic, now)):
            # The first stays away now and then, so that others have a place.
            lists += _list(event, people[number % 3 == 1 :], now)
    outreach = _outreach(patients["Thandi"].clinic, now)
    lists += _list(outreach, [(users["Sipho"], patients["Sipho"])], now)
    Attendance.objects.bulk_create(lists)
    visits = _visits(patients, now)
    return (
        f"{len(_CLUBS)} series of events, {len(lists)} people on the lists of events, "
        f"{len(visits)} planned and past visits"
    )


_VISITS = (
    ("Thandi", Visit.Kind.COLLECTION, 3, None, Visit.State.PLANNED),
    ("Thandi", Visit.Kind.COLLECTION, -25, None, Visit.State.ATTENDED),
    ("Pieter", Visit.Kind.COLLECTION, -1, None, Visit.State.MISSED),
    ("Sipho", Visit.Kind.CHECK_UP, 0, time(9, 30), Visit.State.ATTENDED),
    ("Johannes", Visit.Kind.COLLECTION, 0, None, Visit.State.PLANNED),
    ("Lwazi", Visit.Kind.VACCINATION, 0, time(11), Visit.State.PLANNED),
    ("Zanele", Visit.Kind.COLLECTION, 0, None, Visit.State.PLANNED),
    ("Fatima", Visit.Kind.CHECK_UP, 9, time(10), Visit.State.PLANNED),
    ("Naledi", Visit.Kind.COLLECTION, 6, None, Visit.State.PLANNED),
)
"""Whose, what for, in how many days, at what time, and what became of it."""
_PLANNED_BEFORE = timedelta(days=28)


def _visits(patients: dict[str, Patient], now: datetime) -> list[Visit]:
    """Planned four weeks before their day; what was due of them counts as done: nothing of the past goes out."""
    found = []
    for name, kind, days, at, state in _VISITS:
        patient = patients[name]
        zone = ZoneInfo(patient.clinic.zone)
        day = now.astimezone(zone).date() + timedelta(days=days)
        planned_at = attach(day - _PLANNED_BEFORE, time(10), zone)
        visit = Visit(
            patient=patient,
            clinic=patient.clinic,
            kind=kind,
            day=day,
            at=at,
            state=state,
            planned_at=planned_at,
        )
        if state == Visit.State.PLANNED:
            visit.next_step_at = next_step_at(
                day, patient.clinic.zone, planned_on=planned_at.astimezone(zone).date(), now=now
            )
        else:
            visit.decided_at = min(now, attach(day, time(12), zone))
        found.append(visit)
    CollectionPlan.objects.create(
        patient=patients["Pieter"], pickup_point="Main Road Pharmacy", collector_one="Anna van der Merwe"
    )
    return Visit.objects.bulk_create(found)


def _events(club: _Club, clinic: Clinic, now: datetime) -> list[ClinicEvent]:
    """The events of the last three weeks and the next four, future ones first, soonest first."""
    begun = now - PAST
    series = create_recurring_event(
        title=club.title[0],
        title_af=club.title[1],
        description=club.description[0],
        description_af=club.description[1],
        clinic=clinic,
        recurring_config=club.config,
        place=club.place,
        capacity=club.capacity,
        now=begun,
    )
    generate(now=begun, weeks=PAST.days // 7 + WEEKS, series_ids=[series.pk])
    events = sorted(series.events.all(), key=lambda event: (event.starts_at <= now, event.starts_at))
    if club.moved is not None:
        _move(events[club.moved], now)
    if club.cancelled is not None:
        cancel(events[club.cancelled[0]], now=now, reason=club.cancelled[1])
    planned = [event for event in events if event.state == ClinicEvent.State.PLANNED]
    for event in planned:
        event.next_notice_at = next_at(event.starts_at, event.ends_at, event.reminders, now=now)
        if event.ends_at <= now:
            event.state = ClinicEvent.State.COMPLETED
    ClinicEvent.objects.bulk_update(events, _CHANGED)
    return events


def _move(event: ClinicEvent, now: datetime) -> None:
    event.starts_at += timedelta(days=1)
    event.ends_at += timedelta(days=1)
    event.own_time = True
    event.sequence += 1
    event.updated_at = now


def _outreach(clinic: Clinic, now: datetime) -> ClinicEvent:
    """A single event, in nearly two weeks."""
    zone = ZoneInfo(clinic.zone)
    day = now.astimezone(zone).date() + timedelta(days=12)
    event = ClinicEvent(
        clinic=clinic,
        title_en="Outreach day",
        title_af="Uitreikdag",
        description_en="Blood pressure, sugar and eyes, without an appointment. Bring whoever wants to come.",
        description_af="Bloeddruk, suiker en oë, sonder ’n afspraak. Bring saam wie wil kom.",
        place="Community hall, Park Road",
        starts_at=attach(day, time(9), zone),
        ends_at=attach(day, time(14), zone),
    )
    return event_create(event=event, now=now)


def _list(
    event: ClinicEvent, people: list[tuple[User | None, Patient]], now: datetime
) -> Iterator[Attendance]:
    """Attendance of these people in their order, then the waiting list; at a past event who was present or absent."""
    places = len(people) if event.capacity is None else event.capacity
    over = event.ends_at <= now
    for number, (user, patient) in enumerate(people):
        if number >= places:
            if over:
                return
            state = Attendance.State.WAITING
        elif over:
            state = Attendance.State.NO_SHOW if number == 2 else Attendance.State.ATTENDED
        else:
            state = Attendance.State.JOINED
        asked_at = min(event.starts_at, now) - timedelta(days=2) + timedelta(minutes=17 * number)
        yield Attendance(event=event, user=user, patient=patient, state=state, asked_at=asked_at)


def _users(patients: dict[str, Patient]) -> dict[str, User]:
    """The accounts of those patients who have one, by first name."""
    roles = CareRole.objects.filter(patient__in=patients.values(), relation=Relation.SELF)
    return {role.patient.first_name: role.user for role in roles.select_related("patient", "user")}
