"""The table of vaccinations: it hangs together, and its document says the same."""

import re
from pathlib import Path

import pytest

from medications.rules.spans import Span
from medications.rules.vaccine_table import COURSES, DOSE_NUMBERS, TableDose, _numbers
from tests.loaded_anew import loaded_anew

DOCUMENT = Path(__file__).parents[3] / "docs/vaccination-table.md"


def words(span: Span | None) -> str:
    if span is None:
        return "–"
    if span == Span():
        return "birth"
    if span.weeks:
        return f"{span.weeks} weeks"
    years, months = divmod(span.months, 12)
    return f"{years} years" if years > 1 and not months else f"{span.months} months"


def row(vaccine: str, starts_before: Span | None, dose: TableDose) -> list[str]:
    return [
        vaccine,
        words(starts_before),
        str(dose.dose_number),
        words(dose.age),
        words(dose.first_age),
        words(dose.interval),
        words(dose.until),
        ", ".join(dose.sources),
    ]


def test_the_document_has_the_same_rows() -> None:
    courses = loaded_anew("medications.rules.vaccine_table").COURSES
    section = DOCUMENT.read_text().split("## The rows")[1].split("\n## ")[0]
    lines = re.findall(r"^\| (.*) \|$", section, re.MULTILINE)[1:]
    assert [line.split(" | ") for line in lines] == [
        row(course.vaccine, course.starts_before, dose) for course in courses for dose in course.doses
    ]


def test_every_row_names_its_source_and_the_document_explains_it() -> None:
    text = DOCUMENT.read_text()
    for course in COURSES:
        for dose in course.doses:
            assert dose.sources
            assert all(f"| {source} |" in text for source in dose.sources)


def test_until_it_is_signed_off_the_document_says_so() -> None:
    assert "Not signed off yet" in DOCUMENT.read_text()


@pytest.mark.parametrize("vaccine", DOSE_NUMBERS)
def test_the_courses_of_a_vaccine_hang_together(vaccine: str) -> None:
    courses = [course for course in COURSES if course.vaccine == vaccine]
    limits = [course.starts_before for course in courses]
    assert limits[-1] is None
    assert None not in limits[:-1]
    firsts = {
        (course.doses[0].age, course.doses[0].first_age, course.doses[0].interval) for course in courses
    }
    assert len(firsts) == 1  # or the first dose would decide its own course
    for course in courses:
        numbers = [dose.dose_number for dose in course.doses]
        assert numbers == list(DOSE_NUMBERS[vaccine][: len(numbers)])


def test_the_dose_numbers_of_a_vaccine_are_those_of_all_its_courses_in_order() -> None:
    assert _numbers() == {
        "bcg": (1,),
        "opv": (0, 1),
        "rv": (1, 2),
        "pcv": (1, 2, 3),
        "hexavalent": (1, 2, 3, 4),
        "mr": (1, 2),
        "td": (1, 2),
    }
