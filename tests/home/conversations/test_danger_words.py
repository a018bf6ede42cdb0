"""Words for which nobody waits: those built in, and those that head office writes."""

import pytest

from home.conversations.automatic import is_automatic, is_echo
from home.conversations.danger_words import built_in, danger_words, danger_words_write, language_of_danger
from home.conversations.phrases import says
from home.conversations.texts import emergency
from notifications.languages.listed import of_messages

WORDS = {language: built_in(language).splitlines() for language in of_messages()}


def is_urgent(text: str) -> bool:
    return language_of_danger(text, WORDS) is not None


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
        "she took an overdose",
        "my baby is not moving",
        "die baba beweeg nie",
        "I CAN’T BREATHE 😢",
        "my blood pressure is fine but there is blood in my urine",
    ],
)
def test_what_cannot_wait(text: str) -> None:
    assert is_urgent(text)


@pytest.mark.parametrize(
    "text",
    [
        "Please Call 0821234567. Worried about HIV? Call the Aids Helpline 0800012322",
        "Can I come on Friday?",
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
        "I want to live here",
        "the chemist in Chesterfield",
        "mag ek die pille met borsvoeding neem?",
        "a gift and some flour",
        "",
    ],
)
def test_what_can_wait(text: str) -> None:
    assert not is_urgent(text)


@pytest.mark.parametrize(
    ("text", "phrases", "is_said"),
    [
        ("she is bleeding", ["bleed*"], True),
        ("she is bleeding", ["bleed"], False),
        ("nosebleeds", ["bleed*"], False),
        ("I can't breathe", ["cant breathe"], True),
        ("I cant breathe", ["can’t breathe"], True),
        ("BLOOD everywhere", ["blood"], True),
        ("my blood pressure", ["blood", "-blood pressure"], False),
        ("my blood pressure", ["-blood pressure", "blood"], False),
        ("blood after my blood pressure pills", ["blood", "-blood pressure"], True),
        ("chest is fine, pain is gone", ["chest pain"], False),
        ("dit is ’n slang", ["slang*"], True),
        ("anything", ["", " ", "*", "-", "😢"], False),
    ],
)
def test_a_phrase_is_whole_words(text: str, phrases: list[str], is_said: bool) -> None:
    assert says(text, phrases) is is_said


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("Auto-reply: I am driving", True),
        ("This is an automated message.", True),
        ("OUT OF OFFICE until Monday", True),
        ("Outomatiese antwoord: ek is weg", True),
        ("I am out of tablets", False),
        ("Please do not reply", True),
        ("Please reply", False),
    ],
)
def test_what_nobody_wrote_just_now(text: str, is_one: bool) -> None:
    assert is_automatic(text) is is_one


def test_our_own_words_are_known_again() -> None:
    assert is_echo(f"> {emergency().upper()}", [emergency()])
    assert not is_echo("I called 10177 and nobody comes", [emergency()])


@pytest.mark.django_db
class TestEdited:
    def test_without_any_the_built_in_ones_hold(self) -> None:
        assert danger_words() == WORDS

    def test_what_head_office_writes_takes_their_place_in_that_language(self) -> None:
        danger_words_write({"en": "purple*\n", "af": ""})

        assert danger_words() == {**WORDS, "en": ["purple*"]}
        assert language_of_danger("purplish? no, purple", danger_words()) == "en"
        assert language_of_danger("chest pain", danger_words()) is None
        assert language_of_danger("borspyn", danger_words()) == "af"

    def test_an_empty_field_brings_the_built_in_ones_back(self) -> None:
        danger_words_write({"en": "purple"})
        danger_words_write({"en": " "})

        assert danger_words() == WORDS
