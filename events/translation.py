"""The fields that staff write in both languages. A missing one falls back to the other."""

from modeltranslation.translator import TranslationOptions, register

from events.models import ClinicEvent, EventSeries, Programme


@register([EventSeries, ClinicEvent])
class EventTranslation(TranslationOptions):
    fields = ("title", "description")
    required_languages = {"default": ("title",), "af": ()}


@register(Programme)
class ProgrammeTranslation(TranslationOptions):
    fields = ("title",)
    required_languages = {"default": ("title",), "af": ()}
