"""Rows' texts in both languages, as values of placeholders."""

from django.db.models import Model

from medications.formats import MedicineValue
from medications.models import Medicine
from notifications.texts.formats import Bilingual


def bilingual_of(row: Model, field: str) -> Bilingual:
    """A translated field in English and Afrikaans; empty where it is missing."""
    return getattr(row, f"{field}_en") or "", getattr(row, f"{field}_af") or ""


def medicine_of(row: Medicine) -> MedicineValue:
    return MedicineValue(bilingual_of(row, "name"), row.strength)
