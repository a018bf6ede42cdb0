"""The texts that nurses write: one snippet per event type, in both languages."""

from django.contrib.contenttypes.fields import GenericRelation
from django.core.exceptions import ValidationError
from django.db import models
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.models import DraftStateMixin, LockableMixin, PreviewableMixin, RevisionMixin

from notifications import registry
from notifications.texts import previews
from notifications.texts.template_errors import TRANSLATED_FIELDS, placeholder_errors
from notifications.types import LANGUAGES, TEXT_FIELDS, EventType, Texts


class NotificationTemplate(PreviewableMixin, LockableMixin, DraftStateMixin, RevisionMixin, models.Model):
    """The texts of one event type. Only a live row is used; without one the built-in texts are.

    Every text is translated (notifications/translation.py): read `title_en` and `title_af`, never `title`.
    """

    event_type = models.CharField(_("message type"), max_length=64, unique=True)
    title = models.CharField(_("title"), max_length=200)
    body = models.TextField(_("text"))
    email_subject = models.CharField(_("e-mail subject"), max_length=200)
    email_body = models.TextField(_("e-mail text"))
    short_text = models.CharField(_("short text"), max_length=480)
    email_subject_discreet = models.CharField(_("discreet e-mail subject"), max_length=200)
    short_text_discreet = models.CharField(_("discreet short text"), max_length=480)

    revisions = GenericRelation(
        "wagtailcore.Revision", content_type_field="base_content_type", object_id_field="object_id"
    )

    class Meta:
        verbose_name = _("message template")
        verbose_name_plural = _("message templates")

    def __str__(self) -> str:
        declared = self.declared
        return str(declared.label) if declared else self.event_type

    @property
    def declared(self) -> EventType | None:
        """The event type that these texts are for; None when the code declares it no longer."""
        return registry.find(self.event_type)

    def texts(self, language: str) -> Texts:
        """What is written in one language; empty where nothing is."""
        return Texts(**{field: getattr(self, f"{field}_{language}") or "" for field in TEXT_FIELDS})

    def missing(self, language: str) -> list[str]:
        """The names of the texts that are still to be written in one language."""
        return [field for field in TEXT_FIELDS if not getattr(self, f"{field}_{language}")]

    def clean(self) -> None:
        """Refuse what no message could be made of, in drafts too."""
        super().clean()
        declared = self.declared
        if declared is None:
            raise ValidationError({"event_type": _("There is no message type with that name.")})
        texts = {name: getattr(self, name) or "" for name in TRANSLATED_FIELDS}
        if errors := placeholder_errors(declared, texts):
            raise ValidationError(errors)

    @property
    def preview_modes(self) -> list[tuple[str, str]]:
        return previews.modes()

    @property
    def preview_sizes(self) -> list[dict[str, object]]:
        """A phone and a computer; mails and messages know nothing in between."""
        return [size for size in self.DEFAULT_PREVIEW_SIZES if size["name"] != "tablet"]

    def serve_preview(self, request: HttpRequest, mode_name: str) -> HttpResponseBase:
        texts = {language: self.texts(language) for language in LANGUAGES}
        return previews.respond(request, self.declared, texts, mode_name, now=timezone.now())
