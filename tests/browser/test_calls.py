"""A nurse calls those who need it: by keyboard, at a desk and on a tablet, in both languages, and without a script."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.accessibility import tab_to, violations
from tests.browser.stack import Stack
from tests.browser.test_nurse import NOT_OURS
from tests.browser.visits import DESK, TABLET, Visits, word

PAGE = "/admin/worklist/"


@pytest.mark.parametrize(
    ("account", "patient", "width"),
    [("sister", "Fatima", DESK), ("elsabe", "Ayesha", TABLET)],
)
def test_she_logs_a_call_and_takes_it_back(
    visits: Visits, stack: Stack, account: str, patient: str, width: int
) -> None:
    page = visits.open(account, width=width)
    page.goto(PAGE)
    language = str(page.locator("html").get_attribute("lang"))
    name = stack.scene("wrote", patient=patient, text="Ek het borspyn, bel my asseblief")
    page.reload()
    row = _row(page, name)
    expect(row).to_contain_text(word(language, "Urgent"))
    _is_good(page)

    row.locator(".calls__act a[hx-get]").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".calls__form")).to_contain_text(name)
    _is_good(page)
    tab_to(page, "button[value=other]")
    page.keyboard.press("Enter")
    expect(page.locator(".calls__error")).to_have_text(
        word(language, "Please say in a few words how it went.")
    )
    _is_good(page)
    tab_to(page, "button[value=will_come]")
    page.keyboard.press("Enter")
    logged = page.locator(".calls__logged")
    expect(logged).to_contain_text(name)
    _is_good(page)
    tab_to(page, ".calls__logged button")
    page.keyboard.press("Enter")
    expect(logged).to_have_count(0)
    expect(_row(page, name)).to_contain_text("borspyn")

    page.goto(f"{PAGE}print/")
    expect(page.locator("table")).to_contain_text(name)
    assert violations(page) == []
    page.emulate_media(media="print")
    expect(page.locator(".screen")).to_be_hidden()


def test_without_a_script_it_is_a_page(visits: Visits, stack: Stack) -> None:
    page = visits.open("elsabe", width=DESK, java_script_enabled=False)
    name = stack.scene("wrote", patient="Themba", text="Kan ek Vrydag kom?")
    page.goto(PAGE)
    language = str(page.locator("html").get_attribute("lang"))
    _row(page, name).locator(".calls__act a").click()
    page.wait_for_url("**/result/")
    page.locator("button[value=no_answer]").click()
    notice = page.locator(".calls__notice")
    expect(notice).to_contain_text(name)
    expect(_row(page, name)).to_have_count(0)
    notice.locator("button").click()
    expect(page.locator(".messages")).to_contain_text(
        word(language, "Taken back: %(name)s is on the list as before.") % {"name": name}
    )
    expect(_row(page, name)).to_have_count(1)


def _row(page: Page, name: str) -> Locator:
    return page.locator(".calls__row").filter(has_text=name)


def _is_good(page: Page) -> None:
    assert violations(page, context=NOT_OURS) == []
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
