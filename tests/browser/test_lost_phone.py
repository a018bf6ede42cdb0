"""Somebody lost a phone on which she was signed in: at a computer she sees it and signs it out."""

import re

import pytest
from playwright.sync_api import expect

from home.demo import DOMAIN, PASSWORD
from tests.browser.accessibility import is_clean, tab_to
from tests.browser.visits import DESK, PHONE, Visits, sign_in, word

ANDROID = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/142.0 Mobile Safari/537.36"


@pytest.mark.parametrize(("account", "language", "width"), [("naledi", "en", DESK), ("ayesha", "af", PHONE)])
def test_she_signs_the_lost_phone_out(visits: Visits, account: str, language: str, width: int) -> None:
    lost = visits.open(width=PHONE, user_agent=ANDROID)
    sign_in(lost, account, language=language)
    lost.goto(f"/{language}/today/")
    page = visits.open(width=width)
    page.goto(f"/{language}/accounts/login/")
    is_clean(page)
    expect(page.get_by_label(word(language, "This is a shared phone or computer"))).not_to_be_checked()
    page.locator("#id_login").fill(f"{account}@{DOMAIN}")
    page.locator("#id_password").fill(PASSWORD)
    page.get_by_label(word(language, "This is a shared phone or computer")).check()
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/accounts/login/" not in url)
    [cookie] = [each for each in page.context.cookies() if each["name"] == "sessionid"]
    assert cookie["expires"] == -1

    page.goto(f"/{language}/preferences/")
    tab_to(page, f"main a:has-text('{word(language, 'Where you are signed in')}')")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text(word(language, "Where you are signed in"))
    phone = page.locator("li", has_text="Chrome, Android")
    expect(phone).to_be_visible()
    expect(page.locator("li", has_text=word(language, "this device"))).to_have_count(1)
    is_clean(page)
    phone.get_by_role("button").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".messages, [role=status]").first).to_contain_text(
        word(language, "Signed out there.")
    )
    expect(phone).to_have_count(0)
    is_clean(page)

    lost.goto(f"/{language}/today/")
    expect(lost).to_have_url(re.compile("/accounts/login/"))
