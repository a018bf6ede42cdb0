"""The form in which staff say by which channels the messages of a category go, in which order."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.boundfield import BoundField
from django.utils.translation import gettext as _

from notifications.channels import registry as channels
from notifications.rules.plans import LONGEST, Plan, Step


class RoutingPlanForm(forms.Form):
    """A line for each channel in use: which it is, and how long it waits for the line before. Lines may stay empty."""

    def __init__(self, *args: Any, plan: Plan, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        outside = channels.outside()
        labels = [("", _("– nothing –")), *((name, channel.label) for name, channel in outside.items())]
        steps = [step for step in plan if step.channel in outside]
        self.numbers = range(1, len(outside) + 1)
        for number in self.numbers:
            step = steps[number - 1] if number <= len(steps) else None
            self.fields[f"channel_{number}"] = forms.ChoiceField(
                label=_("First") if number == 1 else _("Then"),
                choices=labels,
                required=number == 1,
                initial=step.channel if step else "",
            )
            if number > 1:
                self.fields[f"minutes_{number}"] = forms.IntegerField(
                    label=_("Minutes after the one before"),
                    min_value=1,
                    max_value=LONGEST,
                    required=False,
                    initial=step.minutes if step else None,
                )

    def lines(self) -> Iterator[tuple[BoundField, BoundField | None]]:
        """The fields of each line."""
        for number in self.numbers:
            yield self[f"channel_{number}"], self[f"minutes_{number}"] if number > 1 else None

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        found: set[str] = set()
        for number in self.numbers:
            channel = cleaned.get(f"channel_{number}")
            if channel and channel in found:
                self.add_error(
                    f"channel_{number}",
                    ValidationError(_("This channel has a place further up already."), code="twice"),
                )
            if channel and number > 1 and cleaned.get(f"minutes_{number}", 0) is None:
                self.add_error(
                    f"minutes_{number}",
                    ValidationError(_("Say how many minutes it waits."), code="required"),
                )
            found.add(channel or "")
        return cleaned

    def plan(self) -> Plan:
        """What was chosen; call it when the form is valid."""
        chosen = self.cleaned_data
        return tuple(
            Step(chosen[f"channel_{number}"], chosen.get(f"minutes_{number}") or 0)
            for number in self.numbers
            if chosen[f"channel_{number}"]
        )
