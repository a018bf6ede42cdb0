"""Files that clinics have, and files that somebody made to do harm: read, or refused with what to do about it."""

import io
import tracemalloc
from datetime import date, datetime
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook
from openpyxl.styles import numbers
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from home.imports import sheets, xlsx_sheet
from home.imports.problems import SheetError
from home.imports.sheets import read_sheet
from tests.home.imports.files import FATIMA, HEADINGS, bytes_of, csv_file, people, with_part, xlsx_file


def rows(file: Any) -> list[tuple[str, ...]]:
    return [line.cells for line in read_sheet(file)]


def refused(content: bytes, name: str = "patients.xlsx") -> str:
    with pytest.raises(SheetError) as error:
        rows(SimpleUploadedFile(name, content))
    assert error.value.messages[0]
    return str(error.value.code)


# CSV ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "latin-1"]
)
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_csv_in_any_encoding_divided_by_anything(encoding: str, delimiter: str) -> None:
    row = ("Zoë", "van der Merwe-O’Neill" if "latin" not in encoding else "Müller, jr", "27/05/1992")
    file = csv_file([row], headings=("Name", "Van", "Gebore"), encoding=encoding, delimiter=delimiter)
    assert rows(file) == [("Name", "Van", "Gebore"), row]


def test_a_line_of_excels_own_says_what_divides_the_cells() -> None:
    file = SimpleUploadedFile("a.csv", b"sep=;\r\nName;Van, of niks\r\nZola;Budd\r\n")
    assert [(line.number, line.cells) for line in read_sheet(file)] == [
        (2, ("Name", "Van, of niks")),
        (3, ("Zola", "Budd")),
    ]


def test_cells_may_have_line_feeds_and_rows_may_be_empty() -> None:
    file = SimpleUploadedFile("a.csv", b'Name,Address\r\n\r\n,,\r\n"Zola","1 Main Road\r\nWynberg"\r\n')
    assert [(line.number, line.cells) for line in read_sheet(file)] == [
        (1, ("Name", "Address")),
        (4, ("Zola", "1 Main Road\r\nWynberg")),
    ]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b"Name,Surname\r\n", "no_rows"),
        (b"\r\n\r\n", "no_rows"),
        (b"Name\r\n\x00\x01\x02\x03", "no_text"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x81\x8d", "no_text"),
        (b"Name\r\n" + b"x" * 2000, "letters"),
        (b"a," * 200 + b"\r\n" + b"b\r\n", "columns"),
        (b'Name\r\n"' + b"x\r\n" * 100_000, "quotes"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 100, "old_excel"),
        (b"Name\r\n" + b"Zola\r\n" * 10_001, "rows"),
        (b"Name\r\n" + b" " * (10 * 1024 * 1024), "too_large"),
    ],
)
def test_what_is_no_table_of_rows_is_refused(content: bytes, code: str) -> None:
    assert refused(content, "patients.csv") == code


def test_ten_thousand_rows_are_taken() -> None:
    assert len(rows(SimpleUploadedFile("a.csv", b"Name\r\n" + b"Zola\r\n" * 10_000))) == 10_001


@pytest.mark.parametrize(
    ("lines", "row"),
    [
        # Two rows with a stray mark each look like one cell with a line feed.
        (['"Mary,Jones,1961', 'Ann",Lee,1962', "Sam,Poe,1963"], 2),
        (["Sam,Poe,1963", '"Mary,Jones,1961', 'Ann,"Lee",1962'], 3),
        (['Sam,"Poe,1963', 'Ann",Lee,1962'], 2),
        (['Sam,Poe,"1963', 'Ann",Lee,1962'], 2),
        (["Sam,Poe,1963", '"Mary" Jane,Jones,1961'], 3),
        (["Sam,Poe,1963", '"Mary,Jones,1961'], 3),
    ],
)
def test_a_stray_quotation_mark_takes_no_row_in(lines: list[str], row: int) -> None:
    content = "\r\n".join(["Name,Surname,Born", *lines]).encode()
    with pytest.raises(SheetError, match=f"In row {row} ") as error:
        rows(SimpleUploadedFile("a.csv", content))
    assert error.value.code == "quotes"


def test_marks_that_stand_in_a_name_are_letters_of_it() -> None:
    file = SimpleUploadedFile("a.csv", b'Name,Surname\r\nJohn "Jack",Smith\r\n"Jan ""Kat""",Botha\r\n')
    assert rows(file)[1:] == [('John "Jack"', "Smith"), ('Jan "Kat"', "Botha")]


# XLSX -----------------------------------------------------------------------------------------------------------------


def test_xlsx_gives_numbers_and_days_as_people_write_them() -> None:
    file = xlsx_file(
        [("Fatima", 725550163, datetime(1992, 5, 27), date(1992, 5, 27), 1.5, True, None, "x")],
        headings=("Name", "Cell", "Born", "Born too", "Amount", "Consent", "", "Last"),
    )
    assert rows(file)[1] == ("Fatima", "725550163", "27/05/1992", "27/05/1992", "1.5", "1", "", "x")


def test_a_day_of_the_mac_is_the_same_day() -> None:
    book = Workbook()
    book.epoch = CALENDAR_MAC_1904
    sheet = book.active
    sheet.append(["Name", "Born"])
    sheet.append(["Fatima", date(1992, 5, 27)])
    sheet["B2"].number_format = numbers.FORMAT_DATE_DDMMYY
    assert rows(SimpleUploadedFile("a.xlsx", bytes_of(book)))[1] == ("Fatima", "27/05/1992")


def test_formulas_and_errors_are_seen_as_such() -> None:
    file = xlsx_file([("=A1", "=1+1", "#REF!")], headings=("Name", "Cell", "Folder"))
    assert rows(file)[1] == ("=A1", "=1+1", "#REF!")


def test_the_first_sheet_that_is_shown_is_read() -> None:
    book = Workbook()
    book.active.append(["Hidden"])
    book.active.sheet_state = "hidden"
    sheet = book.create_sheet("Patients")
    sheet.append(["Name"])
    sheet.append(["Zola"])
    assert rows(SimpleUploadedFile("a.xlsx", bytes_of(book))) == [("Name",), ("Zola",)]


def test_of_several_sheets_none_is_left_out_unseen() -> None:
    book = Workbook()
    for sheet in (book.active, book.create_sheet("February"), book.create_sheet("Empty")):
        sheet.append([None, " "])
    for sheet in book.worksheets[:2]:
        sheet.append(["Name"])
        sheet.append(["Zola"])
    with pytest.raises(SheetError, match="Sheet and February") as error:
        rows(SimpleUploadedFile("a.xlsx", bytes_of(book)))
    assert error.value.code == "sheets"
    book.worksheets[0].sheet_state = "hidden"
    book.active = 1
    assert rows(SimpleUploadedFile("a.xlsx", bytes_of(book))) == [("Name",), ("Zola",)]


def plain() -> bytes:
    content = xlsx_file([FATIMA]).read()
    assert isinstance(content, bytes)
    return content


def test_macros_are_refused_whatever_the_file_is_called() -> None:
    assert refused(with_part(plain(), "xl/vbaProject.bin", b"macro")) == "macros"


def test_merged_cells_are_refused() -> None:
    book = Workbook()
    sheet = book.active
    for row in (HEADINGS, FATIMA, FATIMA):
        sheet.append(list(row))
    sheet.merge_cells("A2:A3")
    assert refused(bytes_of(book)) == "merged"


def test_what_unpacks_to_more_than_we_hold_is_refused_before_it_is_unpacked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bomb = with_part(plain(), "xl/worksheets/sheet1.xml", b"<x>" + b"0" * (101 * 1024 * 1024))
    assert len(bomb) < 1024 * 1024
    tracemalloc.start()
    assert refused(bomb) == "unpacks"
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 8 * 1024 * 1024


def test_a_table_of_texts_that_is_too_large_to_hold_is_refused() -> None:
    assert refused(with_part(plain(), "xl/sharedStrings.xml", b"0" * (21 * 1024 * 1024))) == "unpacks"


@pytest.mark.parametrize(
    ("part", "code"),
    [
        (b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa">]><worksheet>&a;</worksheet>', "broken"),
        (b"<worksheet><sheetData><row", "broken"),
        (
            b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
            b'<row r="1"><c r="A1" t="inlineStr"><is><t>Name</t></is></c></row>'
            b'<row r="99999999999"><c r="A99999999999" t="inlineStr"><is><t>Zola</t></is></c></row>'
            b"</sheetData></worksheet>",
            "broken",
        ),
    ],
)
def test_a_broken_sheet_is_refused(part: bytes, code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx_sheet, "LAST_ROW", 10_000)
    assert refused(with_part(plain(), "xl/worksheets/sheet1.xml", part)) == code


def test_an_archive_that_is_no_workbook_is_refused() -> None:
    out = io.BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED) as archive:
        archive.writestr("letter.txt", "Dear clinic")
    assert refused(out.getvalue()) == "no_excel"
    assert refused(plain()[:-100]) == "broken"
    assert refused(b"PK\x03\x04 nothing") == "broken"


def test_memory_does_not_grow_with_rows() -> None:
    def peak(number: int, make: Any) -> int:
        file = make(people(number))
        tracemalloc.start()
        for _line in read_sheet(file):
            pass
        _now, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return int(most)

    for make in (csv_file, xlsx_file):
        assert peak(4_000, make) < 1.5 * peak(1_000, make) + 1024 * 1024, make


def test_what_is_read_is_bounded_by_the_rows_that_are_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "MOST_ROWS", 3)
    assert refused(csv_file(people(4)).read(), "a.csv") == "rows"
    assert len(rows(csv_file(people(3)))) == 4
