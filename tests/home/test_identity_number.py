"""South African identity numbers: the check digit, the date in one of two centuries, and the sex."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from home.identity_number import IdentityNumberError, read_identity_number

TODAY = date(2026, 11, 24)


def luhn(first: str) -> str:
    """The number with its check digit, by the rule as it is usually told."""
    odd = sum(int(digit) for digit in first[::2])
    even = sum(map(int, str(2 * int(first[1::2]))))
    return first + str(-(odd + even) % 10)


@pytest.mark.parametrize(
    ("text", "born", "sex"),
    [
        ("8001015009087", date(1980, 1, 1), "m"),
        (" 800101 5009 087 ", date(1980, 1, 1), "m"),
        ("800101-5009-087", date(1980, 1, 1), "m"),
        (luhn("920527" + "0163" + "08"), date(1992, 5, 27), "f"),
        (luhn("241124" + "4999" + "08"), date(2024, 11, 24), "f"),
        (luhn("261125" + "5000" + "08"), date(1926, 11, 25), "m"),
        (luhn("000229" + "5000" + "18"), date(2000, 2, 29), "m"),
        (luhn("900101" + "5000" + "28"), date(1990, 1, 1), "m"),
    ],
)
def test_what_a_number_says(text: str, born: date, sex: str) -> None:
    found = read_identity_number(text, today=TODAY)
    assert (found.born, found.sex, len(found.number)) == (born, sex, 13)


def test_a_date_that_two_centuries_have_may_be_either() -> None:
    found = read_identity_number(luhn("200101" + "5000" + "08"), today=TODAY)
    assert found.births == (date(2020, 1, 1), date(1920, 1, 1))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "length"),
        ("800101500908", "length"),
        ("80010150090877", "length"),
        ("8001O15009087", "length"),
        ("٨٠٠١٠١٥٠٠٩٠٨٧", "length"),
        ("8013015009087", "date"),
        ("0000000000000", "date"),
        (luhn("990229" + "5000" + "08"), "date"),
        ("8001015009088", "check"),
        ("8001015009807", "check"),
        (luhn("800101" + "5000" + "38"), "check"),
    ],
)
def test_what_can_be_no_number(text: str, code: str) -> None:
    with pytest.raises(IdentityNumberError) as caught:
        read_identity_number(text, today=TODAY)
    assert caught.value.code == code


@given(
    st.dates(date(1927, 1, 1), date(2026, 11, 24)),
    st.integers(0, 9999),
    st.integers(0, 12),
    st.integers(1, 9),
)
def test_one_wrong_digit_is_always_noticed(born: date, sequence: int, at: int, by: int) -> None:
    right = luhn(f"{born:%y%m%d}{sequence:04d}08")
    assert born in read_identity_number(right, today=TODAY).births
    wrong = right[:at] + str((int(right[at]) + by) % 10) + right[at + 1 :]
    with pytest.raises(IdentityNumberError):
        read_identity_number(wrong, today=TODAY)
