"""The named times of a day, which a clinic or a patient may set."""

import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

SLOTS = {
    "morning": _("morning"),
    "afternoon": _("afternoon"),
    "evening": _("evening"),
    "bedtime": _("bedtime"),
}

_TIME = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]")


def validate_slot_times(value: object) -> None:
    """Accept {"morning": "07:30", ...}: any of the four slots, each with a time of "HH:MM"."""
    if not isinstance(value, dict):
        raise ValidationError(_("Times must be given by name, like morning 07:30."), code="slots")
    for slot, at in value.items():
        if slot not in SLOTS:
            raise ValidationError(
                _("There is no time named “%(slot)s”."), code="slots", params={"slot": slot}
            )
        if not isinstance(at, str) or not _TIME.fullmatch(at):
            raise ValidationError(
                _("The time for %(slot)s must be written like 07:30."),
                code="slots",
                params={"slot": SLOTS[slot]},
            )
