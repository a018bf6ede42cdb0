"""A patient's page: who they are, what can be done, and the sections that the apps give."""

from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView
from wagtail.admin.views.generic import PermissionCheckedMixin, WagtailAdminTemplateMixin

from home.models import Patient
from home.record.sections import Reading, record_actions, record_sections
from home.selectors import patients_visible_to_staff


class RecordView(WagtailAdminTemplateMixin, PermissionCheckedMixin, TemplateView):
    """Another clinic's patient is not found; the view set sees to it, and to the access log."""

    page_title = _("Patient")
    header_icon = "user"
    model = Patient
    permission_policy: Any = None
    permission_required = "view"
    http_method_names = ["get", "head"]
    template_name = "home/admin/record.html"

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        visible = patients_visible_to_staff(request.user).select_related("clinic")
        self.patient: Patient = get_object_or_404(visible, pk=kwargs["pk"])

    def get_page_subtitle(self) -> str:
        return self.patient.get_full_name()

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        patients = {"url": reverse("patients:index"), "label": _("Patients")}
        return [*self.breadcrumbs_items, patients, {"url": "", "label": str(self.patient)}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        reader: Any = self.request.user
        reading = Reading(self.patient, reader, timezone.now())
        with timezone.override(self.patient.zone):
            sections = [
                {"section": section, "found": found}
                for section in record_sections()
                if self.request.user.has_perm(section.permission)
                and (found := section.select(reading)) is not None
            ]
            actions = [
                {"label": action.label, "url": url}
                for action in record_actions()
                if self.request.user.has_perm(action.permission) and (url := action.url(reading))
            ]
        return {**context, "patient": self.patient, "sections": sections, "actions": actions}
