"""Somebody downloads everything about herself and asks to be erased; her clinic's manager has it done."""

from zipfile import ZipFile

import pytest
from playwright.sync_api import Page, expect

from home.demo import DOMAIN, PASSWORD
from tests.browser.accessibility import is_clean, tab_to, violations
from tests.browser.stack import Stack, wait_until
from tests.browser.test_nurse import NOT_OURS
from tests.browser.visits import DESK, PHONE, Visits, sign_in, word


@pytest.mark.parametrize(("language", "width"), [("en", PHONE), ("af", DESK)])
def test_she_takes_her_data_along_and_leaves(visits: Visits, stack: Stack, language: str, width: int) -> None:
    her = stack.scene("about_to_leave", language=language)
    page = visits.open(width=width)
    sign_in(page, her["account"], language=language)
    page.goto(f"/{language}/preferences/")
    _press(page, f"main a:has-text('{word(language, 'My data')}')")
    expect(page.locator("h1")).to_have_text(word(language, "My data"))
    is_clean(page)
    _press(page, f"main button:has-text('{word(language, 'Put my file together')}')")
    asked = word(language, "We are putting it together. A message in your inbox will say when it is ready.")
    expect(page.get_by_text(asked)).to_be_visible()
    assert wait_until(lambda: _is_said(page, word(language, "Your file is ready")), 20)
    is_clean(page)
    with page.expect_download() as download:
        _press(page, f"main a:has-text('{word(language, 'Download the file (ZIP)')}')")
    with ZipFile(download.value.path()) as archive:
        assert her["name"] in archive.read("my-data.html").decode()
        assert her["name"] in archive.read("my-data.json").decode()
    page.goto(f"/{language}/inbox/")
    expect(page.locator("main")).to_contain_text(word(language, "Your download is ready"))

    page.goto(f"/{language}/my-data/")
    _press(page, f"main a:has-text('{word(language, 'Ask to be erased')}')")
    expect(page.locator("h1")).to_have_text(word(language, "Ask to be erased"))
    is_clean(page)
    _press(page, "main button[type=submit]")
    expect(page.locator("[data-error-summary]")).to_contain_text(
        word(language, "Please tick this if you are sure.")
    )
    tab_to(page, "#id_sure")
    page.keyboard.press("Space")
    _press(page, "main button[type=submit]")
    expect(page.locator("main .tag")).to_have_text(word(language, "to be decided"))
    is_clean(page)

    manager = visits.open("manager", width=DESK)
    manager.goto("/admin/erasures/")
    manager.locator("main a", has_text=her["name"]).first.click()
    expect(manager.locator(".plan")).to_contain_text("Doses")
    assert violations(manager, context=NOT_OURS) == []
    _press(manager, "button[name=accept]")
    assert wait_until(lambda: stack.scene("is_erased", account=her["account"]), 20)
    manager.reload()
    expect(manager.locator("main")).not_to_contain_text(her["name"])

    page.reload()
    expect(page).to_have_url(f"{stack.url}/{language}/accounts/login/?next=/{language}/my-data/")
    page.locator("#id_login").fill(f"{her['account']}@{DOMAIN}")
    page.locator("#id_password").fill(PASSWORD)
    page.locator("main button[type=submit]").click()
    expect(page.locator("[data-error-summary]")).to_be_visible()
    told = word(language, "Your data has been erased")
    assert wait_until(
        lambda: any(mail["Subject"] == told for mail in stack.mail_to(f"{her['account']}@{DOMAIN}")), 10
    )


def _is_said(page: Page, words: str) -> bool:
    page.reload()
    return words in page.locator("main").inner_text()


def _press(page: Page, selector: str) -> None:
    tab_to(page, selector)
    page.keyboard.press("Enter")
