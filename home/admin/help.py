"""The page that explains the site to a nurse, in her words."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView
from wagtail.admin.views.generic import WagtailAdminTemplateMixin

from home.models import StaffRole


class HelpView(WagtailAdminTemplateMixin, TemplateView):
    template_name = "home/admin/help.html"
    page_title = _("Help")
    header_icon = "help"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """With the managers of the reader's clinics: they are whom to ask."""
        reader: Any = self.request.user
        clinics = StaffRole.objects.filter(user=reader).values("clinic_id")
        managers = StaffRole.objects.filter(
            clinic__in=clinics, role=StaffRole.Role.MANAGER, user__is_active=True
        )
        return super().get_context_data(
            managers=managers.select_related("user", "clinic").order_by("clinic__name", "user__last_name"),
            **kwargs,
        )
