"""The settings of a person, a form for each card of the page."""

from datetime import timedelta
from typing import Any, ClassVar

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from notifications import gate
from notifications.channels import registry as channels
from notifications.languages.listed import PAGES, own_name, to_choose
from notifications.models import NotificationPreferences
from notifications.preferences.settings import LONGEST_PAUSE, pause_check
from notifications.selectors.people import SWITCHES, timezone_of
from notifications.timezones import timezone_names
from notifications.web import zones
from notifications.web.date_fields import DayField


class _Time(forms.TimeInput):
    input_type = "time"

    def __init__(self) -> None:
        super().__init__(format="%H:%M")


class _Date(forms.DateInput):
    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class PreferencesForm(forms.ModelForm):  # type: ignore[type-arg]  # Django's forms take no arguments when they run
    """A card: its name in the address and the page, and the texts over its fields."""

    name: ClassVar[str]
    heading: ClassVar[Any]
    intro: ClassVar[Any]


class LanguageForm(PreferencesForm):
    name, heading, intro = (
        "language",
        _("Language and time zone"),
        _("Messages come in this language, or in another one if you choose it, and at these times."),
    )

    class Meta:
        model = NotificationPreferences
        fields: ClassVar = ["language", "message_language", "timezone"]
        help_texts: ClassVar = {
            "message_language": _(
                "Not every clinic has each language. Where yours hasn’t, messages come in the language above."
            )
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["language"].widget = forms.Select(choices=[(code, own_name(code)) for code in PAGES])
        self.fields["message_language"].widget = forms.Select(choices=to_choose())
        if self.instance.timezone not in timezone_names():
            self.initial["timezone"] = timezone_of(self.instance.user_id)
        self.fields["timezone"].widget = forms.Select(choices=zones.choices(self.instance.timezone))


class QuietHoursForm(PreferencesForm):
    name, heading = "quiet", _("Quiet hours")
    intro = _("We hold messages until your quiet hours end. You still get your dose reminders.")

    class Meta:
        model = NotificationPreferences
        fields: ClassVar = ["quiet_hours_enabled", "quiet_hours_start", "quiet_hours_end", "calls_at_night"]
        labels: ClassVar = {"quiet_hours_enabled": _("Hold messages at night")}
        help_texts: ClassVar = {
            "calls_at_night": _(
                "Without this we do not call you between 20:00 and 08:00, also not for a dose."
            )
        }
        widgets: ClassVar = {"quiet_hours_start": _Time(), "quiet_hours_end": _Time()}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not any(channel.rings for channel in channels.outside().values()):
            del self.fields["calls_at_night"]


class PauseForm(PreferencesForm):
    """Until a day; `end` ends it at once. It is saved by its button: half a date is none."""

    name, heading = "pause", _("Pause messages")
    intro = _(
        "Until the day you choose, messages only go to your inbox. Dose reminders and urgent messages still"
        " reach you as always."
    )
    by_button = _("Pause messages")

    class Meta:
        model = NotificationPreferences
        fields: ClassVar = ["paused_until"]
        field_classes: ClassVar = {"paused_until": DayField}
        labels: ClassVar = {"paused_until": _("Start again on")}
        widgets: ClassVar = {"paused_until": _Date()}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        today = timezone.localdate()
        kept = self.instance.paused_until
        self.running = kept if kept and kept > today else None
        self.initial["paused_until"] = self.running
        field = self.fields["paused_until"]
        field.required = "end" not in self.data
        field.widget.attrs |= {
            "min": f"{today + timedelta(days=1):%Y-%m-%d}",
            "max": f"{today + LONGEST_PAUSE:%Y-%m-%d}",
        }

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if "end" in self.data:
            return {"paused_until": None}
        if until := cleaned.get("paused_until"):
            pause_check(until, timezone_of(self.instance.user_id), now=timezone.now())
        return cleaned


class EmailForm(PreferencesForm):
    name, heading = "email", _("E-mail")
    intro = _("When we may send e-mail that can wait.")

    class Meta:
        model = NotificationPreferences
        fields: ClassVar = ["email_time"]
        widgets: ClassVar = {"email_time": forms.RadioSelect}


class WaysForm(PreferencesForm):
    """A switch for each outside channel in use. It is on where the person also agreed to it, and says what to."""

    name, heading = "ways", _("Ways to reach you")
    intro = _(
        "By turning a channel on you agree to the sentence under it. Your choices for it are kept while it is off."
    )

    class Meta:
        model = NotificationPreferences
        fields: ClassVar = list(SWITCHES.values())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        in_use = {SWITCHES[name] for name in channels.names() if name in SWITCHES}
        for unused in self.fields.keys() - in_use:
            del self.fields[unused]
        self.not_agreed = gate.not_agreed(self.instance.user_id, channels.outside())
        for name, switch in SWITCHES.items():
            if switch in self.fields:
                self.fields[switch].help_text = gate.sentence(name)
                self.initial[switch] = self.initial[switch] and name not in self.not_agreed


class PrivacyForm(PreferencesForm):
    name, heading = "privacy", _("Privacy")
    intro = _("What others may read on your screen or phone before you open a message.")

    class Meta:
        model = NotificationPreferences
        fields: ClassVar = ["detail"]
        widgets: ClassVar = {"detail": forms.RadioSelect}


FORMS: dict[str, type[PreferencesForm]] = {
    form.name: form for form in (WaysForm, PauseForm, QuietHoursForm, LanguageForm, EmailForm, PrivacyForm)
}
