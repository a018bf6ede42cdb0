"""What a transactional message costs as SMS: one part, in both languages, whether or not the site replaces accents."""

from collections.abc import Callable
from typing import Any

import pytest

from home.invitation.message import invitation_message
from home.models import Invitation, Patient
from home.transactional.codes import address_changed_message, address_taken_message, code_message
from home.transactional.message import TransactionalMessage
from notifications.texts.sms_parts import measure

NUMBER = "+27821234567"
MESSAGES: dict[str, Callable[[str], TransactionalMessage]] = {
    "code": lambda language: code_message("phone", NUMBER, "123456", language=language, page="account_login"),
    "taken": lambda language: address_taken_message("phone", NUMBER, language=language),
    "moved": lambda language: address_changed_message("phone", NUMBER, language=language),
    "invitation": lambda language: invitation_message(
        Invitation(phone=NUMBER, language=language, patient=Patient()), f"/{language}/i/{'x' * 22}/"
    ),
}


@pytest.mark.parametrize("language", ["en", "af"])
@pytest.mark.parametrize("name", MESSAGES)
def test_it_is_one_sms(name: str, language: str, settings: Any) -> None:
    settings.BASE_URL = "https://herinner.kliniek.org.za"
    cost = measure(MESSAGES[name](language).body)
    assert (cost.encoding, cost.parts) == ("GSM-7", 1)
