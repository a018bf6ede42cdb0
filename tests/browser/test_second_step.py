"""A nurse sets up her second step and signs in with it; where she was signed in before, she is asked for it."""

import re
import time

import pytest
from playwright.sync_api import Page, expect

from home.demo import DOMAIN, PASSWORD
from tests.browser.accessibility import is_clean, tab_to
from tests.browser.stack import Stack, wait_until
from tests.browser.visits import DESK, PHONE, Visits, sign_in, word
from tests.home.sign_in.steps import code_of

PERIOD = 30
"""Seconds for which the app shows a code, which is of use once."""


@pytest.mark.parametrize(("language", "width"), [("en", PHONE), ("af", DESK)])
def test_she_sets_it_up_and_signs_in_with_it(visits: Visits, stack: Stack, language: str, width: int) -> None:
    account = stack.scene("new_nurse", language=language)
    page = visits.open(width=width)
    sign_in(page, account, language=language)
    before = visits.open(width=width)
    sign_in(before, account, language=language)

    page.goto(f"/{language}/preferences/")
    _follow(page, word(language, "Second step at sign-in"))
    expect(page.locator("h1")).to_have_text(word(language, "Second step at sign-in"))
    is_clean(page)
    _follow(page, word(language, "Set it up"))
    expect(page.locator("h1")).to_have_text(word(language, "Is it you?"))
    is_clean(page)
    _answer(page, "#id_password", "wrong")
    expect(page.locator("[data-error-summary]")).to_contain_text(
        word(language, "That is not your password. Please try again.")
    )
    is_clean(page)
    _answer(page, "#id_password", PASSWORD)

    expect(page.locator("h1")).to_have_text(word(language, "Set up your second step"))
    is_clean(page)
    secret = page.locator("code.key").inner_text()
    _answer(page, "#id_code", "1")
    expect(page.locator("[data-error-summary]")).to_be_visible()
    _answer(page, "#id_code", code_of(secret))
    expect(page.locator("h1")).to_have_text(word(language, "Your recovery codes"))
    is_clean(page)
    codes = page.locator(".codes code")
    expect(codes).to_have_count(10)
    recovery = codes.first.inner_text()
    _follow(page, word(language, "I have kept them"))
    expect(page.locator(".card .tag").first).to_have_text(word(language, "Set up"))
    is_clean(page)
    page.goto("/admin/patients/")
    expect(page).to_have_url(re.compile("/admin/patients/$"))

    before.goto("/admin/patients/")
    expect(before).to_have_url(re.compile("/accounts/2fa/reauthenticate/"))
    is_clean(before)
    _answer(before, "#id_code", recovery)
    expect(before).to_have_url(re.compile("/admin/patients/$"))

    again = visits.open(width=width)
    sign_in(again, account, language=language)
    expect(again.locator("h1")).to_have_text(word(language, "Second step"))
    is_clean(again)
    time.sleep(PERIOD - time.time() % PERIOD)
    _answer(again, "#id_code", code_of(secret))
    expect(again).to_have_url(re.compile("/admin/$"))

    told = word(language, "Your MedGuard account has a second step at sign-in now.")
    assert wait_until(lambda: any(told in str(mail) for mail in _read(stack, account)), 10)


def _read(stack: Stack, account: str) -> list[str]:
    bodies = (mail.get_body(("plain",)) for mail in stack.mail_to(f"{account}@{DOMAIN}"))
    return [str(body.get_content()) for body in bodies if body]


def _follow(page: Page, label: str) -> None:
    tab_to(page, f"main a:has-text('{label}')")
    page.keyboard.press("Enter")


def _answer(page: Page, field: str, value: str) -> None:
    tab_to(page, field)
    page.keyboard.type(value)
    page.keyboard.press("Enter")
