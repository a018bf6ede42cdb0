"""The pages behind the links in mail, and a message in the inbox, by keyboard alone: answering, turning e-mail off."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.accessibility import is_clean, tab_to
from tests.browser.stack import Stack
from tests.browser.visits import DESK, PHONE, Visits, word

PEOPLE = pytest.mark.parametrize(
    ("account", "language", "width"), [("sipho", "en", PHONE), ("willem", "af", DESK)]
)


@pytest.fixture
def links(stack: Stack, account: str, language: str) -> dict[str, str]:
    patient = account.title()
    dose = stack.scene("doses_due", patients=[patient], ahead=-120)["doses"][patient]
    return stack.scene("dose_links", patient=patient, dose=dose, language=language)


def said(page: Page) -> Locator:
    return page.locator("main .notice")


@PEOPLE
@pytest.mark.parametrize("script", [True, False], ids=["with_javascript", "without"])
def test_a_dose_is_answered_from_its_mail_by_a_stranger_to_the_browser(
    visits: Visits, links: dict[str, str], language: str, width: int, script: bool
) -> None:
    page = visits.open(width=width, java_script_enabled=script)
    page.goto(links["answer"])
    heading = page.locator("h1").inner_text()
    assert heading.endswith("?")
    if script:
        is_clean(page)
    tab_to(page, "main button")
    page.keyboard.press("Enter")
    expect(said(page)).to_contain_text(word(language, "Noted: taken. Thank you."))
    if script:
        is_clean(page)
    page.goto(links["answer"])
    expect(said(page)).to_contain_text(
        word(language, "This link has already been used. Nothing was changed.")
    )
    if script:
        is_clean(page)


@PEOPLE
def test_a_dose_is_answered_from_its_message_in_the_inbox(
    visits: Visits, links: dict[str, str], account: str, language: str, width: int
) -> None:
    page = visits.open(account, width=width)
    page.goto(links["message"])
    is_clean(page)
    tab_to(page, f"form[action='{links['answer']}'] button")
    page.keyboard.press("Enter")
    expect(said(page)).to_contain_text(word(language, "Noted: taken. Thank you."))
    page.goto(links["message"])
    expect(page.locator("form[action*='/answer/']")).to_have_count(0)


@PEOPLE
def test_somebody_else_who_is_signed_in_is_told_kindly(
    visits: Visits, links: dict[str, str], language: str, width: int
) -> None:
    page = visits.open("anna", width=width)
    page.goto(links["answer"])
    expect(said(page)).to_contain_text(
        word(
            language,
            "This link is for somebody else: you are signed in to a different account. Nothing was changed.",
        )
    )
    is_clean(page)
    # The browser notes in its console that the page is refused (403), which is meant.
    visits.troubles = [each for each in visits.troubles if "403 (Forbidden)" not in each]


@PEOPLE
def test_e_mail_of_a_kind_is_turned_off_by_its_link_and_on_again_in_the_settings(
    visits: Visits, links: dict[str, str], account: str, language: str, width: int
) -> None:
    stranger = visits.open(width=width)
    stranger.goto(links["unsubscribe"])
    is_clean(stranger)
    tab_to(stranger, "main button")
    stranger.keyboard.press("Enter")
    expect(stranger.locator("h1")).to_have_text(word(language, "You will get no more e-mails like this"))
    is_clean(stranger)

    page = visits.open(account, width=width)
    page.goto(f"/{language}/preferences/")
    switch = page.locator("input[name='event.email']")
    expect(switch).not_to_be_checked()
    switch.focus()
    with page.expect_response(f"**/{language}/preferences/"):
        page.keyboard.press("Space")
    page.reload()
    expect(switch).to_be_checked()
