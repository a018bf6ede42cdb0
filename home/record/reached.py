"""How a patient is reached, as the parts of their page say it."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from home.reach.ways import Way, reached
from home.record.chips import Chip, Tone
from home.record.sections import Reading
from notifications.languages.listed import label as language_label
from notifications.texts.formats import listed
from notifications.types import Detail


def ways_for(reading: Reading) -> list[Way]:
    """The ways to everybody who gets this patient's messages. Read once, however many parts of the page ask."""
    found: list[Way] | None = reading.shared.get("home.ways")
    if found is None:
        id_ = reading.patient.pk
        found = reading.shared["home.ways"] = reached([id_])[id_]
    return found


def language_in_words(reading: Reading) -> str:
    """In which language the patient is written to; empty where the patient has no account."""
    own = next((way for way in ways_for(reading) if way.is_self), None)
    return language_label(own.language) if own else ""


def how_they_are_reached(reading: Reading) -> Iterable[Chip]:
    """Of the patient themselves; where they have no account, whether anybody who cares for them is reached."""
    ways = ways_for(reading)
    own = [way for way in ways if way.is_self]
    if not own:
        if any(way.works for way in ways):
            yield Chip(_("reached through those who care for them"), Tone.GOOD)
        else:
            yield Chip(_("nobody is reached by messages"), Tone.LOOK)
        return
    for way in own:
        if way.channel == "sms":
            said = _("%(number)s, confirmed") if way.is_confirmed else _("%(number)s, not confirmed")
            yield Chip(said % {"number": way.address}, Tone.GOOD if way.is_confirmed else Tone.LOOK)
    works = [_in_a_sentence(str(way.label)) for way in own if way.works]
    if not works:
        yield Chip(_("not reached by messages: %(why)s") % {"why": _why_not(own)}, Tone.LOOK)
        return
    said = _("reached by %(way)s alone") if len(works) == 1 else _("reached by %(way)s")
    yield Chip(said % {"way": listed(works)}, Tone.GOOD)
    yield Chip(_("discreet") if own[0].detail is Detail.DISCREET else _("in detail"))


def _why_not(own: list[Way]) -> str:
    return "; ".join(f"{way.label}, {way.words}" if way.channel else way.words for way in own)


def _in_a_sentence(label: str) -> str:
    """“E-mail” as “e-mail”, but “SMS” as it is."""
    return label if label.isupper() else label[:1].lower() + label[1:]
