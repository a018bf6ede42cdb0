"""Which fields staff write in both languages. One that is missing falls back to the other."""

from modeltranslation.translator import TranslationOptions, register

from events.models import ClinicEvent, EventSeries


@register([EventSeries, ClinicEvent])
class EventTranslation(TranslationOptions):
    fields = ("title", "description")
    required_languages = {"default": ("title",), "af": ()}
