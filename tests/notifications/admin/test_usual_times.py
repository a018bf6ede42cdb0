"""Times that people name become cron and come back as the same words."""

from datetime import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.admin.usual_times import Repeat, Usual, in_words, read, write

TABLE = [
    ("* * * * *", Usual(Repeat.MINUTE), "Every minute"),
    ("*/5 * * * *", Usual(Repeat.FIVE_MINUTES), "Every 5 minutes"),
    ("*/15 * * * *", Usual(Repeat.QUARTER), "Every 15 minutes"),
    ("30 * * * *", Usual(Repeat.HOUR, minute=30), "Every hour, 30 past"),
    ("0 */6 * * *", Usual(Repeat.SIX_HOURS, minute=0), "Every 6 hours from 00:00"),
    ("0 9 * * *", Usual(Repeat.DAY, at=time(9)), "Every day at 09:00"),
    ("5 14 * * 1", Usual(Repeat.WEEK, at=time(14, 5), weekday=1), "Monday at 14:05"),
    ("0 2 * * 0", Usual(Repeat.WEEK, at=time(2), weekday=0), "Sunday at 02:00"),
]


@pytest.mark.parametrize(("cron", "usual", "words"), TABLE)
def test_usual_times_are_read_written_and_said(cron: str, usual: Usual, words: str) -> None:
    assert read(cron) == usual
    assert write(usual) == cron
    assert in_words(cron) == words


@pytest.mark.parametrize(
    "cron",
    ["0 9 1 * *", "0 9 * * 1-5", "*/7 * * * *", "60 * * * *", "0 24 * * *", "0 9 * * 8", "0 9 * * MON", ""],
)
def test_anything_else_is_left_to_cron(cron: str) -> None:
    assert read(cron) == Usual(Repeat.OWN)


def test_other_times_are_explained_and_nonsense_stays_as_it_is() -> None:
    assert in_words("0 9 1 * *") == "At 09:00 on the first day of every month"
    assert in_words("whenever") == "whenever"


def test_times_of_ones_own_are_not_written_for_one() -> None:
    with pytest.raises(ValueError, match="written as cron"):
        write(Usual(Repeat.OWN))


@given(
    st.sampled_from([Repeat.DAY, Repeat.WEEK]), st.times().map(lambda at: at.replace(second=0, microsecond=0)),
    st.integers(0, 6),
)  # fmt: skip
def test_what_is_written_is_read_again(repeat: Repeat, at: time, weekday: int) -> None:
    found = read(write(Usual(repeat, at=at, weekday=weekday)))
    assert (found.repeat, found.at) == (repeat, at)
    assert repeat == Repeat.DAY or found.weekday == weekday
