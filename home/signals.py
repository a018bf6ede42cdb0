"""The signals that this app sends to the apps above it."""

from django.dispatch import Signal

patient_clock_changed = Signal()
"""The zone or slot times in force for patients changed. Arguments: `patient_ids`, and `now`, aware.

Sent after the commit of the change, in a transaction that holds the patients and ends with their change done. A
receiver gives back the ids of those of whom it could not move all: they come again. Safe to be told twice.
"""
