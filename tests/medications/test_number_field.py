"""Numbers as people type them."""

from decimal import Decimal

import pytest
from django import forms

from medications.number_field import NumberField, QuantityField, as_typed


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("28", "28"),
        (" 28 ", "28"),
        ("0.5", "0.5"),
        ("0,5", "0.5"),
        (".5", "0.5"),
        (",5", "0.5"),
        ("28.000", "28"),
        ("2,25", "2.25"),
        ("½", "0.5"),
        ("1½", "1.5"),
        ("1 ½", "1.5"),
        ("2¼", "2.25"),
        ("¾", "0.75"),
        ("-1", "-1"),
    ],
)
def test_a_number_is_read(typed: str, number: str) -> None:
    assert as_typed(typed) == Decimal(number)
    assert NumberField().clean(typed) == Decimal(number)


@pytest.mark.parametrize(
    "typed",
    [
        "1e3", "1E3", "1e-3", "Infinity", "-inf", "NaN", "sNaN", "1_000", "1,000", "1.000,5", "1 000", "٣", "１２",
        "0x1c", "1/2", "½½", "½1", "two", "28 tablets", "--1", "²", ".", ",", "", " ", "1,", "1\n2",
    ],
)  # fmt: skip
def test_what_is_no_number_of_tablets_is_refused(typed: str) -> None:
    assert as_typed(typed) is None
    with pytest.raises(forms.ValidationError):
        NumberField().clean(typed)


@pytest.mark.parametrize("typed", ["0", "-1", "0.0001", "1e3", "10000000"])
def test_a_quantity_is_positive_and_fits(typed: str) -> None:
    with pytest.raises(forms.ValidationError):
        QuantityField().clean(typed)
