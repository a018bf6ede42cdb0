"""What is said of samples that are flat, and of those that aren't."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.soak.judging import LEAST, Sample, faults, slope

FLAT = [
    Sample(
        at=10.0 * n,
        memory={"web": 300 + n % 3, "consumer": 150.0},
        told=60 * n,
        pages=40 * n,
        oldest=n % 2,
        sessions=12,
    )
    for n in range(40)
]


def changed(change: Callable[[int, Sample], Sample]) -> list[str]:
    return list(faults([change(n, sample) for n, sample in enumerate(FLAT)]))


def test_of_what_is_flat_nothing_is_said() -> None:
    assert list(faults(FLAT)) == []


def test_what_grows_to_the_end_is_named() -> None:
    [said] = changed(lambda n, each: replace(each, memory={"web": 300.0, "consumer": 150.0 + n}))
    assert said == "consumer has grown by 19 MiB over the second half, to 189."


def test_what_grows_while_it_warms_up_only_is_no_fault() -> None:
    assert changed(lambda n, each: replace(each, memory={"web": 200.0 + 5 * min(n, 15)})) == []


def test_of_a_large_process_a_share_is_no_fault() -> None:
    assert changed(lambda n, each: replace(each, memory={"web": 1_000.0 + n})) == []


@pytest.mark.parametrize("share", [0.95, 0.8])
def test_fewer_pages_in_the_end_are_a_fault_where_they_are_many_fewer(share: float) -> None:
    late = 200

    def slower(_n: int, each: Sample) -> Sample:
        after = max(0.0, each.at - late)
        return replace(each, pages=round(4_000 + 40 * (min(each.at, late) + share * after)))

    assert bool(changed(slower)) == (share < 0.9)


def test_work_that_waits_and_sessions_that_pile_up_are_faults() -> None:
    assert changed(lambda n, each: replace(each, oldest=each.at / 4)) == [
        "Due work has waited for 98 s in the last quarter."
    ]
    assert changed(lambda n, each: replace(each, sessions=12 + n)) == [
        "46 sessions of the database in the last quarter, 26 in the second."
    ]


def test_of_few_samples_nothing_is_said() -> None:
    grown = [replace(each, memory={"web": 100.0 * each.at}) for each in FLAT]
    assert list(faults(grown[: LEAST - 1])) == []
    assert list(faults(grown[:LEAST]))


def test_the_slope_is_that_of_the_line_through_all() -> None:
    assert slope([0, 1, 2, 3], [5, 7, 9, 11]) == pytest.approx(2)
    assert slope([1, 1], [5, 7]) == 0.0
