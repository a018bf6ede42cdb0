"""A small table as a file for a spreadsheet, in the form that is asked for. Nothing in it is a formula."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from io import BytesIO
from typing import Any

from django.http import HttpResponse, QueryDict
from openpyxl import Workbook

from notifications.web.csv_file import csv_download, csv_text, safe_cell

XLSX = "xlsx"
_XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def table_file(
    asked: QueryDict, headings: Sequence[object], rows: Iterable[Iterable[object]], *, name: str
) -> HttpResponse:
    """As XLSX where `export=xlsx` is among what is asked, else as CSV. Numbers stay numbers in XLSX."""
    if asked.get("export") != XLSX:
        return csv_download(csv_text(headings, rows), f"{name}.csv")
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    for row in (headings, *rows):
        sheet.append([_cell(each) for each in row])
    out = BytesIO()
    book.save(out)
    response = HttpResponse(out.getvalue(), content_type=_XLSX_TYPE)
    response["Content-Disposition"] = f'attachment; filename="{name}.{XLSX}"'
    return response


def _cell(value: object) -> Any:
    is_number = isinstance(value, int | float | Decimal) and not isinstance(value, bool)
    return value if is_number else safe_cell(value)
