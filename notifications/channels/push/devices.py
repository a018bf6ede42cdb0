"""The browsers in which people turned notices on: added, renewed and removed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Coalesce
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _

from notifications.channels.push.device_names import device_name
from notifications.channels.push.hosts import is_push_service
from notifications.channels.push.vapid import from_base64
from notifications.models import PushSubscription
from notifications.signals import channel_switched

MOST = 10
"""Browsers a person; one more takes the place of the one that was used longest ago."""
_AUTH_BYTES = 16
_WELL: dict[str, Any] = {"failures": 0, "failing_since": None, "refused_at": None}


@dataclass(frozen=True, slots=True)
class Subscription:
    """What a browser gives whoever may send to it (Push API, PushSubscription.toJSON)."""

    endpoint: str
    p256dh: str
    auth: str


def read_subscription(data: Any) -> Subscription:
    """What a browser says it is reached by. Raises ValidationError for what is no push service's, or has no keys."""
    keys = data.get("keys") if isinstance(data, Mapping) else None
    endpoint = data.get("endpoint") if isinstance(data, Mapping) else None
    p256dh, auth = (keys.get("p256dh"), keys.get("auth")) if isinstance(keys, Mapping) else (None, None)
    if not isinstance(endpoint, str) or not is_push_service(endpoint, settings.PUSH_HOSTS):
        raise ValidationError(
            _("This browser’s push service is not one that we may send to."), code="endpoint"
        )
    if not isinstance(p256dh, str) or not isinstance(auth, str) or not _are_keys(p256dh, auth):
        raise ValidationError(_("This browser did not say how to reach it. Please try again."), code="keys")
    return Subscription(endpoint, p256dh, auth)


def devices_of(user_id: int) -> QuerySet[PushSubscription]:
    """This person's browsers, the newest first."""
    return PushSubscription.objects.filter(user_id=user_id).order_by("-created_at", "-id")


def device_add(
    *, user_id: int, subscription: Subscription, user_agent: str, now: datetime
) -> PushSubscription:
    """Show this person's notices in a browser, and no longer those of whoever had them there. May be repeated."""
    with transaction.atomic():
        device, _added = PushSubscription.objects.update_or_create(
            endpoint=subscription.endpoint,
            defaults={
                "user_id": user_id,
                "p256dh": subscription.p256dh,
                "auth": subscription.auth,
                "device": device_name(user_agent),
                "created_at": now,
                "last_used_at": None,
                **_WELL,
            },
        )
        used = PushSubscription.objects.filter(user_id=user_id).exclude(pk=device.pk)
        by_use = used.order_by(Coalesce("last_used_at", "created_at").desc(), "-id")
        too_many = list(by_use.values_list("pk", flat=True)[MOST - 1 :])
        PushSubscription.objects.filter(pk__in=too_many).delete()
        channel_switched.send(PushSubscription, user_id=user_id, channel="push", on=True, how="site", now=now)
    return device


def device_renew(*, old: Subscription, new: Subscription) -> bool:
    """A browser's push service gave it another address; whether we knew the old one.

    The old address and secret, which nobody but the browser has, say that it is the same.
    """
    known = PushSubscription.objects.filter(endpoint=old.endpoint).first()
    if known is None or not constant_time_compare(known.auth, old.auth):
        return False
    with transaction.atomic():
        PushSubscription.objects.filter(endpoint=new.endpoint).exclude(pk=known.pk).delete()
        changed = PushSubscription.objects.filter(pk=known.pk, endpoint=old.endpoint)
        return bool(changed.update(endpoint=new.endpoint, p256dh=new.p256dh, auth=new.auth, **_WELL))


def device_remove(*, user_id: int, device_id: int) -> bool:
    """Show no more notices in that browser; whether it was one of theirs."""
    return bool(PushSubscription.objects.filter(user_id=user_id, pk=device_id).delete()[0])


def _are_keys(p256dh: str, auth: str) -> bool:
    """A point of P-256 and a secret of 16 bytes (RFC 8291 3.1, 3.2), of a length that our columns hold."""
    if len(p256dh) > 90 or len(auth) > 30:
        return False
    try:
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), from_base64(p256dh))
        return len(from_base64(auth)) == _AUTH_BYTES
    except ValueError:
        return False
