"""A patient's vaccination card, as staff print it, in the language that its reader has."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.views.generic import View
from wagtail.admin.views.generic import PermissionCheckedMixin

from home.admin.patient_pages import patient_of
from home.privacy.access_log import Kind, note
from medications.models import VaccinationRecord
from medications.presentation.vaccination_card import card
from medications.selectors.people import Person
from notifications.languages.listed import PAGES, active, others, own_name


class CardView(PermissionCheckedMixin, View):
    """With `?language=` it is in that, else in the nurse's own."""

    model = VaccinationRecord
    permission_required = "view"
    http_method_names = ["get", "head"]
    index_url_name = ""

    def get(self, request: HttpRequest, patient_id: int) -> HttpResponse:
        patient = patient_of(request.user, patient_id)
        note(request, [patient.pk], Kind.PRINTED)
        asked = request.GET.get("language", "")
        language = asked if asked in PAGES else active()
        [other] = others(language)
        with translation.override(language):
            context: dict[str, Any] = card(Person(patient, False), now=timezone.now())
            context |= {
                "back": reverse(self.index_url_name),
                "other": other,
                "other_name": own_name(other),
                "other_url": f"?language={other}",
            }
            return render(request, "medications/vaccination_card.html", context)
