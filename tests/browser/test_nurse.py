"""A nurse treats patients: she moves a dose that was taken, counts and hands out stock, and prints a card."""

from datetime import datetime, time
from time import sleep
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect

from tests.browser.accessibility import tab_to, violations
from tests.browser.stack import Stack
from tests.browser.visits import DESK, PHONE, SMALL_PHONE, Visits, word

NURSES = pytest.mark.parametrize(
    ("account", "patient", "width"), [("sister", "Fatima", DESK), ("elsabe", "Willem", PHONE)]
)
NOT_OURS = {
    "exclude": [
        [".xdsoft_datetimepicker"],
        [".sidebar"],
        [".w-slim-header"],
        [".w-field__comment-button"],
        [".messages"],
    ]
}
"""Wagtail's own parts."""
SEEN_WHOLE = """names => names.map(name => {
  const text = document.createRange();
  text.selectNodeContents(name);
  const lines = [...text.getClientRects()];
  return lines.length > 0 && lines.every(({left, right, top, height}) =>
    [left + 1, (left + right) / 2, right - 1].every(x =>
      name.contains(document.elementFromPoint(x, top + height / 2))));
})"""
"""Of each: whether it lies wholly within the page, and under nothing."""
CLINICS_ZONE = ZoneInfo("Africa/Johannesburg")


@pytest.fixture
def treated(stack: Stack, patient: str) -> dict[str, Any]:
    # In its last minutes a day would end while she looks at it.
    while datetime.now(CLINICS_ZONE).time() >= time(23, 55):
        sleep(1)
    return stack.scene("treated", patient=patient)


@NURSES
def test_she_sees_what_moving_a_dose_that_was_taken_will_do(
    visits: Visits, treated: dict[str, Any], account: str, patient: str, width: int
) -> None:
    page = visits.open(account, width=width)
    page.goto(f"/admin/prescriptions/edit/{treated['prescription']}/")
    language = _language(page)
    page.locator("#id_schedules-0-other_times").fill(treated["other_time"])
    page.locator("form[novalidate] [type=submit]").first.focus()
    page.keyboard.press("Enter")
    plan = page.locator(".plan")
    expect(plan).to_contain_text(word(language, "Nothing is saved yet."))
    counts = word(language, "The dose of %(old)s was taken. It counts for %(new)s.")
    expect(plan).to_contain_text(counts.split("%(old)s")[1].split("%(new)s")[0].strip())
    assert violations(page, context=NOT_OURS) == []
    _fits(page)
    tab_to(page, f"button:has-text('{word(language, 'Save')}')")
    page.keyboard.press("Enter")
    expect(page.locator(".messages")).to_be_visible()


def test_on_a_phone_nothing_hides_whose_medicine_it_is(visits: Visits, stack: Stack) -> None:
    page = visits.open("sister", width=SMALL_PHONE)
    page.goto(f"/admin/prescriptions/edit/{stack.scene('paracetamol', patient='Thandi')}/")
    names = page.locator(".w-breadcrumbs a, h2").filter(has_text="Paracetamol 500 mg: Thandi Mokoena")
    # Wagtail's map of the form comes when it has found its parts, and lay over the name.
    page.locator(".w-minimap__collapse-all").wait_for(state="attached")
    expect(page.locator(".w-minimap__collapse-all")).to_be_hidden()
    assert names.count() == 2, "where one is, and the heading"
    assert names.evaluate_all(SEEN_WHOLE) == [True, True]


@NURSES
def test_she_counts_what_is_at_home_and_hands_out_28(
    visits: Visits, treated: dict[str, Any], account: str, patient: str, width: int
) -> None:
    page = visits.open(account, width=width)
    page.goto(f"/admin/prescriptions/{treated['prescription']}/stock/count/")
    language = _language(page)
    page.locator("main input[name^=batch_]").fill("10")
    assert violations(page, context=NOT_OURS) == []
    _fits(page)
    page.keyboard.press("Enter")
    expect(page.locator(".messages")).to_contain_text(word(language, "Written down."))

    page.goto(f"/admin/prescriptions/{treated['prescription']}/stock/hand-out/")
    page.locator("#id_quantity").fill("1e3")
    page.keyboard.press("Enter")
    expect(page.locator(".error-message")).to_be_visible()
    page.locator("#id_quantity").fill("28")
    assert violations(page, context=NOT_OURS) == []
    _fits(page)
    page.keyboard.press("Enter")
    expect(page.locator(".messages")).to_contain_text(word(language, "Written down."))
    ledger = page.locator("main")
    for kind in ("counted", "handed out"):
        expect(ledger).to_contain_text(word(language, kind))
    expect(ledger).to_contain_text("28")
    assert violations(page, context=NOT_OURS) == []
    _fits(page)


@pytest.mark.parametrize(("language", "width"), [("en", PHONE), ("af", DESK)])
def test_the_card_of_a_child_who_is_late_prints_on_one_sheet(
    visits: Visits, stack: Stack, language: str, width: int
) -> None:
    page = visits.open("sipho", width=width)
    page.goto(f"/{language}/vaccinations/")
    tab_to(page, f"a:has-text('{word(language, 'Card to print')}')")
    page.keyboard.press("Enter")
    page.wait_for_url("**/card/")
    expect(page.locator("h1")).to_have_text(word(language, "Vaccination card"))
    expect(page.locator("main")).to_contain_text(word(language, "no longer given at this age"))
    assert violations(page) == []
    _fits(page)
    page.emulate_media(media="print")
    expect(page.locator("header")).to_be_hidden()
    assert page.pdf(format="A4").count(b"/Type /Page\n") == 1


def _language(page: Page) -> str:
    return str(page.locator("html").get_attribute("lang"))


def _fits(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
