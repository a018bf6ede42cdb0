"""The invitations on a patient's page in the admin."""

from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from wagtail.admin.panels import Panel

from home.models import Patient


class InvitationsPanel(Panel):
    """On a patient's page: the invitations, and the link to make another."""

    class BoundPanel(Panel.BoundPanel):
        template_name = "home/admin/invitations_panel.html"

        def is_shown(self) -> bool:
            return self.instance.pk is not None and self.request.user.has_perm("home.view_invitation")

        def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
            now = timezone.now()
            patient: Patient = self.instance
            invite = reverse("invitations:add")
            return {
                **super().get_context_data(parent_context),
                "invitations": [(each, each.state(now).label) for each in patient.invitations.all()],
                "invite_url": f"{invite}?{urlencode({'patient': patient.pk})}",
                "list_url": reverse("invitations:index"),
            }
