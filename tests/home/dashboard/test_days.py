"""What is counted by day: the days whose turn it is, and what becomes of a count that fails."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command
from django.db import connection

from home.dashboard import days
from home.dashboard.counts import Numbers
from home.dashboard.days import COUNTED_AGAIN, Days, count_days, count_hour, register_day_count
from home.models import Clinic, ClinicCount
from tests.factories import ClinicFactory

NOW = datetime(2026, 11, 24, 23, tzinfo=UTC)
"""The 25th in Johannesburg."""
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _none_registered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(days, "_day_counts", {})


def each_day(clinics: Sequence[Clinic], span: Days) -> Mapping[tuple[int, date], Numbers]:
    number = (span.last - span.first).days + 1
    return {
        (clinic.pk, span.first + day * timedelta(days=1)): {"visits": 1}
        for clinic in clinics
        for day in range(number)
    }


def kept(clinic: Clinic) -> list[date]:
    return list(ClinicCount.objects.filter(clinic=clinic).order_by("day").values_list("day", flat=True))


def test_a_name_is_given_once() -> None:
    register_day_count("visits", each_day)
    with pytest.raises(ValueError, match="visits"):
        register_day_count("visits", each_day)


@pytest.mark.parametrize("zone", ["Africa/Johannesburg", "America/New_York", "Africa/Cairo"])
def test_days_begin_and_end_at_midnight_there(zone: str) -> None:
    span = Days(date(2026, 10, 24), date(2026, 10, 31), ZoneInfo(zone))
    assert span.begins.isoformat().startswith("2026-10-24T00:00:00")
    assert span.ends.isoformat().startswith("2026-11-01T00:00:00")


@pytest.mark.django_db
def test_today_is_the_clinics() -> None:
    here, there = ClinicFactory(), ClinicFactory(timezone="America/New_York")
    register_day_count("visits", each_day)
    assert count_days(now=NOW, days=1) == 2
    assert (kept(here), kept(there)) == ([date(2026, 11, 25)], [date(2026, 11, 24)])


@pytest.mark.django_db
def test_within_a_day_each_has_had_its_turn() -> None:
    clinic = ClinicFactory(timezone="UTC")
    register_day_count("visits", each_day)
    for number in range(24):
        count_hour(now=NOW.replace(hour=0) + number * HOUR)
    today = NOW.date()
    assert kept(clinic) == [today - timedelta(days=ago) for ago in range(COUNTED_AGAIN)][::-1]


@pytest.mark.django_db
def test_a_day_on_which_nothing_is_left_is_kept_no_more() -> None:
    clinic = ClinicFactory()
    register_day_count("visits", each_day)
    count_days(now=NOW, days=5)
    days._day_counts["visits"] = lambda clinics, span: {}
    count_days(now=NOW, days=3)
    assert kept(clinic) == [date(2026, 11, 21), date(2026, 11, 22)]


@pytest.mark.django_db
def test_what_cannot_be_counted_takes_nothing_else_with_it(caplog: pytest.LogCaptureFixture) -> None:
    clinic = ClinicFactory()
    register_day_count("broken", lambda clinics, span: {(clinics[0].pk, span.first): {"visits": 1 // 0}})
    register_day_count("visits", each_day)
    assert count_days(now=NOW, days=1) == 1
    assert kept(clinic) == [date(2026, 11, 25)]
    assert "broken" in caplog.text


@pytest.mark.django_db(transaction=True)
def test_nobody_waits_for_a_count() -> None:
    ClinicFactory()
    inside = []

    def count(clinics: Sequence[Clinic], span: Days) -> Any:
        inside.append(connection.in_atomic_block)
        return each_day(clinics, span)

    register_day_count("visits", count)
    assert count_days(now=NOW, days=1) == 1
    assert inside == [False]


@pytest.mark.django_db
def test_all_days_whose_messages_are_whole_are_rebuilt(capsys: pytest.CaptureFixture[str]) -> None:
    clinic = ClinicFactory()
    register_day_count("visits", each_day)
    call_command("rebuild_figures")
    found = kept(clinic)
    assert len(found) == 336  # of 365 days a few are nearly gone, and 28 are counted together
    assert capsys.readouterr().out.startswith(f"{len(found)} figures of the days from ")
