"""Tables that people download: nothing in them is run by a spreadsheet."""

import csv
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.web.downloads import csv_text, safe_cell

FORMULAS = ("=", "+", "-", "@", "\t", "\r")


@pytest.mark.parametrize("first", FORMULAS)
def test_a_formula_is_kept_as_text(first: str) -> None:
    assert safe_cell(f"{first}cmd|' /C calc'!A0") == f"'{first}cmd|' /C calc'!A0"


@pytest.mark.parametrize("text", ["", "Anna", "a=b", "082 123 4567", "'quoted"])
def test_all_else_stays_as_it_is(text: str) -> None:
    assert safe_cell(text) == text


TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))


@given(st.lists(st.lists(TEXTS, min_size=2, max_size=2)))
def test_what_was_written_is_read_back_and_no_cell_begins_like_a_formula(rows: list[list[str]]) -> None:
    text = csv_text(["=A", "B"], rows)
    assert text.startswith("\ufeff")
    read = list(csv.reader(StringIO(text.removeprefix("\ufeff"), newline="")))
    assert read == [["'=A", "B"], *([safe_cell(cell) for cell in row] for row in rows)]
    assert not [cell for row in read for cell in row if cell.startswith(FORMULAS)]
