"""What fails is made as short as can be."""

from collections.abc import Sequence

import pytest

from tests.simulation.acts import ACTS, weights
from tests.simulation.program import Act, drawn, read
from tests.simulation.shrink import shortest


@pytest.mark.parametrize(
    "needed",
    [{0}, {29}, {3, 17}, {0, 1, 2}, {5, 6, 20, 29}, set(range(30))],
)
def test_only_what_is_needed_is_left(needed: set[int]) -> None:
    assert set(shortest(range(30), lambda left: needed <= set(left))) == needed


def test_after_so_many_tries_it_is_as_short_as_they_made_it() -> None:
    tried: list[Sequence[int]] = []

    def fails(left: Sequence[int]) -> bool:
        tried.append(left)
        return 7 in left

    left = shortest(range(32), fails, tries=2)
    assert len(tried) == 2
    assert 7 in left
    assert 1 < len(left) < 32


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


def test_each_program_has_about_half_of_the_kinds_of_acts_and_time_always_passes() -> None:
    drawn_by = [set(weights(seed)) for seed in range(40)]
    assert set.union(*drawn_by) == set(ACTS)
    assert {"go_on", "work"} == set.intersection(*drawn_by)
    assert all(len(ACTS) / 4 < len(names) < len(ACTS) * 7 / 8 for names in drawn_by)
    assert weights(3) == weights(3)
