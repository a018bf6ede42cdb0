"""The signals that this app sends to the apps above it."""

from django.dispatch import Signal

patient_clock_changed = Signal()
"""The zone or slot times in force for patients changed. Argument: `patient_ids`. Sent after the commit."""
