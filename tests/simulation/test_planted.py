"""Planted bugs are found, each by a short program that was kept of it; which finds nothing without the bug."""

import ast
from pathlib import Path

import pytest
from django.conf import settings

from tests.breaks.edit import Break
from tests.simulation.hunt import found
from tests.simulation.in_place import OutsideError, in_place
from tests.simulation.planted import PLANTED
from tests.simulation.program import Act
from tests.simulation.run import run

ROOT = Path(settings.BASE_DIR)
FOUND = found()


def test_there_are_many_with_names_of_their_own() -> None:
    names = {each.name for each in PLANTED}
    assert len(names) == len(PLANTED) >= 20
    assert names == FOUND.keys()


@pytest.mark.parametrize("each", [pytest.param(each, id=each.name) for each in PLANTED])
def test_it_fits_the_code(each: Break) -> None:
    text = (ROOT / each.file).read_text()
    changed = each.applied(text)
    assert changed != text
    ast.parse(changed)


@pytest.mark.parametrize("each", [pytest.param(each, id=each.name) for each in PLANTED])
@pytest.mark.django_db
def test_it_is_found(each: Break) -> None:
    within, program = FOUND[each.name]
    assert within <= 1000
    with in_place(each):
        assert run(program, thoroughly=1).wrong, (
            "This program finds it no longer, since acts draw other things by now: "
            f"`python -m tests.simulation --seeds 1000 --planted {each.name}` looks for another."
        )
    assert run(program, thoroughly=1).wrong == ()


def test_what_is_in_no_function_is_refused() -> None:
    constant = Break("x", "tests/simulation/outside.py", 'PROVIDER = "sim"', 'PROVIDER = "other"', ())
    with pytest.raises(OutsideError), in_place(constant):
        pass


def test_a_bug_is_there_for_as_long_as_it_is_wanted() -> None:
    bug = Break("x", "tests/simulation/program.py", 'f"{self.name}:{self.seed}"', '"broken"', ())
    act = Act("work", 5)
    before = str(act)
    with in_place(bug):
        assert str(act) == "broken"
    assert str(act) == before != "broken"
