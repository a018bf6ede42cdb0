"""What fails is made as short as can be."""

from collections.abc import Sequence

import pytest

from tests.simulation.program import Act, drawn, read
from tests.simulation.shrink import shortest


@pytest.mark.parametrize(
    "needed",
    [{0}, {29}, {3, 17}, {0, 1, 2}, {5, 6, 20, 29}, set(range(30))],
)
def test_only_what_is_needed_is_left(needed: set[int]) -> None:
    assert set(shortest(range(30), lambda left: needed <= set(left))) == needed


def test_what_fails_without_any_of_it_is_empty() -> None:
    assert shortest(range(30), lambda left: True) == ()


def test_it_is_tried_in_its_order() -> None:
    def fails(left: Sequence[int]) -> bool:
        assert list(left) == sorted(left)
        return 4 in left and 9 in left

    assert shortest(range(12), fails) == (4, 9)


def test_a_program_is_the_same_each_time_and_can_be_read_from_what_is_printed() -> None:
    program = drawn(7, {"work": 3, "wait": 1}, 12)
    assert program == drawn(7, {"work": 3, "wait": 1}, 12) != drawn(8, {"work": 3, "wait": 1}, 12)
    assert read(7, str(program).split()) == program
    assert {act.name for act in program.acts} == {"work", "wait"}
    assert str(Act("work", 5)) == "work:5"
