"""What staff should know of at once, on the admin's first page."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count, Min, Q
from django.utils import timezone
from wagtail.admin.ui.components import Component
from wagtail.permissions import policy_registry

from notifications.channels import breaker
from notifications.channels.sms.gateways.registry import GATEWAYS as SMS
from notifications.channels.voice.gateways.registry import GATEWAYS as VOICE
from notifications.channels.voice.providers import AMONG_OTHERS
from notifications.channels.whatsapp.sending import provider_name
from notifications.models import Delivery, Notification
from notifications.models.delivery import SAYS_WHY
from notifications.scope import limit

PERIOD = timedelta(hours=24)
OVERDUE = timedelta(minutes=2)
"""A worker that died is found out within this time; what waits longer waits for a reason."""


class MessagesPanel(Component):
    """What was given up in the last day, what should have gone out by now, and who doesn't carry it. Four queries."""

    name = "messages"
    template_name = "notifications/admin/dashboard_panel.html"
    order = 250

    def get_context_data(self, parent_context: Mapping[str, Any]) -> dict[str, Any]:
        user = parent_context["request"].user
        if not policy_registry.get_by_type(Notification).user_has_permission(user, "view"):
            return {"shown": False}
        now = timezone.now()
        deliveries = limit(user, Delivery.objects.all()).order_by()
        given_up = deliveries.filter(
            SAYS_WHY, finished_at__gte=now - PERIOD, state__in=[Delivery.State.FAILED, Delivery.State.EXPIRED]
        )
        counts = given_up.aggregate(
            failed=Count("pk", filter=Q(state=Delivery.State.FAILED)),
            expired=Count("pk", filter=Q(state=Delivery.State.EXPIRED)),
        )
        never_sent = limit(user, Notification.objects.all()).order_by()
        expired = never_sent.filter(
            scheduled_status=Notification.Status.EXPIRED, created_at__gte=now - PERIOD
        ).count()
        overdue = deliveries.filter(finished_at__isnull=True, due_at__lt=now - OVERDUE).aggregate(
            count=Count("pk"), oldest=Min("due_at")
        )
        by_whatsapp = provider_name() if settings.WHATSAPP_PROVIDER else ""
        by_voice = {f"{AMONG_OTHERS}{name}": VOICE[name].label for name in settings.VOICE_PROVIDERS}
        by_sms = {name: SMS[name].label for name in settings.SMS_PROVIDERS}
        down = breaker.down([*by_sms, by_whatsapp, *by_voice])
        return {
            "shown": True,
            "whatsapp_down": down.get(by_whatsapp),
            "sms_down": [(label, down[name]) for name, label in by_sms.items() if name in down],
            "voice_down": [(label, down[name]) for name, label in by_voice.items() if name in down],
            "failed": counts["failed"],
            "expired": counts["expired"] + expired,
            "overdue": overdue["count"],
            "oldest": overdue["oldest"],
        }
