"""Which languages there are. The settings list them, and nothing else does."""

from django.conf import settings
from django.utils.translation import get_language, gettext, override

PAGES: tuple[str, ...] = tuple(code for code, _name in settings.LANGUAGES)
"""Those of pages, and of all that staff write; the first stands in where another is missing."""
DEFAULT: str = settings.LANGUAGE_CODE


def of_messages() -> tuple[str, ...]:
    """Those that messages can be in: those of pages, then the others."""
    return tuple(code for code, _name in settings.MESSAGE_LANGUAGES)


def of_messages_alone() -> tuple[str, ...]:
    """Those without pages. Each has a file (`languages.files`) and is switched on by clinics (`languages.switches`)."""
    return tuple(code for code in of_messages() if code not in PAGES)


def choices() -> list[tuple[str, object]]:
    """The languages of messages with their names, for a field of a model: the settings change no migration."""
    return list(settings.MESSAGE_LANGUAGES)


def to_choose() -> list[tuple[str, object]]:
    """For a field in which people choose a language of messages apart from that of pages; empty is the same."""
    return [
        ("", gettext("No, the same language")),
        *((code, own_name(code)) for code in of_messages()),
    ]


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
    return str(dict(settings.MESSAGE_LANGUAGES).get(language, language))


def own_name(language: str) -> str:
    """What those who speak it call it: whoever came into the wrong one finds the way back."""
    with override(language):
        return label(language)
