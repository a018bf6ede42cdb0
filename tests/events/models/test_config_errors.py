"""Errors of a pattern are in the reader's language."""

import re

from events.models.config_errors import SENTENCES, for_people
from events.rules import errors
from events.rules.errors import ConfigError


def test_there_is_a_sentence_for_each_code_with_the_same_values() -> None:
    assert SENTENCES.keys() == errors.SENTENCES.keys()
    for code, sentence in SENTENCES.items():
        found = [set(re.findall(r"%\((\w+)\)s", str(each))) for each in (sentence, errors.SENTENCES[code])]
        assert found[0] == found[1]


def test_it_names_the_key_in_text_and_code() -> None:
    error = for_people(ConfigError("count", "needs", other="start_date"))
    assert error.message_dict == {"config": ["count: this needs start_date as well."]}
    assert error.error_dict["config"][0].code == "count"
