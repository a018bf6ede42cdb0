"""How values are written, in messages and on pages: in the active language and the current time zone.

Most are meant as the `format` of a `Param`. Django has no formats for Afrikaans and American ones for English,
so the patterns are spelt out here; the names of months and days come from Django's catalogues.
"""

import unicodedata
from collections.abc import Sequence
from datetime import date, datetime, tzinfo
from decimal import Decimal

from django.utils import dateformat, timezone
from django.utils.formats import get_format
from django.utils.translation import gettext as _

from notifications.languages.listed import PAGES, active

Bilingual = tuple[str, ...]
"""A text in each language of pages, in their order. If one is empty, another stands in."""

_RIGHT_TO_LEFT = {"R", "AL", "AN"}
_MARKS = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])


def bilingual(value: Bilingual) -> str:
    """The text in the active language, else in the first that it is there in."""
    return value[PAGES.index(active())] or next(filter(None, value), "")


def text(value: object) -> str:
    """As it is."""
    return str(value)


def isolated(name: str) -> str:
    """A name in a line of plain text, so that one from right to left leaves the words around it where they are.

    Only such a name gets the marks (Unicode UAX 9: U+2068, U+2069): they would turn an SMS into one of 70 characters a
    part, which a name in another script does by itself. Marks of direction in the name are left out: one of them could
    end ours.
    """
    name = name.translate(_MARKS)
    if any(unicodedata.bidirectional(letter) in _RIGHT_TO_LEFT for letter in name):
        return f"\u2068{name}\u2069"
    return name


def day(value: date) -> str:
    """A date, or the date of an aware datetime: "24 November 2026". A naive datetime raises ValueError."""
    return dateformat.format(_local(value), "j F Y")


def weekday_day(value: date) -> str:
    """As `day`, with the weekday for the year: "Tuesday 24 November"."""
    return dateformat.format(_local(value), "l j F")


def clock(value: datetime, zone: tzinfo | None = None) -> str:
    """The time of an aware datetime on a 24-hour clock: "08:00", by default in the current zone.

    A naive one raises ValueError.
    """
    return dateformat.format(timezone.localtime(value, zone), "H:i")


def number(value: Decimal | int) -> str:
    """Without an exponent, trailing zeros or grouping: "1", "0.5" in English, "0,5" in Afrikaans."""
    if not value:
        return "0"
    digits = format(Decimal(value), "f")
    if "." in digits:
        digits = digits.rstrip("0").rstrip(".")
    return _with_separator(digits)


def rand(value: Decimal) -> str:
    """An amount of South African money, rounded to the cent: "R1234.50", in Afrikaans "R1234,50"."""
    return _with_separator(f"R{value:.2f}")


def listed(words: Sequence[str]) -> str:
    """As "Monday", "Monday and Friday", "Monday, Wednesday and Friday"; empty when there are none."""
    if len(words) < 2:
        return "".join(words)
    return _("%(first)s and %(last)s") % {"first": ", ".join(words[:-1]), "last": words[-1]}


def _with_separator(number: str) -> str:
    return number.replace(".", get_format("DECIMAL_SEPARATOR"))


def _local(value: date) -> date:
    return timezone.localtime(value) if isinstance(value, datetime) else value
