"""The demo: when and where `load_demo` may be run, and what it leaves alone."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError

from home.models import User
from medications.demo.plans import soon_after
from medications.models import Dose, StockBatch
from medications.services.reminders import send_dose_reminders
from medications.services.stock_warnings import send_expiry_warnings, send_low_stock_warnings
from notifications.models import Delivery, EventRecord, Notification
from notifications.pipeline.fan_out import fan_out
from tests.demo import NOW
from tests.factories import ClinicFactory, UserFactory
from tests.medications.test_demo import load, user

pytestmark = pytest.mark.django_db


@pytest.fixture
def _trial(settings: Any) -> None:
    settings.DEBUG = True


def test_it_is_not_loaded_where_debug_is_off_unless_forced(settings: Any) -> None:
    settings.DEBUG = False
    with pytest.raises(CommandError, match="not loaded where DEBUG is off"):
        load()
    assert not User.objects.exists()
    assert load("--force").startswith("The demo is loaded: 2 clinics")
    assert user("thandi")


@pytest.mark.usefixtures("_trial")
@pytest.mark.parametrize(("weekday", "hour"), list(enumerate([0, 5, 11, 19, 23, 0, 8])))
def test_it_loads_at_any_time_of_the_week_and_leaves_nothing_that_would_go_out_but_what_lies_ahead(
    weekday: int, hour: int
) -> None:
    now = datetime(2026, 11, 23 + weekday, hour, 58, 31, tzinfo=UTC)
    with time_machine.travel(now, tick=False) as clock:
        load()
        assert not EventRecord.objects.filter(finished_at__isnull=True, due_at__lte=now).exists()
        assert not Delivery.objects.filter(finished_at__isnull=True).exists()
        unsent = Notification.objects.exclude(scheduled_status="sent")
        assert not unsent.filter(scheduled_at__lt=now + timedelta(days=1)).exists()
        assert not Notification.objects.filter(sent_at__gt=now).exists()
        past = Dose.objects.filter(due_at__lte=now)
        assert not past.filter(next_reminder_at__isnull=False).exists()
        assert set(past.values_list("state", flat=True)) == {"taken", "skipped", "missed"}
        done = send_dose_reminders(now=now)
        assert (done.reminded, done.unanswered, done.missed) == (0, 0, 0)
        assert (send_low_stock_warnings(now=now), send_expiry_warnings(now=now)) == (0, 0)
        clock.shift(1)
        assert fan_out(now=now + timedelta(seconds=1)).records == 0


@pytest.mark.parametrize("second", range(0, 60, 7))
def test_the_dose_to_be_watched_is_due_at_a_full_minute_about_two_minutes_away(second: int) -> None:
    now = NOW.replace(second=second)
    at = soon_after(now)
    assert (at.second, at.microsecond) == (0, 0)
    assert timedelta(seconds=90) <= at - now <= timedelta(seconds=150)


@pytest.mark.usefixtures("_trial")
def test_the_dose_to_be_watched_may_fall_on_the_other_side_of_midnight() -> None:
    now = datetime(2026, 11, 24, 21, 59, 10, tzinfo=UTC)
    with time_machine.travel(now, tick=False):
        load()
    due = Dose.objects.filter(prescription__medicine__name_en="Vitamin D")
    assert set(due.values_list("due_at", "state")) == {
        (datetime(2026, 11, 24, 22, 1, tzinfo=UTC), "scheduled")
    }


@pytest.mark.usefixtures("_trial")
def test_beside_a_clinic_that_is_there_it_leaves_its_rows_alone() -> None:
    clinic = ClinicFactory()
    person = UserFactory()
    load()
    assert not Notification.objects.filter(recipient=person).exists()
    assert clinic.patients.count() == 0
    assert not StockBatch.objects.filter(clinic=clinic).exists()
