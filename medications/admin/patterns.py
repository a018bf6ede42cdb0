"""The usual ways to take a medicine, each one choice, and below them those that need more fields."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

USUAL: Mapping[str, tuple[Any, Mapping[str, Any]]] = {
    "morning": (_("Once a day, in the morning"), {"kind": "times", "slots": ["morning"]}),
    "evening": (_("Once a day, in the evening"), {"kind": "times", "slots": ["evening"]}),
    "twice": (_("Twice a day"), {"kind": "times", "slots": ["morning", "evening"]}),
    "thrice": (_("Three times a day"), {"kind": "times", "slots": ["morning", "afternoon", "evening"]}),
    "weekly": (_("Once a week, on one day"), {"kind": "times", "slots": ["morning"]}),
    "taper": (_("In steps, up or down"), {"kind": "taper", "slots": ["morning"]}),
    "as_needed": (_("Only when needed"), {"kind": "as_needed"}),
}
"""What stands in the list, and the values of the rule's fields that it gives."""
OTHER: Mapping[str, Any] = {
    "times": _("At other times, or on chosen weekdays"),
    "every_n_days": _("Every few days"),
    "cycle": _("Some days on, some days off"),
    "interval": _("Every few hours"),
}
"""By the kind of rule. Their fields are filled in."""

CHOICES: list[tuple[Any, Any]] = [
    *((name, label) for name, (label, _values) in USUAL.items()),
    (_("Another way"), list(OTHER.items())),
]


def values_of(pattern: str, cleaned: Mapping[str, Any]) -> dict[str, Any]:
    """The values of the rule's fields for a pattern, with what was filled in where the pattern leaves it open."""
    values = {**cleaned, "kind": pattern, "end_date": None}
    if pattern in USUAL:
        # Fields of other patterns may have been filled in before this one was chosen.
        values |= {"slots": [], "other_times": "", "weekdays": [], **USUAL[pattern][1]}
    if pattern == "weekly":
        values["weekdays"] = [cleaned["weekday"]]
    if values["kind"] not in _COUNTED:
        values["start_date"] = None
    return values


_COUNTED = ("taper", "every_n_days", "cycle")
"""The kinds whose days are counted from the first one."""
