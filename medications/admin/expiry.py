"""Whether an expiry date that staff typed can be one."""

from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

_LONGEST = timedelta(days=366 * 20)


def check_year(expiry_date: date, *, today: date) -> None:
    """Long expired or far away is a slip of the finger: ValidationError."""
    if abs(expiry_date - today) > _LONGEST:
        raise ValidationError(_("Please check the year: medicine is not kept so long."), code="year")
