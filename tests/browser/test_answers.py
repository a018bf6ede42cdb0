"""Answers in full, on a small phone and at a desk: what is due is in view, yesterday's half tablet, and paracetamol."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.accessibility import violations
from tests.browser.scene import IN_STOCK
from tests.browser.stack import Stack
from tests.browser.visits import DESK, SMALL_PHONE, Visits, word

FEW_TABS = 3


@pytest.mark.parametrize(("account", "language"), [("ayesha", "en"), ("fatima", "af")])
def test_the_three_answers_of_a_due_dose_are_in_view_and_a_few_tabs_away(
    visits: Visits, stack: Stack, account: str, language: str
) -> None:
    stack.scene("doses_due", patients=[account.title()], ahead=-120)
    page = visits.open(account, width=SMALL_PHONE)
    page.goto(f"/{language}/today/")
    first = page.locator("#due .dose--due").first.get_attribute("id")
    assert first
    dose = first.removeprefix("dose-")
    top_of_tabs = page.locator(".navigation").bounding_box()
    assert top_of_tabs
    for answer in ("take", "later", "skip"):
        box = page.locator(f"#{answer}-{dose}").bounding_box()
        assert box and box["y"] >= 0 and box["y"] + box["height"] <= top_of_tabs["y"]
        assert box["height"] >= 44
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    for _ in range(FEW_TABS):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == f"take-{dose}":
            break
    expect(page.locator(f"#take-{dose}")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(f"#dose-{dose} .card__head .tag")).to_have_text(
        word(language, "Taken", "state of a dose")
    )
    expect(page.locator(f"#undo-{dose}")).to_be_focused()


@pytest.mark.parametrize(
    ("account", "language", "width", "script"),
    [("thandi", "en", DESK, True), ("pieter", "af", SMALL_PHONE, False)],
)
def test_yesterdays_half_tablet(
    visits: Visits, stack: Stack, account: str, language: str, width: int, script: bool
) -> None:
    made = stack.scene("dose_of_yesterday", patient=account.title())
    page = visits.open(account, width=width, java_script_enabled=script)
    page.goto(f"/{language}/today/")
    page.locator("#yesterday").click()
    dose = page.locator(f"#dose-{made['dose']}")
    expect(dose).to_contain_text(word(language, "Not answered"))
    dose.get_by_role("link", name=word(language, "Another time or amount")).click()
    if script:
        assert violations(page) == []
    page.locator("#id_time").fill("13:30")
    page.locator("#id_quantity").fill("1.5")
    page.locator("#save-taken").click()
    expect(page.locator("#id_quantity_error")).to_be_visible()
    page.locator("#id_quantity").fill("0.5")
    page.locator("#save-taken").click()
    expect(dose.locator(".card__head .tag")).to_have_text(word(language, "Taken", "state of a dose"))
    expect(dose).to_contain_text({"en": "0.5 tablet", "af": "0,5 tablet"}[language])
    page.goto(f"/{language}/medicines/{made['prescription']}/history/")
    half = {"en": f"{IN_STOCK - 1}.5", "af": f"{IN_STOCK - 1},5"}[language]
    if script:
        assert violations(page) == []
    page.goto(f"/{language}/medicines/{made['prescription']}/")
    expect(page.locator("#stock")).to_contain_text(half)


def test_paracetamol_is_taken_and_the_next_is_too_early(visits: Visits, stack: Stack) -> None:
    medicine = stack.scene("paracetamol", patient="Thandi")
    page = visits.open("thandi", width=SMALL_PHONE)
    page.goto("/en/today/")
    page.locator(f"#record-{medicine}").click()
    card = page.locator(f"#as-needed-{medicine}")
    expect(card).to_contain_text("The next may be at")
    expect(card).to_contain_text("1 of at most 4 doses in 24 hours")
    expect(page.locator(f"#record-{medicine}")).to_have_count(0)

    page.goto(f"/en/medicines/{medicine}/record/")
    _one_minute_ago(page)
    page.locator("#save").click()
    expect(page.locator("#limits")).to_contain_text("Do not take it now")
    expect(page.locator("#limits")).to_contain_text("at least 6 hours")
    assert violations(page) == []
    page.locator("#all-the-same").click()
    expect(page.locator("#history")).to_contain_text("Too early or too much")

    nurse = visits.open("sister", width=DESK)
    nurse.goto(f"/admin/prescriptions/{medicine}/doses/")
    expect(nurse.locator("#over-limit")).to_contain_text("taken too early or too much")


def _one_minute_ago(page: Page) -> None:
    """Another minute than that of the first: the same one would be the same dose."""
    hour, minute = (int(part) for part in page.locator("#id_time").input_value().split(":")[:2])
    if hour or minute:
        earlier = hour * 60 + minute - 1
        page.locator("#id_time").fill(f"{earlier // 60:02d}:{earlier % 60:02d}")
    else:
        page.locator("#id_day").select_option(index=1)
        page.locator("#id_time").fill("23:59")
