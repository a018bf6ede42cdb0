"""The fields of pages that are written in both languages."""

from modeltranslation.translator import TranslationOptions, register

from home.models import HomePage, InformationPage


@register([HomePage, InformationPage])
class BilingualPageTranslation(TranslationOptions):
    fields = ("heading", "meta_title", "introduction")
    required_languages = {"default": ("heading",)}
