"""The files of the languages that only messages are in: those that ship, and those that somebody spoilt."""

from pathlib import Path
from typing import Any

import polib
import pytest
from django.core.checks import run_checks

from notifications import registry
from notifications.languages.files import COMMANDS, LanguageFile, LanguageFileError, file_of, read
from notifications.languages.listed import of_messages, of_messages_alone
from notifications.quick_replies import quick_replies_to
from notifications.rules.keywords import Command, command_of, keyword_of
from notifications.texts.lacking import lacking, mistakes
from notifications.texts.languages import in_all_languages, reply_hint
from notifications.texts.sms_parts import measure
from notifications.types import TEXT_FIELDS

SHIPPED = ("zu", "xh")
MEDICINES = (
    "umuthi",
    "imithi",
    "iyeza",
    "amayeza",
    "iphilisi",
    "amaphilisi",
    "umgomo",
    "ugonyo",
    "hiv",
    "tb",
)


def written(folder: Any, settings: Any, text: str) -> None:
    settings.LANGUAGE_FILES = folder
    (folder / "zu.toml").write_text(text, encoding="utf-8")


@pytest.mark.parametrize("language", SHIPPED)
class TestDrafts:
    def test_they_lack_nothing_and_have_no_mistake(self, language: str) -> None:
        assert not lacking(language), lacking(language)
        assert list(mistakes(language)) == []
        assert language in of_messages_alone()

    def test_they_say_that_they_are_drafts(self, language: str, settings: Any) -> None:
        assert file_of(language).is_draft
        catalogue = polib.pofile(str(settings.BASE_DIR / f"locale/{language}/LC_MESSAGES/django.po"))
        assert "DRAFT" in catalogue.header

    def test_what_others_see_names_no_medicine_and_no_illness(self, language: str) -> None:
        for name, texts in file_of(language).messages.items():
            seen = " ".join(texts.values()).lower().split()
            assert not set(seen).intersection(MEDICINES), name

    def test_each_sms_is_in_the_gsm_alphabet(self, language: str, settings: Any) -> None:
        for event_type in registry.event_types():
            texts = in_all_languages(event_type, event_type.texts)[language]
            said = f"{texts.short_text_discreet}\n\n{reply_hint(event_type, language)}".strip()
            assert measure(said).unencodable == (), event_type.name
        place = settings.BASE_DIR / f"locale/{language}/LC_MESSAGES/django.po"
        for entry in polib.pofile(str(place)):
            assert measure(entry.msgstr).unencodable == (), entry.msgid

    def test_a_text_that_is_missing_is_the_discreet_one_and_nothing_is_lost(self, language: str) -> None:
        event_type = registry.get("medication.dose_due")
        texts = in_all_languages(event_type, event_type.texts)[language]
        discreet = file_of(language).says(event_type.name)["short_text_discreet"]
        assert (texts.title, texts.short_text) == (discreet, discreet)
        assert texts.body == f"{discreet}\n\n{event_type.texts['en'].body}"
        assert texts.email_body.endswith(event_type.texts["en"].email_body)

    def test_answers_are_of_quick_replies_that_there_are(self, language: str) -> None:
        for name, replies in file_of(language).answers.items():
            assert replies.keys() <= {each.name for each in quick_replies_to(name)}
            assert not [word for words in replies.values() for word in words if command_of(word)]


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("Misa", Command.STOP),
        ("MISA ukungithumelela", Command.STOP),
        ("yeka", Command.STOP),
        ("Ngicela uyeke 🙏", Command.STOP),
        ("Yeka imiyalezo", Command.STOP),
        ("sukundithumelela imiyalezo", Command.STOP),
        ("Musa ukundithumelela enkosi", Command.STOP),
        ("Yima kancane ngiyeza", None),
        ("Yeka ukuphuza umuthi?", None),
        ("qala", Command.START),
        ("usizo", Command.HELP),
        ("uncedo", Command.HELP),
    ],
)
def test_stop_and_start_are_understood_in_each_language(text: str, command: Command | None) -> None:
    assert command_of(text) is command


@pytest.mark.parametrize("text", ["1 enkosi", "ngiyabonga 1", "1 siyabonga kakhulu", "Nceda 1"])
def test_thanks_and_please_change_nothing(text: str) -> None:
    assert keyword_of(text) == "1"


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("draft = ", "zu.toml"),
        ("[words]\nstop = 'misa'", "words.stop is no list of words"),
        ("[words]\nstop = ['!']", "words.stop is no list of words"),
        ("[words]\nhalt = ['misa']", "words: nobody knows halt"),
        ('[messages."medication.dose_due"]\ntitel = "x"', "nobody knows titel"),
        ('[messages."medication.dose_due"]\ntitle = 1', "title is no text"),
        ("[texts]", "nobody knows texts"),
        ("messages = 1", "messages is no table"),
    ],
)
def test_a_spoilt_file_is_refused_at_start_and_stops_no_message(
    text: str, wrong: str, tmp_path: Path, settings: Any
) -> None:
    written(tmp_path, settings, text)
    with pytest.raises(LanguageFileError, match=wrong):
        read("zu")
    assert file_of("zu") == LanguageFile(), "messages go in the second choice"
    assert lacking("zu").problem
    assert [each.id for each in run_checks() if wrong in each.msg] == ["notifications.E007"]


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ('[messages."medication.dose"]\ntitle = "x"', "no message type “medication.dose”"),
        (
            '[messages."medication.dose_due"]\nshort_text_discreet = "{{ medicines }}"',
            "no permitted placeholder",
        ),
        ('[messages."medication.dose_due"]\nreply_hint = "{{ time }}"', "no permitted placeholder"),
        ('[messages."medication.dose_due"]\ntitle = "{{ xyzzy }}"', "no permitted placeholder"),
    ],
)
def test_a_text_that_no_message_could_be_made_of_is_named(
    text: str, wrong: str, tmp_path: Path, settings: Any
) -> None:
    written(tmp_path, settings, text)
    [said] = mistakes("zu")
    assert wrong in said


def test_a_file_that_was_edited_is_read_anew(tmp_path: Path, settings: Any) -> None:
    written(tmp_path, settings, "draft = true")
    assert file_of("zu").is_draft
    written(tmp_path, settings, "draft = false\n")
    assert not file_of("zu").is_draft


def test_what_is_missing_is_counted(tmp_path: Path, settings: Any) -> None:
    written(
        tmp_path,
        settings,
        '[messages."visit.reminder"]\nemail_subject_discreet = "x"\nshort_text_discreet = "x"',
    )
    settings.LOCALE_PATHS = [str(tmp_path)]
    found = lacking("zu")
    assert found.words == COMMANDS
    assert "visit.reminder" in {each.name for each in found.event_types}, "it doesn't say how to answer"
    assert found.no_catalogue
    place = tmp_path / "zu" / "LC_MESSAGES"
    place.mkdir(parents=True)
    (place / "django.po").write_text('msgid "Later"\nmsgstr ""\n', encoding="utf-8")
    assert (lacking("zu").untranslated, lacking("zu").no_catalogue) == (1, False)


def test_each_language_of_messages_words_each_type() -> None:
    for event_type in registry.event_types():
        texts = in_all_languages(event_type, event_type.texts)
        assert texts.keys() == set(of_messages())
        for each in texts.values():
            assert all(getattr(each, field) for field in TEXT_FIELDS)
