"""Rows' texts in each language, as values of placeholders."""

from django.db.models import Model

from medications.formats import MedicineValue
from medications.models import Medicine
from notifications.languages.listed import PAGES
from notifications.texts.formats import Bilingual


def bilingual_of(row: Model, field: str) -> Bilingual:
    """A translated field in each language of pages; empty where it is missing."""
    return tuple(getattr(row, f"{field}_{language}") or "" for language in PAGES)


def medicine_of(row: Medicine) -> MedicineValue:
    return MedicineValue(bilingual_of(row, "name"), row.strength)
