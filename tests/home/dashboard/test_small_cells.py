"""Numbers that would say something of few people."""

from hypothesis import given
from hypothesis import strategies as st

from home.dashboard.month import Line
from home.dashboard.small_cells import FEWEST, without_small_cells


def split(*numbers: tuple[int, int]) -> list[Line]:
    every = Line("all", "All", sum(reached for reached, _all in numbers), sum(whole for _r, whole in numbers))
    return [
        every,
        *(
            Line(f"in_{place}", f"Language {place}", reached, whole, sensitive=True)
            for place, (reached, whole) in enumerate(numbers)
        ),
    ]


def hidden(lines: list[Line]) -> list[str]:
    return [line.name for line in without_small_cells(lines) if line.number is None]


def test_large_numbers_and_none_are_said() -> None:
    assert hidden(split((20, 30), (0, 12), (9, 9))) == []


def test_few_are_left_out_and_with_them_what_would_give_them_away() -> None:
    assert hidden(split((20, 30), (10, 16), (2, 8))) == ["in_1", "in_2"]
    assert hidden(split((20, 30), (10, 12), (2, 8))) == ["in_1", "in_2"]


def test_the_sum_of_clinics_gives_no_clinic_away() -> None:
    few, many = split((20, 30), (10, 16), (2, 8)), split((20, 30), (30, 40), (7, 14))
    both = split((40, 60), (40, 56), (9, 22))
    hidden_of_both = [line.name for line in without_small_cells(both, [few, many]) if line.number is None]
    assert hidden_of_both == hidden(few) == ["in_1", "in_2"]
    assert [line for line in without_small_cells(both, [few, few]) if line.number is None] == []


def test_what_splits_nobody_is_said() -> None:
    assert hidden([Line("came", "Came", 1, 3)]) == []


CELLS = st.integers(0, 40).flatmap(lambda whole: st.tuples(st.integers(0, whole), st.just(whole)))


@given(st.lists(CELLS, min_size=1, max_size=6))
def test_nobody_can_subtract_their_way_to_few(cells: list[tuple[int, int]]) -> None:
    lines = without_small_cells(split(*cells))[1:]
    left_out = [cell for line, cell in zip(lines, cells, strict=True) if line.number is None]
    for line in lines:
        if line.number is not None and line.whole is not None:
            said = (int(line.number), line.whole, line.whole - int(line.number))
            assert not any(0 < number < FEWEST for number in said)
    # Who knows the sum of what is left out knows no part of it.
    assert len(left_out) != 1 or len([cell for cell in cells if cell[1]]) == 1
