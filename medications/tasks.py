"""This app's Huey task. Losing one loses nothing: whoever claims goes on, and the next minute begins anew."""

from functools import partial

from django.utils import timezone
from huey.contrib.djhuey import db_task

from medications.services.reminders import CLAIM_DOSES, remind_by_pages
from notifications.work.turns import take_turn
from notifications.work.wakeups import SOON, answers_to, wake


@answers_to(CLAIM_DOSES)
@db_task(priority=SOON)
def claim_doses() -> None:
    """Claim due doses beside whoever began with it."""
    pages = remind_by_pages(now=timezone.now())
    take_turn(lambda: next(pages, 0) > 0, again=partial(wake, CLAIM_DOSES))
