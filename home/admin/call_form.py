"""How a call went: the form, and its words."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from home.models import FollowUp
from home.worklist.calls import Call
from home.worklist.results import FURTHEST, LONGEST_NOTE, days_for, next_working_day
from notifications.texts.formats import day as day_words
from notifications.web.date_fields import DayField

Result = FollowUp.Result
BUTTONS: dict[str, Any] = {
    Result.WILL_COME: pgettext_lazy("how a call went", "Will come that day"),
    Result.CALL_LATER: pgettext_lazy("how a call went", "Call later"),
    Result.NO_ANSWER: pgettext_lazy("how a call went", "No answer"),
    Result.WRONG_NUMBER: pgettext_lazy("how a call went", "Wrong number"),
    Result.MOVED: pgettext_lazy("how a call went", "Moved"),
    Result.DIED: pgettext_lazy("how a call went", "Died"),
    Result.OTHER: pgettext_lazy("how a call went", "Other"),
}
"""What is tapped, in its order on the page."""


class CallForm(forms.Form):
    """`until` is read only for the results that have a day, so that whatever stands there stops no other one."""

    result = forms.ChoiceField(
        choices=Result.choices,
        error_messages={
            "required": gettext_lazy("Please say how the call went."),
            "invalid_choice": gettext_lazy("Please choose one of these."),
        },
    )
    until = DayField(required=False, label=gettext_lazy("Day"))
    note = forms.CharField(
        required=False,
        label=gettext_lazy("Note"),
        max_length=LONGEST_NOTE,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"max_length": gettext_lazy("This is too long: at most %(limit_value)d characters.")},
    )
    last = forms.IntegerField(required=False, min_value=0)

    def __init__(self, data: QueryDict | None = None, *, today: date) -> None:
        super().__init__(data, initial={"until": day_words(next_working_day(today))})
        self.today = today
        for name in ("until", "note"):
            described = f"call-{name}-help call-{name}-error"
            self.fields[name].widget.attrs |= {"id": f"call-{name}", "aria-describedby": described}

    def full_clean(self) -> None:
        """What stands in `until` is shown again as it is, whether it was read or not."""
        typed = self.data
        if _has_no_day(typed.get("result"), self.today):
            self.data = {**{name: typed.get(name) for name in self.fields}, "until": ""}
        super().full_clean()
        self.data = typed

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        result = cleaned.get("result")
        if result and "until" in cleaned:
            self._check_day(result, cleaned["until"])
        if result == Result.OTHER and not cleaned.get("note") and "note" not in self.errors:
            self.add_error(
                "note", ValidationError(_("Please say in a few words how it went."), code="required")
            )
        return cleaned

    def _check_day(self, result: str, until: date | None) -> None:
        days = days_for(result, today=self.today)
        if days is None or (until is None and result != Result.WILL_COME):
            return
        if until is None:
            self.add_error("until", ValidationError(_("On which day will they come?"), code="required"))
        elif until < days[0]:
            said = (
                _("This day is over.")
                if until < self.today
                else _("They are called later than today: give a day from tomorrow on.")
            )
            self.add_error("until", ValidationError(said, code="past"))
        elif until > days[1]:
            said = _("This is more than %(days)d days ahead.") % {"days": FURTHEST.days}
            self.add_error("until", ValidationError(said, code="far"))

    def call(self) -> Call:
        """What was said, once it is valid."""
        cleaned = self.cleaned_data
        return Call(cleaned["result"], cleaned["until"], cleaned["note"].strip(), cleaned["last"])


def _has_no_day(result: object, today: date) -> bool:
    return result in Result.values and days_for(str(result), today=today) is None
