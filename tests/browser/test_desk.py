"""The frame of staff pages: MedGuard's look, the search on each page, the menu, the language, and the keyboard."""

import pytest
from playwright.sync_api import expect

from tests.browser.accessibility import is_clean, tab_to
from tests.browser.visits import DESK, SMALL_PHONE, TABLET, Visits, word

NURSES = pytest.mark.parametrize(("account", "language"), [("sister", "en"), ("elsabe", "af")])
LISTS = (
    "/admin/patients/",
    "/admin/prescriptions/",
    "/admin/clinic_stock/",
    "/admin/clinic_events/",
    "/admin/reports/messages/",
    "/admin/reports/undelivered/",
    "/admin/reports/overdue-vaccinations/",
)


@pytest.mark.parametrize(("account", "language", "width"), [("sister", "en", DESK), ("elsabe", "af", TABLET)])
@pytest.mark.parametrize("path", ["/admin/", "/admin/help/"])
def test_the_frame_is_clean_and_in_the_nurses_language(
    visits: Visits, account: str, language: str, width: int, path: str
) -> None:
    page = visits.open(account, width=width)
    page.goto(path)

    expect(page.locator("html")).to_have_attribute("lang", language)
    expect(page.locator("#find-a-patient")).to_be_visible()
    expect(page.get_by_role("link", name=word(language, "Register a patient")).first).to_be_visible()
    is_clean(page)


def test_in_the_dark_it_is_as_clean(visits: Visits) -> None:
    page = visits.open("sister", width=DESK, color_scheme="dark")
    page.goto("/admin/")

    is_clean(page)


@NURSES
def test_somebody_without_a_mouse_skips_to_the_page_and_finds_a_patient(
    visits: Visits, account: str, language: str
) -> None:
    page = visits.open(account, width=DESK)
    page.goto("/admin/help/")
    page.keyboard.press("Tab")
    expect(page.locator(".skiplink")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()

    page.goto("/admin/help/")
    tab_to(page, "#find-a-patient")
    page.keyboard.type("a")
    page.keyboard.press("Enter")
    page.wait_for_url("**/admin/patients/?q=a")
    expect(page.locator("#find-a-patient")).to_have_value("a")


def test_the_other_language_is_one_press_away_and_back(visits: Visits) -> None:
    page = visits.open("sister", width=DESK)
    page.goto("/admin/help/")

    page.locator(".sidebar").get_by_role("button", name="Afrikaans").click()

    expect(page.locator("html")).to_have_attribute("lang", "af")
    assert page.url.endswith("/admin/help/")
    page.locator(".sidebar").get_by_role("button", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")


@pytest.mark.parametrize("width", [SMALL_PHONE, TABLET])
def test_lists_are_cards_that_nobody_moves_sideways(visits: Visits, width: int) -> None:
    page = visits.open("sister", width=width)
    for path in LISTS:
        page.goto(path)
        beyond = (
            "main => Math.max(main.scrollWidth - main.clientWidth, document.body.scrollWidth - innerWidth)"
        )
        assert page.locator("main").evaluate(beyond) <= 0, path
        results = page.locator("#listing-results .w-overflow-x-auto")
        if results.count():
            assert results.evaluate("box => box.scrollWidth - box.clientWidth") <= 0, path


def test_without_scripts_there_are_the_menu_and_the_search(visits: Visits) -> None:
    page = visits.open("sister", width=DESK, java_script_enabled=False)
    page.goto("/admin/")

    page.locator("#find-a-patient").fill("a")
    page.locator(".desk-bar__find").click()
    page.wait_for_url("**/admin/patients/?q=a")
    page.locator(".desk-plain").get_by_role("link", name="Help").click()
    expect(page.get_by_role("heading", name="Help", level=1)).to_be_visible()
