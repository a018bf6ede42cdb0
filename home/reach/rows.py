"""Who is reached, asked of the database: the rule of `home.reach.ways`, as conditions on care roles.

Both are held to the same answers by a test.
"""

from django.db.models import Exists, OuterRef, Q, QuerySet

from home.carers import may_be_told
from home.models import CareRole, Consent
from home.privacy.sentences import REMINDERS
from notifications.channels import registry as in_use
from notifications.models import NotificationPreferences, PushSubscription, Suppression, WhatsAppRefusal
from notifications.selectors.people import SWITCHES, is_on_at_first


def reached(roles: QuerySet[CareRole], *channels: str) -> QuerySet[CareRole]:
    """Of these roles those whose people get what is sent about treatment, by one of these channels or, without any
    named, by whichever.
    """
    by_any = Q()
    for channel in channels or [name for name in SWITCHES if name in in_use.outside()]:
        by_any |= confirmed(channel) & _works(channel)
    return roles.filter(by_any, may_be_told(), _agreed(REMINDERS), user__is_active=True)


def confirmed(channel: str) -> Q:
    """Of care roles those whose people have an address there that is confirmed."""
    if channel == "push":
        return Q(Exists(PushSubscription.objects.filter(user=OuterRef("user"))))
    field = {"sms": "phone", "whatsapp": "phone", "voice": "phone", "email": "email"}[channel]
    return Q(**{f"user__{field}__isnull": False, f"user__{field}_verified_at__isnull": False})


def failing() -> Q:
    """Of care roles those whose people have an e-mail address from which mail comes back, or is unwanted."""
    return Q(
        Exists(Suppression.objects.filter(channel="email", address=OuterRef("user__email"), cleared_at=None))
    )


def _works(channel: str) -> Q:
    switch, usual = SWITCHES[channel], is_on_at_first(SWITCHES[channel])
    unusual = Q(Exists(NotificationPreferences.objects.filter(user=OuterRef("user"), **{switch: not usual})))
    works = _agreed(channel) & (~unusual if usual else unusual)
    if channel == "whatsapp":
        return works & ~Q(Exists(WhatsAppRefusal.objects.filter(user=OuterRef("user"))))
    return works & ~failing() if channel == "email" else works


def _agreed(purpose: str) -> Q:
    return Q(
        Exists(Consent.objects.filter(user=OuterRef("user"), purpose=purpose, withdrawn_at__isnull=True))
    )
