"""What a spreadsheet does to numbers, days and yes or no, undone where it is clear what was meant. Pure."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation

from home.names import folded
from notifications.rules.written_dates import WrittenDateError, read_day

_SHORT = re.compile(r"(\d)(?:[.,](\d+))?E\+?(\d{1,2})", re.IGNORECASE)
"""A long number as a spreadsheet shows it in a narrow column."""
_AS_TEXT = re.compile(r'="([^"]*)"')
"""How people keep a spreadsheet from changing a number."""
_ERRORS = {"#N/A", "#REF!", "#NAME?", "#VALUE!", "#DIV/0!", "#NUM!", "#NULL!"}
_EPOCH = date(1899, 12, 30)
_SERIALS = range(10_000, 73_051)
"""Days that a spreadsheet counts, from 1927 to 2099. A shorter number may be a year, or an age."""
_NOTHING = {"-", "--", "–", "—", "n/a", "nvt", "n.v.t", "n.v.t."}
"""What people write where there is nothing to write."""
_YES = {"yes", "y", "ja", "j", "1", "x", "true", "waar", "on", "✓", "✔"}
_NO = {"", "no", "n", "nee", "0", "false", "onwaar", "off", "-"}


class CellError(ValueError):
    """What stands there can't be taken. `code` says why: formula, error, shortened, not_yes_or_no, unknown."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


@dataclass(frozen=True, slots=True)
class Cell:
    """What is taken for the cell; `was` is what stood there where that is something else."""

    text: str
    was: str = ""


def read_cell(text: str) -> str:
    """The text of a cell, without what keeps a spreadsheet from changing or running it. CellError for a formula."""
    text = text.strip()
    if found := _AS_TEXT.fullmatch(text):
        return found[1].strip()
    if text.startswith("'") and text[1:2] in ("=", "+", "-", "@", "'"):
        text = text[1:]
        return text.strip()
    if text.startswith("="):
        raise CellError("formula")
    if text.upper() in _ERRORS:
        raise CellError("error")
    return "" if text.casefold() in _NOTHING else text


def whole(text: str) -> str:
    """A number of many digits as it was before a spreadsheet made it short; CellError where digits are lost."""
    if found := _SHORT.fullmatch(text):
        decimals = found[2] or ""
        if len(decimals) < int(found[3]):
            raise CellError("shortened")
        try:
            return str(int(Decimal(text.replace(",", "."))))
        except (InvalidOperation, ValueError):
            raise CellError("shortened") from None
    return text[:-2] if re.fullmatch(r"\d+[.,]0", text) else text


def read_phone(text: str) -> Cell:
    """With the zero or the plus in front that a spreadsheet took away: 725550163 is 072 555 0163."""
    number = whole(text)
    digits = re.sub(r"[\s()./-]", "", number)
    if re.fullmatch(r"[1-9]\d{8}", digits):
        return Cell(f"0{digits}", was=text)
    if re.fullmatch(r"27[1-9]\d{8}", digits):
        return Cell(f"+{digits}")
    return Cell(number, was=text if number != text else "")


def read_identity(text: str) -> Cell:
    """With the zeros in front of those who were born from 2000 on: at most four are lost, of a year and a month."""
    number = whole(text)
    digits = re.sub(r"[\s-]", "", number)
    if re.fullmatch(r"\d{9,12}", digits):
        return Cell(digits.zfill(13), was=text)
    return Cell(number, was=text if number != text else "")


def read_day_cell(text: str) -> Cell:
    """Day first. A number of five digits is a day as a spreadsheet counts them."""
    number = whole(text)
    if re.fullmatch(r"\d{5}", number) and int(number) in _SERIALS:
        return Cell(f"{_EPOCH + timedelta(days=int(number)):%d/%m/%Y}", was=text)
    if found := re.fullmatch(r"(\d{4}-\d{2}-\d{2})[T ]00:00(?::00(?:\.0+)?)?", text):
        return Cell(found[1])
    if found := re.fullmatch(r"(\d{1,2}/\d{1,2}/\d{4})\s+0{1,2}:00(?::00)?", text):
        return Cell(found[1])
    return Cell(text)


def read_last_day(text: str) -> Cell:
    """The same, of something that is good until the end of a month where only that is given: 12/2027 is 31/12/2027."""
    for first in (f"1/{text}", f"1 {text}", f"{text}-01"):
        try:
            found = read_day(first)
        except WrittenDateError:
            continue
        return Cell(f"{found.replace(day=monthrange(found.year, found.month)[1]):%d/%m/%Y}", was=text)
    return read_day_cell(text)


def read_yes(text: str) -> bool:
    """Yes or no in either language; CellError for any other word."""
    said = folded(text)
    if said in _YES:
        return True
    if said in _NO:
        return False
    raise CellError("not_yes_or_no")


def read_choice(text: str, words: dict[str, tuple[str, ...]]) -> str:
    """The key of which this is one of the words, or the key itself; empty for nothing. CellError for any other."""
    said = folded(text)
    if not said:
        return ""
    for key, names in words.items():
        if said == key or said in names:
            return key
    raise CellError("unknown")
