"""The time zones that a person may choose."""

from zoneinfo import available_timezones

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _


def validate_timezone(name: str) -> None:
    """Refuse what isn't an IANA time zone."""
    if name not in available_timezones():
        raise ValidationError(_("“%(name)s” is not a time zone."), code="timezone", params={"name": name})
