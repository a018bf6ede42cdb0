"""Access: a person opens pages about the patients that they care for, and about nobody else."""

from django.urls import reverse

from home.models import User
from medications.selectors.day import dose_of
from medications.selectors.people import Person, people_cared_for, person_of, prescription_of
from notifications.web.access import of_their_own


def _today(_id: int) -> str:
    return reverse("medications:today")


def _person_of(user: User, patient_id: int) -> Person | None:
    return person_of(people_cared_for(user), patient_id)


own_dose = of_their_own(dose_of, page=_today)
"""Hands the view the dose of that id: `@own_dose("GET")`."""
own_prescription = of_their_own(prescription_of, page=_today)
"""Hands the view the prescription of that id."""
own_person = of_their_own(_person_of, page=_today)
"""Hands the view the person who is the patient of that id."""
