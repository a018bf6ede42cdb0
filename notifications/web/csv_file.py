"""A table as a file for a spreadsheet, which runs nothing that people wrote."""

import csv
from collections.abc import Iterable, Sequence
from io import StringIO
from itertools import chain

from django.http import HttpResponse

_FORMULA = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""With their wide forms, which some keyboards write and spreadsheets read alike."""
_NOT_PRINTED = ("\t", "\r", "\n", "\0")
_BOM = "\ufeff"
"""Tells Excel that the file is UTF-8."""


def safe_cell(value: object) -> str:
    """The text, with an apostrophe in front if a spreadsheet would run it as a formula (OWASP, CSV injection; ASVS
    1.2.10). Some leave out blanks at its beginning.
    """
    text = str(value)
    runs = text.startswith(_NOT_PRINTED) or text.lstrip().startswith(_FORMULA)
    return f"'{text}" if runs else text


def csv_text(headings: Sequence[object], rows: Iterable[Iterable[object]]) -> str:
    """The whole file, each cell safe, the headings too: they may be those of a file that was uploaded."""
    out = StringIO()
    writer = csv.writer(out)
    writer.writerows([safe_cell(cell) for cell in row] for row in chain([headings], rows))
    return _BOM + out.getvalue()


def csv_download(text: str, name: str) -> HttpResponse:
    """The answer that saves it under a name, of letters that a header takes."""
    response = HttpResponse(text, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
