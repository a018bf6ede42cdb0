"""Which fields staff write in both languages. One that is missing falls back to the other."""

from modeltranslation.translator import TranslationOptions, register

from medications.models import Medicine, Prescription, Vaccine


@register(Medicine)
class MedicineTranslation(TranslationOptions):
    fields = ("name",)
    required_languages = ("en",)


@register(Prescription)
class PrescriptionTranslation(TranslationOptions):
    fields = ("instructions",)


@register(Vaccine)
class VaccineTranslation(TranslationOptions):
    fields = ("name",)
    required_languages = ("en",)
