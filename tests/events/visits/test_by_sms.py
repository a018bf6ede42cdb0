"""Somebody who has only a confirmed number: reminded of a visit by SMS, with the day, and answering by SMS."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.utils import timezone

from events.models import Visit
from events.visits.decide import visit_move
from events.visits.passing import pass_visits
from events.visits.plan import visit_plan
from home.invitation.services import Agreed, invitation_create, invitation_send
from home.models import CareRole, Relation
from medications.services.reminders import send_dose_reminders
from notifications.models import InboundMessage, NotificationPreferences
from notifications.pipeline.deliver import deliver, deliver_held
from notifications.pipeline.fan_out import fan_out
from notifications.replies.sms_replies import interpret_next
from tests.factories import CareRoleFactory, PatientFactory, UserFactory
from tests.medications.factories import DoseFactory, DoseScheduleFactory

pytestmark = pytest.mark.django_db

NUMBER = "+27825550142"
MONDAY = datetime(2026, 11, 30, 8, tzinfo=UTC)  # ten in Johannesburg
THURSDAY = date(2026, 12, 3)
REMINDER = (
    "A visit to the clinic is coming up: Thursday 3 December. Please bring the clinic card. "
    "Reply 4 I'll come, 5 I can't."
)


@pytest.fixture(autouse=True)
def clock(settings: Any, tmp_path: Path) -> Iterator[Any]:
    cache.clear()
    settings.SMS_PROVIDERS = ["file"]
    settings.SMS_FILE_PATH = tmp_path
    settings.SMS_REPLIES = True
    with time_machine.travel(MONDAY, tick=False) as clock:
        yield clock


@pytest.fixture
def role() -> CareRole:
    user = UserFactory(email=None, phone=NUMBER, phone_verified_at=MONDAY)
    return CareRoleFactory(user=user)


@pytest.fixture
def visit(role: CareRole) -> Visit:
    return visit_plan(patient_id=role.patient_id, kind="collection", day=THURSDAY, now=timezone.now())


def local(day: int, hour: int) -> datetime:
    return datetime(2026, 12, day, hour, tzinfo=UTC) - timedelta(hours=2)


def run() -> None:
    pass_visits(now=timezone.now())
    send_dose_reminders(now=timezone.now())
    while fan_out(now=timezone.now()).records:
        pass
    for send in (deliver, deliver_held):
        while send("sms", now=timezone.now()).taken:
            pass


def outbox(folder: Path) -> list[str]:
    """The texts of all SMS, in the order in which they were sent."""
    paths = sorted(folder.glob("*.txt"), key=lambda path: path.stat().st_mtime_ns)
    return [path.read_text().partition("\n\n")[2].strip() for path in paths]


def write(text: str) -> InboundMessage:
    row = InboundMessage.objects.create(
        sender=NUMBER,
        text=text,
        provider="file",
        provider_id=f"in-{InboundMessage.objects.count()}",
        received_at=timezone.now(),
        due_at=timezone.now(),
    )
    assert interpret_next(now=timezone.now())
    row.refresh_from_db()
    return row


@pytest.mark.parametrize("word", ["4", "Yes", "JA"])
def test_reminded_the_day_before_and_says_that_they_come(
    visit: Visit, clock: Any, tmp_path: Path, word: str
) -> None:
    clock.move_to(local(2, 9))
    run()
    assert outbox(tmp_path) == [REMINDER]
    assert len(REMINDER) <= 160

    clock.shift(timedelta(hours=1))
    row = write(word)

    assert (row.interpretation, row.reply) == ("answer", "Thank you. The clinic expects you.")
    visit.refresh_from_db()
    assert visit.is_confirmed()


def test_in_afrikaans_and_that_they_cannot_come(
    role: CareRole, visit: Visit, clock: Any, tmp_path: Path
) -> None:
    NotificationPreferences.objects.update_or_create(user=role.user, defaults={"language": "af"})
    clock.move_to(local(2, 9))
    run()
    [said] = outbox(tmp_path)
    assert said == (
        "'n Besoek aan die kliniek kom nader: Donderdag 3 Desember. Bring asseblief die kliniekkaart saam. "
        "Antwoord 4 ek kom, 5 ek kan nie."
    )
    assert write("5").interpretation == "answer"
    visit.refresh_from_db()
    assert (visit.state, visit.decided_side) == ("cancelled", "patient")


def test_told_of_the_day_that_the_clinic_chose_and_that_they_were_missed(
    role: CareRole, visit: Visit, clock: Any, tmp_path: Path
) -> None:
    visit_move(visit_id=visit.pk, day=date(2026, 12, 1), side="clinic", by=None, now=timezone.now())
    run()
    clock.move_to(local(2, 9))
    run()
    moved, missed = outbox(tmp_path)
    assert moved == "A visit to the clinic: Thursday 3 December is now Tuesday 1 December."
    assert missed == (
        "A visit to the clinic was missed: Tuesday 1 December. It is not too late: any weekday is fine."
    )


@pytest.mark.parametrize(("word", "state"), [("1", "taken"), ("2", "skipped")])
def test_a_dose_is_answered_also_once_a_visit_was_asked_about(
    role: CareRole, visit: Visit, clock: Any, tmp_path: Path, word: str, state: str
) -> None:
    """Nobody who skips the dose of eight cancels the visit of which they are reminded at nine."""
    dose = DoseFactory(schedule=DoseScheduleFactory(prescription__patient=role.patient), due_at=local(2, 8))
    for hour in (8, 9):
        clock.move_to(local(2, hour))
        run()
    assert outbox(tmp_path)[-1] == REMINDER

    clock.shift(timedelta(minutes=10))
    assert write(word).interpretation == "answer"

    visit.refresh_from_db()
    dose.refresh_from_db()
    assert (dose.state, visit.is_planned, visit.is_confirmed()) == (state, True, False)


@pytest.mark.parametrize(("word", "planned", "confirmed"), [("4", True, True), ("5", False, False)])
def test_a_visit_is_answered_also_once_a_dose_was_asked_about(
    role: CareRole, visit: Visit, clock: Any, word: str, planned: bool, confirmed: bool
) -> None:
    dose = DoseFactory(schedule=DoseScheduleFactory(prescription__patient=role.patient), due_at=local(2, 10))
    for hour in (9, 10):
        clock.move_to(local(2, hour))
        run()

    clock.shift(timedelta(minutes=10))
    assert write(word).interpretation == "answer"

    visit.refresh_from_db()
    dose.refresh_from_db()
    assert (dose.state, visit.is_planned, visit.is_confirmed()) == ("scheduled", planned, confirmed)


@pytest.mark.usefixtures("visit")
@pytest.mark.parametrize(("word", "accepted"), [("YES", 1), ("Nee", 0)])
def test_a_yes_or_no_is_first_about_a_number_that_waits(
    role: CareRole, clock: Any, word: str, accepted: int
) -> None:
    """The owner of the phone was asked at a desk whether it may be their mother's, too; and then of a visit."""
    mother = PatientFactory()
    asked = invitation_create(
        patient=mother,
        relation=Relation.CARER,
        phone=NUMBER,
        invited_by=None,
        now=timezone.now(),
        agreed=Agreed(("reminders", "sms"), "en", timezone.now()),
    )
    invitation_send(invitation_id=asked.pk, now=timezone.now())
    clock.move_to(local(2, 9))
    run()

    write(word)

    assert mother.care_roles.filter(user=role.user).count() == accepted
    assert Visit.objects.get().is_planned and not Visit.objects.get().is_confirmed()
    clock.shift(timedelta(minutes=1))
    assert write(word).interpretation == "answer"
    assert Visit.objects.get().is_planned == bool(accepted)
