"""The inbox: sorted out where one stands, and the same without JavaScript."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.scene import OLD_MESSAGES
from tests.browser.stack import Stack
from tests.browser.visits import DESK, PHONE, Visits, word

PAGE_OF_MESSAGES = 25
UNREAD = re.compile(r"\bmessage--unread\b")
# Each with an inbox of their own, so that no test sees what another did.
PEOPLE = pytest.mark.parametrize(
    ("account", "language", "width"), [("sipho", "en", PHONE), ("fatima", "af", DESK)]
)
WITHOUT_SCRIPT = pytest.mark.parametrize(
    ("account", "language", "width"), [("naledi", "en", DESK), ("ruan", "af", PHONE)]
)


@pytest.fixture(scope="module", autouse=True)
def _long_inboxes(stack: Stack) -> None:
    stack.scene("old_messages", accounts=["sipho", "fatima", "naledi", "ruan"])


@PEOPLE
def test_messages_are_read_dismissed_and_put_back_where_they_stand(
    visits: Visits, account: str, language: str, width: int
) -> None:
    page = visits.open(account, width=width)
    page.goto(f"/{language}/inbox/")
    before = _unread(page)
    first = _first(page, language, "Mark as read")
    _press(first, language, "Mark as read")
    expect(first).not_to_have_class(UNREAD)
    expect(page.locator("#inbox-badge > [aria-hidden]")).to_have_text(str(before - 1))

    title = first.locator(".message__title a").text_content()
    _press(first, language, "Dismiss")
    expect(first).to_have_class("undo")
    undo = first.get_by_role("button", name=word(language, "Undo"))
    expect(undo).to_be_focused()
    undo.click()
    expect(first.locator(".message__title a")).to_have_text(title or "")
    expect(page).to_have_url(re.compile(r"/inbox/$"))


@PEOPLE
def test_the_chips_show_a_part_of_it(visits: Visits, account: str, language: str, width: int) -> None:
    page = visits.open(account, width=width)
    page.goto(f"/{language}/inbox/")
    expect(page.locator(".message")).to_have_count(PAGE_OF_MESSAGES)
    dismissed = _first(page, language, "Dismiss")
    _press(dismissed, language, "Dismiss")
    expect(dismissed).to_have_class("undo")
    _chip(page, language, "Dismissed")
    expect(page).to_have_url(re.compile(r"\?status=dismissed$"))
    _press(dismissed, language, "Put back")
    expect(dismissed.get_by_role("button", name=word(language, "Dismiss"))).to_be_visible()

    _chip(page, language, "Unread")
    expect(page).to_have_url(re.compile(r"\?status=unread$"))
    expect(page.locator(".message")).to_have_count(_unread(page))
    expect(page.locator(".message--unread")).to_have_count(_unread(page))
    page.go_back()
    expect(page).to_have_url(re.compile(r"\?status=dismissed$"))
    expect(page.locator(".chip[aria-current]")).to_have_text(word(language, "Dismissed"))


@PEOPLE
def test_older_messages_appear_as_one_scrolls(
    visits: Visits, account: str, language: str, width: int
) -> None:
    page = visits.open(account, width=width)
    page.goto(f"/{language}/inbox/")
    messages, more = page.locator(".message"), page.locator(".more")
    expect(messages).to_have_count(PAGE_OF_MESSAGES)
    shown = PAGE_OF_MESSAGES
    while more.count():
        more.scroll_into_view_if_needed()
        expect(messages.nth(shown)).to_be_attached()
        shown = messages.count()
    expect(messages.filter(has_text="Old message")).to_have_count(OLD_MESSAGES)
    expect(messages.last).to_contain_text(f"Old message {OLD_MESSAGES}")


@PEOPLE
def test_all_of_it_is_read_at_once(visits: Visits, account: str, language: str, width: int) -> None:
    page = visits.open(account, width=width)
    page.goto(f"/{language}/inbox/")
    page.get_by_role("button", name=word(language, "Mark all as read")).click()
    expect(page.locator("#inbox-summary")).to_contain_text(word(language, "Everything is read."))
    expect(page.locator("#inbox-badge")).to_be_empty()
    expect(page.locator(".message--unread")).to_have_count(0)


@WITHOUT_SCRIPT
def test_it_all_works_without_javascript(visits: Visits, account: str, language: str, width: int) -> None:
    page = visits.open(account, width=width, java_script_enabled=False)
    page.goto(f"/{language}/inbox/")
    first = _first(page, language, "Mark as read")
    _press(first, language, "Mark as read")
    expect(first).not_to_have_class(UNREAD)

    _press(first, language, "Dismiss")
    expect(first).to_have_class("undo")
    _press(first, language, "Undo")
    expect(first.locator(".message__title a")).to_be_visible()

    page.get_by_role("button", name=word(language, "Mark all as read")).click()
    expect(page.locator("#inbox-summary")).to_contain_text(word(language, "Everything is read."))
    expect(page.locator(".message--unread")).to_have_count(0)

    page.get_by_role("link", name=word(language, "Older messages")).click()
    expect(page.locator(".message").first).to_be_visible()
    expect(first).to_have_count(0)
    page.get_by_role("link", name=word(language, "Back to the newest")).click()
    expect(first).to_be_visible()

    _chip(page, language, "Dismissed")
    expect(page).to_have_url(re.compile(r"\?status=dismissed$"))


def _first(page: Page, language: str, button: str) -> Locator:
    """The first message that has such a button: found by its id, so it stays the same one when that is gone."""
    having = page.get_by_role("button", name=word(language, button))
    return page.locator(f"#{page.locator('.message').filter(has=having).first.get_attribute('id')}")


def _press(message: Locator, language: str, button: str) -> None:
    message.get_by_role("button", name=word(language, button)).click()


def _chip(page: Page, language: str, label: str) -> None:
    page.locator(".chips").get_by_role("link", name=word(language, label), exact=True).click()


def _unread(page: Page) -> int:
    return int(page.locator("#inbox-badge > [aria-hidden]").inner_text())
