"""The texts that people write: a snippet per event type and place, in both languages."""

from django.contrib.contenttypes.fields import GenericRelation
from django.core.exceptions import ValidationError
from django.db import models
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.models import DraftStateMixin, LockableMixin, PreviewableMixin, RevisionMixin

from notifications import registry
from notifications.languages.listed import PAGES
from notifications.texts import previews
from notifications.texts.template_errors import TRANSLATED_FIELDS, placeholder_errors
from notifications.types import TEXT_FIELDS, TEXT_GROUPS, EventType, Texts

_TWICE = _("This message has such texts already. Open the list and change them there.")


class NotificationTemplate(PreviewableMixin, LockableMixin, DraftStateMixin, RevisionMixin, models.Model):
    """The texts of one event type: head office's for everybody, or those of one scope for its own people.

    Only a live row is used, and of it only the groups of texts that are written (`TEXT_GROUPS`). What a scope's row
    lacks is head office's, and what that lacks is built in (docs/decisions/0077). Every text is translated
    (notifications/translation.py): read the title of a language (`texts`), never `title`.
    """

    event_type = models.CharField(_("message type"), max_length=64)
    scope_id = models.BigIntegerField(null=True, blank=True)
    title = models.CharField(_("title"), max_length=200, blank=True)
    body = models.TextField(_("text"), blank=True)
    email_subject = models.CharField(_("e-mail subject"), max_length=200, blank=True)
    email_body = models.TextField(_("e-mail text"), blank=True)
    short_text = models.CharField(_("short text"), max_length=480, blank=True)
    email_subject_discreet = models.CharField(_("discreet e-mail subject"), max_length=200, blank=True)
    short_text_discreet = models.CharField(_("discreet short text"), max_length=480, blank=True)

    revisions = GenericRelation(
        "wagtailcore.Revision", content_type_field="base_content_type", object_id_field="object_id"
    )

    class Meta:
        verbose_name = _("message template")
        verbose_name_plural = _("message templates")
        constraints = [
            models.UniqueConstraint(
                fields=["event_type"],
                condition=models.Q(scope_id__isnull=True),
                name="template_once_for_all",
                violation_error_message=_TWICE,
            ),
            models.UniqueConstraint(
                fields=["event_type", "scope_id"],
                name="template_once_per_scope",
                violation_error_message=_TWICE,
            ),
        ]

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

    def is_written(self, group: str) -> bool:
        """Whether these texts (a key of `TEXT_GROUPS`) are all there, each in one language at least."""
        return all(
            any(getattr(self, f"{field}_{language}") for language in PAGES) for field in TEXT_GROUPS[group]
        )

    def missing(self, language: str) -> list[str]:
        """The names of the texts that are still to be written in one language, of the groups that were begun."""
        return [
            field
            for fields in TEXT_GROUPS.values()
            if any(getattr(self, f"{field}_{code}") for field in fields for code in PAGES)
            for field in fields
            if not getattr(self, f"{field}_{language}")
        ]

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
        texts = {language: self.texts(language) for language in PAGES}
        return previews.respond(request, self.declared, texts, mode_name, now=timezone.now())
