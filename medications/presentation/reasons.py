"""Why a dose was skipped, in the reader's language."""

from medications.models import SkipCode


def reason_words(code: str, words: str) -> str:
    """The reason of the short list, and what was written in own words; empty for none."""
    known = str(SkipCode(code).label) if code in SkipCode.values else ""
    if code == SkipCode.OTHER and words:
        known = ""
    return ": ".join(filter(None, (known, words)))
