"""The form of a series: what its messages follow, and each message with the days after that."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.widgets import AdminAutoHeightTextInput

from notifications import audiences
from notifications.languages.listed import PAGES, label
from notifications.models import MessageSeries
from notifications.web.visible import validate_visible

LONGEST = 3650
"""Days after the date."""
MOST = 60
AT_FIRST, MORE = 13, 4
"""Empty messages in the form of a new series, which has one for each of twelve weeks, and of one that is changed."""


class SeriesForm(forms.Form):
    """`user` may address the people of their own scope, and nobody else. It begins with what `series` says."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=120, validators=[validate_visible])
    within = forms.ChoiceField(label=gettext_lazy("Where"))
    start = forms.ChoiceField(label=gettext_lazy("Counted from"))
    chosen = forms.MultipleChoiceField(
        label=gettext_lazy("Which medicines"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Only for a prescription of one of these."),
    )
    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)

    fields: dict[str, Any]

    def __init__(self, *args: Any, user: Any, series: MessageSeries | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.series = series
        self.scopes = {within.key: within for within in audiences.scopes_for(user)}
        self.starts = {each.name: each for each in audiences.starts()}
        places = [(within.key, within.label) for within in self.scopes.values()]
        self.fields["within"].choices = places if len(places) == 1 else [("", _("Choose")), *places]
        self.fields["start"].choices = [
            ("", _("Choose")),
            *((each.name, each.label) for each in self.starts.values()),
        ]
        self.fields["chosen"].choices = self._choices()
        if not self.fields["chosen"].choices:
            del self.fields["chosen"]
        if series is not None:
            self.initial = {
                "name": series.name,
                "within": next((key for key, each in self.scopes.items() if each.limit == series.within), ""),
                "start": series.start,
                "chosen": series.values,
                "seen": series.latest_revision_id,
            }

    def clean(self) -> dict[str, Any]:
        super().clean()
        cleaned = self.cleaned_data
        if self._takes_choices(cleaned.get("start", "")) and not cleaned.get("chosen"):
            field = "chosen" if "chosen" in self.fields else "start"
            self.add_error(field, ValidationError(_("Choose at least one medicine."), code="none"))
        return cleaned

    def written(self, steps: list[dict[str, Any]]) -> MessageSeries:
        """The series as the form has it, not saved."""
        series = self.series or MessageSeries(created_at=timezone.now())
        cleaned = self.cleaned_data
        series.name, series.start, series.steps = cleaned["name"], cleaned["start"], steps
        series.within = dict(self.scopes[cleaned["within"]].limit)
        series.values = cleaned.get("chosen", []) if self._takes_choices(series.start) else []
        return series

    def _takes_choices(self, name: str) -> bool:
        return name in self.starts and self.starts[name].choices is not None

    def _choices(self) -> list[tuple[str, Any]]:
        now = timezone.now()
        widest = [each for each in self.scopes.values() if not each.limit] or list(self.scopes.values())
        found = {
            value: words
            for start in self.starts.values()
            if start.choices is not None
            for within in widest
            for value, words in start.choices(within.limit, now)
        }
        kept: Sequence[str] = self.series.values if self.series else ()
        return list(
            {**found, **{value: _("no longer there") for value in kept if value not in found}}.items()
        )


class StepForm(forms.Form):
    """One message; empty is none."""

    day = forms.IntegerField(
        label=gettext_lazy("Days after it"), required=False, min_value=0, max_value=LONGEST
    )

    fields: dict[str, Any]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Else Django reads nothing of a message that stays as it was, as if there were none.
        self.empty_permitted = False
        for language in PAGES:
            self.fields[f"title_{language}"] = forms.CharField(
                label=_("Title (%(language)s)") % {"language": label(language)},
                max_length=200,
                required=False,
                widget=forms.TextInput(attrs={"lang": language}),
            )
        for language in PAGES:
            self.fields[f"message_{language}"] = forms.CharField(
                label=_("Message (%(language)s)") % {"language": label(language)},
                required=False,
                widget=AdminAutoHeightTextInput(attrs={"rows": 2, "lang": language}),
            )
        for name, field in self.fields.items():
            if name != "day":
                field.validators.append(validate_visible)

    def clean(self) -> dict[str, Any]:
        super().clean()
        cleaned = self.cleaned_data
        if self.errors or all(value in (None, "") for value in cleaned.values()):
            return cleaned
        for name, value in list(cleaned.items()):
            if value in (None, ""):
                said = _("Fill in all of this message, or leave all of it empty.")
                self.add_error(name, ValidationError(said, code="half"))
        return cleaned


class BaseSteps(forms.BaseFormSet):  # type: ignore[type-arg]  # Django's take no arguments when they run
    def clean(self) -> None:
        if any(self.errors):
            return
        days = [step["day"] for step in self.steps()]
        if not days:
            raise ValidationError(_("A series needs at least one message."), code="none")
        if len(days) != len(set(days)):
            raise ValidationError(_("Two messages have the same day."), code="twice")

    def steps(self) -> list[dict[str, Any]]:
        """The messages as they are kept, by their days."""
        written = [form.cleaned_data for form in self.forms if form.cleaned_data.get("day") is not None]
        steps = [
            {
                "day": each["day"],
                "title": {language: each[f"title_{language}"] for language in PAGES},
                "message": {language: each[f"message_{language}"] for language in PAGES},
            }
            for each in written
        ]
        return sorted(steps, key=lambda step: step["day"])


def steps_form(data: Any, series: MessageSeries | None) -> Any:
    """The messages of a series, each a form, and some empty ones after them."""
    initial = [
        {
            "day": step["day"],
            **{f"title_{language}": step["title"].get(language, "") for language in PAGES},
            **{f"message_{language}": step["message"].get(language, "") for language in PAGES},
        }
        for step in (series.steps if series else [])
    ]
    made = forms.formset_factory(
        StepForm, formset=BaseSteps, extra=MORE if initial else AT_FIRST, max_num=MOST, absolute_max=MOST
    )
    return made(data, initial=initial, prefix="steps")
