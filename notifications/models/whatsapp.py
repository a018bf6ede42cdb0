"""What WhatsApp has approved, and which numbers it takes nothing for."""

from collections.abc import Mapping

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from notifications import registry
from notifications.encryption.fields import EncryptedTextField
from notifications.languages.listed import choices
from notifications.models.preferences import DetailChoices
from notifications.quick_replies import quick_replies_to
from notifications.rules.placeholders import compile_text, placeholders
from notifications.texts.template_errors import text_errors
from notifications.types import Detail, EventType

LONGEST = 1024
"""Characters of a text, as WhatsApp counts them."""
MOST_BUTTONS = 3


class WhatsAppTemplate(models.Model):
    """A text that WhatsApp has approved, or is to approve, for the messages of one type in one language.

    Without an `event_type` it is for all messages that have none of their own. `body` is the text as it was submitted,
    with our placeholders where that has {{1}}, {{2}} and so on. `buttons` is how many of the type's quick replies it
    has, the first ones. Of several approved ones the newest is used. What the provider said last stands in `problem`.
    """

    class State(models.TextChoices):
        PENDING = "pending", _("not approved yet")
        APPROVED = "approved", _("approved")
        PAUSED = "paused", _("paused")
        REJECTED = "rejected", _("rejected")

    event_type = models.CharField(_("message type"), max_length=64, blank=True, default="")
    language = models.CharField(_("language"), max_length=5, choices=choices)
    detail = models.CharField(
        _("what others may see"), max_length=10, choices=DetailChoices, default=DetailChoices.DISCREET
    )
    name = models.CharField(_("name at WhatsApp"), max_length=512)
    body = models.TextField(_("text"), max_length=LONGEST)
    buttons = models.PositiveSmallIntegerField(_("buttons"), default=0)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.PENDING)
    problem = models.CharField(_("what WhatsApp said"), max_length=300, default="", blank=True)

    class Meta:
        verbose_name = _("WhatsApp template")
        verbose_name_plural = _("WhatsApp templates")
        constraints = [
            models.UniqueConstraint(
                fields=["name", "language"],
                name="whatsapp_template_once",
                violation_error_message=_("There is a template with this name in this language already."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.language})"

    @property
    def declared(self) -> EventType | None:
        """The event type that it is for; None where it is for all others, or for one that is gone."""
        return registry.find(self.event_type)

    @property
    def parameters(self) -> tuple[str, ...]:
        """The placeholder that stands for {{1}}, for {{2}}, and so on."""
        return placeholders(self.body)

    @property
    def numbered(self) -> str:
        """The text as it is submitted."""
        numbers = {name: f"{{{{{number}}}}}" for number, name in enumerate(self.parameters, 1)}
        return compile_text(self.body).fill(numbers)

    def filled(self, values: Mapping[str, str]) -> str:
        """The text as its reader sees it."""
        return compile_text(self.body).fill(values)

    def clean(self) -> None:
        """Refuse what WhatsApp would, and a placeholder where others look."""
        super().clean()
        declared = self.declared
        if self.event_type and declared is None:
            raise ValidationError({"event_type": _("There is no message type with that name.")})
        discreet = self.detail == Detail.DISCREET
        if errors := text_errors(self.body, self._permitted(declared), discreet=discreet):
            raise ValidationError({"body": errors})
        parts = [part.strip() for part in compile_text(self.body.strip()).parts]
        if len(parts) > 1 and not (parts[0] and parts[-1]):
            raise ValidationError({"body": _("WhatsApp takes no text that begins or ends with a value.")})
        if not all(parts[2:-1:2]):
            raise ValidationError({"body": _("WhatsApp wants words between two values.")})
        answers = len(quick_replies_to(self.event_type))
        if self.buttons > min(answers, MOST_BUTTONS):
            said = _("This message has %(count)d answers.") % {"count": min(answers, MOST_BUTTONS)}
            raise ValidationError({"buttons": said})

    def _permitted(self, declared: EventType | None) -> list[str]:
        if declared is None:
            return []
        return declared.permitted("short_text" if self.detail == Detail.DETAILED else "short_text_discreet")


class WhatsAppRefusal(models.Model):
    """That WhatsApp took nothing for somebody at this number, which isn't there; until when it isn't tried again."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="whatsapp_refusal"
    )
    number = EncryptedTextField(_("number"))
    until = models.DateTimeField(_("until"))

    class Meta:
        verbose_name = _("number without WhatsApp")
        verbose_name_plural = _("numbers without WhatsApp")

    def __str__(self) -> str:
        return f"{self.user_id}: {self.until:%Y-%m-%d}"
