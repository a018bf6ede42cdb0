"""The commands that an operator runs: each says in a line what it did, and may be repeated."""

from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from notifications.models import Notification, PeriodicRun, PeriodicTask
from notifications.scheduler import NotificationScheduler
from notifications.work import periodic
from tests.factories import UserFactory
from tests.notifications.factories import NotificationFactory

pytestmark = pytest.mark.django_db


def run(name: str, **options: Any) -> str:
    output = StringIO()
    call_command(name, stdout=output, **options)
    return output.getvalue()


def test_setup_makes_each_row_once_and_keeps_what_staff_changed() -> None:
    PeriodicTask.objects.all().delete()
    count = len(periodic.declared())
    assert run("setup_notification_tasks") == f"{count} periodic tasks added, {count} in all.\n"
    PeriodicTask.objects.filter(name="Sent texts").update(cron="0 4 * * *", enabled=False)
    assert run("setup_notification_tasks").startswith("0 ")
    changed = PeriodicTask.objects.get(name="Sent texts")
    assert (changed.cron, changed.enabled) == ("0 4 * * *", False)


def test_force_sets_the_times_back_and_reset_begins_anew() -> None:
    run("setup_notification_tasks")
    task = PeriodicTask.objects.get(name="Sent texts")
    PeriodicRun.objects.create(task=task, slot=timezone.now(), due_at=timezone.now())
    PeriodicTask.objects.filter(pk=task.pk).update(cron="0 4 * * *", enabled=False)

    run("setup_notification_tasks", force=True)
    task.refresh_from_db()
    assert (task.cron, task.enabled, task.runs.count()) == ("30 * * * *", False, 1)

    run("setup_notification_tasks", reset=True)
    assert PeriodicTask.objects.get(name="Sent texts").enabled
    assert not PeriodicRun.objects.exists()


def test_list_shows_each_task_with_its_next_run() -> None:
    run("setup_notification_tasks")
    PeriodicTask.objects.filter(name="Sent texts").update(enabled=False)
    lines = run("setup_notification_tasks", list=True).splitlines()
    assert len(lines) == len(periodic.declared())
    off = next(line for line in lines if line.startswith("Sent texts"))
    assert "off" in off
    assert "no next run" in off
    sweep = next(line for line in lines if line.startswith("Sweep"))
    assert f"next {timezone.localtime() + timedelta(minutes=1):%Y-%m-%d %H:%M}" in sweep


def test_what_is_due_is_sent_by_hand_once() -> None:
    user = UserFactory()
    at = timezone.now() + timedelta(hours=1)
    NotificationScheduler().schedule_notification(
        recipients=[user.pk], title="Clinic day", message="Bring your card.", scheduled_at=at
    )
    assert run("process_scheduled_notifications").startswith("0 ")
    Notification.objects.update(scheduled_at=timezone.now())
    assert run("process_scheduled_notifications").startswith("1 ")
    assert run("process_scheduled_notifications").startswith("0 ")


def test_what_failed_is_tried_again_a_hundred_at_a_time_and_three_times_at_most() -> None:
    user = UserFactory()
    Notification.objects.bulk_create(
        NotificationFactory.build_batch(101, recipient=user, scheduled_status="failed", failures=1)
    )
    NotificationFactory(recipient=user, scheduled_status="failed", failures=3)
    assert run("retry_failed_notifications").startswith("100 tried again")
    assert run("retry_failed_notifications").startswith("1 tried again")
    assert run("retry_failed_notifications").startswith("0 tried again")
    assert Notification.objects.filter(scheduled_status="failed").count() == 1


def test_cancelled_ones_go_after_their_days_and_old_ones_after_their_retention() -> None:
    user = UserFactory()
    at = timezone.now() + timedelta(days=90)
    scheduler = NotificationScheduler()
    called_off, waiting = (
        scheduler.schedule_notification(
            recipients=[user.pk], title=title, message="It rains.", scheduled_at=at
        )[0]
        for title in ("Called off", "Waiting")
    )
    scheduler.cancel_scheduled(notification_id=called_off)
    NotificationFactory(delete_at=timezone.now())
    said = run("cleanup_notifications")
    assert said.startswith("Deleted: 0 cancelled, ")
    assert " 1 notifications, " in said
    said = run("cleanup_notifications", days=0)
    assert said.startswith("Deleted: 1 cancelled, ")
    assert " 0 notifications, " in said
    assert Notification.objects.get().pk == waiting


def test_days_beyond_what_is_kept_at_all_are_refused() -> None:
    with pytest.raises(CommandError, match="--days"):
        run("cleanup_notifications", days=31)
