"""Words for which nobody waits."""

import pytest

from home.worklist.urgent_words import is_urgent


@pytest.mark.parametrize(
    "text",
    [
        "I have chest pain",
        "CHEST PAINS since last night",
        "my bors is seer",
        "Ek het borspyn",
        "daar is bloed in my urine",
        "please help me",
        "ek dink aan selfmoord",
        "I want to kill myself",
        "can't breathe",
        "Sy kry stuipe",
    ],
)
def test_what_cannot_wait(text: str) -> None:
    assert is_urgent(text)


@pytest.mark.parametrize(
    "text",
    [
        "Can I come on Friday?",
        "When is my blood pressure check?",
        "my bloeddruk pille is op",
        "thank you",
        "",
    ],
)
def test_what_can_wait(text: str) -> None:
    assert not is_urgent(text)
