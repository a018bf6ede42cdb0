"""Files that people download: tables that are safe to open in a spreadsheet."""

import csv
from collections.abc import Iterable, Sequence
from io import StringIO

from django.http import HttpResponse

CSV = "text/csv; charset=utf-8"
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_BOM = "\ufeff"
"""Tells Excel that the file is UTF-8."""


def safe_cell(value: object) -> str:
    """The text, with an apostrophe in front if a spreadsheet would run it as a formula (OWASP, CSV injection)."""
    text = str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def csv_text(heading: Sequence[object], rows: Iterable[Sequence[object]]) -> str:
    """A CSV file (RFC 4180) with a line of headings. Each cell is made safe."""
    out = StringIO()
    writer = csv.writer(out)
    writer.writerow([safe_cell(cell) for cell in heading])
    writer.writerows([safe_cell(cell) for cell in row] for row in rows)
    return _BOM + out.getvalue()


def download(text: str, name: str, content_type: str) -> HttpResponse:
    """The text as a file of that name, which is plain ASCII without quotes."""
    response = HttpResponse(text, content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
