"""The page with the whole history of a medicine: each dose, and all that was ever answered to it."""

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from medications.models import Prescription
from medications.presentation.history_lines import history_lines
from medications.selectors.medicines import whole_history
from medications.selectors.people import Person, people_cared_for
from medications.views.access import own_prescription
from notifications.web.access import PersonalRequest

PER_PAGE = 50


@own_prescription("GET", "HEAD")
def history(request: PersonalRequest, prescription: Prescription) -> HttpResponse:
    """All doses, the latest first, in pages (`page`)."""
    now = timezone.now()
    person = Person(prescription.patient, False)
    page = Paginator(whole_history(prescription, now=now), PER_PAGE).get_page(request.GET.get("page"))
    is_own = any(
        each.is_self and each.patient == prescription.patient for each in people_cared_for(request.user)
    )
    context = {
        "nav": "medicines",
        "prescription": prescription,
        "for_whom": "" if is_own else prescription.patient.get_full_name(),
        "page": page,
        "lines": history_lines(page.object_list, person, request.user, now=now),
    }
    return render(request, "medications/history.html", context)
