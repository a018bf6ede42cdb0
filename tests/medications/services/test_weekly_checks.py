"""A question a week instead of an SMS for each dose, for who has nothing but a plain phone."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from home.models import CareRole, Clinic, Patient, Relation, User
from home.worklist.reasons import worklist_reason
from medications.models import Dose, WeeklyCheck
from medications.recipients.weekly_checks import _unanswered
from medications.services.reminders import send_dose_reminders
from medications.services.weekly_checks import ask_about_the_week, check_answer
from notifications.models import ChannelChoice, Delivery, InboundMessage, Notification
from notifications.pipeline.deliver import deliver, deliver_held
from notifications.pipeline.fan_out import fan_out
from notifications.preferences.settings import preferences_update
from notifications.replies.sms_replies import interpret_next
from tests.factories import CareRoleFactory, ClinicFactory, PatientFactory, UserFactory
from tests.medications.factories import DoseFactory, DoseScheduleFactory

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 23, 10, tzinfo=timezone.get_fixed_timezone(120))
"""Monday at 10:00 in Johannesburg."""
NUMBER = "+27825550142"
QUESTION = "Your clinic asks: how did this week go? Reply 1 all is well, 2 call me."
_ids = count()


@pytest.fixture(autouse=True)
def clock(settings: Any, tmp_path: Path) -> Iterator[time_machine.Traveller]:
    settings.SMS_PROVIDERS, settings.SMS_FILE_PATH, settings.SMS_REPLIES = ["file"], tmp_path, True
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


@pytest.fixture
def clinic() -> Clinic:
    return ClinicFactory(dose_sms=Clinic.DoseSms.WEEKLY)


def treated(clinic: Clinic, *, phone: str | None = NUMBER, **user: Any) -> CareRole:
    """Somebody who had a dose yesterday."""
    account = UserFactory(phone=phone, **{"email": None, **user})
    role = CareRoleFactory(user=account, patient=PatientFactory(clinic=clinic))
    dose(role.patient, NOW - timedelta(days=1), state=Dose.State.TAKEN, next_reminder_at=None)
    return role


def dose(patient: Patient, at: datetime, **fields: Any) -> Dose:
    schedule = DoseScheduleFactory(prescription__patient=patient)
    return DoseFactory(schedule=schedule, due_at=at, **fields)


def run() -> None:
    ask_about_the_week(now=timezone.now())
    send_dose_reminders(now=timezone.now())
    for _ in range(2):  # doses go before questions
        fan_out(now=timezone.now())
    for send in (deliver, deliver_held):
        while send("sms", now=timezone.now()).taken:
            pass


def outbox(folder: Path) -> list[str]:
    return [path.read_text().partition("\n\n")[2].strip() for path in sorted(folder.glob("*.txt"))]


def write(text: str) -> InboundMessage:
    row = InboundMessage.objects.create(
        sender=NUMBER,
        text=text,
        provider="file",
        provider_id=f"in-{next(_ids)}",
        received_at=timezone.now(),
        due_at=timezone.now(),
    )
    assert interpret_next(now=timezone.now())
    row.refresh_from_db()
    return row


def on_the_list(clinic: Clinic) -> list[tuple[int, date, str]]:
    reason = worklist_reason("weekly_check")
    assert reason is not None
    with translation.override("en"):
        return [
            (each.patient_id, each.since, reason.words(each.facts))
            for each in reason.select([clinic.pk], timezone.now())
        ]


def test_one_question_a_week_and_no_sms_for_each_dose(
    clinic: Clinic, tmp_path: Path, clock: time_machine.Traveller
) -> None:
    role = treated(clinic)
    dose(role.patient, NOW + timedelta(minutes=30))
    for minutes in (0, 15, 30, 45):
        clock.move_to(NOW + timedelta(minutes=minutes))
        run()
    assert outbox(tmp_path) == [QUESTION]
    reminder = Notification.objects.filter(event_type="medication.dose_due").first()
    assert reminder is not None
    assert {"channel": "sms", "send": False, "reason": "asked_weekly", "send_at": None} in reminder.routing
    clock.move_to(NOW + timedelta(days=7))
    dose(role.patient, NOW + timedelta(days=6), state=Dose.State.TAKEN, next_reminder_at=None)
    run()
    assert outbox(tmp_path) == [QUESTION] * 2


def test_all_is_well(clinic: Clinic, clock: time_machine.Traveller) -> None:
    treated(clinic)
    run()
    clock.move_to(NOW + timedelta(hours=30))
    assert write("1").reply == "Thank you. We are glad to hear it."
    check = WeeklyCheck.objects.get()
    assert (check.answer, check.answered_at) == ("well", NOW + timedelta(hours=30))
    clock.move_to(NOW + timedelta(days=3))
    assert on_the_list(clinic) == []


def test_who_asks_for_a_call_is_on_the_list_at_once(clinic: Clinic, clock: time_machine.Traveller) -> None:
    role = treated(clinic)
    run()
    assert on_the_list(clinic) == []
    assert write("2").reply == "Noted. Your clinic sees that you want a call."
    assert on_the_list(clinic) == [(role.patient_id, date(2026, 11, 23), "Asks to be called")]
    assert on_the_list(ClinicFactory()) == []
    clock.move_to(NOW + timedelta(minutes=5))
    write("1")
    assert on_the_list(clinic) == []


def test_nobody_takes_back_the_wish_of_somebody_else_to_be_called(
    clinic: Clinic, clock: time_machine.Traveller
) -> None:
    role = treated(clinic)
    carer = CareRoleFactory(patient=role.patient, relation=Relation.CARER).user
    run()
    write("2")
    week = WeeklyCheck.objects.get().week

    def answers(user: User, answer: str) -> bool | None:
        return check_answer(patient_id=role.patient_id, week=week, answer=answer, user=user, now=NOW)

    assert answers(carer, "well") is False, "who comes second is told that nothing was changed"
    check = WeeklyCheck.objects.get()
    assert (check.answer, check.answered_by) == ("call", role.user)
    assert on_the_list(clinic) == [(role.patient_id, date(2026, 11, 23), "Asks to be called")]
    assert answers(role.user, "well") is True
    assert answers(carer, "call") is True
    assert answers(role.user, "well") is False
    assert len(on_the_list(clinic)) == 1


@pytest.mark.parametrize("first", ["patient", "carer"])
def test_when_both_ask_to_be_called_the_one_takes_back_no_wish_but_their_own(
    clinic: Clinic, clock: time_machine.Traveller, first: str
) -> None:
    role = treated(clinic)
    carer = CareRoleFactory(patient=role.patient, relation=Relation.CARER).user
    run()
    week = WeeklyCheck.objects.get().week
    one, other = (role.user, carer) if first == "patient" else (carer, role.user)

    def answers(user: User, answer: str) -> bool | None:
        return check_answer(patient_id=role.patient_id, week=week, answer=answer, user=user, now=NOW)

    assert [answers(one, "call"), answers(other, "call"), answers(other, "call")] == [True, True, False]
    assert [answers(one, "well"), answers(one, "well")] == [True, False]
    assert on_the_list(clinic) == [(role.patient_id, date(2026, 11, 23), "Asks to be called")]
    assert answers(other, "well") is True
    assert on_the_list(clinic) == []
    check = WeeklyCheck.objects.get()
    assert (check.answer, check.answered_by, check.call_wanted_by) == ("well", other, [])


def test_a_wish_of_before_is_that_of_who_answered(clinic: Clinic) -> None:
    role = treated(clinic)
    run()
    write("2")
    WeeklyCheck.objects.update(call_wanted_by=[])
    week = WeeklyCheck.objects.get().week
    given = check_answer(patient_id=role.patient_id, week=week, answer="well", user=role.user, now=NOW)
    assert given is True and on_the_list(clinic) == []


def test_the_wish_of_who_has_no_account_any_more_stands(clinic: Clinic) -> None:
    role = treated(clinic)
    run()
    write("2")
    WeeklyCheck.objects.update(answered_by=None, call_wanted_by=[])
    week = WeeklyCheck.objects.get().week
    given = check_answer(patient_id=role.patient_id, week=week, answer="well", user=role.user, now=NOW)
    assert given is False and len(on_the_list(clinic)) == 1


def test_a_question_about_somebody_who_was_erased_is_not_sent_any_more(clinic: Clinic) -> None:
    role = treated(clinic)
    ask_about_the_week(now=NOW)
    data = [
        {"patient_id": each.patient_id, "week": each.week.isoformat()} for each in WeeklyCheck.objects.all()
    ]
    assert list(_unanswered(data)) == [(role.patient_id, date(2026, 11, 23))]
    Patient.objects.update(erased_at=NOW)
    assert _unanswered(data) == {}


def test_who_does_not_answer_is_on_the_list_after_two_days(
    clinic: Clinic, clock: time_machine.Traveller
) -> None:
    role = treated(clinic)
    run()
    clock.move_to(NOW + timedelta(hours=47, minutes=59))
    assert on_the_list(clinic) == []
    clock.move_to(NOW + timedelta(hours=48))
    assert on_the_list(clinic) == [(role.patient_id, date(2026, 11, 23), "No answer to the weekly question")]
    clock.move_to(NOW + timedelta(days=7))
    assert on_the_list(clinic) == []


@pytest.mark.parametrize(
    "why", ["each", "no answers", "e-mail", "off", "no consent", "dead", "moved", "no doses"]
)
def test_who_is_not_asked(clinic: Clinic, settings: Any, why: str, tmp_path: Path) -> None:
    role = treated(clinic)
    if why == "each":
        Clinic.objects.update(dose_sms=Clinic.DoseSms.EACH)
    elif why == "no answers":
        settings.SMS_REPLIES = False
    elif why == "e-mail":
        type(role.user).objects.update(email="pieter@example.org", email_verified_at=NOW)
    elif why == "off":
        ChannelChoice.objects.create(user=role.user, category="medication", channel="sms", on=False)
    elif why == "no consent":
        role.user.consents.filter(purpose="reminders").update(withdrawn_at=NOW)
    elif why == "dead":
        Patient.objects.update(deceased_on=NOW.date())
    elif why == "moved":
        Patient.objects.update(left_on=NOW.date(), left_why="moved")
    else:
        Dose.objects.all().delete()
    run()
    assert outbox(tmp_path) == []
    assert not WeeklyCheck.objects.exists()


def test_where_nobody_can_answer_each_dose_comes_by_sms(
    clinic: Clinic, settings: Any, tmp_path: Path
) -> None:
    settings.SMS_REPLIES = False
    dose(treated(clinic).patient, NOW)
    run()
    assert len(outbox(tmp_path)) == 1


def test_quiet_hours_hold_it(clinic: Clinic, tmp_path: Path, clock: time_machine.Traveller) -> None:
    role = treated(clinic)
    hours = {
        "quiet_hours_enabled": True,
        "quiet_hours_start": time(9),
        "quiet_hours_end": time(12),
    }
    preferences_update(user_id=role.user_id, changes=hours, now=timezone.now())
    run()
    assert outbox(tmp_path) == []
    clock.move_to(NOW + timedelta(hours=2))
    run()
    assert outbox(tmp_path) == [QUESTION]


def test_twice_is_once_and_queries_do_not_grow(clinic: Clinic) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as context:
            ask_about_the_week(now=NOW)
        return len(context)

    treated(clinic)
    first = queries()
    for number in range(5):
        treated(clinic, phone=f"+2782555020{number}")
    assert queries() == first
    assert ask_about_the_week(now=NOW) == 0
    assert WeeklyCheck.objects.count() == 6


def test_an_unreadable_zone_holds_up_nobody(clinic: Clinic) -> None:
    role = treated(clinic)
    treated(clinic, phone="+27825550201")
    Patient.objects.filter(pk=role.patient_id).update(timezone="Mars/Olympus")
    assert ask_about_the_week(now=NOW) == 2


def test_a_stranger_answers_nothing(clinic: Clinic) -> None:
    role = treated(clinic)
    run()
    CareRole.objects.all().delete()
    assert write("2").interpretation == "late"
    assert WeeklyCheck.objects.get(patient=role.patient_id).answer == ""
    assert Delivery.objects.count() == 1
