"""Access: a person opens pages about the patients that they care for, and about nobody else."""

from django.urls import reverse

from medications.selectors.day import dose_of
from medications.selectors.people import prescription_of
from notifications.web.access import of_their_own


def _today(_id: int) -> str:
    return reverse("medications:today")


own_dose = of_their_own(dose_of, page=_today)
"""Hands the view the dose of that id: `@own_dose("GET")`."""
own_prescription = of_their_own(prescription_of, page=_today)
"""Hands the view the prescription of that id."""
