"""Devices whose push service has refused them for days: their owners must turn notices on there again."""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime, timedelta

from django.db.models import DateTimeField, ExpressionWrapper, F
from django.db.models.functions import Coalesce

from notifications.channels.push.hosts import origin_of
from notifications.encryption.cipher import is_unreadable
from notifications.models import PushSubscription

REFUSED_FOR = timedelta(days=3)
"""From the first refusal to one that no acceptance came before: long enough for a push service to be in trouble."""
LATEST = 500
"""So many devices that took something last say which push services take what we send."""


def refused(device_ids: Collection[int], *, now: datetime) -> None:
    """Note that their push services take nothing for them, however often it is tried."""
    devices = PushSubscription.objects.filter(pk__any_of=device_ids)
    devices.update(failing_since=Coalesce("failing_since", now), refused_at=now)


def lost_devices(*, now: datetime) -> list[PushSubscription]:
    """Those that are no good any more. Two queries.

    A service that takes nothing for several devices, and took nothing for any other either, may be in trouble with our
    key: then it is for staff to mend, and none of its devices is lost.
    """
    over = ExpressionWrapper(F("failing_since") + REFUSED_FOR, output_field=DateTimeField())
    failing = PushSubscription.objects.filter(failing_since__lte=now - REFUSED_FOR, refused_at__gte=over)
    by_service = defaultdict(list)
    for device in failing.select_related("user").order_by("id"):
        # One that can't be read was never tried.
        if not is_unreadable(device.endpoint):
            by_service[origin_of(device.endpoint)].append(device)
    if not by_service:
        return []
    taken = PushSubscription.objects.filter(last_used_at__gt=now - REFUSED_FOR).order_by("-last_used_at")
    endpoints = taken.values_list("endpoint", flat=True)[:LATEST]
    well = {origin_of(endpoint) for endpoint in endpoints if not is_unreadable(endpoint)}
    return [
        device
        for service, devices in by_service.items()
        if service in well or len(devices) == 1
        for device in devices
    ]
