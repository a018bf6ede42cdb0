"""Occurrences are rows some weeks ahead; only gaps are filled, and nothing comes back."""

from datetime import UTC, datetime, timedelta
from io import StringIO
from threading import Barrier, Thread
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from events.models import ClinicEvent, EventSeries
from events.services import create_recurring_event
from events.services.event import event_cancel
from events.services.generation import Outcome, generate
from events.services.insertion import NewOccurrence, insert
from home.models import Clinic
from tests.events.changes import event_move
from tests.events.factories import NOW, ClinicEventFactory, EventSeriesFactory, weekly
from tests.factories import ClinicFactory

pytestmark = pytest.mark.django_db


def starts(series: EventSeries) -> list[str]:
    rows = series.events.order_by("starts_at").values_list("starts_at", flat=True)
    return [f"{start:%m-%d %H:%M}" for start in rows]


def test_a_new_series_has_its_occurrences_of_four_weeks_at_once() -> None:
    with time_machine.travel(NOW, tick=False):
        series = create_recurring_event(
            title="Friday night",
            title_af="Vrydagaand",
            clinic=ClinicFactory(),
            recurring_config={
                "type": "weekly",
                "weekday": 4,
                "start_time": "22:00",
                "end_time": "02:00",
                "active": True,
            },
            place="Hall",
            capacity=12,
        )
    assert starts(series) == ["11-27 20:00", "12-04 20:00", "12-11 20:00", "12-18 20:00"]
    event = series.events.order_by("starts_at")[0]
    assert (event.title_en, event.title_af, event.place, event.capacity) == (
        "Friday night",
        "Vrydagaand",
        "Hall",
        12,
    )
    assert event.ends_at == datetime(2026, 11, 28, 0, tzinfo=UTC)
    assert event.original_start == event.starts_at
    assert event.clinic == series.clinic
    assert event.reminders == [1440, 60]
    assert event.next_notice_at == event.starts_at - timedelta(days=1)
    assert (event.state, event.sequence, event.own_time) == ("planned", 0, False)
    assert event.created_at == event.updated_at == NOW


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"type": "hourly"}, "type"),
        ({"weekday": 7, "weekdays": None}, "weekday"),
        ({"start_time": "25:00"}, "start_time"),
        ({"colour": "blue"}, "colour"),
    ],
)
def test_a_malformed_pattern_is_refused_with_its_key_named_and_nothing_is_kept(
    wrong: dict[str, Any], named: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        create_recurring_event(title="Club", clinic=ClinicFactory(), recurring_config={**weekly(1), **wrong})
    [text] = refused.value.message_dict["config"]
    assert text.startswith(f"{named}: ")
    assert isinstance(refused.value, ValueError)
    assert not EventSeries.objects.exists()


@pytest.mark.parametrize("config", [None, [], "weekly", 7])
def test_an_invalid_pattern_is_refused(config: Any) -> None:
    with pytest.raises(ValidationError, match="must be a set of keys and values"):
        create_recurring_event(title="Club", clinic=ClinicFactory(), recurring_config=config)


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"title": ""}, "title_en"),
        ({"capacity": 0}, "capacity"),
        ({"reminders": [60, 60]}, "reminders"),
        ({"reminders": [True]}, "reminders"),
        ({"reminders": [50_000]}, "reminders"),
    ],
)
def test_other_impossible_values_are_refused_by_field(more: dict[str, Any], field: str) -> None:
    wanted = {"title": "Club", "clinic": ClinicFactory(), "recurring_config": weekly(1), **more}
    with pytest.raises(ValidationError) as refused:
        create_recurring_event(**wanted)
    assert field in refused.value.message_dict


def test_it_fills_gaps_only_and_brings_nothing_back() -> None:
    series = EventSeriesFactory()
    generate(now=NOW)
    first, second, third, fourth = series.events.order_by("starts_at")
    event_move(
        event_id=first.id,
        starts_at=first.starts_at + timedelta(days=2),
        ends_at=first.ends_at + timedelta(days=2),
        now=NOW,
    )
    event_cancel(event_id=second.id, now=NOW)
    third.delete()
    before = set(ClinicEvent.objects.values_list("id", flat=True))
    report = generate(now=NOW)
    assert report.made == 1
    assert [line.outcome for line in report.lines] == [
        Outcome.MOVED,
        Outcome.CANCELLED,
        Outcome.MADE,
        Outcome.KEPT,
    ]
    assert starts(series) == ["11-26 08:00", "12-01 08:00", "12-08 08:00", "12-15 08:00"]
    assert before < set(ClinicEvent.objects.values_list("id", flat=True))
    assert generate(now=NOW).made == 0
    fourth.refresh_from_db()
    assert fourth.state == "planned"


def test_the_next_week_adds_one_and_a_wider_buffer_more() -> None:
    series = EventSeriesFactory()
    generate(now=NOW)
    assert generate(now=NOW + timedelta(weeks=1)).made == 1
    assert generate(now=NOW + timedelta(weeks=1), weeks=8).made == 4
    assert len(starts(series)) == 9


def test_a_date_that_has_begun_already_is_not_made() -> None:
    series = EventSeriesFactory(config=weekly(0, start_time="08:00"))
    generate(now=NOW, weeks=1)
    assert starts(series) == ["11-30 06:00"]


def test_it_says_why_a_date_is_left_out() -> None:
    EventSeriesFactory(config=weekly(1, 2, skip_dates=["2026-12-01"], skip_public_holidays=True))
    report = generate(now=datetime(2026, 11, 30, 6, tzinfo=UTC), weeks=3)
    left_out = {f"{line.starts_at:%d %b}": line.outcome for line in report.lines if line.outcome != "made"}
    assert left_out == {"01 Dec": Outcome.SKIPPED_DATE, "16 Dec": Outcome.PUBLIC_HOLIDAY}
    assert report.summary() == "4 made, 1 skipped date, 1 public holiday, in 1 series"


def test_a_series_that_is_not_active_gets_none() -> None:
    EventSeriesFactory(config=weekly(1, active=False))
    assert generate(now=NOW).made == 0


def test_one_bad_series_does_not_stop_the_others(caplog: pytest.LogCaptureFixture) -> None:
    bad, good = EventSeriesFactory(config={"type": "hourly"}), EventSeriesFactory()
    generate(now=NOW)
    assert (bad.events.count(), good.events.count()) == (0, 4)
    assert f"series {bad.id} can't be expanded" in caplog.text


def test_it_keeps_the_wall_clock_of_each_clinic_over_a_clock_change() -> None:
    now = datetime(2026, 10, 19, 12, tzinfo=UTC)
    london = EventSeriesFactory(clinic__timezone="Europe/London")
    joburg = EventSeriesFactory()
    generate(now=now, weeks=2)
    assert starts(london) == ["10-20 09:00", "10-27 10:00"]
    assert starts(joburg) == ["10-20 08:00", "10-27 08:00"]


def test_the_number_of_queries_does_not_grow_with_the_series() -> None:
    def count(series: int) -> int:
        for _ in range(series):
            EventSeriesFactory()
        with CaptureQueriesContext(connection) as captured:
            assert generate(now=NOW).made == 4 * series
        return len(captured)

    assert count(1) == count(60)


def test_rows_that_another_run_has_made_meanwhile_stay_as_they_are() -> None:
    series = EventSeriesFactory()
    generate(now=NOW)
    before = list(ClinicEvent.objects.order_by("id").values())
    rows = [NewOccurrence(series.id, each["starts_at"], each["ends_at"], None) for each in before]
    assert insert(rows, now=NOW + timedelta(hours=1)) == 0
    assert list(ClinicEvent.objects.order_by("id").values()) == before


def test_a_dry_run_gives_the_same_plan_and_writes_nothing() -> None:
    EventSeriesFactory()
    planned = generate(now=NOW, dry_run=True)
    assert not ClinicEvent.objects.exists()
    done = generate(now=NOW)
    assert (planned.lines, planned.made) == (done.lines, done.made)


@pytest.mark.django_db(transaction=True)
def test_two_that_run_at_once_make_each_occurrence_once() -> None:
    for _ in range(5):
        EventSeriesFactory()
    start = Barrier(4)
    made: list[int] = []

    def run() -> None:
        start.wait()
        try:
            made.append(generate(now=NOW).made)
        finally:
            connection.close()

    threads = [Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(made) == ClinicEvent.objects.count() == 20


class TestCommand:
    def run(self, *arguments: str) -> str:
        out = StringIO()
        with time_machine.travel(NOW, tick=False):
            call_command("smart_generate_recurring_events", *arguments, stdout=out)
        return out.getvalue()

    def test_it_sums_up_the_made_events_in_a_line(self) -> None:
        EventSeriesFactory()
        assert self.run() == "4 made, in 1 series.\n"
        assert self.run("--weeks", "5") == "1 made, 4 kept, in 1 series.\n"
        assert self.run("--weeks", "5") == "5 kept, in 1 series.\n"

    def test_a_dry_run_prints_the_plan_as_a_table(self) -> None:
        series = EventSeriesFactory(clinic__name="Delft")
        lines = self.run("--dry-run", "--weeks", "2").splitlines()
        assert [line.split() for line in lines[:2]] == [
            ["series", "title", "clinic", "start", "outcome"],
            [f"{series.id}", "Diabetes", "club", "Delft", "Tue", "2026-11-24", "10:00", "made"],
        ]
        assert lines[-1] == "Dry run, nothing written: 2 made, in 1 series."
        assert not ClinicEvent.objects.exists()

    @pytest.mark.parametrize("weeks", ["0", "-1", "105"])
    def test_an_impossible_number_of_weeks_is_refused(self, weeks: str) -> None:
        with pytest.raises(CommandError, match="--weeks"):
            self.run("--weeks", weeks)


def test_a_title_without_a_translation_is_there_in_both_languages() -> None:
    with translation.override("af"), time_machine.travel(NOW, tick=False):
        series = create_recurring_event(title="Club", clinic=ClinicFactory(), recurring_config=weekly(1))
        event = series.events.order_by("starts_at")[0]
        assert (event.title_en, event.title_af, event.title) == ("Club", "", "Club")


def test_an_event_of_no_series_needs_no_identity() -> None:
    ClinicEventFactory()
    ClinicEventFactory()
    assert ClinicEvent.objects.filter(series=None, original_start=None).count() == 2


@pytest.mark.parametrize(
    "stored", [{"config": {"type": "hourly"}}, {"config": []}, {"reminders": "soon"}, {"reminders": [None]}]
)
def test_one_bad_series_takes_no_other_with_it(stored: dict[str, Any]) -> None:
    bad, good = EventSeriesFactory(), EventSeriesFactory()
    EventSeries.objects.filter(pk=bad.pk).update(**stored)
    generate(now=NOW)
    assert not bad.events.exists()
    assert good.events.exists()


def test_the_series_of_a_clinic_with_an_unknown_zone_are_made_in_the_sites() -> None:
    bad, good = EventSeriesFactory(), EventSeriesFactory()
    Clinic.objects.filter(pk=bad.clinic_id).update(timezone="Mars/Olympus")
    generate(now=NOW)
    assert starts(bad) == starts(good)
