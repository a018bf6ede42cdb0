"""A patient withdraws a consent and reads why the next message stayed in the inbox, and who has seen the record."""

import pytest
from playwright.sync_api import expect

from home.privacy.pages import page_name
from notifications.inbox.why import REASONS
from notifications.types import Reason
from tests.browser.accessibility import is_clean
from tests.browser.stack import Stack
from tests.browser.visits import DESK, PHONE, Visits, word


@pytest.mark.parametrize(("account", "language", "width"), [("sipho", "en", PHONE), ("ruan", "af", DESK)])
def test_a_patient_withdraws_consent_and_sees_who_saw_the_record(
    visits: Visits, stack: Stack, account: str, language: str, width: int
) -> None:
    page = visits.open(account, width=width)
    page.goto(f"/{language}/preferences/")
    page.get_by_role("link", name=word(language, "My consent")).click()
    email = page.locator("#consent-email")
    expect(email.locator(".tag")).to_have_text(word(language, "You agreed"))
    is_clean(page)
    email.get_by_role("button", name=word(language, "Withdraw")).click()
    expect(page.locator("#consent-email .tag")).to_have_text(word(language, "Not agreed"))

    told = stack.scene("news", account=account)
    page.goto(f"/{language}/inbox/{told['message']}/")
    page.locator("details summary").click()
    expect(page.locator("details")).to_contain_text(word(language, str(REASONS[Reason.NO_CONSENT])))

    nurse = visits.open("sister", width=DESK)
    nurse.goto(f"/admin/patients/edit/{told['patient']}/")
    page.goto(f"/{language}/who-saw-my-record/")
    first = page.locator("main section li").first
    expect(first).to_contain_text(f"Nomsa Dlamini, {word(language, 'nurse')}")
    expect(first).to_contain_text(word(language, page_name("patients")))
    is_clean(page)
