"""A pattern of dates on which something is told, as staff fill it in: that of an event, without its end."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from events.admin.pattern_fields import day_field, time_field
from events.admin.pattern_form import ASKED, ENDS, PatternForm, initial_of
from events.admin.pattern_words import dates_words, left_out_words
from events.rules.config import MOST, parse
from notifications.admin.announcements.pattern import PatternPages


class TellingForm(PatternForm):
    """A valid one has the `pattern` (JSON) among what is cleaned."""

    end_time: Any = None
    active: Any = None
    start_time = time_field(_("At what time"))
    start_date = day_field(
        _("First day"), help_text=_("It is told first on the first matching day on or after this date.")
    )
    clamp = forms.BooleanField(
        label=_("In shorter months, use the last day"),
        required=False,
        help_text=_("Otherwise nobody is told in a month that does not have this day."),
    )
    ends = forms.ChoiceField(
        label=_("When it ends"),
        choices=[
            *((name, ENDS[name]) for name in ("never", "until")),
            ("count", _("ends after so many times")),
        ],
        initial="never",
        widget=forms.RadioSelect,
    )
    count = forms.IntegerField(
        label=_("How many times"),
        required=False,
        min_value=1,
        max_value=MOST,
        help_text=_("Dates that are left out count too."),
    )

    def clean(self) -> dict[str, Any]:
        # A message takes no time: a pattern is that of something that ends, a day later where both are the same.
        self.cleaned_data |= {"end_time": self.cleaned_data.get("start_time"), "active": True}
        cleaned = super().clean()
        if "config" in cleaned:
            cleaned["pattern"] = cleaned["config"].as_json()
        return cleaned


def _initial(pattern: Mapping[str, Any]) -> dict[str, Any]:
    return initial_of(parse(pattern))


def _words(pattern: Mapping[str, Any]) -> str:
    return capfirst(dates_words(parse(pattern)))


def _left_out(pattern: Mapping[str, Any], day: date) -> str:
    return left_out_words(parse(pattern), day)


PAGES = PatternPages(form=TellingForm, asked=ASKED, initial=_initial, words=_words, left_out=_left_out)
