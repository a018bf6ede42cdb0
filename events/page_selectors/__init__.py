"""Reads of the patients' pages that nothing else needs."""
