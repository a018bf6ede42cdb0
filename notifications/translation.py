"""Which fields staff write in both languages."""

from modeltranslation.translator import TranslationOptions, register

from notifications.models import NotificationTemplate
from notifications.types import TEXT_FIELDS


@register(NotificationTemplate)
class NotificationTemplateTranslation(TranslationOptions):
    fields = TEXT_FIELDS
    fallback_languages = {"default": ()}
