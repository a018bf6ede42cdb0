"""What staff say to many people at once, in each language."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.widgets import AdminAutoHeightTextInput, AdminDateTimeInput

from notifications import audiences, recurrence
from notifications.admin.announcements.list_file import read_lines
from notifications.admin.announcements.pattern import pages
from notifications.admin.short_text_length import as_typed, cost_of_title
from notifications.audiences import LIST, Filter, Within
from notifications.languages.listed import PAGES, label
from notifications.models import Announcement, PriorityChoices
from notifications.types import Priority
from notifications.web.date_fields import MomentField
from notifications.web.visible import validate_visible

FARTHEST = timedelta(days=366)


class AnnouncementForm(forms.Form):
    """`user` may address the people of their own scope, and nobody else. It begins with what `announcement` says."""

    audiences = forms.MultipleChoiceField(label=gettext_lazy("To"), widget=forms.CheckboxSelectMultiple)
    within = forms.ChoiceField(label=gettext_lazy("Where"))
    list_file = forms.FileField(
        label=gettext_lazy("Only the people of a list"),
        required=False,
        help_text=gettext_lazy(
            "A CSV file with a folder number or a phone number at the start of each line."
        ),
    )
    without_list = forms.BooleanField(label=gettext_lazy("Without the list"), required=False)
    priority = forms.ChoiceField(
        label=gettext_lazy("Priority"),
        initial=Priority.NORMAL.name.lower(),
        choices=[(Priority(value).name.lower(), label) for value, label in PriorityChoices.choices],
        help_text=gettext_lazy("Only urgent messages reach people during their quiet hours."),
    )
    repeats = forms.BooleanField(
        label=gettext_lazy("Again and again"),
        required=False,
        help_text=gettext_lazy(
            "On the dates that you give below. The list of people is looked up on each of them."
        ),
    )
    at = MomentField(
        label=gettext_lazy("Date and time"),
        required=False,
        widget=AdminDateTimeInput,
    )
    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)

    fields: dict[str, Any]

    class Media:
        js = ["js/as-typed.js"]

    def __init__(
        self, *args: Any, user: Any, announcement: Announcement | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.initial = _initial(announcement, user)
        self.announcement = announcement
        self.unknown: Sequence[str] = ()
        """The lines of the list that fit nobody, once the form is clean."""
        self.fields = {**_texts(), **self.fields}
        for language in PAGES:
            name = f"title_{language}"
            shown = self[name]
            # A bound field has taken its field's help over by now.
            shown.help_text = as_typed(name, cost_of_title(shown.value() or ""))
        self.dates = self._dates()
        self.scopes = {within.key: within for within in audiences.scopes_for(user)}
        self.fields["audiences"].choices = [(each.name, each.label) for each in audiences.known()]
        places = [(within.key, within.label) for within in self.scopes.values()]
        # Whoever has several says which: the first would be all of them.
        self.fields["within"].choices = places if len(places) == 1 else [("", _("Choose")), *places]
        self.fields["at"].help_text = _("Leave it empty to send at once. The time zone is %(zone)s.") % {
            "zone": timezone.get_current_timezone_name()
        }
        if not self._kept_list():
            del self.fields["without_list"]
        for each in audiences.filters():
            if choices := self._choices(each):
                self.fields[_field_of(each)] = forms.MultipleChoiceField(
                    label=each.label, choices=choices, required=False, widget=forms.CheckboxSelectMultiple
                )

    def clean_at(self) -> datetime | None:
        at: datetime | None = self.cleaned_data["at"]
        if at and at <= timezone.now():
            raise ValidationError(_("This is in the past. Leave it empty to send at once."), code="past")
        if at and at > timezone.now() + FARTHEST:
            raise ValidationError(_("This is too far away: a year at most."), code="far")
        return at

    def clean_repeats(self) -> bool:
        repeats: bool = self.cleaned_data["repeats"]
        if repeats and not self.dates.is_valid():
            raise ValidationError(_("Please look at the dates again."), code="dates")
        if repeats and not self._has_a_date():
            self.dates.add_error("start_date", _("In the year to come there is no such date."))
            raise ValidationError(_("Please look at the dates again."), code="dates")
        return repeats

    def clean_list_file(self) -> list[str] | None:
        file = self.cleaned_data["list_file"]
        return read_lines(file) if file else None

    def clean(self) -> dict[str, Any]:
        super().clean()
        cleaned = self.cleaned_data
        if cleaned.get("repeats") and cleaned.get("at"):
            said = _("It is told on the dates below. Leave this empty, or choose to tell it once.")
            self.add_error("at", ValidationError(said, code="twice"))
        if "audiences" not in cleaned or "within" not in cleaned or "list_file" not in cleaned:
            return cleaned
        cleaned["filters"] = self._chosen()
        if self.errors:
            return cleaned
        alone = [name for name in cleaned["audiences"] if not audiences.is_of_subjects(name)]
        if alone and audiences.chooses_subjects(cleaned["filters"]):
            labels = dict(self.fields["audiences"].choices)
            said = _("Only patients can be chosen so. Leave out: %(groups)s.")
            groups = ", ".join(str(labels[name]) for name in alone)
            self.add_error("audiences", ValidationError(said % {"groups": groups}, code="alone"))
        elif not self.people():
            self.add_error("audiences", ValidationError(_("There is nobody in these groups."), code="nobody"))
        return cleaned

    @property
    def place(self) -> Within:
        """The part of the world that was chosen."""
        return self.scopes[self.cleaned_data["within"]]

    def people(self) -> int:
        """How many people would be told now."""
        cleaned = self.cleaned_data
        return len(
            audiences.user_ids(cleaned["audiences"], self.place.limit, cleaned["filters"], now=timezone.now())
        )

    def titles(self) -> list[forms.BoundField]:
        return [self[f"title_{language}"] for language in PAGES]

    def messages(self) -> list[forms.BoundField]:
        return [self[f"message_{language}"] for language in PAGES]

    def filters(self) -> list[forms.BoundField]:
        return [self[_field_of(each)] for each in audiences.filters() if _field_of(each) in self.fields]

    def questions(self) -> list[tuple[forms.BoundField, str]]:
        """Those about the dates, each with the answers to others with which it is asked (as JSON)."""
        asked = pages().asked
        return [
            (
                field,
                json.dumps(
                    {
                        self.dates.add_prefix(other): list(answers)
                        for other, answers in asked.get(field.name, {}).items()
                    }
                ),
            )
            for field in self.dates
        ]

    def of_list(self) -> list[forms.BoundField]:
        return [self[name] for name in ("list_file", "without_list") if name in self.fields]

    def texts(self, field: str) -> dict[str, str]:
        """A text by language."""
        return {language: self.cleaned_data[f"{field}_{language}"] for language in PAGES}

    def written(self) -> Announcement:
        """The announcement as the form has it, not saved."""
        announcement = self.announcement or Announcement(created_at=timezone.now())
        cleaned = self.cleaned_data
        announcement.title, announcement.message = self.texts("title"), self.texts("message")
        announcement.audiences, announcement.filters = cleaned["audiences"], cleaned["filters"]
        announcement.within = dict(self.place.limit)
        announcement.priority = Priority[cleaned["priority"].upper()]
        announcement.at = cleaned["at"]
        announcement.pattern = self.dates.cleaned_data["pattern"] if cleaned["repeats"] else None
        return announcement

    def _dates(self) -> forms.Form:
        """The form of the dates; what stands in it counts only where it is to be told again and again."""
        given = self.data if self.is_bound and self["repeats"].value() else None
        initial: dict[str, Any] = {"start_date": timezone.localdate()}
        if self.announcement and self.announcement.pattern:
            initial = pages().initial(self.announcement.pattern)
        return pages().form(given, prefix="dates", initial=initial)

    def _has_a_date(self) -> bool:
        """Whether there is one to come, by the clock of the clinic that is chosen."""
        now = timezone.now()
        chosen = self.scopes.get(self["within"].value())
        [zone] = audiences.zones([chosen.limit if chosen else {}])
        today, farthest = (timezone.localdate(moment, ZoneInfo(zone)) for moment in (now, now + FARTHEST))
        planned = recurrence.dates(self.dates.cleaned_data["pattern"], today, farthest, zone)
        return any(not each.left_out and each.at > now for each in planned)

    def _choices(self, each: Filter) -> list[tuple[str, Any]]:
        """What may be chosen anywhere where this person may speak, each once; and what was chosen before."""
        now = timezone.now()
        widest = [within for within in self.scopes.values() if not within.limit] or self.scopes.values()
        found = {value: label for within in widest for value, label in each.choices(within.limit, now)}
        kept = self.announcement.filters.get(each.name, []) if self.announcement and each.name != LIST else []
        return list(
            {**found, **{value: _("no longer there") for value in kept if value not in found}}.items()
        )

    def _kept_list(self) -> Sequence[str]:
        return self.announcement.filters.get(LIST, ()) if self.announcement else ()

    def _chosen(self) -> dict[str, list[str]]:
        """The filters as they are kept. What a list doesn't know is noted; a list that knows nobody is an error."""
        cleaned = self.cleaned_data
        chosen = {
            each.name: cleaned[_field_of(each)]
            for each in audiences.filters()
            if cleaned.get(_field_of(each))
        }
        if (lines := cleaned["list_file"]) is not None:
            listed = audiences.read_list(lines, self.place.limit)
            self.unknown = listed.unknown
            if listed.subject_ids:
                chosen[LIST] = [str(id_) for id_ in sorted(listed.subject_ids)]
            else:
                error = ValidationError(_("Nobody at this clinic has one of these numbers."), code="unknown")
                self.add_error("list_file", error)
        elif self._kept_list() and not cleaned.get("without_list"):
            chosen[LIST] = list(self._kept_list())
        return chosen


def _field_of(each: Filter) -> str:
    return f"filter_{each.name}"


def _texts() -> dict[str, Any]:
    own: dict[str, Any] = {}
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
    return own


def _initial(announcement: Announcement | None, user: Any) -> dict[str, Any]:
    if announcement is None:
        return {}
    places = {each.key: each for each in audiences.scopes_for(user) if each.limit == announcement.within}
    return {
        **{f"title_{language}": announcement.title.get(language, "") for language in PAGES},
        **{f"message_{language}": announcement.message.get(language, "") for language in PAGES},
        **{f"filter_{name}": values for name, values in announcement.filters.items()},
        "audiences": announcement.audiences,
        "within": next(iter(places), ""),
        "priority": Priority(announcement.priority).name.lower(),
        "at": announcement.at,
        "repeats": bool(announcement.pattern),
        "seen": announcement.latest_revision_id,
    }
