"""A patient's months for staff of their clinic, and the treatment as a file, each download of which is logged."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView
from wagtail.admin.panels import Panel
from wagtail.admin.views.generic import WagtailAdminTemplateMixin
from wagtail.log_actions import log

from home.privacy.access_log import Kind
from medications.admin.patient_page import PatientPage
from medications.presentation.months import months
from medications.presentation.treatment_files import csv_file, fhir_file
from medications.selectors.people import Person

_FILES = {"csv": csv_file, "fhir": fhir_file}


class AdherenceView(WagtailAdminTemplateMixin, PatientPage, TemplateView):
    """One month, as the patient has it too."""

    page_title = _("What was taken")
    header_icon = "calendar-check"
    template_name = "medications/admin/adherence.html"

    def get_page_subtitle(self) -> str:
        return self.patient.get_full_name()

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        patients = {"url": reverse("patients:index"), "label": _("Patients")}
        patient = {"url": reverse("patients:record", args=[self.patient.pk]), "label": str(self.patient)}
        return [*self.breadcrumbs_items, patients, patient, {"url": "", "label": self.page_title}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        asked = self.request.GET.get("month", "")
        return {
            **super().get_context_data(**kwargs),
            **months(Person(self.patient, False), asked, now=self.now),
            "query": "",
        }


class TreatmentFileView(PatientPage):
    access = Kind.EXPORTED

    def get(self, request: HttpRequest, patient_id: int, kind: str) -> HttpResponse:
        if kind not in _FILES:
            raise Http404
        response = _FILES[kind](self.patient, now=self.now)
        log(instance=self.patient, action="medications.export", user=request.user)
        return response


class AdherencePanel(Panel):
    """On the page of a prescription: the way to its patient's months."""

    class BoundPanel(Panel.BoundPanel):
        template_name = "medications/admin/adherence_panel.html"

        def is_shown(self) -> bool:
            return self.instance.pk is not None

        def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
            address = reverse("patient_adherence", args=[self.instance.patient_id])
            return {
                **super().get_context_data(parent_context),
                "adherence_url": f"{address}#medicine-{self.instance.pk}",
            }
