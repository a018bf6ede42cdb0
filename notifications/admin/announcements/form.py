"""What staff say to many people at once, in each language."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.widgets import AdminAutoHeightTextInput, AdminDateTimeInput

from notifications import audiences
from notifications.admin.short_text_length import as_typed, cost_of_title
from notifications.audiences import Within
from notifications.languages.listed import PAGES, label
from notifications.models import PriorityChoices
from notifications.types import Priority
from notifications.web.date_fields import MomentField
from notifications.web.visible import validate_visible

FARTHEST = timedelta(days=366)


class AnnouncementForm(forms.Form):
    """`user` may address the people of their own scope, and nobody else."""

    audiences = forms.MultipleChoiceField(label=gettext_lazy("To"), widget=forms.CheckboxSelectMultiple)
    within = forms.ChoiceField(label=gettext_lazy("Where"))
    priority = forms.ChoiceField(
        label=gettext_lazy("Priority"),
        initial=Priority.NORMAL.name.lower(),
        choices=[(Priority(value).name.lower(), label) for value, label in PriorityChoices.choices],
        help_text=gettext_lazy("Only urgent messages reach people during their quiet hours."),
    )
    at = MomentField(
        label=gettext_lazy("Date and time"),
        required=False,
        widget=AdminDateTimeInput,
    )

    fields: dict[str, Any]

    class Media:
        js = ["js/as-typed.js"]

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own = {}
        for language in PAGES:
            own[f"title_{language}"] = forms.CharField(
                label=_("Title (%(language)s)") % {"language": label(language)},
                max_length=200,
                widget=forms.TextInput(attrs={"lang": language}),
            )
        for language in PAGES:
            own[f"message_{language}"] = forms.CharField(
                label=_("Message (%(language)s)") % {"language": label(language)},
                widget=AdminAutoHeightTextInput(attrs={"rows": 4, "lang": language}),
            )
        for field in own.values():
            field.validators.append(validate_visible)
        self.fields = {**own, **self.fields}
        for language in PAGES:
            name = f"title_{language}"
            shown = self[name]
            # A bound field has taken its field's help over by now.
            shown.help_text = as_typed(name, cost_of_title(shown.value() or ""))
        self.scopes = {within.key: within for within in audiences.scopes_for(user)}
        self.fields["audiences"].choices = [(each.name, each.label) for each in audiences.known()]
        places = [(within.key, within.label) for within in self.scopes.values()]
        # Whoever has several says which: the first would be all of them.
        self.fields["within"].choices = places if len(places) == 1 else [("", _("Choose")), *places]
        self.fields["at"].help_text = _("Leave it empty to send at once. The time zone is %(zone)s.") % {
            "zone": timezone.get_current_timezone_name()
        }

    def clean_at(self) -> datetime | None:
        at: datetime | None = self.cleaned_data["at"]
        if at and at <= timezone.now():
            raise ValidationError(_("This is in the past. Leave it empty to send at once."), code="past")
        if at and at > timezone.now() + FARTHEST:
            raise ValidationError(_("This is too far away: a year at most."), code="far")
        return at

    def clean(self) -> dict[str, Any]:
        super().clean()
        cleaned = self.cleaned_data
        if "audiences" in cleaned and "within" in cleaned and not self.people():
            self.add_error("audiences", ValidationError(_("There is nobody in these groups."), code="nobody"))
        return cleaned

    @property
    def place(self) -> Within:
        """The part of the world that was chosen."""
        return self.scopes[self.cleaned_data["within"]]

    def people(self) -> int:
        """How many people would be told now."""
        return len(audiences.user_ids(self.cleaned_data["audiences"], self.place.limit))

    def titles(self) -> list[forms.BoundField]:
        return [self[f"title_{language}"] for language in PAGES]

    def messages(self) -> list[forms.BoundField]:
        return [self[f"message_{language}"] for language in PAGES]

    def texts(self, field: str) -> dict[str, str]:
        """A text by language."""
        return {language: self.cleaned_data[f"{field}_{language}"] for language in PAGES}
