"""Values as each language writes them."""

from decimal import Decimal

import pytest
from django.utils import translation

from medications import formats
from medications.formats import DoseValue, MedicineValue, SupplyValue

METFORMIN = MedicineValue(("Metformin", "Metformien"), "500 mg")


@pytest.mark.parametrize(
    ("language", "quantity", "form", "text"),
    [
        ("en", "1", "tablet", "1 tablet"),
        ("en", "2.000", "tablet", "2 tablets"),
        ("en", "0", "tablet", "0 tablets"),
        ("en", "0.5", "tablet", "0.5 tablet"),
        ("en", "1.5", "tablet", "1.5 tablets"),
        ("en", "5", "ml", "5 ml"),
        ("en", "2", "patch", "2 patches"),
        ("af", "1", "tablet", "1 tablet"),
        ("af", "2", "tablet", "2 tablette"),
        ("af", "0.000", "tablet", "0 tablette"),
        ("af", "0.5", "tablet", "0,5 tablet"),
        ("af", "2", "injection", "2 inspuitings"),
        ("af", "3", "drop", "3 druppels"),
    ],
)
def test_a_quantity_has_its_unit(language: str, quantity: str, form: str, text: str) -> None:
    with translation.override(language):
        assert formats.quantity(Decimal(quantity), form) == text


@pytest.mark.parametrize(
    ("language", "text"),
    [("en", "Metformin 500 mg, 1 tablet, with food"), ("af", "Metformien 500 mg, 1 tablet, saam met kos")],
)
def test_a_dose_is_one_line(language: str, text: str) -> None:
    value = DoseValue(METFORMIN, Decimal(1), "tablet", ("with food", "saam met kos"))
    with translation.override(language):
        assert formats.dose(value) == text


def test_a_missing_language_falls_back_to_the_other_and_empty_parts_leave_no_comma() -> None:
    value = DoseValue(MedicineValue(("", "Panado"), ""), Decimal(2), "capsule", ("", ""))
    with translation.override("en"):
        assert formats.dose(value) == "Panado, 2 capsules"


@pytest.mark.parametrize(
    ("language", "texts"),
    [
        ("en", ("your", "Sipho's", "you", "Sipho", "Your supply", "Sipho's supply", "Delft Clinic's stock")),
        (
            "af",
            ("u", "Sipho se", "u", "Sipho", "U voorraad", "Sipho se voorraad", "Delft Clinic se voorraad"),
        ),
    ],
)
def test_whose_it_is(language: str, texts: tuple[str, ...]) -> None:
    with translation.override(language):
        assert texts == (
            formats.whose(""),
            formats.whose("Sipho"),
            formats.for_whom(""),
            formats.for_whom("Sipho"),
            formats.supply(SupplyValue("self", "")),
            formats.supply(SupplyValue("patient", "Sipho")),
            formats.supply(SupplyValue("clinic", "Delft Clinic")),
        )


@pytest.mark.parametrize(
    ("language", "texts"),
    [("en", ["today", "today", "tomorrow", "in 5 days"]), ("af", ["vandag", "vandag", "môre", "oor 5 dae"])],
)
def test_in_days(language: str, texts: list[str]) -> None:
    with translation.override(language):
        assert [formats.in_days(days) for days in (-1, 0, 1, 5)] == texts


def test_a_form_that_is_none_any_more_keeps_nobody_from_being_reminded() -> None:
    assert formats.quantity(Decimal(2), "lozenge") == "2 lozenge"
