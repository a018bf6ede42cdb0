"""A nurse links somebody who has an account to a patient: that person sees who asks, and says yes or no."""

import re

import pytest
from playwright.sync_api import Page, expect

from home.demo import DOMAIN
from tests.browser.accessibility import is_clean, tab_to, violations
from tests.browser.stack import Stack, wait_until
from tests.browser.test_nurse import NOT_OURS
from tests.browser.visits import DESK, SMALL_PHONE, Visits, word

STORIES = pytest.mark.parametrize(
    ("nurse", "patient", "account", "language", "width"),
    [("sister", "Fatima", "sipho", "en", SMALL_PHONE), ("elsabe", "Ayesha", "willem", "af", DESK)],
)


def patients_page(page: Page, patient: str) -> None:
    page.goto(f"/admin/patients/?q={patient}")
    page.locator("main table").get_by_role("link", name=re.compile(patient)).first.click()
    page.wait_for_url(re.compile(r"/admin/patients/\d+/$"))


def invite(page: Page, patient: str, address: str, language: str) -> None:
    """From the patient's page, as a nurse does."""
    patients_page(page, patient)
    page.locator("#section-people a[href*='/admin/invitations/new/']").click()
    page.locator("#id_relation").select_option("carer")
    page.locator("#id_address").fill(address)
    page.locator("#id_language").select_option(language)
    assert violations(page, context=NOT_OURS) == []
    page.locator("form[novalidate] [type=submit]").first.click()
    expect(page.locator(".messages")).to_contain_text(address)


def link_to(stack: Stack, address: str, *, before: int) -> str:
    def links() -> list[str]:
        bodies = [mail.get_body(("plain",)) for mail in stack.mail_to(address)]
        texts = [body.get_content() for body in bodies if body]
        return [found[0] for text in texts if (found := re.search(r"/\w\w/i/[\w-]+/", text))]

    assert wait_until(lambda: len(links()) > before, 20)
    return links()[-1]


@STORIES
def test_a_person_with_an_account_says_yes(
    visits: Visits, stack: Stack, nurse: str, patient: str, account: str, language: str, width: int
) -> None:
    address = f"{account}@{DOMAIN}"
    staff = visits.open(nurse, width=DESK)
    invite(staff, patient, address, language)
    patients_page(staff, patient)
    expect(staff.locator("main")).to_contain_text(word(_language(staff), "waiting for an answer"))
    assert violations(staff, context=NOT_OURS) == []

    path = link_to(stack, address, before=0)
    stranger = visits.open(width=width)
    stranger.goto(path)
    expect(stranger.locator("h1")).to_have_text(word(language, "Please sign in first"))
    is_clean(stranger)

    page = visits.open(account, width=width)
    page.goto(path)
    expect(page.locator("h1")).to_have_text(word(language, "An invitation from your clinic"))
    expect(page.locator("main")).to_contain_text(patient)
    expect(page.locator("main form button")).to_have_count(2)
    is_clean(page)
    tab_to(page, f"button:has-text('{word(language, 'Yes, add it')}')")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/today/"))
    page.goto(f"/{language}/medicines/")
    expect(page.locator("main")).to_contain_text(patient)

    patients_page(staff, patient)
    expect(staff.locator("#section-reached")).to_contain_text(address)
    assert violations(staff, context=NOT_OURS) == []
    assert staff.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0


@pytest.mark.parametrize(
    ("nurse", "patient", "account", "language", "width"),
    [("sister", "Thandi", "fatima", "af", SMALL_PHONE), ("elsabe", "Themba", "naledi", "en", DESK)],
)
def test_a_person_with_an_account_says_no(
    visits: Visits, stack: Stack, nurse: str, patient: str, account: str, language: str, width: int
) -> None:
    address = f"{account}@{DOMAIN}"
    staff = visits.open(nurse, width=DESK)
    invite(staff, patient, address, language)
    page = visits.open(account, width=width)
    page.goto(link_to(stack, address, before=0))
    tab_to(page, f"button:has-text('{word(language, 'No, thank you')}')")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text(word(language, "You have declined"))
    is_clean(page)
    page.goto(f"/{language}/medicines/")
    expect(page.locator("main")).not_to_contain_text(patient)
    staff.goto("/admin/invitations/")
    row = staff.locator("main tr").filter(has_text=address)
    expect(row).to_contain_text(re.compile(re.escape(word(_language(staff), "declined")), re.IGNORECASE))
    expect(row.locator("button")).to_have_count(0)


def _language(page: Page) -> str:
    return str(page.locator("html").get_attribute("lang"))
