"""What a clinic may set otherwise in the settings, with what holds when it doesn't."""

from datetime import timedelta

from django.conf import settings


def horizon_days() -> int:
    """How many days ahead doses are rows."""
    return getattr(settings, "MEDICATION_HORIZON_DAYS", 14)


def nag_interval() -> timedelta:
    """Between one reminder of a dose and the next; also how long "later" is."""
    return timedelta(minutes=getattr(settings, "MEDICATION_NAG_MINUTES", 15))


def nag_repeats() -> int:
    """How often a reminder that isn't answered comes again."""
    return getattr(settings, "MEDICATION_NAG_REPEATS", 2)


def missed_window() -> timedelta:
    """How long after its time a dose that isn't answered counts as missed."""
    return timedelta(minutes=getattr(settings, "MEDICATION_MISSED_MINUTES", 120))
