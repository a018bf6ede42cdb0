"""Wagtail's own texts in our words: each is one of Wagtail's, and none is empty or has other placeholders."""

import re
from pathlib import Path

import polib
import pytest
import wagtail
from django.conf import settings

WAGTAIL = Path(wagtail.__file__).parent
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|\{\w*\}")
CATALOGUES = sorted(Path(settings.LOCALE_PATHS[-1]).glob("*/LC_MESSAGES/*.po"))


def theirs(domain: str) -> set[str]:
    return {
        entry.msgid
        for path in WAGTAIL.glob(f"**/locale/en/LC_MESSAGES/{domain}.po")
        for entry in polib.pofile(str(path))
    }


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: f"{path.parts[-3]} {path.stem}")
def test_each_text_is_wagtails_and_is_translated(path: Path) -> None:
    known = theirs(path.stem)
    problems = []
    for entry in polib.pofile(str(path)):
        said = list(entry.msgstr_plural.values()) or [entry.msgstr]
        wanted = set(PLACEHOLDER.findall(entry.msgid + entry.msgid_plural))
        if entry.msgid not in known:
            problems.append(f"no text of Wagtail's: {entry.msgid}")
        if entry.fuzzy or not all(said):
            problems.append(f"not translated: {entry.msgid}")
        if any(not set(PLACEHOLDER.findall(text)) <= wanted for text in said):
            problems.append(f"other placeholders: {entry.msgid}")
    assert problems == []


def test_there_are_catalogues_of_both_languages() -> None:
    assert {(path.parts[-3], path.stem) for path in CATALOGUES} == {
        ("af", "django"),
        ("af", "djangojs"),
        ("en", "django"),
        ("en", "djangojs"),
    }
