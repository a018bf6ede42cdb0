"""Files as clinics have them."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook

HEADINGS = (
    "First names",
    "Surname",
    "Date of birth",
    "Folder number",
    "ID number",
    "Cell",
    "Language",
    "Consent",
    "SMS",
)
FATIMA = ("Fatima", "Jacobs", "27/05/1992", "WYN-00417", "", "072 555 0163", "af", "ja", "ja")
SIPHO = ("Sipho", "Khumalo", "3 March 1961", "WYN-00418", "", "", "en", "", "")


def csv_file(
    rows: Iterable[Sequence[Any]],
    *,
    headings: Sequence[str] = HEADINGS,
    encoding: str = "utf-8",
    delimiter: str = ",",
    name: str = "patients.csv",
) -> SimpleUploadedFile:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows([headings, *rows])
    return SimpleUploadedFile(name, out.getvalue().encode(encoding))


def xlsx_file(
    rows: Iterable[Sequence[Any]], *, headings: Sequence[str] = HEADINGS, name: str = "patients.xlsx"
) -> SimpleUploadedFile:
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    for row in (headings, *rows):
        sheet.append(list(row))
    return SimpleUploadedFile(name, bytes_of(book))


def bytes_of(book: Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def with_part(content: bytes, name: str, part: bytes) -> bytes:
    """The same archive with one more file in it, or another one in the place of one of that name."""
    out = io.BytesIO()
    with ZipFile(io.BytesIO(content)) as old, ZipFile(out, "w", ZIP_DEFLATED) as new:
        for each in old.infolist():
            if each.filename != name:
                new.writestr(each.filename, old.read(each.filename))
        new.writestr(name, part)
    return out.getvalue()


def people(number: int, start: int = 0) -> list[tuple[str, ...]]:
    """Rows of different people, each with a number of their own."""
    names = ("Sipho", "Nomsa", "Pieter", "Lerato", "Fatima", "Johan", "Thabo", "Anna", "Zola", "Rina")
    surnames = ("Khumalo", "Botha", "Jacobs", "Dlamini", "Smit", "Naidoo", "van Wyk")
    return [
        (
            names[each % len(names)],
            f"{surnames[each % len(surnames)]} {_letters(each)}",
            f"{1 + each % 28}/{1 + each // 28 % 12}/{1940 + each // 336 % 60}",
            f"IMP-{each:05}",
            "",
            f"072 {each // 10000 % 1000:03} {each % 10000:04}",
            "af" if each % 2 else "en",
            "yes",
            "yes",
        )
        for each in range(start, start + number)
    ]


def _letters(number: int) -> str:
    """A word of its own for each number, unlike those of its neighbours."""
    return "".join(chr(ord("a") + (number * factor + 7) % 26) for factor in (1, 5, 11, 17, 3)).title() + str(
        number
    ).translate(str.maketrans("0123456789", "abcdefghij"))
