"""In which language somebody is written to."""

import pytest

from notifications.rules.message_language import language_for


@pytest.mark.parametrize(
    ("wanted", "second", "usable", "written_in"),
    [
        ("zu", "af", {"en", "af", "zu"}, "zu"),
        ("zu", "af", {"en", "af"}, "af"),
        ("zu", "en", set(), "en"),
        ("af", "en", {"en", "af"}, "af"),
        ("", "af", {"en", "af", "zu"}, "af"),
    ],
)
def test_it_is_the_second_choice_where_the_wanted_one_cannot_be_used(
    wanted: str, second: str, usable: set[str], written_in: str
) -> None:
    assert language_for(wanted, second, usable) == written_in
