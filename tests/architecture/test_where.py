"""CONTRIBUTING.md answers “Where do I find …?” with one place each, and what it names is there."""

import re
from pathlib import Path

import pytest
from django.conf import settings

from tests.architecture.definitions import definitions

ROOT = Path(settings.BASE_DIR)
SECTION = (
    (ROOT / "CONTRIBUTING.md").read_text().partition("\n## Where do I find …?\n")[2].partition("\n## ")[0]
)
ANSWERS = dict(re.findall(r"^\| (.*\?) \| (.*) \|$", SECTION, re.MULTILINE))


def test_there_are_as_many_questions_as_somebody_new_has() -> None:
    assert len(ANSWERS) == SECTION.count("\n|") - 2
    assert len(ANSWERS) >= 25


@pytest.mark.parametrize("question", ANSWERS)
def test_it_is_answered_by_one_place_that_is_there(question: str) -> None:
    place, *names = re.findall(r"`([^`]+)`", ANSWERS[question])
    path = ROOT / place
    assert path.is_dir() if place.endswith("/") else path.is_file()
    assert not [name for name in names if "/" in name]


@pytest.mark.parametrize("question", ANSWERS)
def test_what_is_named_in_that_place_is_there(question: str) -> None:
    place, *names = re.findall(r"`([^`]+)`", ANSWERS[question])
    if names:
        assert set(names) <= definitions(place)
