"""A file for a spreadsheet, which runs nothing that people wrote."""

import pytest

from notifications.web.csv_file import csv_text, safe_cell


@pytest.mark.parametrize(
    "first", ["=", "+", "-", "@", "\t", "\r", "\n", "\0", " =", "\u00a0=", "\uff1d", "\uff20"]
)
def test_a_formula_is_kept_as_text(first: str) -> None:
    assert safe_cell(f"{first}cmd|' /C calc'!A0") == f"'{first}cmd|' /C calc'!A0"


@pytest.mark.parametrize("text", ["", "Anna", "a=b", "082 123 4567", "'quoted", " Anna", "\u2068=1+1"])
def test_all_else_stays_as_it_is(text: str) -> None:
    assert safe_cell(text) == text


def test_every_cell_is_safe_and_the_file_says_that_it_is_utf_8() -> None:
    text = csv_text(["Näme", "@SUM(A1)"], [["=1+1", 'a "b", c']])
    assert text == '\ufeffNäme,\'@SUM(A1)\r\n\'=1+1,"a ""b"", c"\r\n'
