"""What the pages about one patient share: who it is, where that is said, and the way back to the patient's page."""

from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from wagtail.admin.views.generic import PermissionCheckedMixin, WagtailAdminTemplateMixin

from home.models import Patient
from home.selectors import patients_visible_to_staff


def record_url(patient_id: int) -> str:
    """The address of a patient's page."""
    return reverse("patients:record", args=[patient_id])


def patient_of(user: Any, patient_id: int) -> Patient:
    """With the clinic. Http404 where this member of staff may not see the patient."""
    found: Patient = get_object_or_404(
        patients_visible_to_staff(user).select_related("clinic"), pk=patient_id
    )
    return found


class OfPatient(WagtailAdminTemplateMixin):
    """Says above a page whose it is, and leads back to the patient's page. Set `patient` before it is shown."""

    patient: Patient
    page_title: Any = ""

    @property
    def record_url(self) -> str:
        return record_url(self.patient.pk)

    def get_page_subtitle(self) -> str:
        return self.patient.get_full_name()

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        patients = {"url": reverse("patients:index"), "label": _("Patients")}
        patient = {"url": self.record_url, "label": str(self.patient)}
        return [*self.breadcrumbs_items, patients, patient, {"url": "", "label": str(self.page_title)}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return {**context, "patient": self.patient, "record_url": self.record_url}


class PatientPage(PermissionCheckedMixin, OfPatient):
    """Another clinic's patient is not found; the view set writes the look down."""

    model = Patient
    header_icon = "user"
    index_url_name = ""

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.patient = patient_of(request.user, kwargs["pk"])
