"""Medicines that staff would take for one."""

import pytest

from medications.rules.medicine_names import medicine_words


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (("Metformin", "500 mg"), ("metformin", "500mg"), True),
        (("Metformin", "500 mg"), ("Metformin 500 mg", ""), True),
        (("Metformin", "500 mg"), ("Métformin", "500 MG"), True),
        (("Co-trimoxazole", "480 mg"), ("Co trimoxazole", "480 mg"), True),
        (("Methotrexate", "2.5 mg"), ("Methotrexate", "2,5 mg"), True),
        (("Methotrexate", "2.5 mg"), ("Methotrexate", "25 mg"), False),
        (("Vitamin D", "50 000 IU"), ("Vitamin D", "50000 IU"), True),
        (("Vitamin D", "50 000 IU"), ("Vitamin D", "5 000 IU"), False),
        (("Amlodipine and valsartan", "5/160 mg"), ("Amlodipine and valsartan", "160/5 mg"), False),
        (("Metformin", "500 mg"), ("Metformin", "850 mg"), False),
        (("Metformin", "500 mg"), ("Metformin", ""), False),
        (("Prednisone", "5 mg"), ("Prednisolone", "5 mg"), False),
        (("Ибупрофен", "200 mg"), ("ибупрофен", "200 mg"), True),
    ],
)
def test_the_same_medicine_in_other_letters(one: tuple[str, str], other: tuple[str, str], same: bool) -> None:
    assert (medicine_words(*one) == medicine_words(*other)) is same
