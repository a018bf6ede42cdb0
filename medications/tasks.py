"""This app's Huey tasks. Losing one loses nothing: whoever claims goes on, and the next minute begins anew."""

from functools import partial

from django.utils import timezone
from huey.contrib.djhuey import db_task

from medications.services.reminders import CLAIM_DOSES, remind_by_pages, remind_of_schedule
from medications.services.stock_warnings import send_low_stock_warnings
from notifications.work.turns import take_turn
from notifications.work.wakeups import SOON, answers_to, wake


@answers_to(CLAIM_DOSES)
@db_task(priority=SOON)
def claim_doses() -> None:
    """Claim due doses beside whoever began with it."""
    pages = remind_by_pages(now=timezone.now())
    take_turn(lambda: next(pages, 0) > 0, again=partial(wake, CLAIM_DOSES))


@db_task(priority=SOON)
def send_medication_reminder(schedule_id: int) -> int:
    """Remind of this schedule's doses that are due, without waiting for the minute; how many doses."""
    return remind_of_schedule(schedule_id, now=timezone.now())


@db_task(priority=SOON)
def check_low_stock_alerts() -> int:
    """Warn of stock that runs out soon, without waiting for the next check; how many new warnings."""
    return send_low_stock_warnings(now=timezone.now())
