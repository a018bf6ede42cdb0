"""The rows that whoever changes a visit locks, in the one order: the patient's, then the visit's.

Whoever departs or is transferred is locked in that order too, and so are two who plan at once; so nobody waits for each
other, and nobody meets at the constraint.
"""

from events.models import Visit
from home.models import Patient


def lock_patient(patient_id: int) -> Patient:
    """The patient with the clinic, locked until the transaction ends. Patient.DoesNotExist when there is none."""
    return Patient.objects.select_for_update(of=("self",)).select_related("clinic").get(pk=patient_id)


def lock_visit(visit_id: int) -> Visit:
    """The visit with its patient and clinic, both rows locked as above. Visit.DoesNotExist when there is none."""
    lock_patient(Visit.objects.values_list("patient_id", flat=True).get(pk=visit_id))
    rows = Visit.objects.select_for_update(of=("self",)).select_related("patient", "clinic")
    return rows.get(pk=visit_id)
