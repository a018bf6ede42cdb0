"""A table as a file for a spreadsheet, which runs nothing that people wrote."""

import csv
from collections.abc import Iterable, Sequence
from io import StringIO

from django.http import HttpResponse

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_BOM = "\ufeff"
"""Tells Excel that the file is UTF-8."""


def safe_cell(value: object) -> str:
    """The text, with an apostrophe in front if a spreadsheet would run it as a formula (OWASP, CSV injection)."""
    text = str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def csv_text(headings: Sequence[object], rows: Iterable[Iterable[object]]) -> str:
    """The whole file, each cell safe."""
    out = StringIO()
    writer = csv.writer(out)
    writer.writerow(headings)
    writer.writerows([safe_cell(cell) for cell in row] for row in rows)
    return _BOM + out.getvalue()


def csv_download(text: str, name: str) -> HttpResponse:
    """The answer that saves it under a name, of letters that a header takes."""
    response = HttpResponse(text, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
