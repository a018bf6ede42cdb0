"""Settings: saved as one changes them, with an answer; with the keyboard alone, and without JavaScript."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from home.demo import DOMAIN, PASSWORD
from tests.browser.accessibility import is_clean
from tests.browser.visits import DESK, PHONE, Visits, word

# Each has settings of their own, so that no test sees what another did.
PEOPLE = pytest.mark.parametrize(
    ("account", "language", "width"), [("naledi", "en", PHONE), ("ayesha", "af", DESK)]
)
STOCK_BY_EMAIL = "stock.email"


@PEOPLE
def test_a_switch_is_saved_as_it_is_turned_with_a_polite_answer(
    visits: Visits, account: str, language: str, width: int
) -> None:
    page = _settings(visits, account, language, width)
    switch = _switch(page, STOCK_BY_EMAIL)
    before = switch.is_checked()
    switch.click()
    answer = page.locator("#saved-stock")
    expect(answer).to_have_text(word(language, "Saved"))
    expect(answer).to_have_attribute("role", "status")
    page.reload()
    expect(switch).to_be_checked(checked=not before)


@PEOPLE
def test_the_keyboard_alone_turns_a_switch(visits: Visits, account: str, language: str, width: int) -> None:
    page = _settings(visits, account, language, width)
    switch = _switch(page, "vaccination.email")
    before = switch.is_checked()
    _switch(page, STOCK_BY_EMAIL).focus()
    while not switch.evaluate("element => element === document.activeElement"):
        page.keyboard.press("Tab")
    page.keyboard.press("Space")
    expect(page.locator("#saved-vaccination")).to_have_text(word(language, "Saved"))
    expect(switch).to_be_focused()
    page.reload()
    expect(switch).to_be_checked(checked=not before)


@PEOPLE
def test_treatment_cannot_leave_the_inbox(visits: Visits, account: str, language: str, width: int) -> None:
    page = _settings(visits, account, language, width)
    locked = _switch(page, "medication.in_app")
    expect(locked).to_be_checked()
    expect(locked).to_be_disabled()


@PEOPLE
def test_a_wrong_time_is_explained_beside_its_field_in_the_readers_language(
    visits: Visits, account: str, language: str, width: int
) -> None:
    page = _settings(visits, account, language, width)
    quiet = page.locator("#part-quiet")
    start = quiet.locator("input[name=quiet_hours_start]")
    kept = start.input_value()
    start.fill("")
    start.blur()
    error = quiet.locator(".field--error .nhsuk-error-message")
    expect(error).to_contain_text(word(language, "This field is required."))
    expect(start).to_have_attribute("aria-invalid", "true")
    start.fill(kept)
    start.blur()
    expect(page.locator("#saved-quiet")).to_have_text(word(language, "Saved"))
    expect(error).to_have_count(0)


@PEOPLE
def test_without_javascript_a_button_saves(visits: Visits, account: str, language: str, width: int) -> None:
    page = _settings(visits, account, language, width, java_script_enabled=False)
    channels = page.locator("#part-channels")
    switch = _switch(page, "vaccination.email")
    before = switch.is_checked()
    switch.click()
    channels.get_by_role("button", name=word(language, "Save")).click()
    expect(channels.locator(".tag")).to_have_text(word(language, "Saved"))
    expect(switch).to_be_checked(checked=not before)

    quiet = page.locator("#part-quiet")
    quiet.locator("input[name=quiet_hours_end]").fill("05:30")
    quiet.get_by_role("button", name=word(language, "Save")).click()
    expect(page.locator("#saved-quiet")).to_have_text(word(language, "Saved"))
    expect(quiet.locator("input[name=quiet_hours_end]")).to_have_value("05:30")


@PEOPLE
def test_one_kind_of_message_is_chosen_beneath_its_category(
    visits: Visits, account: str, language: str, width: int
) -> None:
    page = _settings(visits, account, language, width)
    _unfold(page)
    of_all, missed, moved = (
        _switch(page, f"{about}.email") for about in ("visit", "visit.missed", "visit.moved")
    )
    before = of_all.is_checked()
    missed.click()
    expect(page.locator("#saved-visit-missed")).to_have_text(word(language, "Saved"))
    expect(page.locator("#apart-visit")).to_have_text("1 is different" if language == "en" else "1 is anders")
    expect(missed).to_be_focused()
    is_clean(page)

    # The others follow their category at once, and what is open stays open.
    of_all.click()
    expect(moved).to_be_checked(checked=not before)
    expect(moved).to_be_visible()
    expect(page.locator("#apart-visit")).to_have_text("")
    of_all.click()
    expect(moved).to_be_checked(checked=before)
    expect(missed).to_be_checked(checked=not before)
    missed.click()
    expect(page.locator("#apart-visit")).to_have_text("")
    page.reload()
    expect(missed).to_be_checked(checked=before)


@PEOPLE
def test_without_javascript_one_kind_is_chosen_too(
    visits: Visits, account: str, language: str, width: int
) -> None:
    page = _settings(visits, account, language, width, java_script_enabled=False)
    channels = page.locator("#part-channels")
    missed, moved = (_switch(page, f"visit.{kind}.email") for kind in ("missed", "moved"))
    before = missed.is_checked()
    for _ in range(2):
        now = missed.is_checked()
        _unfold(page)
        missed.click()
        channels.get_by_role("button", name=word(language, "Save")).click()
        expect(channels.locator(".card__head .tag")).to_have_text(word(language, "Saved"))
        expect(missed).to_be_checked(checked=not now)
        expect(moved).to_be_checked(checked=before)


@PEOPLE
def test_what_was_stopped_with_the_provider_is_said_until_it_is_turned_on(
    visits: Visits, account: str, language: str, width: int
) -> None:
    visits.stack.scene("stops_sms_with_the_provider", account=account)
    page = _settings(visits, account, language, width)
    heading = page.get_by_role("heading", name=word(language, "You get no %(channel)s") % {"channel": "SMS"})
    expect(heading).to_be_visible()
    is_clean(page)
    page.locator("#part-ways input[name=sms_enabled]").click()
    expect(page.locator("#saved-ways")).to_have_text(word(language, "Saved"))
    page.reload()
    expect(heading).to_have_count(0)


@PEOPLE
def test_whose_session_is_over_is_offered_the_way_to_sign_in_and_back(
    visits: Visits, account: str, language: str, width: int
) -> None:
    page = _settings(visits, account, language, width)
    page.context.clear_cookies(name="sessionid")
    _switch(page, STOCK_BY_EMAIL).click()
    notice = page.locator("#connection .notice")
    expect(notice).to_contain_text(word(language, "You have been signed out."))
    is_clean(page)
    notice.get_by_role("link", name=word(language, "Sign in")).click()
    page.locator("#id_login").fill(f"{account}@{DOMAIN}")
    page.locator("#id_password").fill(PASSWORD)
    page.locator("main button[type=submit]").click()
    expect(page).to_have_url(re.compile(rf"/{language}/preferences/$"))
    # What the browser itself says of an answer of 401, and HTMX of it and of the stream that wasn't opened again.
    expected = ("401", "console: [object Event]")
    visits.troubles = [each for each in visits.troubles if not any(said in each for said in expected)]


@pytest.mark.parametrize("script", [True, False], ids=["with_javascript", "without"])
def test_another_language_goes_to_the_page_in_it(visits: Visits, script: bool) -> None:
    page = _settings(visits, "naledi", "en", PHONE, java_script_enabled=script)
    for other in ("af", "en"):
        language = page.locator("#part-language")
        language.locator("select[name=language]").select_option(other)
        if not script:
            language.get_by_role("button").click()
        expect(page).to_have_url(re.compile(rf"/{other}/preferences/\?saved=language$"))
        expect(page.locator("html")).to_have_attribute("lang", other)
        expect(page.locator("#saved-language")).to_have_text(word(other, "Saved"))
        page.wait_for_load_state()  # only then do the scripts hear the next choice


def _settings(visits: Visits, account: str, language: str, width: int, **options: bool) -> Page:
    page = visits.open(account, width=width, **options)
    page.goto(f"/{language}/preferences/")
    return page


def _unfold(page: Page) -> None:
    page.locator("#beneath-visit > summary").click()


def _switch(page: Page, name: str) -> Locator:
    return page.locator(f"input[name='{name}']")
