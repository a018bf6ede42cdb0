"""Between a dose rule as it is stored and the values of the form's fields."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils import timezone

from home.slot_times import SLOTS
from medications.number_field import as_typed
from medications.rules import doses
from medications.rules.errors import RuleError

ON_A_CLOCK = ("times", "every_n_days", "cycle", "taper")
"""The kinds whose doses are at times of the day."""
_STEP = re.compile(r"\s*([0-9.,]*\s?[¼½¾]?)\s*(?:x|×|\*)\s*([0-9]+)\s*")
_KEYS = {
    "times": ("weekdays",),
    "every_n_days": ("n",),
    "cycle": ("on", "off"),
    "taper": (),
    "interval": ("hours",),
    "as_needed": ("min_hours", "max_per_day"),
}


def rule_of(cleaned: Mapping[str, Any]) -> dict[str, Any]:
    """The rule that these values make. Empty fields are left out, so that a rule that needs one is refused by its name.

    Raises RuleError for a step that can't be read.
    """
    kind = cleaned["kind"]
    rule: dict[str, Any] = {"kind": kind}
    rule |= {key: _plain(cleaned[key]) for key in _KEYS[kind]}
    if kind in ON_A_CLOCK:
        rule["times"] = [*cleaned["slots"], *re.findall(r"[^\s,;]+", cleaned["other_times"])]
    if kind == "taper":
        rule["steps"] = [_step(line) for line in cleaned["steps"].splitlines() if line.strip()]
    elif cleaned["quantity"] is not None:
        rule["quantity"] = format(cleaned["quantity"].normalize(), "f")
    if kind == "interval" and cleaned["first"]:
        rule["first"] = cleaned["first"].isoformat()
    for key in ("start_date", "end_date"):
        if cleaned[key]:
            rule[key] = cleaned[key].isoformat()
    return {key: value for key, value in rule.items() if value not in (None, [])}


def _plain(value: Any) -> Any:
    """The value as JSON has it, where hours are a number."""
    return float(value) if isinstance(value, Decimal) else value


def _step(line: str) -> dict[str, Any]:
    match = _STEP.fullmatch(line)
    quantity = as_typed(match[1]) if match else None
    if match is None or quantity is None:
        raise RuleError("steps", "steps: each must be written as in 2 × 5.")
    return {"quantity": format(quantity.normalize(), "f"), "days": int(match[2])}


def initial_of(rule: Mapping[str, Any]) -> dict[str, Any]:
    """The values of the form's fields for a rule."""
    times = rule.get("times") or []
    interval: Any = doses.parse(rule) if rule.get("kind") == "interval" else None
    first = interval.first if interval else None
    return {
        **{key: rule.get(key) for key in ("kind", "n", "on", "off", "hours", "min_hours", "max_per_day")},
        "quantity": rule.get("quantity"),
        "slots": [each for each in times if each in SLOTS],
        "other_times": ", ".join(each for each in times if each not in SLOTS),
        "weekdays": rule.get("weekdays") or [],
        "steps": "\n".join(f"{step['quantity']} × {step['days']}" for step in rule.get("steps") or []),
        "first": timezone.localtime(first) if first else None,
        "start_date": rule.get("start_date"),
        "end_date": rule.get("end_date"),
    }
