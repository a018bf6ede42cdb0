"""Being reached: signing in with a number and a code, confirming a number, pausing; by keyboard alone, axe clean."""

import re
from datetime import date, timedelta

import pytest
from playwright.sync_api import expect

from home.demo import PASSWORD
from tests.browser.accessibility import is_clean, tab_to
from tests.browser.stack import Stack, wait_until
from tests.browser.visits import DESK, PHONE, Visits, word

# Each has a phone of their own, since codes are counted by number.
BY_PHONE = pytest.mark.parametrize(
    ("number", "name", "language", "width"),
    [("082 555 0142", "Johannes", "af", PHONE), ("083 555 0117", "Zanele", "en", DESK)],
)
READERS = pytest.mark.parametrize(
    ("account", "language", "width", "new"),
    [("sipho", "en", PHONE, "071 555 0101"), ("fatima", "af", DESK, "071 555 0102")],
)


def sms_to(stack: Stack, number: str) -> list[str]:
    """What was written for a phone, the oldest first."""
    digits = number.replace(" ", "").removeprefix("0")
    folder = stack.data_dir / "sms"
    texts = [file.read_text() for file in sorted(folder.glob("*.txt"))] if folder.exists() else []
    return [text for text in texts if f"+27{digits}" in text.splitlines()[0]]


def code_sent(stack: Stack, number: str, *, before: int) -> str:
    assert wait_until(lambda: len(sms_to(stack, number)) > before, 20)
    [code] = re.findall(r"\b\d{6}\b", sms_to(stack, number)[-1].split("\n", 1)[1])
    return code


@BY_PHONE
def test_a_patient_signs_in_with_a_number_and_a_code_by_keyboard(
    visits: Visits, stack: Stack, number: str, name: str, language: str, width: int
) -> None:
    page = visits.open(width=width)
    page.goto(f"/{language}/accounts/login/")
    is_clean(page)
    tab_to(page, f"a[href='/{language}/accounts/login/code/']")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/{language}/accounts/login/code/")
    is_clean(page)
    before = len(sms_to(stack, number))
    tab_to(page, "#id_login")
    page.keyboard.type(number)
    page.keyboard.press("Enter")
    expect(page.locator("#id_code")).to_be_visible()
    is_clean(page)
    tab_to(page, "#id_code")
    page.keyboard.type("12")
    page.keyboard.press("Enter")
    expect(page.locator(".nhsuk-error-message")).to_contain_text(
        word(language, "That code is wrong. Look at the newest message and type its six digits.")
    )
    is_clean(page)
    code = code_sent(stack, number, before=before)
    field = page.locator("#id_code")
    field.fill(f"{code[:3]} {code[3:]}")
    field.press("Enter")
    page.wait_for_url(re.compile(r"/today/$"))
    expect(page.locator(".footer")).to_contain_text(name)


def test_an_unknown_number_sees_the_same_pages(visits: Visits, stack: Stack) -> None:
    page = visits.open()
    page.goto("/en/accounts/login/code/")
    page.locator("#id_login").fill("084 555 0199")
    page.locator("#id_login").press("Enter")
    expect(page.locator("h1")).to_have_text("Type your code")
    expect(page.locator("main")).to_contain_text("If +27845550199 belongs to an account")
    assert sms_to(stack, "084 555 0199") == []


@READERS
@pytest.mark.parametrize("script", [True, False], ids=["with_javascript", "without"])
def test_a_number_is_added_with_its_code(
    visits: Visits, stack: Stack, account: str, language: str, width: int, new: str, script: bool
) -> None:
    number = new if script else new.replace("01", "03")
    page = visits.open(account, width=width, java_script_enabled=script)
    page.goto(f"/{language}/preferences/")
    card = page.locator("#reach-phone")
    card.get_by_role("link").click()
    expect(page.locator("#id_password, #id_phone")).to_be_visible()
    if page.locator("#id_password").count():  # once in five minutes
        if script:
            is_clean(page)
        page.locator("#id_password").fill(PASSWORD)
        page.locator("#id_password").press("Enter")
    expect(page.locator("#id_phone")).to_be_visible()
    if script:
        is_clean(page)
    before = len(sms_to(stack, number))
    page.locator("#id_phone").fill(number)
    page.locator("#id_phone").press("Enter")
    if script:
        is_clean(page)
    page.locator("#id_code").fill(code_sent(stack, number, before=before))
    page.locator("#id_code").press("Enter")
    page.wait_for_url(re.compile(r"/preferences/(#reach)?$"))
    expect(card).to_contain_text(word(language, "Confirmed"))
    expect(card).to_contain_text(f"+27{number.replace(' ', '').removeprefix('0')}")


@READERS
def test_the_settings_are_gone_through_with_the_keyboard_alone(
    visits: Visits, account: str, language: str, width: int, new: str
) -> None:
    page = visits.open(account, width=width)
    page.goto(f"/{language}/preferences/")
    is_clean(page)
    reached = page.evaluate(COUNT_REACHABLE)
    seen: set[str] = set()
    for _ in range(reached + 40):
        page.keyboard.press("Tab")
        seen.add(page.evaluate(FOCUSED))
        if page.evaluate("document.activeElement.matches('details:not([open]) > summary')"):
            page.keyboard.press("Enter")
    assert page.evaluate(UNREACHED, sorted(seen)) == []

    page.reload()
    tab_to(page, "#part-quiet input[name=quiet_hours_enabled]")
    page.keyboard.press("Space")
    expect(page.locator("#saved-quiet")).to_have_text(word(language, "Saved"))
    tab_to(page, "#part-privacy input[type=radio]:checked")
    page.keyboard.press("ArrowDown")
    expect(page.locator("#saved-privacy")).to_have_text(word(language, "Saved"))


@READERS
def test_a_pause_begins_with_its_button_is_said_and_is_ended(
    visits: Visits, account: str, language: str, width: int, new: str
) -> None:
    page = visits.open(account, width=width)
    page.goto(f"/{language}/preferences/")
    card = page.locator("#part-pause")
    until = date.today() + timedelta(days=9)  # noqa: DTZ011 - any day ahead
    card.locator("input[name=paused_until]").fill(f"{until}")
    expect(card.locator(".notice")).to_have_count(0)
    tab_to(page, "#part-pause button")
    page.keyboard.press("Enter")
    expect(card.locator(".notice")).to_contain_text(str(until.day))
    is_clean(page)
    page.reload()
    expect(card.locator(".notice")).to_be_visible()
    tab_to(page, "#part-pause button[name=end]")
    page.keyboard.press("Enter")
    expect(card.locator(".notice")).to_have_count(0)


def test_an_invitation_sets_up_an_account(visits: Visits, stack: Stack) -> None:
    path = stack.scene("invitation", patient="Grietjie", number="+27715550109")
    page = visits.open()
    page.goto(path)
    is_clean(page)
    page.locator("#id_first_name").fill("Grietjie")
    page.locator("#id_last_name").fill("Davids")
    page.get_by_role("button", name="Set up my account").click()
    page.wait_for_url(re.compile(r"/today/$"))
    other = visits.open(width=DESK)
    other.goto(path)
    expect(other.locator("h1")).to_have_text("This invitation no longer works")
    is_clean(other)
    # The browser notes in its console that the page is gone (410), which is meant.
    visits.troubles = [each for each in visits.troubles if f"410 (Gone) ({stack.url}{path})" not in each]


FOCUSABLE = "main :is(a[href], button, input:not([type=hidden]), select):not(:disabled)"
COUNT_REACHABLE = f"document.querySelectorAll('{FOCUSABLE}').length"
FOCUSED = """() => {
    const at = document.activeElement;
    return at.type === 'radio' ? at.name : at.id || at.name || at.getAttribute('href') || at.innerText;
}"""
UNREACHED = f"""seen => [...document.querySelectorAll('{FOCUSABLE}')]
    .filter(each => each.offsetParent !== null)
    .map(each => each.type === 'radio' ? each.name
        : each.id || each.name || each.getAttribute('href') || each.innerText)
    .filter(each => !seen.includes(each))"""
