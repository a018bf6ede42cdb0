"""A consent in words: what was said, how it was given and how it ended, in the active language."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from home.models import Consent
from home.privacy.sentences import label, reading_language, sentence
from notifications.web.moments import said


@dataclass(frozen=True, slots=True)
class Line:
    """`words` are those that were agreed to, in the language in which they were."""

    consent: Consent
    label: str
    words: str
    words_language: str
    given: str
    ended: str
    """Empty while it stands."""


def lines(consents: Iterable[Consent], *, now: datetime) -> list[Line]:
    """In the same order. Join the witness and who withdrew. `now` is aware."""
    return [_line(each, now) for each in consents]


def _line(consent: Consent, now: datetime) -> Line:
    # What nobody read is no quotation: it is said in the reader's own language.
    language = consent.language if consent.version else reading_language()
    return Line(
        consent=consent,
        label=label(consent.purpose),
        words=sentence(consent.purpose, language, consent.version),
        words_language=language,
        given=_given(consent, now),
        ended=_ended(consent, now),
    )


def _given(consent: Consent, now: datetime) -> str:
    values = {
        "when": said(consent.given_at, now=now),
        "how": consent.get_how_display(),
        "witness": consent.witness or "",
    }
    if consent.how == Consent.How.BEFORE:
        return _("Carried over %(when)s: it was on before consent was recorded.") % values
    if consent.witness:
        return _("Given %(when)s, %(how)s, witnessed by %(witness)s.") % values
    return _("Given %(when)s, %(how)s.") % values


def _ended(consent: Consent, now: datetime) -> str:
    if consent.withdrawn_at is None:
        return ""
    values = {
        "when": said(consent.withdrawn_at, now=now),
        "how": consent.get_withdrawn_how_display(),
        "who": consent.withdrawn_by or "",
        "reason": consent.reason,
    }
    if consent.withdrawn_how == Consent.Ended.RENEWED:
        return _("Given anew %(when)s.") % values
    if consent.withdrawn_how != Consent.Ended.STAFF:
        return _("Withdrawn %(when)s, %(how)s.") % values
    text = (
        _("Withdrawn %(when)s through %(who)s.")
        if consent.withdrawn_by
        else _("Withdrawn %(when)s by staff.")
    )
    text %= values
    return f"{text} {consent.reason}".strip()
