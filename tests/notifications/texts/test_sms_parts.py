import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.texts.sms_parts import BASIC, EXTENSION, ShortText, cheaper, measure


def test_the_alphabet_has_the_size_that_the_standard_gives_it():
    # 128 places, less the escape; the extension table without its own escape and carriage return.
    assert (len(BASIC), len(EXTENSION)) == (127, 10)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ShortText("GSM-7", 0, 0, 160, ())),
        ("a" * 160, ShortText("GSM-7", 160, 1, 0, ())),
        ("a" * 161, ShortText("GSM-7", 161, 2, 145, ())),
        ("a" * 306, ShortText("GSM-7", 306, 2, 0, ())),
        ("a" * 307, ShortText("GSM-7", 307, 3, 152, ())),
        ("€" * 80, ShortText("GSM-7", 160, 1, 0, ())),
        ("€" * 81, ShortText("GSM-7", 162, 2, 143, ())),
        # The escape pair that would begin at the 153rd place goes to the next part whole.
        ("a" * 152 + "€" + "a" * 10, ShortText("GSM-7", 164, 2, 141, ())),
        ("a" * 152 + "€" + "a" * 151, ShortText("GSM-7", 305, 2, 0, ())),
        ("a" * 152 + "€" + "a" * 152, ShortText("GSM-7", 306, 3, 152, ())),
        ("ê" + "a" * 69, ShortText("UCS-2", 70, 1, 0, ("ê",))),
        ("ê" + "a" * 70, ShortText("UCS-2", 71, 2, 63, ("ê",))),
        ("ê" + "a" * 134, ShortText("UCS-2", 135, 3, 66, ("ê",))),
        ("ê€", ShortText("UCS-2", 2, 1, 68, ("ê",))),
        ("💊", ShortText("UCS-2", 2, 1, 68, ("💊",))),
        ("a" * 66 + "💊" + "a" * 10, ShortText("UCS-2", 78, 2, 55, ("💊",))),
    ],
)
def test_it_counts_units_and_parts(text, expected):
    assert measure(text) == expected


@pytest.mark.parametrize("text", ["é è à ù ì ò ä ö ü ñ Å", "[8:00] {x} ~ ^ | \\", "50 mg @ €5\nDankie"])
def test_these_fit_in_gsm_7(text):
    assert measure(text).unencodable == ()


def test_it_names_each_character_that_forces_ucs_2_once_and_in_order():
    assert measure("Môre sê u: reën, gedoën “ja”\té").unencodable == ("ô", "ê", "ë", "“", "”", "\t")


@given(st.text(st.sampled_from("aé€{ê💊\n"), max_size=700))
def test_parts_hold_all_units_and_only_the_last_has_room(text):
    result = measure(text)
    single, each = (160, 153) if result.encoding == "GSM-7" else (70, 67)
    room = each if result.parts > 1 else single
    assert 0 <= result.characters_left <= room
    waste = result.parts - 1  # at most one unit a full part, before a pair
    total = result.parts * room - result.characters_left if result.parts else 0
    assert result.units <= total <= result.units + max(waste, 0)
    if result.encoding == "UCS-2":
        assert result.units == len(text.encode("utf-16-le")) // 2


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Môre om 08:00: ’n herinnering – " + "a" * 60, "More om 08:00: 'n herinnering - " + "a" * 60),
        ("“Reël” dit betyds… ê" + "a" * 60, '"Reel" dit betyds... e' + "a" * 60),
        ("sê", "sê"),  # one part either way
        ("Thandi 💊 sê " + "a" * 80, "Thandi 💊 sê " + "a" * 80),  # dear anyway
        ("é ö Ü are in the alphabet " + "a" * 80, "é ö Ü are in the alphabet " + "a" * 80),
        ("Ŵilê ŉ\u00a0½" + "á" * 70, "Wile 'n 1/2" + "a" * 70),
    ],
)
def test_it_replaces_what_makes_a_text_dear_and_nothing_else(text: str, expected: str) -> None:
    assert cheaper(text) == expected


AFRIKAANS = "aàáâäbcdeèéêëfghiïîjklmnoòóôöpqrstuùúûüvwxyýzÁÈÊËÔÛ’‘“”–—…ŉ 0123456789€💊ß\n"


@given(st.text(st.sampled_from(AFRIKAANS), max_size=700))
def test_replacing_makes_it_cheaper_or_leaves_it_alone(text: str) -> None:
    after = cheaper(text)
    assert after == text or measure(after).parts < measure(text).parts
    assert after == text or not measure(after).unencodable
    assert cheaper(after) == after


@given(st.text(max_size=300))
def test_any_text_can_be_made_cheaper_without_harm(text: str) -> None:
    after = cheaper(text)
    assert measure(after).parts <= measure(text).parts
    assert not set(after) - set(text) or not measure(after).unencodable


@given(st.text(st.sampled_from("abc .,êëéèôöûüîïÊËÔáý’–"), min_size=71, max_size=160))
def test_an_afrikaans_text_of_the_length_of_one_sms_becomes_one(text: str) -> None:
    assert measure(cheaper(text)).parts == 1
