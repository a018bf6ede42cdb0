"""Which languages there are. The settings list them, and nothing else does."""

from collections.abc import Mapping

from django.conf import settings
from django.utils.translation import get_language, override

PAGES: tuple[str, ...] = tuple(code for code, _name in settings.LANGUAGES)
"""Those of pages, and of all that staff write; the first stands in where another is missing."""
DEFAULT: str = settings.LANGUAGE_CODE


def active() -> str:
    """The language of pages in which its reader reads now."""
    return of_page((get_language() or "").partition("-")[0])


def of_page(language: str) -> str:
    """The language of the pages to which a message in this language leads."""
    return language if language in PAGES else DEFAULT


def others(language: str) -> tuple[str, ...]:
    """The other languages of pages."""
    return tuple(code for code in PAGES if code != language)


def label(language: str) -> str:
    """What the language is called, in the active one."""
    return str(_names()[language])


def own_name(language: str) -> str:
    """What those who speak it call it: whoever came into the wrong one finds the way back."""
    with override(language):
        return label(language)


def _names() -> Mapping[str, object]:
    return dict(settings.LANGUAGES)
