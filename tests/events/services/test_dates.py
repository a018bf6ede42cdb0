"""What became of each date of a series can be read for months, also why there was no event on it."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from events.models import EventSeries, SeriesDate
from events.personal_data import RETENTIONS
from events.services.changes.change import change_apply, series_update
from events.services.changes.plan import Change, Scope
from events.services.event import event_cancel
from events.services.generation import generate
from tests.events.factories import NOW, AttendanceFactory, EventSeriesFactory, weekly

pytestmark = pytest.mark.django_db

DECEMBER = datetime(2026, 11, 30, 6, tzinfo=UTC)


def became(series: EventSeries) -> dict[str, str]:
    rows = series.dates.order_by("starts_at").values_list("starts_at", "outcome")
    return {f"{start:%d %b %H:%M}": outcome for start, outcome in rows}


def test_it_is_read_later_why_there_was_no_event_on_the_16th_of_december() -> None:
    series = EventSeriesFactory(config=weekly(1, 2, skip_dates=["2026-12-01"], skip_public_holidays=True))
    generate(now=DECEMBER, weeks=3)
    assert became(series) == {
        "01 Dec 08:00": "skipped date",
        "02 Dec 08:00": "made",
        "08 Dec 08:00": "made",
        "09 Dec 08:00": "made",
        "15 Dec 08:00": "made",
        "16 Dec 08:00": "public holiday",
    }
    assert set(series.dates.values_list("clinic", "noted_at")) == {(series.clinic_id, DECEMBER)}


def test_what_was_noted_stays_as_it_was_when_it_runs_again() -> None:
    series = EventSeriesFactory()
    generate(now=NOW)
    before = list(SeriesDate.objects.order_by("id").values())
    event_cancel(event_id=series.events.order_by("starts_at")[0].pk, now=NOW)
    generate(now=NOW + timedelta(hours=1))
    assert list(SeriesDate.objects.order_by("id").values()) == before


def test_a_date_in_the_hour_that_comes_twice_is_noted_once() -> None:
    series = EventSeriesFactory(
        clinic__timezone="Europe/London", config=weekly(6, start_time="01:30", end_time="03:00")
    )
    week_before = datetime(2026, 10, 20, 6, tzinfo=UTC)
    generate(now=week_before, weeks=1)
    assert became(series) == {"25 Oct 00:30": "made"}
    generate(now=week_before + timedelta(days=1), weeks=1)
    assert set(series.dates.values_list("noted_at", flat=True)) == {week_before}


def test_a_dry_run_notes_nothing() -> None:
    EventSeriesFactory()
    generate(now=NOW, dry_run=True)
    assert not SeriesDate.objects.exists()


def test_an_event_that_was_there_before_is_noted_as_created() -> None:
    series = EventSeriesFactory()
    generate(now=NOW)
    SeriesDate.objects.all().delete()
    generate(now=NOW)
    assert set(became(series).values()) == {"made"}


def test_a_date_that_staff_leave_out_afterwards_says_so_and_is_created_when_they_take_that_back() -> None:
    series = EventSeriesFactory()
    generate(now=NOW)
    later = NOW + timedelta(hours=1)
    series_update(series_id=series.pk, change=Change(config=weekly(1, skip_dates=["2026-12-01"])), now=later)
    assert became(series)["01 Dec 08:00"] == "skipped date"
    assert series.dates.get(outcome="skipped date").noted_at == later
    series_update(series_id=series.pk, change=Change(config=weekly(1)), now=later)
    assert set(became(series).values()) == {"made"}


def test_a_series_that_is_ended_says_that_its_dates_were_taken_out() -> None:
    series = EventSeriesFactory()
    generate(now=NOW)
    joined = AttendanceFactory(event=series.events.order_by("starts_at")[3])
    series_update(series_id=series.pk, change=Change(config=weekly(1, until="2026-12-01")), now=NOW)
    assert became(series) == {
        "24 Nov 08:00": "made",
        "01 Dec 08:00": "made",
        "08 Dec 08:00": "removed",
        "15 Dec 08:00": "made",
    }
    joined.event.refresh_from_db()
    assert joined.event.state == "cancelled"  # the report says so beside the date


def test_the_dates_that_move_with_their_series_are_those_of_the_new_one() -> None:
    series = EventSeriesFactory()
    generate(now=NOW)
    second = series.events.order_by("starts_at")[1]
    day = timedelta(days=1)
    applied = change_apply(
        event_id=second.pk,
        scope=Scope.FOLLOWING,
        change=Change(starts_at=second.starts_at + day, ends_at=second.ends_at + day),
        now=NOW,
    )
    new = EventSeries.objects.get(pk=applied.series_id)
    assert became(series) == {
        "24 Nov 08:00": "made",
        "01 Dec 08:00": "removed",
        "08 Dec 08:00": "removed",
        "15 Dec 08:00": "removed",
    }
    assert list(became(new)) == ["02 Dec 08:00", "09 Dec 08:00", "16 Dec 08:00"]
    assert set(became(new).values()) == {"made"}


def test_a_series_that_cannot_be_read_has_a_line_and_the_others_have_theirs() -> None:
    bad, good = EventSeriesFactory(), EventSeriesFactory()
    EventSeries.objects.filter(pk=bad.pk).update(config={"type": "hourly"})
    report = generate(now=NOW)
    assert became(bad) == {"23 Nov 06:00": "failed"}
    assert set(became(good).values()) == {"made"}
    assert report.summary() == "4 made, 1 failed, in 2 series"


def test_they_are_deleted_two_years_after_the_date() -> None:
    series = EventSeriesFactory()
    generate(now=NOW)
    last = series.dates.order_by("starts_at").last()
    [kept] = RETENTIONS
    assert kept.due(NOW + timedelta(days=731)).count() == 0
    assert kept.due(last.starts_at + timedelta(days=730)).count() == 4


def test_the_number_of_queries_does_not_grow_with_what_is_noted() -> None:
    def count(series: int) -> int:
        for _ in range(series):
            EventSeriesFactory()
        with CaptureQueriesContext(connection) as captured:
            generate(now=NOW)
        return len(captured)

    assert count(1) == count(60)
