"""A person's months: what was taken, how long it lasts, and their treatment as a file."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from medications.presentation.months import months
from medications.presentation.treatment_files import csv_file, fhir_file
from medications.selectors.people import Person, people_cared_for
from medications.views.access import own_person
from medications.views.chips import chips, chosen
from notifications.web.access import PersonalRequest, reading

_PAGE = "medications/adherence.html"


@reading
def adherence(request: PersonalRequest) -> HttpResponse:
    """One person's month: `who` and `month` ("2026-11") name them, else it is the reader's and the present one."""
    people = people_cared_for(request.user)
    if not people:
        return render(request, _PAGE, {"nav": "medicines"})
    now = timezone.now()
    person = chosen(people, request.GET) or people[0]
    context = {
        "nav": "medicines",
        "chips": chips(people, person, page="medications:adherence", now=now),
        "query": f"who={person.patient.pk}&",
        **months(person, request.GET.get("month", ""), now=now),
    }
    return render(request, _PAGE, context)


@own_person("GET", "HEAD")
def treatment_as_csv(request: PersonalRequest, person: Person) -> HttpResponse:
    return csv_file(person.patient, now=timezone.now())


@own_person("GET", "HEAD")
def treatment_as_fhir(request: PersonalRequest, person: Person) -> HttpResponse:
    return fhir_file(person.patient, now=timezone.now())
