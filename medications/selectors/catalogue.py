"""Reads: the medicines that all clinics share, and those that a clinic added for itself."""

from collections.abc import Iterable, Iterator

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q, QuerySet
from django.utils import translation

from home.models import User
from home.selectors import clinics_managed_by, clinics_of_staff
from medications.models import Medicine
from medications.rules.medicine_names import medicine_words
from notifications.languages.listed import PAGES


def medicines_seen_by(user: User | AnonymousUser) -> QuerySet[Medicine]:
    """Those that all clinics share, and those of the clinics where this person works."""
    return Medicine.objects.filter(Q(clinic__isnull=True) | Q(clinic__in=clinics_of_staff(user)))


def medicines_kept_by(user: User | AnonymousUser) -> QuerySet[Medicine]:
    """Those that this person may change: head office all, managers those of their clinics."""
    if user.is_active and user.is_superuser:
        return Medicine.objects.all()
    return Medicine.objects.filter(clinic__in=clinics_managed_by(user))


def keeps_medicines(user: User | AnonymousUser) -> bool:
    """Whether there are any that this person may add or change."""
    return bool(user.is_active and user.is_superuser) or clinics_managed_by(user).exists()


def alike(medicine: Medicine) -> list[Medicine]:
    """Others that staff of this medicine's clinic can prescribe, or all clinics, and that look like it, by id.

    Each of its names is compared with each of theirs, both with the strength, in whatever order the words are. One
    query.
    """
    others = Medicine.objects.exclude(pk=medicine.pk).select_related("clinic").order_by("id")
    offered = Q(clinic__isnull=True)
    if medicine.clinic_id is not None:
        offered |= Q(clinic_id=medicine.clinic_id)
    names = _names(medicine)
    return [other for other in others.filter(offered) if names & _names(other)]


def same(one: Medicine, other: Medicine) -> bool:
    """Whether nobody could tell them apart in a list: the same words in English, and the same form."""
    return one.form == other.form and _words(one, "en") == _words(other, "en")


def _words(medicine: Medicine, language: str) -> tuple[str, ...]:
    return medicine_words(getattr(medicine, f"name_{language}") or "", medicine.strength)


def _names(medicine: Medicine) -> set[tuple[str, ...]]:
    written = [language for language in PAGES if getattr(medicine, f"name_{language}")]
    return {tuple(sorted(_words(medicine, language))) for language in written}


def medicines_of_clinic(clinic_id: int) -> list[Medicine]:
    """Those that can be prescribed to a patient of this clinic, by name. One query; the clinic is joined."""
    offered = Medicine.objects.filter(Q(clinic__isnull=True) | Q(clinic_id=clinic_id))
    return list(offered.select_related("clinic").order_by("name", "strength", "id"))


def found_by_words(text: str, medicines: Iterable[Medicine]) -> list[Medicine]:
    """The medicines whose name, strength and form have all words of what somebody typed, in either language.

    The beginning of a word is enough, but a number is that number: 50 doesn't find 500.
    """
    wanted = medicine_words(text, "")
    return [each for each in medicines if wanted and any(_has(wanted, words) for words in _spoken(each))]


def _has(wanted: Iterable[str], words: Iterable[str]) -> bool:
    own = tuple(words)
    return all(
        any(word == each if each[0].isdigit() else word.startswith(each) for word in own) for each in wanted
    )


def _spoken(medicine: Medicine) -> Iterator[tuple[str, ...]]:
    for language in PAGES:
        with translation.override(language):
            form = str(Medicine.Form(medicine.form).label)
        yield medicine_words(
            getattr(medicine, f"name_{language}") or medicine.name, f"{medicine.strength} {form}"
        )
