"""Messages so many days after a date of each patient: once each, to whom it concerns, and to nobody who left."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext

from home.models import Clinic, Patient, Relation, StaffRole, User
from home.privacy.erasure import carry_out_next_erasure, erasure_accept, erasure_ask
from notifications.announcements import series as acts
from notifications.announcements.approval import RefusedError
from notifications.event_types import still_relevant
from notifications.models import ChannelChoice, Delivery, EventRecord, MessageSeries, Notification
from notifications.pipeline.fan_out import fan_out
from notifications.types import Reason
from tests.factories import CareRoleFactory, ClinicFactory, PatientFactory, StaffRoleFactory, UserFactory
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
    data = [{"series": series.pk, "subject": each.pk, "day": f"{TODAY}"} for each in (out, stays)]
    assert still_relevant(data) == [Reason.STOPPED, True]


Leaving = Callable[[Patient, MessageSeries], Any]


def _erase(patient: Patient, series: MessageSeries) -> None:
    erasure = erasure_ask(asked_by=series.author, patient=patient, now=NOW)
    erasure_accept(erasure_id=erasure.pk, by=UserFactory(is_superuser=True), now=NOW)
    assert carry_out_next_erasure(now=NOW)


def _changed(**fields: Any) -> Leaving:
    return lambda patient, series: Patient.objects.filter(pk=patient.pk).update(**fields)


LEAVING: dict[str, Leaving] = {
    "dead": _changed(deceased_on=TODAY),
    "moved away": _changed(left_on=TODAY, left_why="moved"),
    "erased": _erase,
    "born on another day": _changed(date_of_birth=TODAY - 60 * DAY),
    "taken out": lambda patient, series: acts.series_leave(
        pk=series.pk, subject_id=patient.pk, by=series.author, now=NOW
    ),
    "in a series that ended": lambda patient, series: acts.series_end(pk=series.pk, now=NOW),
}


@pytest.mark.parametrize("leave", LEAVING.values(), ids=LEAVING)
@pytest.mark.parametrize("everywhere", [False, True])
def test_who_leaves_is_told_no_more_and_what_waits_is_not_sent(leave: Leaving, everywhere: bool) -> None:
    clinic = ClinicFactory()
    series = running(clinic, 0, 7)
    if everywhere:
        MessageSeries.objects.filter(pk=series.pk).update(within={})
    child = born(clinic, TODAY)
    assert told(0) == [(child.pk, "Day 0")]
    waiting = Delivery.objects.values_list("notification__data", flat=True)
    data = list(waiting)
    assert data
    assert set(still_relevant(data)) == {True}
    leave(child, series)
    assert True not in still_relevant(data)
    told(7)
    assert not Notification.objects.filter(title="Day 7").exists()


def test_who_goes_to_another_clinic_has_left_what_is_of_the_first() -> None:
    here, there = ClinicFactory(), ClinicFactory()
    running(here, 0, 7)
    child = born(here, TODAY)
    told(0)
    data = list(Notification.objects.values_list("data", flat=True))
    Patient.objects.filter(pk=child.pk).update(clinic=there)
    assert still_relevant(data) == [False]
    assert told(7) == [(child.pk, "Day 0")]
    Patient.objects.filter(pk=child.pk).update(clinic=here)
    assert still_relevant(data) == [True]
    assert told(10) == [(child.pk, "Day 0")], "who comes back too late misses what was meanwhile"


def test_a_message_belongs_to_the_clinic_of_whom_it_is_about() -> None:
    clinic = ClinicFactory()
    series = running(clinic, 0)
    MessageSeries.objects.filter(pk=series.pk).update(within={})
    born(clinic, TODAY)
    told(0)
    assert Notification.objects.get().scope_id == clinic.pk


def test_a_date_that_is_corrected_brings_no_message_twice() -> None:
    clinic = ClinicFactory()
    running(clinic, 0, 7, 14)
    child = born(clinic, TODAY)
    told(0, 7)
    Patient.objects.filter(pk=child.pk).update(date_of_birth=TODAY + 4 * DAY)
    assert told(8, 9, 11, 12) == [(child.pk, "Day 0"), (child.pk, "Day 7")]
    assert told(14)[2:] == [], "what is still to come goes by the new date"
    assert told(18)[2:] == [(child.pk, "Day 14")]


def test_a_date_of_twins_that_is_corrected_brings_no_message_twice() -> None:
    clinic = ClinicFactory()
    running(clinic, 0, 7)
    first = born(clinic, TODAY)
    guardian = CareRoleFactory(patient=first, relation=Relation.GUARDIAN).user
    second = PatientFactory(clinic=clinic, date_of_birth=TODAY)
    CareRoleFactory(patient=second, user=guardian, relation=Relation.GUARDIAN)
    told(0)
    Patient.objects.update(date_of_birth=TODAY + DAY)
    told(1, 2)
    assert Notification.objects.filter(recipient=guardian).count() == 1
    told(8)
    assert Notification.objects.filter(recipient=guardian).count() == 2


def test_a_younger_child_of_the_same_mother_has_its_own_messages() -> None:
    clinic = ClinicFactory()
    running(clinic, 0)
    guardian = CareRoleFactory(patient=born(clinic, TODAY), relation=Relation.GUARDIAN).user
    told(0)
    younger = PatientFactory(clinic=clinic, date_of_birth=TODAY + 300 * DAY)
    CareRoleFactory(patient=younger, user=guardian, relation=Relation.GUARDIAN)
    told(300)
    assert Notification.objects.filter(recipient=guardian).count() == 2


def test_who_wants_no_news_by_mail_has_none_by_mail() -> None:
    clinic = ClinicFactory()
    running(clinic, 0)
    role = CareRoleFactory(patient=PatientFactory(clinic=clinic, date_of_birth=TODAY))
    ChannelChoice.objects.create(user=role.user, category="system", channel="email", on=False)
    told(0)
    assert Notification.objects.filter(recipient=role.user).count() == 1
    assert not Delivery.objects.filter(channel="email").exists()


def test_days_are_those_of_the_clinics_calendar() -> None:
    """In Auckland it is the 24th when it is 23:30 on the 23rd in South Africa."""
    clinic = ClinicFactory(timezone="Pacific/Auckland")
    late = datetime(2026, 11, 23, 21, 30, tzinfo=UTC)
    running(clinic, 0, now=late)
    born(clinic, TODAY - DAY)
    child = born(clinic, TODAY)
    acts.publish_due(now=late)
    while fan_out(now=late).records:
        pass
    assert list(Notification.objects.values_list("subject_id", flat=True)) == [child.pk]


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


@pytest.mark.parametrize("start", ["prescription", "first_prescription"])
def test_whose_treatment_was_stopped_has_left_it(start: str) -> None:
    clinic = ClinicFactory()
    medicine = MedicineFactory()
    values = [str(medicine.pk)] if start == "prescription" else []
    running(clinic, 3, start=start, values=values)
    stopped, changed = (PatientFactory(clinic=clinic) for _ in range(2))
    for patient in (stopped, changed):
        CareRoleFactory(patient=patient)
        PrescriptionFactory(patient=patient, medicine=medicine, start_date=TODAY, ended_at=NOW + DAY)
    PrescriptionFactory(patient=changed, medicine=medicine, start_date=TODAY + DAY)
    assert told(3, 4) == [(changed.pk, "Day 3")], "counted from the first one, also where another followed"


def test_what_waits_is_not_sent_once_nobody_knows_its_start_any_more() -> None:
    clinic = ClinicFactory()
    series = running(clinic, 0)
    born(clinic, TODAY)
    told(0)
    MessageSeries.objects.filter(pk=series.pk).update(start="eclipse")
    assert still_relevant([Notification.objects.get().data, {"announcement": 0}]) == [False, True]


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
