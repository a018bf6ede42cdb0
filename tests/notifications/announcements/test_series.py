"""Messages so many days after a date of each patient: once each, to whom it concerns, and to nobody who left."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext

from home.models import Clinic, Patient, Relation, StaffRole, User
from notifications.announcements import series as acts
from notifications.announcements.approval import RefusedError
from notifications.event_types import still_relevant
from notifications.models import EventRecord, MessageSeries, Notification
from notifications.pipeline.fan_out import fan_out
from notifications.types import Reason
from tests.factories import CareRoleFactory, ClinicFactory, PatientFactory, StaffRoleFactory
from tests.medications.factories import MedicineFactory, PrescriptionFactory

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)
DAY = timedelta(days=1)
TODAY = date(2026, 11, 24)


def manager(clinic: Clinic) -> User:
    return StaffRoleFactory(clinic=clinic, role=StaffRole.Role.MANAGER).user


def step(day: int, title: str = "") -> dict[str, Any]:
    both = dict.fromkeys(("en", "af"), title or f"Day {day}")
    return {"day": day, "title": both, "message": both}


def draft(clinic: Clinic, *days: int, **changes: Any) -> MessageSeries:
    given = {"name": "After a birth", "start": "birth", "steps": [step(day) for day in days]}
    series = MessageSeries(within={"clinic": clinic.pk}, **given | changes)
    return acts.series_write(series=series, by=manager(clinic), seen=None)


def running(clinic: Clinic, *days: int, now: datetime = NOW, **changes: Any) -> MessageSeries:
    """One that was approved at this moment."""
    series = draft(clinic, *days, **changes)
    acts.series_ask(pk=series.pk, by=series.author, seen=series.latest_revision_id)
    acts.series_approve(pk=series.pk, by=manager(clinic), seen=series.latest_revision_id, now=now)
    series.refresh_from_db()
    return series


def born(clinic: Clinic, day: date, **fields: Any) -> Patient:
    patient = PatientFactory(clinic=clinic, date_of_birth=day, **fields)
    CareRoleFactory(patient=patient, relation=Relation.GUARDIAN)
    return patient


def told(*days: int) -> list[tuple[int, str]]:
    """Run the task on each of these days after the first; who was told what in all, about whom."""
    for day in days:
        acts.publish_due(now=NOW + day * DAY)
        while fan_out(now=NOW + day * DAY).records:
            pass
    return list(Notification.objects.order_by("id").values_list("subject_id", "title"))


def test_each_message_comes_once_on_its_day() -> None:
    clinic = ClinicFactory()
    running(clinic, 0, 7)
    child = born(clinic, TODAY)
    assert told(0, 0, 1, 2, 6) == [(child.pk, "Day 0")]
    assert told(7, 7, 8, 9) == [(child.pk, "Day 0"), (child.pk, "Day 7")]


def test_a_day_or_two_without_the_task_are_made_up_for_and_more_are_not() -> None:
    clinic = ClinicFactory()
    running(clinic, 1, 5)
    child = born(clinic, TODAY)
    assert told(3) == [(child.pk, "Day 1")]
    assert told(8) == [(child.pk, "Day 1")], "three days late is of no use"


def test_who_comes_late_gets_what_is_still_to_come_and_nothing_in_bulk() -> None:
    clinic = ClinicFactory()
    running(clinic, 0, 1, 2, 30)
    late = born(clinic, TODAY - 28 * DAY)
    assert told(0, 1, 2, 3) == [(late.pk, "Day 30")]


def test_nothing_is_told_of_days_before_it_began() -> None:
    clinic = ClinicFactory()
    running(clinic, 1, 3, now=NOW)
    born(clinic, TODAY - 2 * DAY)
    assert [title for _subject, title in told(0, 1)] == ["Day 3"]


def test_who_leaves_is_told_no_more() -> None:
    here, there = ClinicFactory(), ClinicFactory()
    series = running(here, 7)
    dead, moved, away, out, stays = (born(here, TODAY) for _ in range(5))
    Patient.objects.filter(pk=dead.pk).update(deceased_on=TODAY + DAY)
    Patient.objects.filter(pk=moved.pk).update(clinic=there)
    Patient.objects.filter(pk=away.pk).update(left_on=TODAY, left_why="moved")
    for _ in range(2):
        acts.series_leave(pk=series.pk, subject_id=out.pk, by=series.author, now=NOW)
    assert told(7) == [(stays.pk, "Day 7")]
    data = [{"series": series.pk, "subject": each.pk} for each in (out, stays)]
    assert still_relevant(data) == [Reason.STOPPED, True]


def test_nothing_of_it_is_told_once_it_ended() -> None:
    clinic = ClinicFactory()
    series = running(clinic, 0)
    child = born(clinic, TODAY)
    acts.publish_due(now=NOW)
    acts.series_end(pk=series.pk, now=NOW)
    assert told(0, 1) == []
    assert still_relevant([{"series": series.pk, "subject": child.pk}]) == [Reason.STOPPED]


def test_a_mother_of_twins_has_each_message_once() -> None:
    clinic = ClinicFactory()
    running(clinic, 0)
    guardian = CareRoleFactory(patient=born(clinic, TODAY), relation=Relation.GUARDIAN).user
    CareRoleFactory(patient=born(clinic, TODAY), user=guardian, relation=Relation.GUARDIAN)
    told(0)
    assert Notification.objects.filter(recipient=guardian).count() == 1


def test_it_follows_the_first_prescription_of_its_medicines() -> None:
    clinic = ClinicFactory()
    one, two, other = MedicineFactory(), MedicineFactory(), MedicineFactory()
    running(clinic, 3, start="prescription", values=[str(one.pk), str(two.pk)])
    first, again, of_other = (PatientFactory(clinic=clinic) for _ in range(3))
    for patient, medicine, day in (
        (first, two, TODAY),
        (again, one, TODAY - 90 * DAY),
        (again, two, TODAY),
        (of_other, other, TODAY),
    ):
        PrescriptionFactory(patient=patient, medicine=medicine, start_date=day)
    for patient in (first, again, of_other):
        CareRoleFactory(patient=patient)
    assert told(3) == [(first.pk, "Day 3")]


def test_one_that_fails_stops_no_other() -> None:
    clinic = ClinicFactory()
    running(clinic, 0, start="eclipse")
    running(clinic, 0)
    child = born(clinic, TODAY)
    assert acts.publish_due(now=NOW) == (1, 1)
    assert told(0) == [(child.pk, "Day 0")]


def test_another_clinics_children_are_not_told() -> None:
    clinic = ClinicFactory()
    running(clinic, 0)
    born(ClinicFactory(), TODAY)
    assert told(0) == []
    assert not EventRecord.objects.filter(event_type="system.announcement").exists()


def test_it_runs_only_as_it_was_approved() -> None:
    clinic = ClinicFactory()
    series = draft(clinic, 0)
    seen = series.latest_revision_id
    born(clinic, TODAY)
    assert told(0) == []
    acts.series_ask(pk=series.pk, by=series.author, seen=seen)
    with pytest.raises(RefusedError):
        acts.series_write(series=series, by=series.author, seen=seen)
    with pytest.raises(PermissionDenied):
        acts.series_approve(pk=series.pk, by=series.author, seen=seen, now=NOW)
    with pytest.raises(PermissionDenied):
        acts.series_approve(pk=series.pk, by=manager(ClinicFactory()), seen=seen, now=NOW)
    MessageSeries.objects.update(steps=[step(0, "Forged")])
    acts.series_approve(pk=series.pk, by=manager(clinic), seen=seen, now=NOW)
    assert [title for _subject, title in told(0)] == ["Day 0"]
    with pytest.raises(RefusedError):
        acts.series_write(series=series, by=series.author, seen=seen)


def test_it_asks_as_much_for_ten_as_for_two() -> None:
    clinic = ClinicFactory()
    running(clinic, 0, 1)
    counts = []
    for day, count in ((0, 2), (30, 10)):
        for _ in range(count):
            born(clinic, TODAY + day * DAY)
        acts.publish_due(now=NOW + day * DAY)
        with CaptureQueriesContext(connection) as asked:
            fan_out(now=NOW + day * DAY)
        counts.append(len(asked))
    assert counts[0] == counts[1]
