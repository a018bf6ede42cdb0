"""What comes next in a call."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.rules.phone_call import Move, Place, Step, next_move

ANSWERS = {"1", "2", "3"}
GREETING, FIRST, SECOND = Place(0), Place(1), Place(2)


def again(place: Place) -> Place:
    return Place(place.number, again=True)


@pytest.mark.parametrize(
    ("place", "key", "step", "then"),
    [
        (None, "", Step.GREET, GREETING),
        (GREETING, "1", Step.PLAY, FIRST),
        (GREETING, "0", Step.STOPPED, None),
        (GREETING, "5", Step.ASK_AGAIN, again(GREETING)),
        (GREETING, "", Step.ASK_AGAIN, again(GREETING)),
        (again(GREETING), "1", Step.PLAY, FIRST),
        (again(GREETING), "5", Step.END, None),
        (again(GREETING), "", Step.END, None),
        (FIRST, "1", Step.ANSWERED, SECOND),
        (FIRST, "9", Step.PLAY, FIRST),
        (FIRST, "0", Step.STOPPED, None),
        (FIRST, "7", Step.ASK_AGAIN, again(FIRST)),
        (FIRST, "", Step.PLAY, SECOND),
        (again(FIRST), "7", Step.PLAY, SECOND),
        (again(FIRST), "2", Step.ANSWERED, SECOND),
        (SECOND, "3", Step.ANSWERED, None),
        (SECOND, "9", Step.PLAY, SECOND),
        (SECOND, "", Step.END, None),
    ],
)
def test_in_a_call_of_two_messages(place: Place | None, key: str, step: Step, then: Place | None) -> None:
    assert next_move(place, key, messages=2, answers=ANSWERS) == Move(step, then)


def test_a_key_that_answers_elsewhere_means_nothing_where_nothing_is_asked() -> None:
    assert next_move(FIRST, "1", messages=1, answers=()).step is Step.ASK_AGAIN


@given(st.lists(st.sampled_from(["", "1", "2", "5", "9", "#"]), max_size=60), st.integers(1, 4))
def test_nothing_is_played_before_a_one_and_messages_come_in_their_order(
    keys: list[str], messages: int
) -> None:
    move = next_move(None, "", messages=messages, answers=ANSWERS)
    for key in keys:
        if move.place is None:
            break
        before = move.place
        move = next_move(before, key, messages=messages, answers=ANSWERS)
        if before.number == 0 and key != "1":
            assert move.place is None or move.place.number == 0
        assert move.place is None or before.number <= move.place.number <= messages


@given(st.lists(st.sampled_from(["", "1", "5"]), min_size=20, max_size=20), st.integers(1, 4))
def test_a_call_ends_unless_repeats_are_asked_for(keys: list[str], messages: int) -> None:
    place, asked = Place(), 0
    for key in keys:
        asked += 1
        place = next_move(place, key, messages=messages, answers=ANSWERS).place
        if place is None:
            break
    assert place is None and asked <= 2 * (messages + 1)
