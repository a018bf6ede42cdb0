"""What people write, as they write it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.rules import keywords
from notifications.rules.keywords import (
    Command,
    Words,
    asks_to_be_called,
    command_of,
    keyword_of,
    number_to_call,
    teach,
)

# Collected from public reports of what people send, and from what South Africans write.
STOPS = (
    """
Good day, I don't want these messages|Hallo, goeie dag, ek wil nie hierdie boodskappe hê nie
STOP|stop|Stop|sTOP|STOP.|Stop!|"Stop"|(stop)|stop...|*stop*|STOP!!!!|stop stop stop|stoppp|Stopp|S T O P|s.t.o.p
STOP ALL|STOPALL|stop sms|stop smses|stopsms|Stop texting me|stop messages|STOP sending me messages|Stop it|Stop this
Stop please|stop pls|Stop asb|Stop asseblief|stop dankie|stopasb|Stop. Thank you|Please stop|pls stop|plz stop
Kindly stop|Hi, please stop|Asseblief stop|Dear clinic stop|please stop sending text reminders|Can you please stop
I want to stop|I would like to stop these messages|How do I stop this|Ek wil asseblief stop|Kan julle stop
Hoe stop ek dit|Stop my boodskappe|Stop die SMS'e|stop 😡|😡 stop|STOP 🙏🏽|ＳＴＯＰ|st\u200bop|\u200bstop|stop﻿|s⁠top
UNSUBSCRIBE|unsubscribe me|Unsubscribe please|unsub|OPTOUT|opt out|Opt-out|OPT OUT please|REVOKE|revoke consent
END|end all|END.|QUIT|quit messaging me|CANCEL|cancel all messages|cancel texts|Kanselleer|Hou op|Hou op asb|HOU OP!
Staak|No more|no more sms|No more messages please|Nie meer SMS nie|Moenie meer stuur nie|Moenie my SMS nie
Leave me alone|Los my uit|Take me off your list|remove me|REMOVE|Remove my number|Haal my af|Verwyder my
Don't text me|Don’t text me again|dont sms me|Do not contact me|do not send messages|stop\\nSent from my iPhone
Stop\\n--\\nThandi Nkosi|STOP taking my number|\\n\\nStop\\n|Good day please stop|Goeie dag stop asb|Messages must stop
Ek wil nie meer boodskappe hê nie|Ek wil geen boodskappe meer kry nie|Ek soek nie meer die boodskappe nie|Hou nou op
Moet my nie meer SMS nie|Hou asb op met die boodskappe|Haal my van die lys af|Verwyder asb my nommer
Ek wil nie SMSe hê nie|I do not want any more messages|I no longer want your texts
""".replace("\n", "|")
    .replace("\\n", "\n")
    .strip("|")
    .split("|")
)

OTHERS = """
1|2 asb|Geneem|Can I come on Friday instead?|Cancel my visit|cancel my appointment tomorrow
I want to stop taking the tablets|Don't stop|Moenie stop nie
My cough won't stop|nonstop coughing|I stopped on Monday|Bus stop is far|The end of the month
When does it end|quite sick|No|Nee|No thanks|I can't stop vomiting|Please call me|Ek wil weet wanneer ek moet stop drink
I get no more messages|Ek kry nie meer boodskappe nie|I don't want the messages to stop|I don't want these tablets
When do the reminders stop|Why do the messages stop|I do not want to miss your messages|Take my number down: 0821234567
Kan ek die pille stop|stopped|endoscopy|canceled||👍|...|\u200b
""".replace("\n", "|").split("|")

# “Please Call” or “Please Call Me”, a name if its sender has set one, the number, and an advertisement: so the texts of
# the networks are described (Digital Opportunity 2009, “Delivering an extra message”; Cape Times on MTN; Craig Lotter
# on names with Vodacom; txtAlert's own test; Project Masiluleke's advertisements).
OF_A_NETWORK = {
    "Please Call 0821234567": "0821234567",
    "Please call +27821234567": "27821234567",
    "Please Call: Test User at 27123456789": "27123456789",
    "PLEASE CALL ME 082 123 4567": "0821234567",
    "Please call me. 0721234567. Need airtime? Dial *100#": "0721234567",
    "Please call Thandi 27831234567\nConstantly sick and worried that you might be HIV positive? "
    "Please call the Aids Helpline 0800012322": "27831234567",
    "Pls call +27 61 123 4567 2000 free minutes this weekend!": "27611234567",
    "Bel asseblief 0821234567": "0821234567",
    "Please call 082123456": "082123456",
    "Please call 08212345": "",
    "Please call 082123456 7": "082123456",
    "Please call me Anna Maria Nkosi 0821234567": "0821234567",
    "Please call me Anna Maria van Nkosi 0821234567": "",
    "": "",
}
CALLS = (
    """
Please Call Me|please call me|Please Call Me. Thank you|PLEASE CALL ME!!!|Pls call me|plz call me back
Call me|call me please|Somebody please call me|Can the sister call me back
Call me back|callback|Call back please|PCM|Please phone me|Phone me asb|Can you call me|Can you please call me sister
I want you to call me|Could the nurse call me|Good morning sister please call me|bel my asb|Bel my asseblief|bel my
Bel my terug|Skakel my asseblief|Kan julle my bel|Ek wil hê julle moet my bel asb|Bel asb|Call|Call pls|Ring me
Hi its Thandi from last week please call me|My foon is stukkend bel my asb op hierdie nommer|Please call me 🙏🏽
PLEASE CALL ME I have questions about the pills|ｐｌｅａｓｅ ｃａｌｌ ｍｅ
My foot hurts phone me please|My voet is seer skakel my asseblief|Skakel|My foot hurts please phone me
""".replace("\n", "|")
    .strip("|")
    .split("|")
)
NO_CALLS = (
    """
Don't call me|Please don't call me|Do not phone me|Moenie my bel nie|You said you will call me|Nobody called me
Call an ambulance|I will call you|Can I call you|How do I call you|My phone is broken|What is your number|0821234567
Did you call my mother|The nurse did not phone me|Julle het my nie gebel nie|recall|1|Call 10177
You said you will phone me|Julle sou my skakel my foon was af
""".replace("\n", "|")
    .strip("|")
    .split("|")
)


@pytest.mark.parametrize("text", [*CALLS, *(text for text, number in OF_A_NETWORK.items() if number)])
def test_a_wish_to_be_called_is_understood(text: str) -> None:
    assert asks_to_be_called(text) and command_of(text) is None


@pytest.mark.parametrize("text", NO_CALLS)
def test_not_whoever_writes_of_calls_wants_one(text: str) -> None:
    assert not asks_to_be_called(text)


@pytest.mark.parametrize(("text", "number"), [*OF_A_NETWORK.items(), *((text, "") for text in CALLS)])
def test_a_networks_text_names_the_number(text: str, number: str) -> None:
    assert number_to_call(text) == number


@pytest.mark.parametrize("text", STOPS)
def test_a_wish_to_get_no_more_messages_is_understood_however_it_is_put(text: str) -> None:
    assert command_of(text) is Command.STOP


@pytest.mark.parametrize(
    "text",
    [
        "S\u20e3T\u20e3O\u20e3P\u20e3 asb",  # letters on keys
        "S\u0332T\u0332O\u0332P\u0332 asb",  # underlined
        "Houuu op",
        "Good day stop",
        "Good day, cancel",
    ],
)
def test_marks_held_keys_and_a_good_day_hide_no_wish(text: str) -> None:
    assert command_of(text) is Command.STOP


@pytest.mark.parametrize("text", OTHERS)
def test_what_is_about_something_else_stops_nothing(text: str) -> None:
    assert command_of(text) is None


@pytest.mark.parametrize(
    "text", ["START", "Start asb", "start again please", "Begin weer", "UNSTOP", "start sms", "Start 🙏"]
)
def test_start(text: str) -> None:
    assert command_of(text) is Command.START


@pytest.mark.parametrize("text", ["HELP", "Help please", "hulp asb", "Info?", "Hi, help"])
def test_help(text: str) -> None:
    assert command_of(text) is Command.HELP


@pytest.mark.parametrize(
    "text", ["Start the pills when?", "help me I can't breathe", "Hulp nodig met my been"]
)
def test_a_sentence_is_for_a_nurse(text: str) -> None:
    assert command_of(text) is None


@pytest.mark.parametrize(
    ("text", "keyword"),
    [
        *(
            ("1", "1"),
            ("1 asb", "1"),
            ("１", "1"),
            ("1️⃣", "1"),
            ("1 👍", "1"),
            ("1.", "1"),
            ("(1)", "1"),
            ("١", "1"),
        ),
        *(("1\nSent from my iPhone", "1"), ("Hi sister 1 thank you", "1"), ("#1", "1")),
        *(
            ("Geneem dankie", "geneem"),
            ("Please call me", "call me"),
            ("Slaan  oor", "slaan oor"),
            ("OK", "ok"),
        ),
        *(
            ("Ja dankie", "ja"),
            ("No thanks", "no"),
            ("I can’t come", "i cant come"),
            ("ok thanks", "ok"),
            ("", ""),
        ),
        *(("Good day", "day"), ("Goeie dag suster", "dag"), ("Good day 1", "1"), ("N O", "no"), ("N", "n")),
        *(("1 2", "1 2"), ("11", "11"), ("1 but I vomited", "1 but i vomited"), ("Môre", "môre")),
    ],
)
def test_the_keyword_is_what_is_left(text: str, keyword: str) -> None:
    assert keyword_of(text) == keyword


@given(st.text(max_size=50))
def test_reading_a_keyword_changes_nothing_that_was_read_already(text: str) -> None:
    keyword = keyword_of(text)
    assert keyword_of(keyword) == keyword


@given(st.text(max_size=50))
def test_whatever_follows_a_stop_changes_nothing(text: str) -> None:
    assert command_of(f"stop {text}") is Command.STOP


@given(st.sampled_from([*Command]), st.text(st.sampled_from(" .!?\n\t"), max_size=5))
def test_case_spaces_and_marks_do_not_matter(command: Command, noise: str) -> None:
    assert command_of(f"{noise}{command.upper()}{noise}") is command


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("the messages no longer", None),
        ("reminders no longer", None),
        ("the messages no longer please", Command.STOP),
        ("the messages we want no longer", Command.STOP),
        ("the pills no longer please", None),
    ],
)
def test_enough_of_them_is_a_wish_where_a_please_or_a_wish_is_beside_it(
    text: str, command: Command | None
) -> None:
    assert command_of(text) is command


def test_phrases_are_written_with_commas_between_them() -> None:
    assert keywords._split("stop,  no more,\n    hou op ") == ("stop", "no more", "hou op")


# Words of other languages ---------------------------------------------------------------------------------------


@pytest.fixture
def isizulu(monkeypatch: pytest.MonkeyPatch) -> None:
    """In place of what the site was taught, which comes back."""
    monkeypatch.setattr(keywords, "_taught", [Words()])
    assert keyword_of("1 ngiyabonga") == "1 ngiyabonga"
    teach(Words(stop=frozenset({"ngitshele lutho"})))
    teach(
        Words(
            stop=frozenset({"yeka imiyalezo"}),
            stop_alone=frozenset({"misa"}),
            start=frozenset({"qala"}),
            help=frozenset({"usizo"}),
            call=frozenset({"ngishayele"}),
            courtesy=frozenset({"sawubona", "ngiyabonga"}),
            about_messages=frozenset({"imiyalezo"}),
        )
    )


@pytest.mark.usefixtures("isizulu")
@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("Yeka imiyalezo manje", Command.STOP),
        ("Misa", Command.STOP),
        ("Sawubona, misa imiyalezo", Command.STOP),
        ("stopimiyalezo", Command.STOP),
        ("Misa umuthi", None),
        ("Qala imiyalezo", Command.START),
        ("Qala umuthi", None),
        ("Usizo ngiyabonga", Command.HELP),
        ("STOP", Command.STOP),
        ("Ngitshele lutho", None),  # what was taught before that
    ],
)
def test_words_that_were_taught_are_understood_beside_those_that_are_built_in(
    text: str, command: Command | None
) -> None:
    assert command_of(text) is command


@pytest.mark.usefixtures("isizulu")
def test_a_phrase_that_was_taught_may_have_a_word_that_changes_nothing_in_others() -> None:
    teach(Words(stop=frozenset({"genoeg nou"})))
    assert command_of("Genoeg nou, my been is seer") is Command.STOP


@pytest.mark.usefixtures("isizulu")
def test_courtesy_and_a_wish_for_a_call_in_words_that_were_taught() -> None:
    assert keyword_of("Sawubona 1 ngiyabonga") == "1"
    assert asks_to_be_called("Sawubona ngishayele")
    assert not asks_to_be_called("Sawubona ngifonele")
