"""A small table as a file for a spreadsheet."""

from decimal import Decimal
from io import BytesIO

import openpyxl
from django.http import QueryDict

from notifications.web.table_file import table_file

HEADINGS = ["Message", "Sent", "Cost"]
ROWS = [["=1+1", 12, Decimal("3.50")], ["day 7", 0, True]]


def test_as_csv_unless_something_else_is_asked_for() -> None:
    file = table_file(QueryDict("export=pdf"), HEADINGS, ROWS, name="report-7")
    assert file["Content-Disposition"] == 'attachment; filename="report-7.csv"'
    assert "'=1+1,12,3.50" in file.content.decode()


def test_as_xlsx_with_numbers_that_can_be_added_and_no_formula() -> None:
    file = table_file(QueryDict("export=xlsx"), HEADINGS, ROWS, name="report-7")
    assert file["Content-Disposition"] == 'attachment; filename="report-7.xlsx"'
    sheet = openpyxl.load_workbook(BytesIO(file.content)).active
    assert [[cell.value for cell in row] for row in sheet.iter_rows()] == [
        HEADINGS,
        ["'=1+1", 12, 3.5],
        ["day 7", 0, "True"],
    ]
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} == {"s", "n"}
