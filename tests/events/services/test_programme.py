"""A series at many clinics is planned in one act: all of it or nothing, once, and ended together."""

from dataclasses import replace
from datetime import UTC, datetime
from threading import Barrier, Thread
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from events.exceptions import OutdatedError, SeriesRefusedError
from events.models import ClinicEvent, EventSeries, Programme
from events.services.changes.change import change_apply
from events.services.changes.plan import Change, Scope
from events.services.generation import generate
from events.services.programme import (
    AtClinic,
    Begun,
    ClinicRefusedError,
    change_all,
    digest,
    plan_changes,
    programme_create,
)
from notifications.models import EventRecord
from tests.events.factories import NOW, AttendanceFactory, weekly
from tests.factories import ClinicFactory

pytestmark = pytest.mark.django_db


def at(name: str, *, timezone: str = "Africa/Johannesburg", **more: Any) -> AtClinic:
    given = {"recurring_config": weekly(1), "place": f"Hall of {name}", **more}
    return AtClinic(clinic=ClinicFactory(name=name, timezone=timezone), **given)


def planned(*clinics: AtClinic, key: UUID | None = None) -> Begun:
    return programme_create(
        key=key or uuid4(),
        title="Foot care",
        title_af="Voetsorg",
        description="Bring shoes.",
        clinics=clinics,
        reminders=[60],
        now=NOW,
    )


def test_each_clinic_has_its_own_series_with_its_place_times_and_dates() -> None:
    delft = at("Delft", capacity=12)
    langa = at(
        "Langa",
        recurring_config=weekly(1, start_time="14:00", end_time="15:00", skip_dates=["2026-12-01"]),
    )
    london = at("London", timezone="Europe/London")
    begun = planned(delft, langa, london)
    assert begun.is_new
    assert (begun.programme.title_en, begun.programme.title_af) == ("Foot care", "Voetsorg")
    made = {series.clinic.name: series for series in begun.programme.series.select_related("clinic")}
    starts = {
        name: [
            f"{start:%d %b %H:%M}"
            for start in series.events.order_by("starts_at").values_list("starts_at", flat=True)
        ]
        for name, series in made.items()
    }
    assert starts == {
        "Delft": ["24 Nov 08:00", "01 Dec 08:00", "08 Dec 08:00", "15 Dec 08:00"],
        "Langa": ["24 Nov 12:00", "08 Dec 12:00", "15 Dec 12:00"],
        "London": ["24 Nov 10:00", "01 Dec 10:00", "08 Dec 10:00", "15 Dec 10:00"],
    }
    assert {(series.place, series.capacity) for series in made.values()} == {
        ("Hall of Delft", 12),
        ("Hall of Langa", None),
        ("Hall of London", None),
    }
    event = made["Delft"].events.first()
    assert (event.title_en, event.title_af, event.description_en, event.reminders, event.clinic) == (
        "Foot care",
        "Voetsorg",
        "Bring shoes.",
        [60],
        delft.clinic,
    )


def test_if_one_clinic_cannot_be_nothing_is_made_and_it_is_named() -> None:
    good, bad = at("Delft"), at("Langa", capacity=0)
    with pytest.raises(ClinicRefusedError) as refused:
        planned(good, bad)
    assert refused.value.clinic == bad.clinic
    assert list(refused.value.message_dict) == ["capacity"]
    for model in (Programme, EventSeries, ClinicEvent):
        assert not model.objects.exists()
    with pytest.raises(ClinicRefusedError, match="type"):
        planned(good, replace(bad, capacity=1, recurring_config={"type": "hourly"}))


def test_the_same_form_sent_twice_makes_it_once() -> None:
    key, clinics = uuid4(), (at("Delft"), at("Langa"))
    first, again = planned(*clinics, key=key), planned(*clinics, key=key)
    assert (first.is_new, again.is_new) == (True, False)
    assert again.programme == first.programme
    assert (EventSeries.objects.count(), ClinicEvent.objects.count()) == (2, 8)


@pytest.mark.django_db(transaction=True)
def test_two_presses_at_once_make_it_once() -> None:
    key, clinics = uuid4(), (at("Delft"), at("Langa"))
    start = Barrier(4)
    begun: list[bool] = []

    def press() -> None:
        start.wait()
        try:
            begun.append(planned(*clinics, key=key).is_new)
        finally:
            connection.close()

    threads = [Thread(target=press) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(begun) == [False, False, False, True]
    assert (Programme.objects.count(), ClinicEvent.objects.count()) == (1, 8)


def test_forty_clinics_take_no_more_queries_than_two() -> None:
    def count(number: int) -> int:
        clinics = [at(f"Clinic {number} {each}") for each in range(number)]
        with CaptureQueriesContext(connection) as captured:
            planned(*clinics)
        return len(captured)

    count(1)
    assert count(2) == count(40)


def ended(series: EventSeries) -> Change:
    return Change(config=weekly(1, until="2026-12-01"))


def test_all_are_ended_together_and_each_persons_place_is_looked_after() -> None:
    programme = planned(at("Delft"), at("Langa")).programme
    last = ClinicEvent.objects.order_by("starts_at").last()
    person = AttendanceFactory(event=last)
    shown = plan_changes(programme.series.select_related("clinic"), ended, now=NOW)
    assert [plan.notified for _series, plan in shown] in (
        [frozenset(), {person.user_id}],
        [{person.user_id}, frozenset()],
    )
    assert ClinicEvent.objects.count() == 8
    assert len(change_all(programme.series.all(), ended, now=NOW)) == 2
    states = ClinicEvent.objects.order_by("starts_at").values_list("state", flat=True)
    assert sorted(states) == ["cancelled", "planned", "planned", "planned", "planned"]
    assert EventRecord.objects.filter(event_type="event.cancelled").count() == 1
    assert generate(now=datetime(2026, 12, 7, 6, tzinfo=UTC)).made == 0


def test_what_is_as_it_should_be_is_left_alone() -> None:
    programme = planned(at("Delft"), at("Langa")).programme
    assert change_all(programme.series.all(), lambda series: None, now=NOW) == []
    assert plan_changes(programme.series.all(), lambda series: None, now=NOW) == []


def test_if_one_cannot_be_changed_none_is() -> None:
    programme = planned(at("Delft"), at("Langa")).programme
    first = programme.series.order_by("id")[0]

    def broken(series: EventSeries) -> Change:
        return ended(series) if series == first else Change(config={"type": "hourly"})

    with pytest.raises(ValueError, match="type"):
        change_all(programme.series.all(), broken, now=NOW)
    assert ClinicEvent.objects.filter(state="planned").count() == 8


def test_if_one_refuses_its_change_it_is_named_and_nobody_is_changed() -> None:
    programme = planned(at("Delft", capacity=5), at("Langa", capacity=5)).programme
    first, second = programme.series.order_by("id")
    event = second.events.order_by("starts_at")[1]
    for _each in range(2):
        AttendanceFactory(event=event)
    with pytest.raises(SeriesRefusedError) as refused:
        change_all(programme.series.all(), lambda series: Change(details={"capacity": 1}), now=NOW)
    assert (refused.value.series_id, list(refused.value.message_dict)) == (second.pk, ["capacity"])
    first.refresh_from_db()
    assert first.capacity == 5


def test_what_is_not_as_it_was_shown_is_not_done() -> None:
    programme = planned(at("Delft"), at("Langa")).programme
    seen = digest(plan_changes(programme.series.select_related("clinic"), ended, now=NOW))
    stays, goes = (
        ClinicEvent.objects.order_by("starts_at")[0],
        ClinicEvent.objects.order_by("starts_at").last(),
    )
    AttendanceFactory(event=stays)
    assert digest(plan_changes(programme.series.select_related("clinic"), ended, now=NOW)) == seen
    AttendanceFactory(event=goes)
    with pytest.raises(OutdatedError):
        change_all(programme.series.all(), ended, seen=seen, now=NOW)
    assert ClinicEvent.objects.filter(state="planned").count() == 8
    seen = digest(plan_changes(programme.series.select_related("clinic"), ended, now=NOW))
    assert len(change_all(programme.series.all(), ended, seen=seen, now=NOW)) == 2


def test_each_clinic_makes_one_publication_however_many_of_its_events_move() -> None:
    programme = planned(at("Delft"), at("Langa")).programme
    for event in ClinicEvent.objects.all():
        AttendanceFactory(event=event)
    later = Change(config=weekly(1, start_time="11:00", end_time="12:00"))
    change_all(programme.series.all(), lambda series: later, now=NOW)
    records = EventRecord.objects.filter(event_type="event.moved")
    assert sorted(len(record.payload["moved"]) for record in records) == [4, 4]


def test_twelve_are_ended_in_as_many_queries_as_two() -> None:
    """SQLite takes so many values in a statement; of more it makes a few statements more."""

    def count(number: int) -> int:
        programme = planned(*(at(f"Clinic {number} {each}") for each in range(number))).programme
        for event in ClinicEvent.objects.filter(series__programme=programme, starts_at__day=8):
            AttendanceFactory(event=event)
        with CaptureQueriesContext(connection) as captured:
            change_all(programme.series.all(), ended, now=NOW)
        return len(captured)

    count(1)
    assert count(2) == count(12)


def test_what_is_split_off_stays_in_the_programme() -> None:
    programme = planned(at("Delft")).programme
    second = ClinicEvent.objects.order_by("starts_at")[1]
    change_apply(
        event_id=second.pk, scope=Scope.FOLLOWING, change=Change(details={"place": "Garden"}), now=NOW
    )
    assert programme.series.count() == 2
