"""CSV as spreadsheets write it: in any of their encodings, divided by commas, semicolons or tabs."""

import codecs
import csv
import io
from collections.abc import Iterator
from itertools import chain
from typing import Any

from django.core.files import File
from django.utils.translation import gettext as _

from home.imports.problems import SheetError

_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_WINDOWS = "cp1252"
_DELIMITERS = ",;\t|"
_CHUNK = 64 * 1024


def csv_rows(file: File[Any]) -> Iterator[tuple[int, list[str]]]:
    """Each row by its number, as a spreadsheet counts: a cell with line feeds in it is in one row."""
    encoding = _encoding(file)
    file.seek(0)
    # What reads the text would close the file with it.
    raw: Any = file.file if isinstance(file, File) else file
    text = io.TextIOWrapper(io.BufferedReader(_Open(raw)), encoding=encoding, newline="")
    try:
        first = text.readline(_CHUNK)
        delimiter, is_heading = _delimiter(first)
        lines = chain([first], text) if is_heading else text
        number, widest = 0 if is_heading else 1, 0
        try:
            for cells in csv.reader(lines, delimiter=delimiter, strict=True):
                number += 1
                if any("\0" in each for each in cells):
                    raise _no_text()
                if widest and _swallows(cells, widest, delimiter):
                    raise _stray_quote(number)
                widest = max(widest, len(cells))
                yield number, cells
        except csv.Error:
            raise _stray_quote(number + 1) from None
    except UnicodeDecodeError:
        raise _no_text() from None


def _swallows(cells: list[str], widest: int, delimiter: str) -> bool:
    """Whether a cell of these has the next row in it: with one stray quotation mark in each, the two look like one cell
    that has a line feed. It has as much in it then as a row, or makes its row longer than any before.
    """
    return any(
        "\n" in each and (len(cells) > widest or each.count(delimiter) >= max(widest - 1, 2))
        for each in cells
    )


def _stray_quote(row: int) -> SheetError:
    return SheetError(
        _(
            "In row %(row)s a quotation mark is opened and not closed, or stands within a cell, so that it isn’t clear "
            "where the cell ends. Take it out, or save the file as XLSX."
        )
        % {"row": row},
        code="quotes",
    )


class _Open(io.RawIOBase):
    """Bytes of a file that stays open when whoever read them is done."""

    def __init__(self, file: Any) -> None:
        self._file = file

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._file.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)


def _encoding(file: File[Any]) -> str:
    """By its mark; else UTF-8 where all of it is, else that of Windows in South Africa."""
    file.seek(0)
    start = file.read(4)
    for mark, name in _MARKS:
        if start.startswith(mark):
            return name
    if start[1::2] == b"\0\0":
        return "utf-16-le"
    if start[::2] == b"\0\0":
        return "utf-16-be"
    for name in ("utf-8", _WINDOWS):
        decoder = codecs.getincrementaldecoder(name)()
        file.seek(0)
        try:
            while chunk := file.read(_CHUNK):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            continue
        return name
    raise _no_text()


def _no_text() -> SheetError:
    return SheetError(
        _(
            "This is no spreadsheet that we can read. In Excel, save it as “Excel Workbook (.xlsx)” or “CSV UTF-8”."
        ),
        code="no_text",
    )


def _delimiter(first: str) -> tuple[str, bool]:
    """What divides the cells: as a line of Excel's own says ("sep=;"), else what is most in the headings. And whether
    this first line has the headings.
    """
    said = first.rstrip("\r\n")
    if said.lower().startswith("sep=") and len(said) == len("sep=;"):
        return said[-1], False
    bare = "".join(first.split('"')[::2])
    return max(_DELIMITERS, key=bare.count), True
