"""A pattern as a nurse fills it in: how often, on which days, at which times, until when; never JSON."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.dates import MONTHS, WEEKDAYS
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from events.admin.pattern_fields import DatesField, choice_of_number, day_field, time_field
from events.admin.pattern_words import NTHS
from events.rules.config import MOST, RecurringConfig, parse
from events.rules.errors import ConfigError

BY_MONTH = ("monthly", "quarterly", "yearly")
KINDS = {
    "weekly": _("every week"),
    "monthly": _("every month"),
    "quarterly": _("every quarter"),
    "yearly": _("every year"),
}
DAYS = {
    "date": _("on a day of the month, such as the 15th"),
    "nth": _("on a weekday of the month, such as the second Tuesday"),
    "after": _("on the first such weekday on or after a day of the month"),
}
ENDS = {
    "never": pgettext_lazy("end of a series", "no end date"),
    "until": pgettext_lazy("end of a series", "ends on a day"),
    "count": pgettext_lazy("end of a series", "ends after a number of events"),
}

ASKED: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "weekdays": {"type": ("weekly",)},
    "month": {"type": ("yearly",)},
    "day": {"type": BY_MONTH},
    "month_day": {"type": BY_MONTH, "day": ("date", "after")},
    "clamp": {"type": BY_MONTH, "day": ("date", "after")},
    "nth": {"type": BY_MONTH, "day": ("nth",)},
    "weekday": {"type": BY_MONTH, "day": ("nth", "after")},
    "until": {"ends": ("until",)},
    "count": {"ends": ("count",)},
}
"""The answers to other questions with which a question is asked. A question that is not listed is always asked."""

_MAY_BE_EMPTY = ("weekdays", "clamp")
_FRIENDLIER = {
    ("interval", "needs"): (
        "start_date",
        _("Give the first day: the weeks or months are counted from it."),
    ),
    ("count", "needs"): ("start_date", _("Give the first day: the events are counted from it.")),
    ("until", "before_start"): ("until", _("This is before the first day.")),
    ("month_day", "never"): ("month_day", _("That month never has this day.")),
    ("weekday", "missing"): ("weekdays", _("Choose at least one day.")),
}
"""The field that shows an error of a pattern, and its sentence there, by key and code."""
_OTHERWISE = _("This can’t be. Please check it.")


class PatternForm(forms.Form):
    """Reads and writes a recurring_config. Answers to questions that are not asked are ignored (`ASKED`).

    `initial_of` gives the initial data of a pattern. A valid form has the pattern in `cleaned_data["config"]`.
    """

    type = forms.ChoiceField(label=_("How often"), choices=list(KINDS.items()), initial="weekly")
    interval = forms.IntegerField(
        label=_("Repeat every"),
        min_value=1,
        max_value=MOST,
        initial=1,
        help_text=_("1 is every week or month, 2 is every second one."),
    )
    weekdays = forms.TypedMultipleChoiceField(
        label=_("Days"),
        choices=list(WEEKDAYS.items()),
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    month = choice_of_number(MONTHS.items(), label=_("Month"))
    day = forms.ChoiceField(
        label=_("Which day"),
        choices=list(DAYS.items()),
        initial="nth",
        required=False,
        widget=forms.RadioSelect,
    )
    nth = choice_of_number(NTHS.items(), label=pgettext_lazy("nth weekday", "Which"))
    weekday = choice_of_number(WEEKDAYS.items(), label=_("Weekday"))
    month_day = choice_of_number(
        [*((day, day) for day in range(1, 32)), (-1, _("the last day"))], label=_("Day of the month")
    )
    clamp = forms.BooleanField(
        label=_("In shorter months, use the last day"),
        required=False,
        help_text=_("Otherwise there is no event in a month that does not have this day."),
    )
    start_time = time_field(_("Starts at"))
    end_time = time_field(
        _("Ends at"), help_text=_("If this is not later than the start, the event ends on the next day.")
    )
    start_date = day_field(
        _("First day"),
        help_text=_("The first event is on the first matching day on or after this date."),
    )
    ends = forms.ChoiceField(
        label=_("When it ends"), choices=list(ENDS.items()), initial="never", widget=forms.RadioSelect
    )
    until = day_field(_("Last day"))
    count = forms.IntegerField(
        label=_("How many events"),
        required=False,
        min_value=1,
        max_value=MOST,
        help_text=_("Dates that are left out count too."),
    )
    skip_public_holidays = forms.BooleanField(
        label=_("Not on South Africa’s public holidays"), required=False
    )
    skip_dates = DatesField(
        label=_("Not on these dates"), required=False, help_text=_("One date on each line, like 2026-12-16.")
    )
    active = forms.BooleanField(
        label=_("Create events"),
        required=False,
        initial=True,
        help_text=_("If you clear this, no new events are created. Existing events stay."),
    )

    def clean(self) -> dict[str, Any]:
        super().clean()
        cleaned = self.cleaned_data
        for name in ASKED:
            if not _is_asked(name, cleaned):
                self.errors.pop(name, None)
            elif name not in self.errors and name not in _MAY_BE_EMPTY and cleaned.get(name) in (None, ""):
                self.add_error(name, ValidationError(_("Fill this in too."), code="required"))
        if not any(name in self.errors for name in PatternForm.base_fields):
            try:
                cleaned["config"] = parse(_config(cleaned))
            except ConfigError as error:
                self._refuse(error)
        return cleaned

    def _refuse(self, error: ConfigError) -> None:
        field, sentence = _FRIENDLIER.get((error.key, error.code), (error.key, _OTHERWISE))
        self.add_error(
            field if field in self.fields else None, ValidationError(sentence, params=dict(error.params))
        )


def initial_of(config: RecurringConfig) -> dict[str, Any]:
    """The initial values of a `PatternForm` for this pattern."""
    day = "date"
    if config.weekdays and config.type != "weekly":
        day = "nth" if config.nth is not None else "after"
    return {
        "type": config.type,
        "interval": config.interval,
        "weekdays": list(config.weekdays) if config.type == "weekly" else [],
        "month": config.month,
        "day": day if config.type != "weekly" else None,
        "nth": config.nth,
        "weekday": config.weekdays[0] if config.weekdays and config.type != "weekly" else None,
        "month_day": config.month_day,
        "clamp": config.clamp,
        "start_time": config.start_time,
        "end_time": config.end_time,
        "start_date": config.start_date,
        "ends": "until" if config.until else "count" if config.count else "never",
        "until": config.until,
        "count": config.count,
        "skip_public_holidays": config.skip_public_holidays,
        "skip_dates": config.skip_dates,
        "active": config.active,
    }


def _is_asked(name: str, answers: Mapping[str, Any]) -> bool:
    return all(answers.get(other) in allowed for other, allowed in ASKED.get(name, {}).items())


def _config(cleaned: Mapping[str, Any]) -> dict[str, Any]:
    """The recurring_config that was filled in."""
    config: dict[str, Any] = {
        "type": cleaned["type"],
        "start_time": f"{cleaned['start_time']:%H:%M}",
        "end_time": f"{cleaned['end_time']:%H:%M}",
        "skip_dates": list(cleaned["skip_dates"]),
    }
    as_they_are = (
        "interval",
        "active",
        "start_date",
        "skip_public_holidays",
        "month",
        "month_day",
        "nth",
        "weekday",
        "until",
        "count",
    )
    config |= {name: cleaned.get(name) for name in as_they_are if _is_asked(name, cleaned)}
    # A weekly pattern refuses the key, even when it is False. None counts as absent.
    if _is_asked("clamp", cleaned):
        config["clamp"] = cleaned["clamp"] or None
    if _is_asked("weekdays", cleaned):
        config["weekdays"] = cleaned["weekdays"] or None
    return config
