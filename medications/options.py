"""The options of this app in the settings, with their defaults."""

from datetime import timedelta

from django.conf import settings


def horizon_days() -> int:
    """How many days ahead doses are stored as rows."""
    return getattr(settings, "MEDICATION_HORIZON_DAYS", 14)


def nag_interval() -> timedelta:
    """Time between two reminders of a dose; also the delay of "later"."""
    return timedelta(minutes=getattr(settings, "MEDICATION_NAG_MINUTES", 15))


def nag_repeats() -> int:
    """How many times an unanswered reminder is repeated."""
    return getattr(settings, "MEDICATION_NAG_REPEATS", 2)


def missed_window() -> timedelta:
    """How long after its due time an unanswered dose counts as missed."""
    return timedelta(minutes=getattr(settings, "MEDICATION_MISSED_MINUTES", 120))


def overdue_days() -> tuple[int, ...]:
    """After how many days people are asked again about an overdue vaccination; the last is when the nurse does."""
    return tuple(sorted(getattr(settings, "VACCINATION_OVERDUE_DAYS", (7, 28))))
