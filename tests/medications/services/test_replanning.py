"""A dose keeps its identity when its plan changes: nothing is doubled, and nothing vanishes unrecorded."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from home.clocks.marks import clocks_mark
from home.clocks.moving import clocks_move_next
from home.models import Clinic, ClockChange, Patient
from medications.models import Dose, DoseSchedule, Prescription
from medications.rules.examples import replanning
from medications.rules.replanning import Start
from medications.services.answers import dose_snooze, dose_take, dose_undo
from medications.services.expansion import expand_doses
from medications.services.prescriptions import prescription_changed
from medications.services.reminders import send_dose_reminders
from medications.services.replanning import replace_doses
from notifications.models import EventRecord
from notifications.preferences.settings import preferences_update
from tests.factories import CareRoleFactory, PatientFactory
from tests.medications.factories import DoseScheduleFactory, VaccinationRecordFactory, times

pytestmark = pytest.mark.django_db

JOHANNESBURG = ZoneInfo("Africa/Johannesburg")
WEEK_BEFORE = datetime(2026, 11, 16, 20, tzinfo=JOHANNESBURG)  # a Monday evening
MONDAY = date(2026, 11, 23)
TUESDAY = date(2026, 11, 24)
EVERY_3 = {"kind": "every_n_days", "n": 3, "start_date": "2026-11-24"}
CYCLE = {"kind": "cycle", "on": 1, "off": 6, "start_date": "2026-11-24"}


def at(text: str, zone: str = "Africa/Johannesburg") -> datetime:
    """ "24 08:02" is that time of 24 November 2026."""
    return datetime.strptime(f"2026-11-{text}", "%Y-%m-%d %H:%M").replace(tzinfo=ZoneInfo(zone))


def prescribed(*rules: dict[str, Any], before: datetime = WEEK_BEFORE) -> Prescription:
    """A prescription with these schedules, whose doses were made the week before."""
    patient = PatientFactory()
    first = DoseScheduleFactory(prescription__patient=patient, rule=rules[0])
    for rule in rules[1:]:
        DoseScheduleFactory(prescription=first.prescription, rule=rule)
    expand_doses(now=before)
    return first.prescription


def settle(prescription: Prescription, until: datetime, *answers: str) -> None:
    """All doses before this time as they would be then: these ("24 08:00 taken") as given, the rest missed."""
    before = prescription.doses.filter(due_at__lt=until)
    before.update(state=Dose.State.MISSED, next_reminder_at=None, reminders_sent=3)
    for answer in answers:
        day, hour, state = answer.split()
        found = prescription.doses.filter(due_at=at(f"{day} {hour}"))
        if state == "open":
            found = found.filter(due_at__lte=until)
            changed = found.update(
                state=Dose.State.SCHEDULED, reminders_sent=1, next_reminder_at=until + timedelta(minutes=10)
            )
        else:
            changed = found.update(state=state, next_reminder_at=None, answered_at=until)
        assert changed, answer


def week(prescription: Prescription, zone: str = "Africa/Johannesburg", *days: int) -> list[str]:
    """What there is from Monday 23 to Sunday 29 November, as "24 08:00 taken"."""
    doses = prescription.doses.filter(due_at__gte=at("23 00:00", zone), due_at__lt=at("30 00:00", zone))
    shown = []
    for dose in doses.order_by("due_at"):
        due_at = dose.due_at.astimezone(ZoneInfo(zone))
        if not days or due_at.day in days:
            shown.append(f"{due_at:%d %H:%M} {dose.state}")
    return shown


def rewrite(prescription: Prescription, *rules: dict[str, Any]) -> None:
    """Give the prescription these schedules: the first keep their rows, as in the form."""
    schedules = list(prescription.schedules.order_by("id"))
    for schedule, rule in zip(schedules, rules, strict=False):
        DoseSchedule.objects.filter(pk=schedule.pk).update(rule=rule)
    for schedule in schedules[len(rules) :]:
        DoseSchedule.objects.filter(pk=schedule.pk).delete()
    for rule in rules[len(schedules) :]:
        DoseScheduleFactory(prescription=prescription, rule=rule)


DAILY = times("08:00")
TWICE = times("08:00", "20:00")
WEEKLY = times("08:00", quantity="4", weekdays=[0])


def said(doses: Iterable[replanning.Seen]) -> list[str]:
    return [f"{each.day} {each.at} {each.state}" for each in doses]


CHANGES = {
    # What staff read in words (medications/admin/rule_pages/doses.py), and more.
    **{
        each.name: (
            each.before, said(each.answered), "{} {}".format(*each.now), each.after, each.days, said(each.doses)
        )
        for each in replanning.CHANGES
    },
    # name: plan before, answers, when, plan after, the days looked at, the doses of these days
    "daily, skipped, moved by an hour": (
        [DAILY], ["24 08:00 skipped"], "24 08:05", [times("09:00")], [24, 25],
        ["24 08:00 skipped", "25 09:00 scheduled"],
    ),
    "daily, open, moved to an hour that has passed": (
        [DAILY], ["24 08:00 open"], "24 08:05", [times("07:00")], [24, 25],
        ["24 08:00 scheduled", "25 07:00 scheduled"],
    ),
    "weekly, taken, moved to the evening": (
        [WEEKLY], ["23 08:00 taken"], "23 12:00", [times("20:00", quantity="4", weekdays=[0])], [],
        ["23 08:00 taken"],
    ),
    "weekly, ahead, moved to Friday": (
        [times("08:00", weekdays=[2])], [], "24 08:10", [times("08:00", weekdays=[4])], [],
        ["27 08:00 scheduled"],
    ),
    "three days a week, one taken, moved by a day": (
        [times("08:00", weekdays=[0, 2, 4])], ["23 08:00 taken"], "23 12:00",
        [times("08:00", weekdays=[1, 3, 5])], [],
        ["23 08:00 taken", "26 08:00 scheduled", "28 08:00 scheduled"],
    ),
    "twice daily, morning open, both moved by an hour": (
        [TWICE], ["24 08:00 open"], "24 08:10", [times("09:00", "21:00")], [24],
        ["24 09:00 scheduled", "24 21:00 scheduled"],
    ),
    "twice daily, evening taken ahead, both moved by an hour": (
        [TWICE], ["24 20:00 taken"], "24 07:00", [times("09:00", "21:00")], [24],
        ["24 09:00 scheduled", "24 20:00 taken"],
    ),
    "twice daily, both answered, now three times": (
        [times("08:00", "13:00")], ["24 08:00 taken", "24 13:00 skipped"], "24 14:00",
        [times("08:00", "13:00", "20:00")], [24],
        ["24 08:00 taken", "24 13:00 skipped", "24 20:00 scheduled"],
    ),
    "a schedule added": (
        [DAILY], ["24 08:00 taken"], "24 12:00", [DAILY, times("20:00")], [24],
        ["24 08:00 taken", "24 20:00 scheduled"],
    ),
    "a schedule removed": (
        [DAILY, times("20:00")], ["24 08:00 taken"], "24 12:00", [DAILY], [24, 25],
        ["24 08:00 taken", "25 08:00 scheduled"],
    ),
    "every third day, taken, counted from the next day": (
        [times("08:00") | EVERY_3], ["24 08:00 taken"], "24 12:00",
        [times("08:00") | EVERY_3 | {"start_date": "2026-11-25"}], [],
        ["24 08:00 taken", "28 08:00 scheduled"],
    ),
    "a cycle, taken, moved by two days": (
        [times("08:00") | CYCLE], ["24 08:00 taken"], "24 12:00",
        [times("08:00") | CYCLE | {"start_date": "2026-11-26"}], [], ["24 08:00 taken"],
    ),
    "in steps, taken, moved to the evening": (
        [{"kind": "taper", "times": ["08:00"], "start_date": "2026-11-20",
          "steps": [{"quantity": "2", "days": 10}]}],
        ["24 08:00 taken"], "24 12:00",
        [{"kind": "taper", "times": ["20:00"], "start_date": "2026-11-20",
          "steps": [{"quantity": "2", "days": 10}]}],
        [24, 25], ["24 08:00 taken", "25 20:00 scheduled"],
    ),
    "every eight hours, one taken, counted from an hour later": (
        [{"kind": "interval", "hours": 8, "first": "2026-11-16T06:00:00+02:00", "quantity": "1"}],
        ["24 06:00 taken"], "24 06:30",
        [{"kind": "interval", "hours": 8, "first": "2026-11-16T07:00:00+02:00", "quantity": "1"}], [24],
        ["24 06:00 taken", "24 15:00 scheduled", "24 23:00 scheduled"],
    ),
    "no more doses today: the open one asks no more": (
        [DAILY], ["24 08:00 open"], "24 08:10", [times("08:00", start_date="2026-11-26")], [24, 25, 26],
        ["24 08:00 unanswered", "26 08:00 scheduled"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_of_the_plan(name: str) -> None:
    before, answers, now, after, days, doses = CHANGES[name]
    prescription = prescribed(*before)
    settle(prescription, at(now), *answers)
    rewrite(prescription, *after)
    prescription_changed(prescription_id=prescription.pk, now=at(now))
    monday = [] if "23" in " ".join(doses) else [23]
    assert [
        each for each in week(prescription, "Africa/Johannesburg", *days) if int(each[:2]) not in monday
    ] == doses
    again = list(Dose.objects.order_by("id").values())
    prescription_changed(prescription_id=prescription.pk, now=at(now))
    assert list(Dose.objects.order_by("id").values()) == again


@pytest.mark.parametrize("name", CHANGES)
def test_removing_a_schedule_and_adding_another_is_a_change_too(name: str) -> None:
    before, answers, now, after, days, doses = CHANGES[name]
    prescription = prescribed(*before)
    settle(prescription, at(now), *answers)
    prescription.schedules.all().delete()
    for rule in after:
        DoseScheduleFactory(prescription=prescription, rule=rule)
    prescription_changed(prescription_id=prescription.pk, now=at(now))
    monday = [] if "23" in " ".join(doses) else [23]
    assert [
        each for each in week(prescription, "Africa/Johannesburg", *days) if int(each[:2]) not in monday
    ] == doses


JOURNEYS = {
    **{
        each.name: (
            each.before[0], said(each.answered), "{} {}".format(*each.now), each.zone, each.days, said(each.doses)
        )
        for each in replanning.JOURNEYS
    },
    # name: plan, answers, when in Johannesburg, where to, the days looked at, the doses there
    "west over midnight": (
        DAILY, ["23 08:00 taken"], "24 00:30", "America/New_York", [23, 24, 25],
        ["23 01:00 taken", "24 08:00 scheduled", "25 08:00 scheduled"],
    ),
    "east after the morning's": (
        TWICE, ["24 08:00 taken"], "24 08:10", "Asia/Tokyo", [24, 25],
        ["24 03:00 missed", "24 15:00 taken", "24 20:00 scheduled", "25 08:00 scheduled", "25 20:00 scheduled"],
    ),
    "east, where the morning's would be too near to the evening's": (
        TWICE, ["23 20:00 taken"], "24 07:30", "Asia/Tokyo", [24],
        ["24 03:00 taken", "24 08:00 unanswered", "24 20:00 scheduled"],
    ),
    "east over midnight, the evening's still open": (
        times("22:00"), ["22 22:00 taken"], "23 18:00", "Asia/Tokyo", [23, 24],
        ["23 05:00 taken", "24 01:00 scheduled", "24 22:00 scheduled"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", JOURNEYS)
def test_a_journey(name: str, django_capture_on_commit_callbacks: Any) -> None:
    rule, answers, now, zone, days, doses = JOURNEYS[name]
    prescription = prescribed(rule)
    settle(prescription, at(now), *answers)
    with (
        time_machine.travel(at(now).astimezone(UTC), tick=False),
        django_capture_on_commit_callbacks(execute=True),
    ):
        patient = Patient.objects.get()
        patient.timezone = zone
        patient.save()
    assert week(prescription, zone, *days) == doses


def test_there_and_back_by_the_settings_leaves_one_dose(django_capture_on_commit_callbacks: Any) -> None:
    prescription = prescribed(times("evening"))
    user = CareRoleFactory(patient=prescription.patient).user
    settle(prescription, at("24 20:05"), "24 20:00 open")
    dose = prescription.doses.get(due_at=at("24 20:00"))
    for minute, zone in (("20:05", "Europe/London"), ("20:10", "Africa/Johannesburg")):
        now = at(f"24 {minute}").astimezone(UTC)
        with time_machine.travel(now, tick=False), django_capture_on_commit_callbacks(execute=True):
            preferences_update(user_id=user.pk, changes={"timezone": zone}, now=now)
    assert week(prescription, "Africa/Johannesburg", 24, 25) == ["24 20:10 scheduled", "25 20:00 scheduled"]
    dose.refresh_from_db()
    assert (dose.due_at, dose.local_day) == (at("24 20:10"), TUESDAY)


class TestNagging:
    @pytest.fixture
    def dose(self) -> Dose:
        """Reminded of at 08:00, and then moved to 09:00."""
        prescription = prescribed(DAILY)
        CareRoleFactory(patient=prescription.patient)
        settle(prescription, at("24 08:00"))
        send_dose_reminders(now=at("24 08:00"))
        dose = prescription.doses.get(due_at=at("24 08:00"))
        rewrite(prescription, times("09:00"))
        prescription_changed(prescription_id=prescription.pk, now=at("24 08:05"))
        dose.refresh_from_db()
        return dose

    def test_the_dose_moves_with_it_and_keeps_its_id(self, dose: Dose) -> None:
        assert (dose.due_at, dose.next_reminder_at) == (at("24 09:00"), at("24 09:00"))
        assert (dose.reminders_sent, dose.missed_at) == (1, at("24 11:00"))
        assert dose.remind_until == at("24 13:00")

    def test_nobody_is_reminded_at_the_old_time(self, dose: Dose) -> None:
        reminded = [
            send_dose_reminders(now=at(f"24 {time}")).reminded for time in ("08:15", "08:30", "08:59")
        ]
        assert reminded == [0, 0, 0]
        assert send_dose_reminders(now=at("24 09:00")).reminded == 1
        assert EventRecord.objects.filter(event_type="medication.dose_due").count() == 2

    def test_one_whose_reminders_were_used_up_is_still_reminded_of(self) -> None:
        prescription = prescribed(DAILY)
        settle(prescription, at("24 09:00"))
        prescription.doses.filter(due_at=at("24 08:00")).update(state="unanswered", reminders_sent=3)
        rewrite(prescription, times("20:00"))
        prescription_changed(prescription_id=prescription.pk, now=at("24 09:00"))
        assert send_dose_reminders(now=at("24 20:00")).reminded == 1

    def test_a_snoozed_dose_stays_snoozed_when_its_time_stays(self) -> None:
        prescription = prescribed(DAILY)
        user = CareRoleFactory(patient=prescription.patient).user
        settle(prescription, at("24 08:10"), "24 08:00 open")
        dose = prescription.doses.get(due_at=at("24 08:00"))
        dose_snooze(dose_id=dose.pk, user=user, now=at("24 08:10"), minutes=40)
        rewrite(prescription, times("08:00", quantity="2"))
        prescription_changed(prescription_id=prescription.pk, now=at("24 08:20"))
        dose.refresh_from_db()
        assert (dose.due_at, dose.next_reminder_at) == (at("24 08:00"), at("24 08:50"))

    def test_a_dose_for_which_there_was_no_time_is_recorded_as_missed(self) -> None:
        prescription = prescribed(times("08:00", "20:00"))
        settle(prescription, at("24 07:30"))
        Patient.objects.update(timezone="Asia/Tokyo")
        replace_doses(prescriptions=[prescription.pk], now=at("24 07:30"))
        assert send_dose_reminders(now=at("24 07:31")).missed == 1
        assert week(prescription, "Asia/Tokyo", 24) == [
            "24 03:00 missed", "24 08:00 missed", "24 20:00 scheduled",
        ]  # fmt: skip


class TestStart:
    def moved(self, start: Start, *answers: str) -> list[str]:
        prescription = prescribed(DAILY)
        settle(prescription, at("24 12:00"), *answers)
        rewrite(prescription, times("20:00"))
        prescription_changed(prescription_id=prescription.pk, now=at("24 12:00"), start=start)
        return week(prescription, "Africa/Johannesburg", 24, 25)

    def test_also_once_more_today(self) -> None:
        assert self.moved(Start.AGAIN, "24 08:00 taken") == [
            "24 08:00 taken", "24 20:00 scheduled", "25 20:00 scheduled",
        ]  # fmt: skip
        # What staff decided outlives the next change.
        prescription = Prescription.objects.get()
        prescription_changed(prescription_id=prescription.pk, now=at("24 12:05"))
        assert len(week(prescription, "Africa/Johannesburg", 24, 25)) == 3

    def test_from_tomorrow(self) -> None:
        assert self.moved(Start.TOMORROW, "24 08:00 taken") == ["24 08:00 taken", "25 20:00 scheduled"]

    def test_from_tomorrow_outlives_what_is_saved_later_in_the_day(self) -> None:
        prescription = prescribed(times("18:00"))
        settle(prescription, at("24 12:00"))
        rewrite(prescription, times("20:00"))
        prescription_changed(prescription_id=prescription.pk, now=at("24 12:00"), start=Start.TOMORROW)
        for now in (at("24 12:30"), at("25 07:00")):
            prescription_changed(prescription_id=prescription.pk, now=now)
            assert week(prescription, "Africa/Johannesburg", 24, 25) == [
                "24 18:00 scheduled",
                "25 20:00 scheduled",
            ]

    def test_from_tomorrow_leaves_what_is_open_today(self) -> None:
        prescription = prescribed(times("18:00"))
        settle(prescription, at("24 12:00"))
        rewrite(prescription, times("20:00"))
        prescription_changed(prescription_id=prescription.pk, now=at("24 12:00"), start=Start.TOMORROW)
        assert week(prescription, "Africa/Johannesburg", 24, 25) == [
            "24 18:00 scheduled",
            "25 20:00 scheduled",
        ]


def test_doses_that_change_places_meet_no_constraint() -> None:
    prescription = prescribed(times("08:00", "09:00", "10:00"))
    settle(prescription, at("24 07:00"))
    rewrite(prescription, times("09:00", "10:00", "11:00"))
    prescription_changed(prescription_id=prescription.pk, now=at("24 07:00"))
    assert week(prescription, "Africa/Johannesburg", 24) == [
        "24 09:00 scheduled", "24 10:00 scheduled", "24 11:00 scheduled",
    ]  # fmt: skip


def test_a_new_time_that_is_an_old_doses_moment_is_a_minute_later() -> None:
    """On Kiritimati it is evening when the morning's dose was taken at home."""
    prescription = prescribed(TWICE)
    settle(prescription, at("24 07:50"), "24 08:00 taken")
    Patient.objects.update(timezone="Pacific/Kiritimati")
    replace_doses(prescriptions=[prescription.pk], now=at("24 07:50"))
    assert week(prescription, "Pacific/Kiritimati", 24) == [
        "24 08:00 missed", "24 20:00 taken", "24 20:01 scheduled",
    ]  # fmt: skip


def test_one_bad_prescription_leaves_the_others_their_change(caplog: pytest.LogCaptureFixture) -> None:
    bad, good = prescribed(DAILY), prescribed(DAILY)
    settle(good, at("24 07:00"))
    Patient.objects.filter(prescriptions=bad).update(slot_times=["morning"])
    DoseSchedule.objects.update(rule=times("09:00"))
    replace_doses(prescriptions=[bad.pk, good.pk], now=at("24 07:00"))
    assert week(bad, "Africa/Johannesburg", 24) == ["24 08:00 scheduled"]
    assert week(good, "Africa/Johannesburg", 24) == ["24 09:00 scheduled"]
    assert f"prescription {bad.pk} can't be planned" in caplog.text


def test_the_number_of_queries_grows_with_the_batches_of_rows_only() -> None:
    def count(number: int) -> int:
        ids = [prescribed(DAILY).pk for _ in range(number)]
        DoseSchedule.objects.filter(prescription__in=ids).update(rule=times("09:00"))
        with CaptureQueriesContext(connection) as captured:
            replace_doses(prescriptions=ids, now=at("24 07:00"))
        return len(captured)

    # SQLite takes no more than some eighty rows in one update; 20 prescriptions have 300.
    assert count(20) <= count(2) + 4


def test_an_extra_dose_at_the_time_of_a_planned_one_is_that_one() -> None:
    prescription = prescribed(DAILY)
    settle(prescription, at("24 12:00"), "24 08:00 taken")
    rewrite(prescription, times("20:00"))
    prescription_changed(prescription_id=prescription.pk, now=at("24 12:00"), start=Start.AGAIN)
    rewrite(prescription, times("08:00", "20:00"))
    prescription_changed(prescription_id=prescription.pk, now=at("24 12:05"))
    assert week(prescription, "Africa/Johannesburg", 24) == ["24 08:00 taken", "24 20:00 scheduled"]


def test_a_schedule_that_becomes_as_needed_reminds_no_more() -> None:
    prescription, now = prescribed(TWICE), at("24 12:00")
    settle(prescription, now, "24 08:00 taken")
    rewrite(prescription, {"kind": "as_needed", "quantity": "2", "min_hours": 6, "max_per_day": 4})
    prescription_changed(prescription_id=prescription.pk, now=now)
    assert not prescription.doses.filter(due_at__gt=now).exists()


@pytest.mark.parametrize(
    ("old", "new", "taken", "now", "expected"),
    [
        (
            TWICE,
            times("09:00", "21:00"),
            "24 08:00",
            "24 08:30",
            ["24 08:00 taken", "24 09:00 scheduled", "24 21:00 scheduled"],
        ),
        (
            times("08:00", quantity="4", weekdays=[0, 3]),
            times("20:00", quantity="4", weekdays=[0, 3]),
            "23 08:00",
            "23 12:00",
            ["23 08:00 taken", "23 20:00 scheduled", "26 20:00 scheduled"],
        ),
    ],
    ids=["twice daily", "two weekdays"],
)
def test_what_is_taken_once_more_stays_beside_the_rest_at_the_next_change(
    old: dict[str, Any], new: dict[str, Any], taken: str, now: str, expected: list[str]
) -> None:
    prescription = prescribed(old)
    settle(prescription, at(now), f"{taken} taken")
    rewrite(prescription, new)
    prescription_changed(prescription_id=prescription.pk, now=at(now), start=Start.AGAIN)
    days = [int(each.split()[0]) for each in expected]
    before = week(prescription, "Africa/Johannesburg", *days)
    for minutes in (10, 20):
        replace_doses(prescriptions=[prescription.pk], now=at(now) + timedelta(minutes=minutes))
    assert week(prescription, "Africa/Johannesburg", *days) == before
    assert [each for each in before if not each.endswith("missed")] == expected


def test_a_cycle_with_fewer_doses_a_day_goes_on_tomorrow() -> None:
    cycle = {"kind": "cycle", "on": 21, "off": 7, "start_date": "2026-11-17", "quantity": "1"}
    prescription, now = prescribed({**cycle, "times": ["08:00", "20:00"]}), at("25 12:00")
    prescription.doses.filter(due_at__lt=now).update(
        state=Dose.State.TAKEN, answered_at=now, next_reminder_at=None
    )
    rewrite(prescription, {**cycle, "times": ["20:00"]})
    prescription_changed(prescription_id=prescription.pk, now=now)
    assert week(prescription, "Africa/Johannesburg", 25, 26, 27) == [
        "25 08:00 taken",
        "26 20:00 scheduled",
        "27 20:00 scheduled",
    ]


def test_later_said_of_a_dose_that_was_moved_silences_it_not() -> None:
    prescription, now = prescribed(DAILY), at("24 08:05")
    role = CareRoleFactory(patient=prescription.patient)
    settle(prescription, now, "24 08:00 open")
    dose = prescription.doses.get(due_at=at("24 08:00"))
    rewrite(prescription, times("20:00"))
    prescription_changed(prescription_id=prescription.pk, now=now)
    assert dose_snooze(dose_id=dose.pk, user=role.user, now=at("24 08:06")).next_reminder_at == at("24 20:00")


def test_a_dose_is_not_due_now_right_after_one_that_was_taken_late() -> None:
    prescription, now = prescribed(TWICE), at("24 13:05")
    settle(prescription, now, "24 08:00 taken")
    prescription.doses.filter(due_at=at("24 08:00")).update(taken_at=at("24 13:00"))
    rewrite(prescription, times("08:00", "13:00"))
    prescription_changed(prescription_id=prescription.pk, now=now)
    assert not prescription.doses.filter(due_at=now).exists()


def test_a_dose_that_was_ever_answered_is_withdrawn_when_the_plan_drops_it() -> None:
    prescription, now = prescribed(TWICE), at("24 18:00")
    role = CareRoleFactory(patient=prescription.patient)
    settle(prescription, now, "24 08:00 taken")
    dose = prescription.doses.get(due_at=at("24 20:00"))
    dose_take(dose_id=dose.pk, user=role.user, now=now)
    dose_undo(dose_id=dose.pk, user=role.user, now=now)
    rewrite(prescription, times("08:00"))
    for minutes in (10, 20):
        prescription_changed(prescription_id=prescription.pk, now=now + timedelta(minutes=minutes))
    dose.refresh_from_db()
    assert (dose.state, dose.next_reminder_at, dose.answers.count()) == (Dose.State.WITHDRAWN, None, 2)
    assert prescription.doses.filter(due_at=at("25 08:00"), state=Dose.State.SCHEDULED).exists()


class TestChangedClocks:
    """What `home/clocks` has moved, by the doses themselves."""

    def test_one_bad_prescription_leaves_the_others_their_change_and_its_patient_comes_again(self) -> None:
        bad, good = prescribed(DAILY), prescribed(DAILY)
        Clinic.objects.update(timezone="Africa/Lagos")
        Patient.objects.filter(prescriptions=bad).update(slot_times=["morning"])
        clocks_mark([bad.patient_id, good.patient_id], now=at("24 07:00"))
        assert clocks_move_next(now=at("24 07:00"))
        assert week(bad, "Africa/Lagos", 25) == ["25 07:00 scheduled"]
        assert week(good, "Africa/Lagos", 25) == ["25 08:00 scheduled"]
        waiting = ClockChange.objects.filter(finished_at__isnull=True)
        assert list(waiting.values_list("patient_id", flat=True)) == [bad.patient_id]
        Patient.objects.filter(prescriptions=bad).update(slot_times={})
        assert clocks_move_next(now=at("24 09:00"))
        assert week(bad, "Africa/Lagos", 25) == ["25 08:00 scheduled"]
        assert not waiting.exists()

    def test_the_reminders_of_vaccinations_move_with_them(self) -> None:
        with time_machine.travel(at("24 07:00"), tick=False):
            record = VaccinationRecordFactory(next_due_date=date(2026, 12, 10))
        Clinic.objects.update(timezone="Africa/Lagos")
        clocks_mark([record.patient_id], now=at("24 07:00"))
        assert clocks_move_next(now=at("24 07:00"))
        assert EventRecord.objects.get().due_at == datetime(2026, 12, 9, 8, tzinfo=UTC)

    def test_the_number_of_queries_grows_with_the_batches_of_rows_only(self) -> None:
        def count(number: int) -> int:
            ids = [prescribed(DAILY).patient_id for _ in range(number)]
            Patient.objects.filter(pk__in=ids).update(timezone="Africa/Lagos")
            clocks_mark(ids, now=at("24 07:00"))
            with CaptureQueriesContext(connection) as captured:
                assert clocks_move_next(now=at("24 07:00"))
            return len(captured)

        # As of `replace_doses`.
        assert count(20) <= count(2) + 4
