"""Not more messages a second than a provider takes, over all processes."""

import time

from django.db import transaction

from notifications.models import SmsProvider

LONGEST_WAIT = 2.0
"""Seconds. Who would have to wait longer goes ahead: a clock that was put back mustn't stop reminders."""


def wait_for_slot(name: str, rate: float | None) -> None:
    """Come back when this provider may get its next message, of so many a second; at once where it has no rate."""
    if rate:
        time.sleep(max(0.0, _take_slot(name, 1 / rate) - time.time()))


def _take_slot(name: str, seconds: float) -> float:
    with transaction.atomic():
        SmsProvider.objects.get_or_create(name=name)
        row = SmsProvider.objects.select_for_update().get(name=name)
        now = time.time()
        slot = min(max(row.next_slot, now), now + LONGEST_WAIT)
        SmsProvider.objects.filter(pk=row.pk).update(next_slot=slot + seconds)
    return slot
