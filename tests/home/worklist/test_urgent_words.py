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
        "I think it is a heart attack",
        "dit voel soos 'n hartaanval",
        "baby has convulsions",
        "die baba het stuiptrekkings",
        "Snake bite on my leg",
        "'n slang het my gepik",
        "slangbyt",
        "I want to die",
        "i wanna die",
        "I don't want to live anymore",
        "I don’t want to live",
        "i want to end my life",
        "is he going to die?",
        "my mother is dying",
        "Ek wil nie meer lewe nie",
        "ek wil nie meer leef nie",
        "ek wil doodgaan",
        "Ek gaan dood",
        "ek wil net dood wees",
        "ek maak myself dood",
        "die kind is vergiftig",
        "she is choking",
        "hy verstik",
        "I was raped",
        "sy is verkrag",
    ],
)
def test_what_cannot_wait(text: str) -> None:
    assert is_urgent(text)


@pytest.mark.parametrize(
    "text",
    [
        "Can I come on Friday?",
        "Please Call 0821234567. Worried about HIV? Call the Aids Helpline 0800012322",
        "When is my blood pressure check?",
        "my bloeddruk pille is op",
        "thank you",
        "ek wil die pille kom haal",
        "ek kon nie kom nie want die bus was laat",
        "I want to diet",
        "Friday fits me, I want to come",
        "Ek wil Vrydag kom",
        "when is the grapes talk",
        "my hart pille is op",
        "",
    ],
)
def test_what_can_wait(text: str) -> None:
    assert not is_urgent(text)
