"""Announcements that are told again and again: once on each of their dates, to whoever is there by then."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from home.models import Clinic, Relation, StaffRole, User
from notifications.announcements import acts, recurring
from notifications.announcements.approval import RefusedError
from notifications.announcements.progress import Stage, progress
from notifications.event_types import ALONE, still_relevant
from notifications.models import Announcement, Delivery, EventRecord, Notification, NotificationPreferences
from notifications.pipeline.fan_out import fan_out
from notifications.pipeline.forgetting import forget_announcements
from notifications.types import Reason
from tests.factories import CareRoleFactory, ClinicFactory, PatientFactory, StaffRoleFactory

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)
"""A Tuesday, at 08:00 in South Africa."""
DAY, WEEK = timedelta(days=1), timedelta(days=7)
TUESDAYS = {"type": "weekly", "weekday": 1, "start_time": "10:00", "end_time": "10:00"}


def manager(clinic: Clinic) -> User:
    return StaffRoleFactory(clinic=clinic, role=StaffRole.Role.MANAGER).user


def patient_of(clinic: Clinic) -> User:
    role = CareRoleFactory(patient=PatientFactory(clinic=clinic), relation=Relation.SELF)
    return role.user


def draft(clinic: Clinic, **changes: Any) -> Announcement:
    both = {"en": "The club meets today", "af": "Die klub kom vandag bymekaar"}
    given = {"title": both, "message": both, "audiences": ["patients"], "pattern": TUESDAYS}
    announcement = Announcement(within={"clinic": clinic.pk}, **given | changes)
    return acts.announcement_write(announcement=announcement, by=manager(clinic), seen=None, now=NOW)


def send(announcement: Announcement, now: datetime = NOW) -> Announcement:
    seen = announcement.latest_revision_id
    acts.announcement_send(pk=announcement.pk, by=announcement.author, seen=seen, now=now)
    announcement.refresh_from_db()
    return announcement


def running(clinic: Clinic, now: datetime = NOW, **changes: Any) -> Announcement:
    return send(draft(clinic, **changes), now)


def tell(now: datetime) -> None:
    while fan_out(now=now).records:
        pass


def told(*moments: datetime) -> int:
    """Run the task and the fan-out at each of these moments; how many messages there are then."""
    for now in moments:
        recurring.publish_due(now=now)
        tell(now)
    return Notification.objects.count()


def test_it_is_told_on_each_of_its_dates_once_at_its_time() -> None:
    clinic = ClinicFactory()
    patient_of(clinic)
    running(clinic)
    assert told(NOW) == 0, "it is for ten o'clock"
    assert told(NOW + timedelta(hours=2), NOW + timedelta(hours=2), NOW + timedelta(hours=9)) == 1
    assert told(*(NOW + day * DAY for day in range(1, 7))) == 1
    assert told(NOW + WEEK) == 1
    assert told(NOW + WEEK + timedelta(hours=2), NOW + WEEK + timedelta(hours=3)) == 2


def test_two_workers_make_no_date_twice() -> None:
    clinic = ClinicFactory()
    patient_of(clinic)
    announcement = running(clinic)
    [date] = announcement.dates.all()
    with pytest.raises(IntegrityError), transaction.atomic():
        Announcement.objects.create(of=announcement, day=date.day, title={}, message={}, delete_at=NOW)


def test_its_people_are_those_of_the_day() -> None:
    clinic = ClinicFactory()
    patient_of(clinic)
    running(clinic)
    told(NOW + timedelta(hours=2))
    late = patient_of(clinic)
    assert told(NOW + WEEK + timedelta(hours=2)) == 3
    assert Notification.objects.filter(recipient=late).count() == 1


def test_it_is_late_on_the_same_day_and_on_no_other_one() -> None:
    clinic = ClinicFactory()
    patient_of(clinic)
    running(clinic, NOW - DAY)
    assert told(NOW + timedelta(hours=9)) == 1, "nobody was there at ten o'clock"
    assert told(NOW + WEEK + DAY, NOW + WEEK + 2 * DAY) == 1, "the day of this one is over"
    assert told(NOW + 4 * WEEK + timedelta(hours=3)) == 2, "and those between are not told in bulk"


def test_what_waits_until_its_day_is_over_is_not_sent() -> None:
    clinic = ClinicFactory()
    person = patient_of(clinic)
    NotificationPreferences.objects.update_or_create(user=person, defaults={"email_time": "morning"})
    running(clinic)
    assert told(NOW + timedelta(hours=2)) == 1
    message = Notification.objects.get()
    assert message.valid_until == datetime(2026, 11, 24, 22, 15, tzinfo=UTC)
    email = next(each for each in message.routing if each["channel"] == "email")
    assert (email["send"], email["reason"]) == (False, Reason.TOO_LATE), "tomorrow morning it is wrong"


LONDON = "Europe/London"


def at(zone: str, *moment: int) -> datetime:
    return datetime(*moment, tzinfo=ZoneInfo(zone)).astimezone(UTC)  # type: ignore[arg-type]


def test_its_time_is_that_of_its_clinic_and_not_of_whoever_begins_it() -> None:
    clinic = ClinicFactory(timezone="America/New_York")
    patient_of(clinic)
    with timezone.override("Pacific/Auckland"):
        announcement = running(clinic, at("America/New_York", 2026, 11, 24, 9, 30))
    assert announcement.dates.get().at == at("America/New_York", 2026, 11, 24, 10, 0)
    assert announcement.dates.get().day == date(2026, 11, 24)
    assert told(at("America/New_York", 2026, 11, 24, 9, 59)) == 0
    assert told(at("America/New_York", 2026, 11, 24, 10, 0)) == 1
    assert told(at("America/New_York", 2026, 12, 1, 23, 50)) == 2, "there it is still the same day"
    assert told(at("America/New_York", 2026, 12, 9, 0, 5)) == 2


@pytest.mark.parametrize(
    ("day", "time", "moment"),
    [
        # Clocks go forward from 01:00 to 02:00: 01:30 isn't there, and becomes 02:30.
        ((2027, 3, 28), "01:30", datetime(2027, 3, 28, 1, 30, tzinfo=UTC)),
        # And back from 02:00 to 01:00: 01:30 is there twice, and the first is meant.
        ((2027, 10, 31), "01:30", datetime(2027, 10, 31, 0, 30, tzinfo=UTC)),
        ((2027, 3, 29), "10:00", datetime(2027, 3, 29, 9, 0, tzinfo=UTC)),
        ((2027, 11, 1), "10:00", datetime(2027, 11, 1, 10, 0, tzinfo=UTC)),
    ],
)
def test_a_clock_change_is_read_as_for_events(day: Any, time: str, moment: datetime) -> None:
    clinic = ClinicFactory(timezone=LONDON)
    patient_of(clinic)
    on = date(*day)
    pattern = {"type": "weekly", "weekday": on.weekday(), "start_time": time, "end_time": time}
    announcement = running(clinic, at(LONDON, *day, 0, 0) - DAY, pattern=pattern)
    assert told(moment - timedelta(minutes=1)) == 0
    minutes = [timedelta(minutes=each) for each in (0, 15, 60, 75, 120)]
    assert told(*(moment + each for each in minutes)) == 1
    assert announcement.dates.get().at == moment


def test_one_for_all_clinics_goes_by_the_clock_of_the_site() -> None:
    patient_of(ClinicFactory(timezone="America/New_York"))
    announcement = draft(ClinicFactory())
    Announcement.objects.filter(pk=announcement.pk).update(within={})
    announcement.refresh_from_db()
    announcement.save_revision()
    announcement = send(announcement)
    assert announcement.dates.get().at == NOW + timedelta(hours=2)
    assert told(NOW + timedelta(hours=2)) == 1


def test_what_was_planned_and_is_not_told_before_its_day_is_over_has_failed() -> None:
    clinic = ClinicFactory()
    patient_of(clinic)
    announcement = running(clinic)
    for hours in range(0, 48, 2):  # it is tried again for a while
        tell(NOW + DAY + timedelta(hours=hours))
    assert not Notification.objects.exists()
    record = announcement.dates.get().event_record
    assert (record.state, "that day is over" in record.error) == (EventRecord.State.FAILED, True)


def test_one_for_the_last_minute_of_a_day_is_told_a_moment_later() -> None:
    clinic = ClinicFactory()
    patient_of(clinic)
    running(clinic, pattern=TUESDAYS | {"start_time": "23:59", "end_time": "23:59"})
    midnight = datetime(2026, 11, 24, 22, 0, 30, tzinfo=UTC)
    tell(midnight)
    assert Notification.objects.count() == 1


def test_what_was_earlier_on_the_day_on_which_it_begins_is_not_told() -> None:
    clinic = ClinicFactory()
    patient_of(clinic)
    running(clinic, NOW + timedelta(hours=3))
    assert told(NOW + timedelta(hours=4)) == 0
    assert told(NOW + WEEK + timedelta(hours=4)) == 1


def test_dates_that_are_left_out_are_not_told() -> None:
    clinic = ClinicFactory()
    patient_of(clinic)
    running(
        clinic,
        pattern=TUESDAYS | {"weekday": 2, "skip_public_holidays": True, "skip_dates": ["2026-12-09"]},
    )
    wednesdays = [NOW + DAY + week * WEEK + timedelta(hours=3) for week in range(5)]
    assert [told(each) for each in wednesdays] == [1, 2, 2, 2, 3], "16 December is a holiday"


@pytest.mark.parametrize("end", [{"until": "2026-12-01"}, {"count": 2, "start_date": "2026-11-24"}])
def test_it_ends_by_itself(end: dict[str, Any]) -> None:
    clinic = ClinicFactory()
    patient_of(clinic)
    announcement = running(clinic, pattern=TUESDAYS | end)
    assert progress(announcement, now=NOW).stage is Stage.RUNNING
    after = timedelta(hours=3)
    assert told(NOW + after, NOW + WEEK + after, NOW + 2 * WEEK + after) == 2
    assert progress(announcement, now=NOW + WEEK + after).stage is Stage.ENDED


def test_staff_end_it_with_what_of_it_is_under_way_and_leave_the_reports_of_earlier_dates() -> None:
    clinic = ClinicFactory()
    patient_of(clinic)
    announcement = running(clinic)
    told(NOW + timedelta(hours=2))
    Delivery.objects.update(state=Delivery.State.SENT, finished_at=NOW + timedelta(hours=2))
    recurring.publish_due(now=NOW + WEEK)
    first, second = announcement.dates.order_by("day")
    stopped = acts.announcement_stop(pk=announcement.pk, by=announcement.author, now=NOW + WEEK)
    assert [each.pk for each in stopped] == [second.pk]
    assert told(NOW + WEEK + timedelta(hours=3), NOW + 2 * WEEK + timedelta(hours=3)) == 1
    assert progress(announcement.dates.get(pk=first.pk), now=NOW + WEEK).stage is Stage.SENT
    announcement.refresh_from_db()
    assert progress(announcement, now=NOW + WEEK).stage is Stage.STOPPED
    assert still_relevant([{"announcement": second.pk}]) == [Reason.STOPPED]


def test_more_people_than_one_person_may_tell_need_a_second_ones_approval() -> None:
    clinic = ClinicFactory()
    for _ in range(ALONE + 1):
        patient_of(clinic)
    announcement = running(clinic)
    assert announcement.begun_at is None
    assert told(NOW + timedelta(hours=3)) == 0
    seen = announcement.latest_revision_id
    acts.announcement_approve(pk=announcement.pk, by=manager(clinic), seen=seen, now=NOW)
    assert told(NOW + timedelta(hours=3)) == ALONE + 1
    with pytest.raises(RefusedError):
        acts.announcement_write(announcement=announcement, by=announcement.author, seen=seen, now=NOW)


def test_one_that_nobody_approved_is_told_to_nobody_once_its_people_are_too_many() -> None:
    clinic = ClinicFactory()
    patient_of(clinic)
    announcement = running(clinic)
    assert told(NOW + timedelta(hours=3)) == 1
    for _ in range(ALONE):
        patient_of(clinic)
    assert told(*(NOW + WEEK + timedelta(hours=hours) for hours in range(3, 48, 2))) == 1
    states = list(announcement.dates.order_by("day").values_list("event_record__state", flat=True))
    assert states == [EventRecord.State.PROCESSED, EventRecord.State.FAILED]


def test_one_whose_dates_have_passed_does_not_begin() -> None:
    clinic = ClinicFactory()
    patient_of(clinic)
    announcement = draft(clinic, pattern=TUESDAYS | {"until": "2026-11-24"})
    with pytest.raises(RefusedError):
        send(announcement, NOW + timedelta(hours=3))


def test_one_that_fails_stops_no_other() -> None:
    clinic = ClinicFactory()
    patient_of(clinic)
    poisoned, other = running(clinic, NOW - DAY), running(clinic, NOW - DAY)
    Announcement.objects.filter(pk=poisoned.pk).update(pattern={"type": "lunar"})
    assert recurring.publish_due(now=NOW) == (1, 1)
    assert other.dates.count() == 1


def test_nothing_is_asked_of_those_that_were_told_today() -> None:
    clinic = ClinicFactory()
    patient_of(clinic)
    for _ in range(5):
        running(clinic)
    late = TUESDAYS | {"start_time": "21:00", "end_time": "21:00"}
    running(ClinicFactory(timezone="Pacific/Auckland"), audiences=["staff"], pattern=late)
    with CaptureQueriesContext(connection) as queries:
        assert recurring.publish_due(now=NOW) == (0, 0)
    assert len(queries) == 3, "which recur, whose zones are which, and which dates are made"


def test_one_that_is_wiped_is_told_no_more() -> None:
    clinic = ClinicFactory()
    patient_of(clinic)
    running(clinic, NOW - DAY)
    for step in forget_announcements({"The club meets"}, NOW - DAY):
        step.carry_out()
    assert told(NOW + timedelta(hours=3)) == 0


def test_it_is_kept_until_long_after_its_next_date() -> None:
    clinic = ClinicFactory()
    patient_of(clinic)
    yearly = {"type": "yearly", "month": 12, "month_day": 1, "start_time": "10:00", "end_time": "10:00"}
    announcement = running(clinic, pattern=yearly)
    told(NOW + WEEK + timedelta(hours=3))
    announcement.refresh_from_db()
    assert announcement.delete_at > datetime(2028, 12, 1, tzinfo=UTC)
