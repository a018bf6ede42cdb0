"""The clinic events of the demo."""

from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.core.management import call_command

from events.models import Attendance, ClinicEvent, EventSeries
from events.services.generation import generate
from events.services.notices import send_event_notices
from notifications.models import EventRecord
from tests.demo import NOW

pytestmark = pytest.mark.django_db


@pytest.mark.usefixtures("demo")
def test_there_are_recurring_events_in_both_languages_at_both_clinics_and_one_is_full() -> None:
    assert EventSeries.objects.values("clinic").distinct().count() == 2
    for series in EventSeries.objects.all():
        series.full_clean()
        assert series.title_en and series.title_af and series.description_en and series.description_af
    ahead = ClinicEvent.objects.filter(starts_at__gt=NOW)
    assert ahead.count() > 10
    full = ahead.filter(capacity=3).order_by("starts_at")[0]
    assert full.attendances.filter(state="joined").count() == 3
    assert full.attendances.filter(state="waiting").count() == 2


def of(first_name: str, **filters: Any) -> list[str]:
    """The states of attendance at events like these."""
    rows = Attendance.objects.filter(user__first_name=first_name, **filters)
    return sorted(set(rows.values_list("state", flat=True)))


@pytest.mark.usefixtures("demo")
def test_thandi_sees_places_of_hers_kept_moved_cancelled_and_past() -> None:
    ahead = {"event__starts_at__gt": NOW}
    assert of("Thandi", **ahead, event__state="planned", event__sequence=0) == ["joined"]
    assert of("Thandi", **ahead, event__state="planned", event__own_time=True) == ["joined"]
    assert of("Thandi", **ahead, event__state="cancelled") == ["joined"]
    assert of("Thandi", event__state="completed") == ["attended"]
    [cancelled] = ClinicEvent.objects.filter(state="cancelled")
    assert cancelled.cancel_reason and cancelled.next_notice_at is None
    [moved] = ClinicEvent.objects.filter(own_time=True)
    assert (moved.starts_at, moved.sequence) == (moved.original_start + timedelta(days=1), 1)


@pytest.mark.usefixtures("demo")
def test_pieter_waits_for_one_and_has_a_place_at_another() -> None:
    assert of("Pieter", event__starts_at__gt=NOW) == ["joined", "waiting"]


@pytest.mark.usefixtures("demo")
def test_a_single_event_belongs_to_no_series() -> None:
    [event] = ClinicEvent.objects.filter(series=None)
    event.full_clean()
    assert event.starts_at > NOW and event.title_en != event.title_af


@pytest.mark.usefixtures("demo")
def test_notices_of_the_past_do_not_go_out() -> None:
    assert not EventRecord.objects.filter(event_type__startswith="event.").exists()
    assert send_event_notices(now=NOW).startswith("0 events were due")
    assert generate(now=NOW).made == 0
    past = ClinicEvent.objects.filter(ends_at__lte=NOW)
    assert set(past.values_list("state", flat=True)) == {"completed"}
    assert {"attended", "no_show"} == set(
        Attendance.objects.filter(event__in=past).values_list("state", flat=True)
    )


@pytest.mark.usefixtures("demo")
def test_loading_it_again_changes_nothing() -> None:
    before = [model.objects.count() for model in (EventSeries, ClinicEvent, Attendance)]
    with time_machine.travel(NOW + timedelta(days=9), tick=False):
        call_command("load_demo", stdout=StringIO())
    assert [model.objects.count() for model in (EventSeries, ClinicEvent, Attendance)] == before
