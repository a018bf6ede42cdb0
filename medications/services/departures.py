"""What becomes of a treatment when its patient dies or moves away, and when they are back.

Prescriptions don't end: no dose is planned, and nobody is reminded, while the patient isn't in care
(`home.models.in_care`). So a mistake can be taken back as a whole.
"""

from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from home.models import Patient
from medications.models import OPEN_STATES, Dose
from medications.selectors.medicines import going_on
from medications.services.replanning import replace_doses


def treatment_pauses(*, patient: Patient, now: datetime) -> list[str]:
    """Take the doses to come out of the plan, and end the reminders of those that are open; in words. In the caller's
    transaction, after the patient's row says it. The clinic is joined, `now` is aware.
    """
    prescriptions = list(going_on(patient, now=now).values_list("id", flat=True))
    open_doses = Dose.objects.filter(patient=patient, state__in=OPEN_STATES)
    ahead = open_doses.filter(due_at__gt=now).count()
    replace_doses(prescriptions=prescriptions, now=now)
    reminded = open_doses.filter(next_reminder_at__isnull=False).update(next_reminder_at=None)
    words = []
    if prescriptions:
        said = ngettext(
            "%(count)d prescription rests: no doses are planned, and nobody is reminded.",
            "%(count)d prescriptions rest: no doses are planned, and nobody is reminded.",
            len(prescriptions),
        )
        words.append(said % {"count": len(prescriptions)})
    if ahead:
        said = ngettext(
            "%(count)d dose to come is taken out of the plan.",
            "%(count)d doses to come are taken out of the plan.",
            ahead,
        )
        words.append(said % {"count": ahead})
    if reminded:
        words.append(_("Doses that are open now are not reminded of again."))
    return words


def treatment_resumes(*, patient: Patient, now: datetime) -> list[str]:
    """Plan the doses to come anew; in words. As `treatment_pauses`."""
    prescriptions = list(going_on(patient, now=now).values_list("id", flat=True))
    made = replace_doses(prescriptions=prescriptions, now=now).made
    if not made:
        return []
    said = ngettext(
        "%(count)d dose to come is planned again, with its reminder. See first whether the prescription still holds.",
        "%(count)d doses to come are planned again, with their reminders. See first whether the prescriptions still "
        "hold.",
        made,
    )
    return [said % {"count": made}]
