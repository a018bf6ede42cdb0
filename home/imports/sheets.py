"""A file as rows of texts: CSV or XLSX, told apart by what is in it and not by its name.

Rows are read one after the other, so that a file of any size takes the same memory. Whatever is wrong with a file as a
whole is a SheetError in words for whoever uploaded it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files import File
from django.utils.translation import gettext as _

from home.imports.csv_sheet import csv_rows
from home.imports.problems import SheetError
from home.imports.xlsx_sheet import is_zip, xlsx_rows

MOST_BYTES = 10 * 1024 * 1024
MOST_ROWS = 10_000
MOST_COLUMNS = 100
MOST_LETTERS = 1_000
"""Of a cell: nobody's name or address is longer."""
_OLD_EXCEL = b"\xd0\xcf\x11\xe0"


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a file, by its number in the spreadsheet."""

    number: int
    cells: tuple[str, ...]


def read_sheet(file: File[Any]) -> Iterator[Line]:
    """The rows that have something in them, the headings first. SheetError where the file can't be taken; it may come
    after some rows were given.
    """
    if not file.size:
        raise SheetError(_("This file is empty."), code="empty")
    if file.size > MOST_BYTES:
        raise too_large()
    rows = 0
    for line in _lines(file):
        cells = tuple(each.strip() for each in line.cells)
        while cells and not cells[-1]:
            cells = cells[:-1]
        if not cells:
            continue
        if len(cells) > MOST_COLUMNS:
            words = _("Row %(row)s has more than %(most)s columns. Is this the right file?")
            raise SheetError(words % {"row": line.number, "most": MOST_COLUMNS}, code="columns")
        if any(len(each) > MOST_LETTERS for each in cells):
            words = _("A cell in row %(row)s has more than %(most)s letters. Is this the right file?")
            raise SheetError(words % {"row": line.number, "most": MOST_LETTERS}, code="letters")
        rows += 1
        if rows > MOST_ROWS + 1:
            words = _(
                "The file has more than %(most)s rows. Divide it, and upload the parts one after the other."
            )
            raise SheetError(words % {"most": MOST_ROWS}, code="rows")
        yield Line(line.number, cells)
    if rows < 2:
        raise no_rows()


def no_rows() -> SheetError:
    return SheetError(
        _("There is nothing in this file but its headings. The first row has the names of the columns."),
        code="no_rows",
    )


def too_large() -> ValidationError:
    return SheetError(
        _(
            "The file is too large. It may have %(most)s MB. Divide it, and upload the parts one after the other."
        )
        % {"most": MOST_BYTES // 1024 // 1024},
        code="too_large",
    )


def _lines(file: File[Any]) -> Iterator[Line]:
    file.seek(0)
    start = file.read(8)
    if start.startswith(_OLD_EXCEL):
        raise SheetError(
            _(
                "This is an old Excel file (.xls), or one with a password. Open it in Excel, and save it as “Excel "
                "Workbook (.xlsx)” without a password."
            ),
            code="old_excel",
        )
    rows = xlsx_rows(file) if is_zip(start) else csv_rows(file)
    for number, cells in rows:
        yield Line(number, tuple(cells))
