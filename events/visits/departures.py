"""What becomes of the visits of a patient who died, moved away, was lost or is erased."""

from datetime import datetime

from events.models import Visit


def visits_cancel_all(patient_id: int, now: datetime) -> int:
    """Cancel all that are planned, and tell nobody; how many. Safe to repeat."""
    planned = Visit.objects.filter(patient_id=patient_id, state=Visit.State.PLANNED)
    return planned.update(state=Visit.State.CANCELLED, decided_at=now, decided_side="", next_step_at=None)
