"""A text of which nothing is seen."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.rules.blank import is_blank

BLANK = {
    "nothing": "",
    "spaces": " \t\n",
    "spaces of other widths": "\u00a0\u2003\u3000\u202f",
    "without any width": "\u200b\u200c\u200d\u2060\ufeff",
    "a soft hyphen": "\u00ad",
    "a change of direction": "\u202e\u2066\u2069",
    "a mark on nothing": "\u0301\u20e0",
    "selectors of a variant": "\ufe0f\U000e0100",
    "tags": "\U000e0041\U000e007f",
    "fillers of Hangul": "\u115f\u1160\u3164\uffa0",
    "the empty pattern of Braille": "\u2800",
    "separators of lines": "\u2028\u2029",
    "all together": " \u200b\u3164\ufe0f\u2800 ",
}


@pytest.mark.parametrize("text", BLANK.values(), ids=BLANK.keys())
def test_nothing_of_it_is_seen(text: str) -> None:
    assert is_blank(text)


@pytest.mark.parametrize("text", ["x", "\u200b1", "👍", ".", "é", "薬", "한", "\u2801", "😡\ufe0f", "¨"])
def test_something_is_seen(text: str) -> None:
    assert not is_blank(text)


@given(st.text(st.sampled_from("".join(BLANK.values())), max_size=8), st.sampled_from("x1👍"))
def test_one_letter_is_enough(blank: str, letter: str) -> None:
    assert is_blank(blank) and not is_blank(f"{blank}{letter}")
