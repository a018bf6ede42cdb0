"""The time zones that a person may choose."""

from functools import cache
from zoneinfo import available_timezones

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _


@cache
def timezone_names() -> frozenset[str]:
    """The IANA names that this machine knows; reading them takes a while, so once."""
    return frozenset(available_timezones())


def validate_timezone(name: str) -> None:
    """Refuse what isn't an IANA time zone."""
    if name not in timezone_names():
        raise ValidationError(_("“%(name)s” is not a time zone."), code="timezone", params={"name": name})
