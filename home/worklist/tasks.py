"""The Huey task that brings a list up to date at which somebody looks. If one is lost, the periodic task does it."""

from collections.abc import Collection

from django.utils import timezone
from huey.contrib.djhuey import db_task

from home.worklist.refresh import REFRESH_LISTS, refresh_stale
from notifications.work.wakeups import SOON, answers_to


@answers_to(REFRESH_LISTS)
@db_task(priority=SOON)
def refresh_lists(clinic_ids: Collection[int]) -> None:
    """Of these clinics, as far as nobody did so meanwhile."""
    refresh_stale(clinic_ids, now=timezone.now())
