"""What differs between two texts: nothing of either is lost, and words stay whole."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.rules.word_differences import Kind, Piece, differences

SAME, REMOVED, ADDED = Kind.SAME, Kind.REMOVED, Kind.ADDED


@pytest.mark.parametrize(
    ("before", "after", "pieces"),
    [
        ("", "", []),
        ("Take it.", "Take it.", [(SAME, "Take it.")]),
        ("", "Take it.", [(ADDED, "Take it.")]),
        ("Take it.", "", [(REMOVED, "Take it.")]),
        (
            "Take your tablets now.",
            "Take your pills now.",
            [(SAME, "Take your "), (REMOVED, "tablets"), (ADDED, "pills"), (SAME, " now.")],
        ),
        # A word that grew is another word, not a few letters more.
        ("tablet", "tablets", [(REMOVED, "tablet"), (ADDED, "tablets")]),
        ("môre", "more", [(REMOVED, "môre"), (ADDED, "more")]),
        ("{{ day }} now", "{{ date }} now", [(REMOVED, "{{ day }}"), (ADDED, "{{ date }}"), (SAME, " now")]),
        # Two changes beside each other are one; so are what is left and what follows it.
        (
            "take it now",
            "take two pills now",
            [(SAME, "take "), (REMOVED, "it"), (ADDED, "two pills"), (SAME, " now")],
        ),
        ("a\nb", "a\n\nb", [(SAME, "a"), (REMOVED, "\n"), (ADDED, "\n\n"), (SAME, "b")]),
    ],
)
def test_word_by_word(before: str, after: str, pieces: list[tuple[Kind, str]]) -> None:
    assert differences(before, after) == [Piece(*piece) for piece in pieces]


TEXT = st.text(alphabet="ab {}.\nê", max_size=40)


@given(TEXT, TEXT)
def test_both_texts_can_be_read_from_it(before: str, after: str) -> None:
    found = differences(before, after)
    assert "".join(piece.text for piece in found if piece.kind is not ADDED) == before
    assert "".join(piece.text for piece in found if piece.kind is not REMOVED) == after
    assert all(one.kind is not other.kind for one, other in pairwise(found))


def test_words_that_a_long_text_has_often_are_compared_too() -> None:
    often = "take one now " * 80
    assert differences(often, f"{often}two") == [Piece(SAME, often), Piece(ADDED, "two")]
    assert differences(f"please {often}", often) == [Piece(REMOVED, "please "), Piece(SAME, often)]
