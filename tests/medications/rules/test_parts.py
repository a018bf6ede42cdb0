"""Into which parts a unit can be divided."""

from decimal import Decimal

import pytest

from medications.rules.parts import can_be_given


@pytest.mark.parametrize(
    ("quantity", "form", "possible"),
    [
        ("1", "tablet", True),
        ("0.5", "tablet", True),
        ("0.25", "tablet", True),
        ("0.3", "tablet", False),
        ("0.5", "capsule", False),
        ("2", "capsule", True),
        ("7.5", "ml", True),
        ("0.5", "injection", False),
        ("0.5", "something new", False),
        ("3", "something new", True),
        ("0", "tablet", False),
        ("-1", "tablet", False),
    ],
)
def test_forms_are_divided_as_they_can_be(quantity: str, form: str, possible: bool) -> None:
    assert can_be_given(Decimal(quantity), form) is possible
