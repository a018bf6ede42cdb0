"""Notes on a patient's page: read and written. Nobody edits one."""

from datetime import datetime

from home.models import Patient, PatientNote, User

LATEST = 10


def latest_notes(patient: Patient, *, limit: int = LATEST) -> list[PatientNote]:
    """The latest first, with their authors. One query, by index."""
    rows = PatientNote.objects.filter(patient=patient).select_related("author").order_by("-at", "-id")
    return list(rows[:limit])


def note_add(*, patient: Patient, author: User, text: str, now: datetime) -> PatientNote:
    """Write one down. `now` is aware."""
    return PatientNote.objects.create(patient=patient, author=author, at=now, text=text)
