"""What the pages about one patient share: who it is, where that is said, and the way back to the patient's page."""

from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from wagtail.admin.views.generic import PermissionCheckedMixin, WagtailAdminTemplateMixin

from home.models import Patient
from home.selectors import patients_visible_to_staff


class PatientPage(PermissionCheckedMixin, WagtailAdminTemplateMixin):
    """Another clinic's patient is not found; the view set writes the look down."""

    model = Patient
    header_icon = "user"
    index_url_name = ""

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        visible = patients_visible_to_staff(request.user).select_related("clinic")
        self.patient: Patient = get_object_or_404(visible, pk=kwargs["pk"])

    @property
    def record_url(self) -> str:
        return reverse("patients:record", args=[self.patient.pk])

    def get_page_subtitle(self) -> str:
        return self.patient.get_full_name()

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        patients = {"url": reverse("patients:index"), "label": _("Patients")}
        patient = {"url": self.record_url, "label": str(self.patient)}
        return [*self.breadcrumbs_items, patients, patient, {"url": "", "label": str(self.page_title)}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return {**context, "patient": self.patient, "record_url": self.record_url}
