"""Each planted bug still fits the code, and what looks for it notices one."""

import ast
from pathlib import Path

import pytest
from django.conf import settings

from tests.breaks.edit import Break
from tests.simulation.planted import PLANTED

ROOT = Path(settings.BASE_DIR)


def test_there_are_many_with_names_of_their_own() -> None:
    assert len({each.name for each in PLANTED}) == len(PLANTED) >= 20


@pytest.mark.parametrize("each", [pytest.param(each, id=each.name) for each in PLANTED])
def test_it_fits_the_code(each: Break) -> None:
    text = (ROOT / each.file).read_text()
    changed = each.applied(text)
    assert changed != text
    ast.parse(changed)
