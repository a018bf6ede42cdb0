"""Today without JavaScript: every answer to a dose, and the way back."""

from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.stack import Stack
from tests.browser.visits import DESK, PHONE, Visits, word


@pytest.fixture(scope="module")
def due(stack: Stack) -> dict[str, Any]:
    return stack.scene("doses_due", patients=["Sipho", "Willem"], ahead=-120)["doses"]


@pytest.mark.parametrize(("account", "language", "width"), [("sipho", "en", PHONE), ("willem", "af", DESK)])
def test_a_dose_is_taken_undone_and_skipped_without_javascript(
    visits: Visits, due: dict[str, Any], account: str, language: str, width: int
) -> None:
    page = visits.open(account, width=width, java_script_enabled=False)
    page.goto(f"/{language}/today/")
    dose = page.locator(f"#dose-{due[account.title()]}")
    state = dose.locator(".card__head .tag")
    expect(state).to_have_text(word(language, "Due now"))

    _button(dose, word(language, "Taken", "button")).click()
    expect(state).to_have_text(word(language, "Taken", "state of a dose"))
    expect(page.locator("#messages .notice")).to_be_visible()

    _button(dose, word(language, "Undo")).click()
    expect(state).to_have_text(word(language, "Due now"))

    dose.get_by_role("link", name=word(language, "Later")).click()
    _button(dose, word(language, "%(hours)d hour") % {"hours": 1}).click()
    again = word(language, "We will remind you again at %(time)s") % {"time": ""}
    expect(dose).to_contain_text(again)

    dose.get_by_role("link", name=word(language, "Skip")).click()
    expect(dose.locator("legend")).to_contain_text(word(language, "Why are you skipping it?"))
    forgot = word(language, "I forgot")
    dose.get_by_label(forgot).check()
    dose.get_by_role("textbox").fill("Nausea <b>")
    _button(dose, word(language, "Skip this dose")).click()
    expect(state).to_have_text(word(language, "Skipped"))
    expect(dose).to_contain_text(f"{forgot}: Nausea <b>")


def _button(dose: Locator, label: str) -> Locator:
    return dose.get_by_role("button", name=label)
