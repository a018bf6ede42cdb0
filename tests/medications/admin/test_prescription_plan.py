"""Before a changed plan is saved, a nurse sees in words what today and the next 14 days become."""

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
import time_machine
from django.test import Client
from wagtail.users.models import UserProfile

from home.models import Patient, User
from medications.models import Dose, DoseSchedule
from medications.services.expansion import expand_doses
from tests.factories import StaffRoleFactory
from tests.medications.admin.test_prescription_form import filled_in, formset
from tests.medications.factories import NOW, DoseScheduleFactory, times

pytestmark = pytest.mark.django_db

NOON = NOW + timedelta(hours=4)


@pytest.fixture(autouse=True)
def _noon():
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def nurse(client: Client) -> User:
    nurse = StaffRoleFactory().user
    client.force_login(nurse)
    return nurse


@pytest.fixture
def schedule(nurse: User) -> DoseSchedule:
    """Daily at 08:00, and taken today."""
    schedule = DoseScheduleFactory(prescription__patient__clinic=nurse.staff_roles.get().clinic)
    expand_doses(now=NOW - timedelta(days=2))
    Dose.objects.filter(due_at__lt=NOON).update(state=Dose.State.TAKEN, next_reminder_at=None)
    return schedule


def post(client: Client, schedule: DoseSchedule, *forms: dict[str, Any], **more: Any) -> Any:
    data = filled_in(schedule.prescription.patient, [])
    shown = [{"kind": "times", "quantity": "1", **form} for form in forms]
    initial = sum("id" in form for form in shown)
    data |= {"start_date": "2026-11-01", **formset("schedules", shown, initial=initial), **more}
    return client.post(f"/admin/prescriptions/edit/{schedule.prescription_id}/", data)


def said(answer: Any) -> str:
    assert answer.status_code == 200
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())).split())


def due(schedule: DoseSchedule) -> list[str]:
    doses = Dose.objects.filter(prescription=schedule.prescription, due_at__gte=NOW).order_by("due_at")
    return [f"{dose.due_at + timedelta(hours=2):%d %H:%M}" for dose in doses[:2]]


class TestMove:
    def moved(self, client: Client, schedule: DoseSchedule, **more: Any) -> Any:
        return post(client, schedule, {"id": schedule.pk, "other_times": "20:00"}, **more)

    def test_it_says_what_will_happen_and_saves_nothing(self, client: Client, schedule: DoseSchedule) -> None:
        before = list(Dose.objects.order_by("id").values())
        words = said(self.moved(client, schedule))
        assert "Nothing is saved yet." in words
        assert "The dose of today at 08:00 was taken. It counts for today at 20:00." in words
        assert "Today 1 tablet at 08:00 (taken) Wednesday 25 November to Tuesday 8 December" in words
        assert "1 tablet at 20:00" in words
        assert list(Dose.objects.order_by("id").values()) == before
        schedule.refresh_from_db()
        assert schedule.rule == times("08:00")

    def test_it_offers_once_more_today(self, client: Client, schedule: DoseSchedule) -> None:
        words = said(self.moved(client, schedule))
        assert "From now on, and also once more today The last dose was taken" in words
        assert "today at 20:00. Today 1 tablet at 08:00 (taken) 1 tablet at 20:00" in words

    def test_it_says_how_long_after_the_last_dose_the_next_one_comes(
        self, client: Client, schedule: DoseSchedule
    ) -> None:
        usual, again = said(self.moved(client, schedule)).split("once more today")
        assert "The last dose was taken: today at 08:00." in usual
        assert "The next is 36 hours later: Wednesday 25 November at 20:00." in usual
        assert "That is much later than usual: with this plan there are at least 24 hours" in usual
        assert "The next is 12 hours later: today at 20:00." in again
        assert "than usual" not in again

    @pytest.mark.parametrize(
        ("start", "doses"),
        [
            ("counted", ["24 08:00", "25 20:00"]),
            ("again", ["24 08:00", "24 20:00"]),
            ("tomorrow", ["24 08:00", "25 20:00"]),
            ("", ["24 08:00", "25 20:00"]),
        ],
    )
    def test_confirmed_it_is_what_was_chosen(
        self, client: Client, schedule: DoseSchedule, start: str, doses: list[str]
    ) -> None:
        assert self.moved(client, schedule, confirm="1", start=start).status_code == 302
        assert due(schedule) == doses

    def test_the_way_back_keeps_what_was_filled_in(self, client: Client, schedule: DoseSchedule) -> None:
        page = self.moved(client, schedule, edit="1")
        assert page.status_code == 200
        assert 'value="20:00"' in page.content.decode()
        assert due(schedule) == ["24 08:00", "25 08:00"]

    def test_what_was_posted_is_posted_again(self, client: Client, schedule: DoseSchedule) -> None:
        page = self.moved(client, schedule).content.decode()
        assert '<input type="hidden" name="schedules-0-other_times" value="20:00">' in page
        assert page.count('name="start"') == len(re.findall(r'type="radio" name="start"', page)) == 2

    def test_it_speaks_the_nurses_language(self, client: Client, nurse: User, schedule: DoseSchedule) -> None:
        UserProfile.objects.create(user=nurse, preferred_language="af")
        words = said(self.moved(client, schedule))
        assert "Nog niks is gestoor nie." in words
        assert "Die dosis van vandag om 08:00 is geneem. Dit tel vir vandag om 20:00." in words
        assert "Van nou af, en ook vandag nog een keer" in words
        assert "Woensdag 25 November tot Dinsdag 8 Desember 1 tablet om 20:00" in words


def test_an_open_dose_that_moves_is_said_to(client: Client, schedule: DoseSchedule) -> None:
    Dose.objects.filter(due_at=NOW).update(state=Dose.State.UNANSWERED)
    words = said(post(client, schedule, {"id": schedule.pk, "other_times": "20:00"}))
    assert "Today 1 tablet at 20:00 (moved from today at 08:00)" in words
    assert "once more" not in words


def test_from_tomorrow_is_offered_when_today_would_change(client: Client, schedule: DoseSchedule) -> None:
    schedule.rule = times("18:00")
    schedule.save()
    Dose.objects.filter(due_at__gt=NOON).delete()
    Dose.objects.filter(due_at=NOW).update(
        due_at=NOW + timedelta(hours=10), state=Dose.State.SCHEDULED, local_time="18:00"
    )
    words = said(post(client, schedule, {"id": schedule.pk, "other_times": "20:00"}))
    assert "From tomorrow The last dose was taken: Monday 23 November at 08:00." in words
    assert "today at 18:00. Today 1 tablet at 18:00" in words


def test_a_schedule_that_is_removed_and_one_that_is_added(client: Client, schedule: DoseSchedule) -> None:
    removed = {"id": schedule.pk, "other_times": "08:00", "DELETE": "on"}
    added = {"other_times": "12:30, 21:00", "quantity": "2"}
    words = said(post(client, schedule, removed, added))
    assert "It counts for today at 12:30." in words
    assert "1 tablet at 08:00 (taken) 2 tablets at 21:00" in words
    assert post(client, schedule, removed, added, confirm="1").status_code == 302
    assert due(schedule) == ["24 08:00", "24 21:00"]


def test_a_weekly_dose_moved_within_its_week(client: Client, schedule: DoseSchedule) -> None:
    DoseSchedule.objects.update(rule=times("08:00", weekdays=[1]))
    Dose.objects.filter(due_at__gt=NOON).delete()
    words = said(post(client, schedule, {"id": schedule.pk, "other_times": "08:00", "weekdays": ["3"]}))
    assert "The dose of today at 08:00 was taken. It counts for Thursday 26 November at 08:00." in words
    assert "From now on, and also once more on Thursday 26 November" in words
    assert (
        "Wednesday 25 November to Wednesday 2 December no dose Thursday 3 December 1 tablet at 08:00" in words
    )


def test_a_weekly_dose_the_day_after_the_last_one_is_pointed_out(
    client: Client, schedule: DoseSchedule
) -> None:
    """Taken on Sunday, and from now on to be taken on Mondays: that is another week, and its dose comes the next day.
    Of methotrexate the second can kill.
    """
    sunday = NOW - timedelta(days=2)
    DoseSchedule.objects.update(rule=times("08:00", weekdays=[6]))
    Dose.objects.exclude(due_at=NOW).delete()
    Dose.objects.update(due_at=sunday, local_day=sunday.date())
    with time_machine.travel(NOON - timedelta(days=2), tick=False):
        words = said(post(client, schedule, {"id": schedule.pk, "other_times": "08:00", "weekdays": ["0"]}))
    assert "The last dose was taken: today at 08:00. The next is 24 hours later: Monday 23 November" in words
    assert (
        "That is much sooner than usual: with this plan there are at least 7 days between two doses." in words
    )


def test_of_a_plan_of_which_nothing_was_taken_nothing_is_said(client: Client, schedule: DoseSchedule) -> None:
    Dose.objects.filter(due_at__lte=NOON).update(state=Dose.State.MISSED)
    words = said(post(client, schedule, {"id": schedule.pk, "other_times": "20:00"}))
    assert "The last dose" not in words
    assert "than usual" not in words


def test_what_changes_no_dose_is_saved_at_once(client: Client, schedule: DoseSchedule) -> None:
    same = {"id": schedule.pk, "other_times": "08:00"}
    assert post(client, schedule, same, instructions_en="before food").status_code == 302
    schedule.prescription.refresh_from_db()
    assert schedule.prescription.instructions_en == "before food"
    assert due(schedule) == ["24 08:00", "25 08:00"]


def test_another_zone_is_named(client: Client, schedule: DoseSchedule) -> None:
    schedule.prescription.patient.timezone = "Europe/London"
    schedule.prescription.patient.save()
    words = said(post(client, schedule, {"id": schedule.pk, "other_times": "20:00"}))
    assert "Times are those of the patient: Europe/London." in words


def test_the_list_says_whose_doses_cannot_be_planned(client: Client, schedule: DoseSchedule) -> None:
    stuck = DoseScheduleFactory(prescription__patient__clinic=schedule.prescription.patient.clinic)
    Patient.objects.filter(prescriptions=stuck.prescription).update(slot_times=["morning"])
    expand_doses(now=NOON)
    page = client.get("/admin/prescriptions/").content.decode()
    assert page.count("can’t be planned: look at the schedule") == 1
