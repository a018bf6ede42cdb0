"""Medicines are found by what somebody types."""

import pytest

from medications.models import Medicine
from medications.selectors.catalogue import found_by_words, medicines_of_clinic
from tests.factories import ClinicFactory
from tests.medications.factories import MedicineFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def medicines() -> list[Medicine]:
    clinic = ClinicFactory()
    MedicineFactory()
    MedicineFactory(strength="850 mg")
    MedicineFactory(name_en="Paracetamol", name_af="Parasetamol")
    MedicineFactory(name_en="Paracetamol", name_af="Parasetamol", strength="24 mg/ml", form="ml")
    MedicineFactory(name_en="Zinc cream", name_af="Sinksalf", strength="", form="ml", clinic=clinic)
    MedicineFactory(name_en="Cough mixture", name_af="Hoesmengsel", strength="", clinic=ClinicFactory())
    return medicines_of_clinic(clinic.pk)


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("metf 500", ["Metformin 500 mg"]),
        ("METFORMIEN 850MG", ["Metformin 850 mg"]),
        ("500 mg metformin", ["Metformin 500 mg"]),
        ("metformin", ["Metformin 500 mg", "Metformin 850 mg"]),
        ("metformin 50", []),
        ("para tablet", ["Paracetamol 500 mg"]),
        ("para millilitre", ["Paracetamol 24 mg/ml"]),
        ("sinksalf", ["Zinc cream"]),
        ("cough", []),
        ("", []),
        ("%", []),
        ("'; drop table", []),
    ],
)
def test_the_beginning_of_a_word_is_enough_and_a_number_is_that_number(
    medicines: list[Medicine], typed: str, names: list[str]
) -> None:
    assert [str(each) for each in found_by_words(typed, medicines)] == names
