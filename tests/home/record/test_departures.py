"""Died, moved away, lost, back: what follows is shown first, and done by the same code."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from wagtail.models import ModelLogEntry

from home.models import Patient
from home.record.departures import Departure, departure_carry_out, departure_plan
from home.record.log_entries import DEPARTURE
from medications.models import Dose
from medications.services.expansion import expand_doses
from notifications.models import Delivery, Notification
from tests.home.conftest import Cast
from tests.medications.factories import DoseScheduleFactory, PrescriptionFactory, times
from tests.notifications.factories import DeliveryFactory, NotificationFactory

pytestmark = pytest.mark.django_db


def say(patient: Patient, what: Departure, on: date | None = None, **given: Any) -> list[str]:
    now = given.pop("now", timezone.now())
    day = None if what == Departure.BACK else (on or timezone.localdate(now))
    return departure_carry_out(patient_id=patient.pk, what=what, on=day, by=None, now=now)


def with_doses(patient: Patient) -> Any:
    prescription = PrescriptionFactory(patient=patient, start_date=timezone.localdate())
    DoseScheduleFactory(prescription=prescription, rule=times("08:00", "20:00"))
    expand_doses(now=timezone.now(), prescriptions=[prescription.pk])
    return Dose.objects.filter(patient=patient, state="scheduled", due_at__gt=timezone.now())


def waiting(patient: Patient) -> tuple[Notification, Delivery]:
    about = {"scope_id": patient.clinic_id, "subject_id": patient.pk}
    scheduled = NotificationFactory(
        **about, scheduled_status="pending", sent_at=None, scheduled_at=timezone.now() + timedelta(days=1)
    )
    delivery = DeliveryFactory(notification=NotificationFactory(**about), channel="sms", state="retry")
    return scheduled, delivery


def test_what_ended_long_ago_does_not_rest(cast: Cast) -> None:
    today = timezone.localdate()
    PrescriptionFactory(
        patient=cast.pieter, start_date=today - timedelta(days=90), end_date=today - timedelta(days=60)
    )
    words = say(cast.pieter, Departure.MOVED)
    assert not [each for each in words if "prescription" in each]


@pytest.mark.parametrize("what", [Departure.DIED, Departure.MOVED])
def test_who_died_or_moved_is_reminded_of_nothing(cast: Cast, what: Departure) -> None:
    doses = with_doses(cast.pieter)
    planned = doses.count()
    assert planned
    scheduled, delivery = waiting(cast.pieter)
    others, _other = waiting(cast.zanele)

    words = say(cast.pieter, what)

    assert doses.count() == 0
    scheduled.refresh_from_db()
    delivery.refresh_from_db()
    others.refresh_from_db()
    assert (scheduled.scheduled_status, delivery.state) == ("cancelled", "cancelled")
    assert others.scheduled_status == "pending"
    assert "2 messages that wait to go out are called off." in words
    assert f"{planned} doses to come are taken out of the plan." in words
    assert expand_doses(now=timezone.now() + timedelta(days=3)) == 0


def test_a_mistake_is_taken_back_as_a_whole(cast: Cast) -> None:
    doses = with_doses(cast.pieter)
    planned = set(doses.values_list("due_at", flat=True))
    say(cast.pieter, Departure.DIED)

    words = say(cast.pieter, Departure.BACK)

    assert set(doses.values_list("due_at", flat=True)) == planned
    assert "The day of death is taken out: it was a mistake." in words
    cast.pieter.refresh_from_db()
    assert cast.pieter.deceased_on is None


def test_who_is_lost_is_reminded_still(cast: Cast) -> None:
    doses = with_doses(cast.pieter)
    planned = doses.count()
    scheduled, _delivery = waiting(cast.pieter)

    words = say(cast.pieter, Departure.LOST)

    scheduled.refresh_from_db()
    assert (doses.count(), scheduled.scheduled_status) == (planned, "pending")
    assert "Reminders go on: they may bring the patient back." in words
    cast.pieter.refresh_from_db()
    assert cast.pieter.is_in_care


def test_the_plan_says_what_is_done_and_does_nothing(cast: Cast) -> None:
    doses = with_doses(cast.pieter)
    planned, now = doses.count(), timezone.now()
    scheduled, _delivery = waiting(cast.pieter)

    plan = departure_plan(patient_id=cast.pieter.pk, what=Departure.DIED, on=timezone.localdate(now), now=now)

    scheduled.refresh_from_db()
    cast.pieter.refresh_from_db()
    assert (doses.count(), scheduled.scheduled_status) == (planned, "pending")
    assert cast.pieter.deceased_on is None
    assert not ModelLogEntry.objects.filter(action=DEPARTURE).exists()
    assert say(cast.pieter, Departure.DIED, now=now) == plan


@pytest.mark.parametrize(
    ("day", "said"),
    [
        (date(1949, 1, 1), "This is before the date of birth."),
        (date(2999, 1, 1), "This day is still to come."),
    ],
)
def test_a_day_that_cannot_be_changes_nothing(cast: Cast, day: date, said: str) -> None:
    with pytest.raises(ValidationError) as refused:
        say(cast.pieter, Departure.DIED, day)

    assert refused.value.message_dict == {"on": [said]}
    cast.pieter.refresh_from_db()
    assert cast.pieter.deceased_on is None


def test_it_is_said_once(cast: Cast) -> None:
    say(cast.pieter, Departure.DIED)

    with pytest.raises(ValidationError, match="said of the patient before"):
        say(cast.pieter, Departure.MOVED)


def test_the_page_shows_what_follows_before_the_button(at_desk: Client, cast: Cast) -> None:
    with_doses(cast.pieter)
    address = reverse("patients:died", args=[cast.pieter.pk])

    shown = at_desk.get(address).content.decode()
    tomorrow = timezone.localdate() + timedelta(days=1)
    refused = at_desk.post(address, {"on": tomorrow.strftime("%d/%m/%Y")})
    cast.pieter.refresh_from_db()
    still_alive = cast.pieter.deceased_on
    done = at_desk.post(address, {"on": timezone.localdate().strftime("%d/%m/%Y")})

    assert "Nobody is told automatically." in shown
    assert "This day is still to come." in refused.content.decode()
    assert still_alive is None
    assert done.headers["Location"] == reverse("patients:record", args=[cast.pieter.pk])
    cast.pieter.refresh_from_db()
    assert cast.pieter.deceased_on == timezone.localdate()
    page = at_desk.get(done.headers["Location"]).content.decode()
    assert "died on" in page
    assert "recorded that the patient died" in page
    assert reverse("patients:moved", args=[cast.pieter.pk]) not in page


def test_what_was_said_already_leads_back(at_desk: Client, cast: Cast) -> None:
    say(cast.pieter, Departure.DIED)

    answer = at_desk.post(reverse("patients:moved", args=[cast.pieter.pk]), {"on": "1/11/2026"})

    assert answer.headers["Location"] == reverse("patients:record", args=[cast.pieter.pk])
    cast.pieter.refresh_from_db()
    assert cast.pieter.left_on is None


def test_what_a_colleague_says_at_the_same_moment_leads_back(
    at_desk: Client, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As with two clicks: each has looked before the first is carried out."""
    monkeypatch.setattr("home.admin.departures.departures_of", lambda patient: list(Departure))
    say(cast.pieter, Departure.DIED)
    record = reverse("patients:record", args=[cast.pieter.pk])
    address = reverse("patients:died", args=[cast.pieter.pk])

    today = timezone.localdate().strftime("%d/%m/%Y")
    for act in (lambda: at_desk.post(address, {"on": today}), lambda: at_desk.get(address)):
        assert act().headers["Location"] == record
        assert "This was said of the patient before." in at_desk.get(record).content.decode()
    assert ModelLogEntry.objects.filter(action=DEPARTURE).count() == 1


def test_a_death_is_taken_back_by_a_nurse_for_a_month_and_then_by_a_manager(
    client: Client, cast: Cast
) -> None:
    say(cast.pieter, Departure.DIED)
    ModelLogEntry.objects.filter(action=DEPARTURE).update(timestamp=timezone.now() - timedelta(days=31))
    address = reverse("patients:back", args=[cast.pieter.pk])

    client.force_login(cast.nurse)
    client.post(address)
    cast.pieter.refresh_from_db()
    assert cast.pieter.deceased_on is not None

    client.force_login(cast.manager)
    client.post(address)
    cast.pieter.refresh_from_db()
    assert cast.pieter.deceased_on is None
