"""Each walk of docs/architecture.md leads from file to file along what the code does."""

import re
from functools import cache
from pathlib import Path

import pytest
from django.conf import settings

from tests.architecture.imports import graph, imports_of, module_of

ROOT = Path(settings.BASE_DIR)
MOST = 12
FOUND_AT_START = ("event_types", "quick_replies")
"""The modules in which apps declare what the engine asks for."""
ASKED_BY = {
    "event_types": {"notifications.registry", "notifications.pipeline.bus"},
    "quick_replies": {"notifications.quick_replies"},
}
"""Whoever imports one of these reaches what was declared, without importing it."""


@cache
def walks() -> dict[str, list[str]]:
    """The steps of each walk, by its heading."""
    text = (ROOT / "docs/architecture.md").read_text()
    section = text.partition("\n## Three walks")[2].partition("\n## ")[0]
    headings = re.split(r"^### (.*)\n", section, flags=re.MULTILINE)[1:]
    return {
        heading: re.findall(r"^\d+\. (.*)$", steps, re.MULTILINE)
        for heading, steps in zip(headings[::2], headings[1::2], strict=True)
    }


def files_of(steps: list[str]) -> list[str]:
    return [name for step in steps for name in re.findall(r"`([\w/]+\.py)`", step)]


def wakeups(file: str) -> set[str]:
    """What it wakes workers for, or answers to."""
    return set(re.findall(r"\bWakeup\.([A-Z_]+)", (ROOT / file).read_text()))


def declared_in(file: str) -> set[str]:
    """The kinds of declaration that it is part of."""
    module = module_of(file)
    return {
        kind
        for kind in FOUND_AT_START
        for declaring in graph().modules
        if declaring.rpartition(".")[2] == kind and module in {declaring, *imports_of(declaring)}
    }


def leads_to(before: str, after: str) -> bool:
    """Whether one of two files imports, wakes, or asks for what is in the other."""
    first, second = module_of(before), module_of(after)
    if second in imports_of(first) or first in imports_of(second):
        return True
    if wakeups(before) & wakeups(after):
        return True
    asked = {module for kind in declared_in(after) for module in ASKED_BY[kind]}
    if asked & {first, *imports_of(first)}:
        return True
    is_a_channel = any(path.startswith(f"{second}.") for path in settings.NOTIFICATION_CHANNELS)
    return is_a_channel and "notifications.channels.registry" in imports_of(first)


def test_there_are_three() -> None:
    assert len(walks()) == 3


@pytest.mark.parametrize("walk", walks())
def test_each_step_begins_with_its_one_file(walk: str) -> None:
    steps = walks()[walk]
    assert [step for step in steps if not re.match(r"`[\w/]+\.py`: .*\.$", step)] == []
    assert len(files_of(steps)) == len(steps)


@pytest.mark.parametrize("walk", walks())
def test_it_is_short_and_names_no_file_twice(walk: str) -> None:
    files = files_of(walks()[walk])
    assert 0 < len(files) <= MOST
    assert len(set(files)) == len(files)


@pytest.mark.parametrize("walk", walks())
def test_each_file_is_there(walk: str) -> None:
    assert [file for file in files_of(walks()[walk]) if not (ROOT / file).is_file()] == []


@pytest.mark.parametrize("walk", walks())
def test_each_step_is_reached_from_one_before_it(walk: str) -> None:
    files = files_of(walks()[walk])
    lost = [
        file
        for number, file in enumerate(files)
        if number and not any(leads_to(before, file) for before in files[:number])
    ]
    assert lost == []


def test_two_files_that_have_nothing_to_do_with_each_other_make_no_walk() -> None:
    assert not leads_to("events/ical/zones.py", "medications/rules/stock.py")
