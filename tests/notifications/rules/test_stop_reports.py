"""What others reported of how people ask for no more messages is understood, and not because it stands in a list."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from notifications.rules.keywords import Command, command_of, keyword_of
from tests.notifications.rules.stop_reports import FOR_A_NURSE, REPORTED

TEXTS = [text for text, _where in REPORTED]

full_width = str.maketrans({code: code + 0xFEE0 for code in range(0x21, 0x7F)})
SPELLINGS = {
    "as it is": str,
    "shouted": str.upper,
    "in small letters": str.lower,
    "in full width": lambda text: text.translate(full_width),
    "with nothing to see between its letters": "\u200b".join,
    "with soft hyphens": "\u00ad".join,
    "spread": lambda text: text.replace(" ", "   "),
}
BEFORE = (
    "",
    " ",
    "\n",
    "Hi, ",
    "Please ",
    "Good morning sister. ",
    "Asseblief ",
    "Good day, ",
    "🙏 ",
    "\u200b",
    "“",
    "*",
)
BEHIND = (
    *(
        "",
        " ",
        ".",
        "!!!",
        " 😡",
        " 🙏🏽",
        "\ufe0f",
        "\u200d",
        " asb",
        " please",
        " thanks",
        " enkosi",
        "”",
        "*",
    ),
    *("\nSent from my iPhone", "\n--\nThandi Nkosi", "\n\nGestuur van my Samsung", "\r\n"),
)


def test_there_are_sixty_and_no_two_are_one() -> None:
    assert len({keyword_of(text) for text in TEXTS}) >= 60


@pytest.mark.parametrize(("text", "where"), REPORTED)
def test_what_was_reported_stops(text: str, where: str) -> None:
    assert command_of(text) is Command.STOP, where


@pytest.mark.parametrize(("text", "where"), FOR_A_NURSE)
def test_what_may_be_about_something_else_is_for_a_nurse(text: str, where: str) -> None:
    assert command_of(text) is None, where


@example(
    text="I don't want these messages anymore. This is your last warning!",
    spelling="in full width",
    before="",
    behind="",
)
@given(
    text=st.sampled_from(TEXTS),
    spelling=st.sampled_from([*SPELLINGS]),
    before=st.lists(st.sampled_from(BEFORE), max_size=3).map("".join),
    behind=st.lists(st.sampled_from(BEHIND), max_size=3).map("".join),
)
def test_nor_does_it_matter_how_it_is_written_and_what_stands_around_it(
    text: str, spelling: str, before: str, behind: str
) -> None:
    assert command_of(f"{before}{SPELLINGS[spelling](text)}{behind}") is Command.STOP
