"""How much, at which times and on which days, as they stand in a spreadsheet, in either language. What may mean two
things isn't guessed. Pure.
"""

import re
from dataclasses import dataclass

from home.names import folded

_AMOUNT = re.compile(r"([\d.,/¼½¾ ]*[\d.,¼½¾])\s*([^\W\d_].*)?")
_PART = re.compile(r"(?:(\d+)\s+)?(1/2|1/4|3/4)")
_PARTS = {"1/2": "½", "1/4": "¼", "3/4": "¾"}

_MARK = re.compile(r"(?<=[\dh])\s+(?=(?:am|pm|vm|nm)\b)")
_BETWEEN = re.compile(r"[\s,;&+/]+")
_AND = {"and", "en", "om", "at", "in", "the", "die", "uur"}
_TIME = re.compile(r"(\d{1,2})(?:(h)|[h:.](\d{2})(?::00)?)?(am|pm|vm|nm)?", re.ASCII)
_HALF = {"am": 0, "vm": 0, "pm": 12, "nm": 12}
_SLOTS = {
    "morning": "morning",
    "mornings": "morning",
    "mane": "morning",
    "oggend": "morning",
    "soggens": "morning",
    "afternoon": "afternoon",
    "afternoons": "afternoon",
    "middag": "afternoon",
    "smiddags": "afternoon",
    "evening": "evening",
    "evenings": "evening",
    "aand": "evening",
    "saans": "evening",
    "bedtime": "bedtime",
    "slaaptyd": "bedtime",
}
_TWICE = re.compile(
    r"bd|bid|twice (?:a day|daily)|(?:2|two) ?(?:x|times) ?(?:a day|daily|per day|/ ?day)"
    r"|(?:2|twee) ?(?:x|keer|maal) (?:per|n) dag"
)
_THRICE = re.compile(
    r"tds|tid|(?:3|three) ?(?:x|times) ?(?:a day|daily|per day|/ ?day)"
    r"|(?:3|drie) ?(?:x|keer|maal) (?:per|n) dag"
)
_AS_NEEDED = {
    "as needed",
    "when needed",
    "only when needed",
    "if needed",
    "prn",
    "soos nodig",
    "indien nodig",
    "wanneer nodig",
    "net soos nodig",
    "net wanneer nodig",
}

_DAILY = {"", "daily", "every day", "each day", "all days", "daagliks", "elke dag", "alle dae"}
_WORKDAYS = {"weekdays", "weeksdae", "weekday", "weeksdag"}
_EVERY_N = re.compile(r"(?:every|elke|al om die|each) (\w+) (?:days?|dae|dag)")
_NUMBERS = {
    "second": 2,
    "other": 2,
    "tweede": 2,
    "ander": 2,
    "third": 3,
    "derde": 3,
    "two": 2,
    "twee": 2,
    "three": 3,
    "drie": 3,
}
_WEEKLY = {
    "weekly",
    "every week",
    "once a week",
    "once weekly",
    "weekliks",
    "elke week",
    "een keer per week",
    "1 keer per week",
}
_NAMES = (
    ("monday", "maandag", "mo", "ma"),
    ("tuesday", "dinsdag", "tu", "di"),
    ("wednesday", "woensdag", "we", "wo"),
    ("thursday", "donderdag", "th", "do"),
    ("friday", "vrydag", "fr", "vr"),
    ("saturday", "saterdag", "sa"),
    ("sunday", "sondag", "su", "so"),
)
_SHORTEST = 3
_RANGE = re.compile(r"(\w+) (?:to|tot) (\w+)")


@dataclass(frozen=True, slots=True)
class Amount:
    """How much, as the number would be typed, and the unit that stood behind it, if any."""

    number: str
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Times:
    """Named times of a day, others ("07:30"), and what couldn't be read among them; or that it is as needed."""

    slots: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    as_needed: bool = False


@dataclass(frozen=True, slots=True)
class Days:
    """All days; or these weekdays, 0 is Monday; or every `n` days."""

    weekdays: tuple[int, ...] = ()
    n: int | None = None


def read_amount(text: str) -> Amount:
    """Of "1/2 tablet" it is ½ of "tablet". What is no number stays as it is written."""
    found = _AMOUNT.fullmatch(text.strip())
    if not found:
        return Amount(text.strip())
    number = found[1].strip()
    if part := _PART.fullmatch(" ".join(number.split())):
        number = f"{part[1] or ''}{_PARTS[part[2]]}"
    return Amount(number, (found[2] or "").strip(" ."))


def read_times(text: str) -> Times:
    """Such as "08:00, 20:00", "8am en 8nm", "soggens en saans", "bd". A bare 8 may be in the evening, and 12 am at
    noon: what can't be read is among the others as it is written, for the form to refuse.
    """
    said = folded(text).replace("a.m.", "am").replace("p.m.", "pm").rstrip(".")
    if said in _AS_NEEDED:
        return Times(as_needed=True)
    if _TWICE.fullmatch(said):
        return Times(("morning", "evening"))
    if _THRICE.fullmatch(said):
        return Times(("morning", "afternoon", "evening"))
    words = [each for each in _BETWEEN.split(_MARK.sub("", said)) if each and each not in _AND]
    slots = tuple(_SLOTS[each] for each in words if each in _SLOTS)
    return Times(slots, tuple(_on_a_clock(each) for each in words if each not in _SLOTS))


def _on_a_clock(word: str) -> str:
    found = _TIME.fullmatch(word)
    if not found or not (found[2] or found[3] or found[4]):
        return word
    hour, half = int(found[1]), found[4]
    if not hour and "." in word:
        return word  # 0.25 is how a spreadsheet may count 06:00
    if half:
        if not 1 <= hour < 12:
            return word
        hour += _HALF[half]
    return f"{hour:02}:{found[3] or '00'}"


def read_days(text: str) -> Days | None:
    """Such as "daily", "weekdays", "Mon to Fri", "Maandag en Donderdag", "weekly"; None for what can't be read."""
    said = folded(text).rstrip(".")
    if said in _DAILY:
        return Days()
    if said in _WORKDAYS:
        return Days(weekdays=(0, 1, 2, 3, 4))
    if said in _WEEKLY:
        return Days(n=7)
    if found := _EVERY_N.fullmatch(said):
        number = int(found[1]) if found[1].isdecimal() and found[1].isascii() else _NUMBERS.get(found[1])
        return Days(n=number) if number else None
    days = _weekdays(folded(text.replace("-", " tot ").replace("–", " tot ")))
    return Days(weekdays=days) if days else None


def _weekdays(said: str) -> tuple[int, ...]:
    """Those that are named, each once; none where a word is no day."""
    if found := _RANGE.fullmatch(said):
        first, last = _weekday(found[1]), _weekday(found[2])
        if first is None or last is None or last <= first:
            return ()
        return tuple(range(first, last + 1))
    words = [each for each in _BETWEEN.split(said) if each and each not in _AND]
    days = [_weekday(each) for each in words]
    if None in days:
        return ()
    return tuple(sorted({day for day in days if day is not None}))


def _weekday(word: str) -> int | None:
    word = word.removesuffix(".")
    word = re.sub(r"dae$", "dag", word)
    word = word.removesuffix("s") if word.endswith("days") else word
    for number, (english, afrikaans, *short) in enumerate(_NAMES):
        if word in short or (
            len(word) >= _SHORTEST and (english.startswith(word) or afrikaans.startswith(word))
        ):
            return number
    return None
