"""What a spreadsheet does to cells, and what is taken for them."""

import pytest

from home.imports.cells import (
    Cell,
    CellError,
    read_cell,
    read_choice,
    read_day_cell,
    read_identity,
    read_last_day,
    read_phone,
    read_yes,
    whole,
)
from home.imports.matching import match_columns


@pytest.mark.parametrize(
    ("text", "taken"),
    [
        (" Zola ", "Zola"),
        ('="0725550163"', "0725550163"),
        ("'+27725550163", "+27725550163"),
        ("'=1+1", "=1+1"),
        ("'s Gravenhage", "'s Gravenhage"),
        ("N/A", ""),
        (" - ", ""),
        ("n.v.t.", ""),
        ("Na", "Na"),
        ("", ""),
    ],
)
def test_a_cell_is_taken_without_what_keeps_a_spreadsheet_from_changing_it(text: str, taken: str) -> None:
    assert read_cell(text) == taken


@pytest.mark.parametrize(
    ("text", "code"),
    [("=1+1", "formula"), ('=HYPERLINK("x")', "formula"), ("#N/A", "error"), ("#ref!", "error")],
)
def test_formulas_and_errors_are_refused(text: str, code: str) -> None:
    with pytest.raises(CellError) as error:
        read_cell(text)
    assert error.value.code == code


@pytest.mark.parametrize(
    ("text", "taken"),
    [
        ("7.25550163E+08", "725550163"),
        ("7,25550163E8", "725550163"),
        ("725550163.0", "725550163"),
        ("12", "12"),
    ],
)
def test_a_number_is_whole_again_where_no_digit_is_lost(text: str, taken: str) -> None:
    assert whole(text) == taken


def test_a_number_of_which_digits_are_lost_is_refused() -> None:
    with pytest.raises(CellError, match="shortened"):
        whole("2.77255E+10")


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("725550163", Cell("0725550163", was="725550163")),
        ("72 555 0163", Cell("0725550163", was="72 555 0163")),
        ("27725550163", Cell("+27725550163")),
        ("072 555 0163", Cell("072 555 0163")),
        ("7.25550163E+08", Cell("0725550163", was="7.25550163E+08")),
        ("12345", Cell("12345")),
        ("", Cell("")),
    ],
)
def test_the_zero_of_a_phone_number_comes_back(text: str, cell: Cell) -> None:
    assert read_phone(text) == cell


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("403035800088", Cell("0403035800088", was="403035800088")),
        ("101015800088", Cell("0101015800088", was="101015800088")),
        ("8706050123084", Cell("8706050123084")),
        ("87 0605 0123 084", Cell("87 0605 0123 084")),
        ("1234", Cell("1234")),
    ],
)
def test_the_zeros_of_an_identity_number_come_back(text: str, cell: Cell) -> None:
    assert read_identity(text) == cell


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("33751", Cell("27/05/1992", was="33751")),
        ("33751.0", Cell("27/05/1992", was="33751.0")),
        ("1992-05-27 00:00:00", Cell("1992-05-27")),
        ("27/05/1992 00:00", Cell("27/05/1992")),
        ("27 May 1992", Cell("27 May 1992")),
        ("1992", Cell("1992")),
        ("34", Cell("34")),
        ("102", Cell("102")),
        ("99999", Cell("99999")),
    ],
)
def test_the_number_of_a_day_is_that_day(text: str, cell: Cell) -> None:
    assert read_day_cell(text) == cell


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("12/2027", Cell("31/12/2027", was="12/2027")),
        ("2/2028", Cell("29/02/2028", was="2/2028")),
        ("2027-06", Cell("30/06/2027", was="2027-06")),
        ("Des 2027", Cell("31/12/2027", was="Des 2027")),
        ("12/03/2027", Cell("12/03/2027")),
        ("2027-03-12", Cell("2027-03-12")),
        ("46753", Cell("01/01/2028", was="46753")),
        ("12/27", Cell("12/27")),
        ("2027", Cell("2027")),
        ("13/2027", Cell("13/2027")),
        ("", Cell("")),
    ],
)
def test_a_month_in_which_something_expires_is_its_last_day(text: str, cell: Cell) -> None:
    assert read_last_day(text) == cell


@pytest.mark.parametrize(
    ("text", "says"),
    [("Ja", True), ("YES", True), ("x", True), ("1", True), ("nee", False), ("", False), ("0", False)],
)
def test_yes_and_no_in_both_languages(text: str, says: bool) -> None:
    assert read_yes(text) is says


def test_what_is_neither_yes_nor_no_is_refused() -> None:
    with pytest.raises(CellError, match="not_yes_or_no"):
        read_yes("perhaps")


def test_a_choice_by_any_of_its_words() -> None:
    words = {"f": ("female", "vroulik")}
    assert [read_choice(text, words) for text in ("F", " Vroulik", "")] == ["f", "f", ""]
    with pytest.raises(CellError, match="unknown"):
        read_choice("q", words)


def test_columns_are_found_by_any_of_their_names_however_they_are_written() -> None:
    names = {"last_name": ["Surname", "Van"], "folder_number": ["Lêernommer"], "phone": ["Cell"]}
    headings = ["  SURNAME* ", "leer-nommer", "Van", "Weight", "cell."]
    assert match_columns(headings, names) == {"last_name": 0, "folder_number": 1, "phone": 4}
