"""In which language somebody is written to."""

from collections.abc import Collection


def language_for(wanted: str, second: str, usable: Collection[str]) -> str:
    """What they `wanted` where that is `usable`: switched on for the clinic whose message it is, and with texts for it.

    Else their `second` choice, the language of their pages, which is always usable. Who wanted none has that.
    """
    return wanted if wanted in usable else second
