"""Changes of an event that are refused, in the reader's language. Each raises EventRefusedError or does nothing."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from events.exceptions import refusal
from events.models import ClinicEvent
from home.models import Patient


def refuse_cancelled(event: ClinicEvent) -> None:
    if event.state == ClinicEvent.State.CANCELLED:
        raise refusal("event", _("This event was cancelled."), "cancelled")


def refuse_closed(event: ClinicEvent, now: datetime) -> None:
    """Refuses an event that is cancelled or over."""
    refuse_cancelled(event)
    if not event.is_open(now):
        raise refusal("event", _("This event is over."), "past")


def refuse_gone(patient: Patient) -> None:
    """Refuses whoever doesn't come any more."""
    if patient.deceased_on or patient.erased_at:
        raise refusal("patient", _("This patient has died."), "deceased")
    if patient.left_on:
        raise refusal("patient", _("This patient has left the clinic."), "left")


def refuse_past(starts_at: datetime, now: datetime) -> None:
    if starts_at <= now:
        raise refusal("starts_at", _("The start must be in the future."), "past")


def refuse_wrong_end(starts_at: datetime, ends_at: datetime) -> None:
    if ends_at <= starts_at:
        raise refusal("ends_at", _("The end must be after the start."), "end")


def refuse_too_small(capacity: int | None, taken: int) -> None:
    """Refuses a capacity that is less than the number of places taken."""
    if capacity is not None and capacity < taken:
        raise refusal(
            "capacity",
            _("%(taken)s people have joined already. There can’t be fewer places than that."),
            "too_small",
            taken=taken,
        )
