"""The staff pages that belong to one patient of a clinic of the reader's."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.functional import cached_property
from django.views import View
from wagtail.admin import messages
from wagtail.admin.views.generic import PermissionCheckedMixin

from home.admin.patient_pages import OfPatient, patient_of
from home.models import Patient
from home.privacy.access_log import Kind, note
from medications.models import Prescription


class PatientPage(PermissionCheckedMixin, View):
    """What belongs to one patient of a clinic of the reader's; another one's is not found."""

    model: Any = Prescription
    permission_required = "view"
    access = Kind.LOOKED
    patient: Patient
    http_method_names = ["get", "head"]

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.patient = patient_of(request.user, self.patient_id())
        note(request, [self.patient.pk], self.access)

    def patient_id(self) -> Any:
        """Whose page it is."""
        return self.kwargs["patient_id"]

    @cached_property
    def now(self) -> datetime:
        return timezone.now()


class PatientActPage(OfPatient, PatientPage):
    """A page on which staff do something for the patient; it leads back to the patient's page."""

    http_method_names = ["get", "head", "post"]


class PrescriptionActPage(PatientActPage):
    """A page on which staff do something with one `prescription` of the patient."""

    prescription: Prescription

    def patient_id(self) -> int:
        rows = Prescription.objects.select_related("medicine", "patient__clinic").prefetch_related(
            "schedules"
        )
        self.prescription = get_object_or_404(rows, pk=self.kwargs["pk"])
        return int(self.prescription.patient_id)


class TreatmentActPage(PatientActPage):
    """One that leads back at once, and says `refused`, where the patient isn't treated here any more."""

    refused: Any = ""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if self.patient.is_in_care:
            return super().dispatch(request, *args, **kwargs)
        messages.error(request, self.refused)
        return HttpResponseRedirect(self.record_url)
