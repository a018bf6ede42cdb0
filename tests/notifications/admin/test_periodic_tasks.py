"""Staff change when a periodic task runs, and nothing else about it."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from notifications.models import PeriodicRun, PeriodicTask

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


@pytest.fixture
def task(db: None) -> PeriodicTask:
    return PeriodicTask.objects.create(
        name="Low stock check",
        cron="0 */6 * * *",
        timezone="Africa/Johannesburg",
        last_slot=NOW - timedelta(days=9),
    )


def save(client: Client, task: PeriodicTask, **fields: str) -> object:
    data = {"enabled": "on", "cron": task.cron, "timezone": task.timezone} | fields
    response = client.post(reverse("periodic_tasks:edit", args=[task.pk]), data)
    task.refresh_from_db()
    return response


def test_the_list_says_when_each_runs_and_what_it_did_last(head_office: Client, task: PeriodicTask) -> None:
    for hours, result in ((6, "2 warnings"), (12, "1 warning")):
        slot = NOW - timedelta(hours=hours)
        PeriodicRun.objects.create(task=task, slot=slot, due_at=slot, state="done", result=result)
    page = head_office.get(reverse("periodic_tasks:index")).content.decode()
    assert "Low stock check" in page
    assert "every sixth hour" in page
    assert "2 warnings" in page
    assert "1 warning<" not in page


@time_machine.travel(NOW, tick=False)
def test_new_times_count_from_now_on(head_office: Client, task: PeriodicTask) -> None:
    save(head_office, task, cron="  30  7 * *  1-5 ")
    assert task.cron == "30 7 * * 1-5"
    assert task.last_slot == timezone.now()


def test_saving_it_unchanged_leaves_its_last_slot(head_office: Client, task: PeriodicTask) -> None:
    save(head_office, task)
    assert task.last_slot == NOW - timedelta(days=9)


def test_it_can_be_switched_off(head_office: Client, task: PeriodicTask) -> None:
    save(head_office, task, enabled="")
    assert not task.enabled


@pytest.mark.parametrize("cron", ["", "often", "* * * *", "61 * * * *", "0 0 30 2 *", "* * * * * *"])
def test_times_that_cannot_be_are_refused_beside_the_field(
    head_office: Client, task: PeriodicTask, cron: str
) -> None:
    response = save(head_office, task, cron=cron)
    assert list(response.context["form"].errors) == ["cron"]
    assert task.cron == "0 */6 * * *"


def test_a_zone_that_does_not_exist_is_refused(head_office: Client, task: PeriodicTask) -> None:
    response = save(head_office, task, timezone="Mars/Olympus")
    assert list(response.context["form"].errors) == ["timezone"]


def test_the_name_stays(head_office: Client, task: PeriodicTask) -> None:
    save(head_office, task, name="Other")
    assert task.name == "Low stock check"


def test_no_task_is_added_or_deleted(head_office: Client, task: PeriodicTask) -> None:
    for address in (reverse("periodic_tasks:add"), reverse("periodic_tasks:delete", args=[task.pk])):
        assert head_office.get(address).status_code == 302
        head_office.post(address, {"name": "New", "cron": "* * * * *", "timezone": "UTC"})
    assert PeriodicTask.objects.get() == task


@pytest.mark.parametrize("name", ["index", "index_results", "edit", "history", "usage"])
def test_nurses_and_patients_are_kept_out(
    nurse: Client, patient_user: object, task: PeriodicTask, name: str
) -> None:
    address = reverse(
        f"periodic_tasks:{name}", args=[task.pk] if name in ("edit", "history", "usage") else []
    )
    patient = Client()
    patient.force_login(patient_user)
    for client in (nurse, patient, Client()):
        assert client.get(address).status_code == 302
        assert client.post(address, {"cron": "* * * * *"}).status_code in (302, 405)
    task.refresh_from_db()
    assert task.cron == "0 */6 * * *"
