"""XLSX, read row by row. What it unpacks to is bounded before anything is unpacked (openpyxl, "Optimised Modes")."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time
from itertools import islice
from typing import Any
from zipfile import ZipFile

from django.core.files import File
from django.utils.translation import gettext as _
from openpyxl import load_workbook

from home.imports.problems import SheetError
from notifications.texts import formats

MOST_UNPACKED = 100 * 1024 * 1024
MOST_WORDS = 20 * 1024 * 1024
"""Of the table of texts, which alone is held in memory."""
MOST_FILES = 1_000
LAST_ROW = 1_048_576
"""As many rows as Excel has."""
FIRST_ROWS = 1_000
"""A sheet that has nothing in these has nothing."""
_ZIP = b"PK\x03\x04"
_CHUNK = 64 * 1024


def is_zip(start: bytes) -> bool:
    return start.startswith(_ZIP)


def xlsx_rows(file: File[Any]) -> Iterator[tuple[int, list[str]]]:
    """Each row of the one sheet that isn't hidden and has something in it, by its number. A cell with a formula is that
    formula.
    """
    file.seek(0)
    try:
        with ZipFile(file) as archive:
            _look_through(archive)
        file.seek(0)
        book = load_workbook(file, read_only=True, data_only=False, keep_links=False)
    except SheetError:
        raise
    except Exception as error:  # whatever a broken file makes of it
        raise _broken() from error
    try:
        yield from _rows(book)
    finally:
        book.close()


def _rows(book: Any) -> Iterator[tuple[int, list[str]]]:
    rows = iter(_sheet(book).iter_rows())
    for number in range(1, LAST_ROW + 1):
        with _sound():
            cells = next(rows, None)
        if cells is None:
            return
        yield number, [_text(each.value, each.data_type) for each in cells]
    raise _broken()


def _sheet(book: Any) -> Any:
    """The one that has something in it, of those that aren't hidden. Of two nobody knows which is meant."""
    shown = [each for each in book.worksheets if each.sheet_state == "visible"]
    if not shown:
        raise SheetError(_("This workbook has no sheet that can be seen."), code="no_sheet")
    for each in shown:
        each.reset_dimensions()
    filled = [each for each in shown if len(shown) == 1 or _has_something(each)]
    if len(filled) > 1:
        said = _(
            "Several sheets of this workbook have something in them: %(names)s. Only one can be taken at a time. Hide "
            "the others, or save each as a file of its own."
        )
        names = formats.listed([each.title for each in filled])
        raise SheetError(said % {"names": names}, code="sheets")
    return (filled or shown)[0]


def _has_something(sheet: Any) -> bool:
    with _sound():
        rows = islice(sheet.iter_rows(values_only=True), FIRST_ROWS)
        return any(str(value).strip() for row in rows for value in row if value is not None)


@contextmanager
def _sound() -> Iterator[None]:
    """Whatever a broken sheet makes of what is inside."""
    try:
        yield
    except Exception as error:
        raise _broken() from error


def _text(value: Any, kind: str) -> str:
    if value is None:
        return ""
    if kind == "f":
        return f"={str(getattr(value, 'text', value)).lstrip('=')}"
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, datetime):
        return f"{value:%d/%m/%Y}" if value.time() == time.min else f"{value:%d/%m/%Y %H:%M}"
    if isinstance(value, date):
        return f"{value:%d/%m/%Y}"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _look_through(archive: ZipFile) -> None:
    """Refuse what would unpack to more than we hold, and what a spreadsheet has that a table of rows hasn't."""
    files = archive.infolist()
    names = {each.filename for each in files}
    if len(files) > MOST_FILES or sum(each.file_size for each in files) > MOST_UNPACKED:
        raise _unpacks()
    if any(each.file_size > MOST_WORDS for each in files if each.filename.endswith("sharedStrings.xml")):
        raise _unpacks()
    if any(name.lower().endswith(("vbaproject.bin", "macrosheets/")) for name in names):
        raise SheetError(
            _("This workbook has macros. Save it as “Excel Workbook (.xlsx)”, which has none."), code="macros"
        )
    if any(each.flag_bits & 0x1 for each in files):
        raise SheetError(_("This file has a password. Save it without one."), code="password")
    if "[Content_Types].xml" not in names:
        raise SheetError(
            _("This is no Excel file. Save it as “Excel Workbook (.xlsx)” or “CSV UTF-8”."), code="no_excel"
        )
    for each in files:
        if each.filename.startswith("xl/") and each.filename.endswith(".xml"):
            _look_into(archive, each.filename)


def _look_into(archive: ZipFile, name: str) -> None:
    """Bit by bit, so that it costs no memory. Entities that multiply are in no spreadsheet."""
    before = b""
    with archive.open(name) as part:
        while chunk := part.read(_CHUNK):
            seen = before + chunk
            if b"<!DOCTYPE" in seen or b"<!ENTITY" in seen:
                raise _broken()
            if b"<mergeCell " in seen and "/worksheets/" in name:
                raise SheetError(
                    _(
                        "Some cells of this sheet are merged, so that it isn’t clear to which rows they belong. "
                        "Unmerge them (Home, Merge & Center), fill in what is then missing, and save."
                    ),
                    code="merged",
                )
            before = chunk[-16:]


def _unpacks() -> SheetError:
    return SheetError(
        _("This file unpacks to far more than it seems. Copy the rows into a new workbook, and save that."),
        code="unpacks",
    )


def _broken() -> SheetError:
    return SheetError(
        _("This Excel file is damaged. Open it in Excel, and save it as “Excel Workbook (.xlsx)” anew."),
        code="broken",
    )
