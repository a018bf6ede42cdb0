"""What a letter costs as SMS: one part, in both languages, whether or not the site replaces accents."""

from collections.abc import Callable
from typing import Any

import pytest

from home.models import Invitation
from home.transactional.codes import code_letter, moved_letter, taken_letter
from home.transactional.invitation import invitation_letter
from home.transactional.message import Letter
from notifications.texts.sms_parts import measure

NUMBER = "+27821234567"
LETTERS: dict[str, Callable[[str], Letter]] = {
    "code": lambda language: code_letter("phone", NUMBER, "123456", language=language, page="account_login"),
    "taken": lambda language: taken_letter("phone", NUMBER, language=language),
    "moved": lambda language: moved_letter("phone", NUMBER, language=language),
    "invitation": lambda language: invitation_letter(
        Invitation(phone=NUMBER, language=language), f"/{language}/i/{'x' * 22}/"
    ),
}


@pytest.mark.parametrize("language", ["en", "af"])
@pytest.mark.parametrize("name", LETTERS)
def test_a_letter_is_one_sms(name: str, language: str, settings: Any) -> None:
    settings.BASE_URL = "https://herinner.kliniek.org.za"
    cost = measure(LETTERS[name](language).body)
    assert (cost.encoding, cost.parts) == ("GSM-7", 1)
