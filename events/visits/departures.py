"""What becomes of the visits of a patient who died, moved away, was lost, is erased, or goes to another clinic."""

from datetime import datetime

from events.models import Visit


def visits_cancel_all(patient_id: int, now: datetime) -> int:
    """Cancel all that are planned, and tell nobody; how many. Safe to repeat."""
    planned = Visit.objects.filter(patient_id=patient_id, state=Visit.State.PLANNED)
    return planned.update(state=Visit.State.CANCELLED, decided_at=now, decided_side="", next_step_at=None)


def visits_follow(patient_id: int, clinic_id: int) -> int:
    """What is planned of a patient whom another clinic took over is that clinic's; how many. Safe to repeat."""
    planned = Visit.objects.filter(patient_id=patient_id, state=Visit.State.PLANNED)
    return planned.exclude(clinic_id=clinic_id).update(clinic_id=clinic_id)
