"""What people agree to, word for word.

A sentence that somebody agreed to is never edited: better words are a version more. Both languages are here instead of
in a catalogue, because a row keeps the version alone, and must still say in ten years what was read to whom.
"""

from collections.abc import Collection, Mapping

from django.utils.translation import gettext_lazy as _

from home.carers import CARERS
from notifications.channels import registry as channels
from notifications.languages.listed import active

REMINDERS = "reminders"
"""That the clinic reminds a person of treatment outside the inbox, by whichever channel. The other purposes are CARERS,
and the names of the channels.
"""

SENTENCES: Mapping[str, Mapping[int, Mapping[str, str]]] = {
    REMINDERS: {
        1: {
            "en": "My clinic may remind me of treatment: of doses, stock, vaccinations and visits.",
            "af": "My kliniek mag my aan behandeling herinner: aan dosisse, voorraad, inentings en besoeke.",
        }
    },
    "email": {
        1: {"en": "My clinic may write to me by e-mail.", "af": "My kliniek mag per e-pos aan my skryf."}
    },
    "sms": {1: {"en": "My clinic may write to me by SMS.", "af": "My kliniek mag per SMS aan my skryf."}},
    "whatsapp": {
        1: {
            "en": "My clinic may write to me by WhatsApp.",
            "af": "My kliniek mag per WhatsApp aan my skryf.",
        }
    },
    "voice": {
        1: {
            "en": "My clinic may call me, and a recorded or computer voice then tells me its message.",
            "af": "My kliniek mag my bel, en ’n opgeneemde of rekenaarstem sê dan die boodskap vir my.",
        }
    },
    "push": {
        1: {
            "en": "My clinic may show notifications on my phone or computer.",
            "af": "My kliniek mag kennisgewings op my foon of rekenaar wys.",
        }
    },
    CARERS: {
        1: {
            "en": "Those who care for me may be told of my treatment: of doses, stock, vaccinations and visits.",
            "af": "Wie vir my sorg, mag van my behandeling hoor: van dosisse, voorraad, inentings en besoeke.",
        }
    },
}
OTHER_CHANNELS = {
    1: {
        "en": "My clinic may write to me this way: %(channel)s.",
        "af": "My kliniek mag op hierdie manier aan my skryf: %(channel)s.",
    }
}
"""Of a channel that has no sentence of its own."""
CARRIED_OVER = {
    "en": "Messages came this way already before consent was recorded here.",
    "af": "Boodskappe het reeds so gekom voordat toestemming hier aangeteken is.",
}
"""Version 0."""

_LABELS = {REMINDERS: _("Reminders of treatment"), CARERS: _("Carers are told")}


def personal_purposes() -> tuple[str, ...]:
    """What a person can agree to for themselves: reminders, and each outside channel in use."""
    return (REMINDERS, *channels.outside())


def label(purpose: str) -> str:
    """What a purpose is called, in the active language."""
    if purpose in _LABELS:
        return str(_LABELS[purpose])
    channel = channels.outside().get(purpose)
    return str(channel.label) if channel else purpose


def current_version(purpose: str) -> int:
    return max(SENTENCES.get(purpose, OTHER_CHANNELS))


def sentence(purpose: str, language: str, version: int | None = None) -> str:
    """The words of a version, the newest unless said, in a language of pages."""
    if version == 0:
        return CARRIED_OVER[language]
    versions = SENTENCES.get(purpose, OTHER_CHANNELS)
    words = versions[version or max(versions)][language]
    return words % {"channel": label(purpose)} if purpose not in SENTENCES else words


def reading_language() -> str:
    """The language of these in which the active one is read."""
    return active()


def sentences_now(purposes: Collection[str]) -> list[str]:
    """The words of today, in the active language."""
    return [sentence(purpose, reading_language()) for purpose in purposes]
