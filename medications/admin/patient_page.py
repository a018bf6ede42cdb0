"""The staff pages that belong to one patient of a clinic of the reader's."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views import View
from wagtail.admin.views.generic import PermissionCheckedMixin, WagtailAdminTemplateMixin

from home.models import Patient
from home.privacy.access_log import Kind, note
from home.selectors import patients_visible_to_staff
from medications.models import Prescription


class PatientPage(PermissionCheckedMixin, View):
    """What belongs to one patient of a clinic of the reader's; another one's is not found."""

    model: Any = Prescription
    permission_required = "view"
    access = Kind.LOOKED
    http_method_names = ["get", "head"]

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        visible = patients_visible_to_staff(request.user).select_related("clinic")
        self.patient: Patient = get_object_or_404(visible, pk=self.patient_id())
        note(request, [self.patient.pk], self.access)

    def patient_id(self) -> Any:
        """Whose page it is."""
        return self.kwargs["patient_id"]

    @cached_property
    def now(self) -> datetime:
        return timezone.now()


class PatientActPage(WagtailAdminTemplateMixin, PatientPage):
    """A page on which staff do something for the patient; it leads back to the patient's page."""

    http_method_names = ["get", "head", "post"]
    page_title: Any = ""

    def get_page_subtitle(self) -> str:
        return self.patient.get_full_name()

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        patients = {"url": reverse("patients:index"), "label": _("Patients")}
        patient = {"url": self.record_url, "label": str(self.patient)}
        return [*self.breadcrumbs_items, patients, patient, {"url": "", "label": self.page_title}]

    @property
    def record_url(self) -> str:
        return reverse("patients:record", args=[self.patient.pk])
