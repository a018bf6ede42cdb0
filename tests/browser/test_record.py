"""A nurse at a patient's page: what there is, a note, and a death that she takes back."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.accessibility import tab_to, violations
from tests.browser.stack import Stack
from tests.browser.test_nurse import NOT_OURS
from tests.browser.visits import DESK, SMALL_PHONE, TABLET, Visits, word

NURSES = pytest.mark.parametrize(
    ("account", "patient", "width"), [("sister", "Thandi", DESK), ("elsabe", "Ayesha", TABLET)]
)


@NURSES
def test_the_page_is_for_everybody(
    visits: Visits, stack: Stack, account: str, patient: str, width: int
) -> None:
    page = visits.open(account, width=width)
    for id_ in (stack.scene("id_of", patient=patient), stack.scene("registered", clinic_of=patient)):
        for end in ("", "changes/", "transfer/", "died/", "moved/", "lost/"):
            page.goto(f"/admin/patients/{id_}/{end}")
            _is_clean(page)


def test_a_phone_shows_it_too(visits: Visits, stack: Stack) -> None:
    page = visits.open("sister", width=SMALL_PHONE)
    page.goto(f"/admin/patients/{stack.scene('id_of', patient='Thandi')}/")
    _is_clean(page)


@pytest.mark.parametrize(
    ("account", "patient", "width"), [("sister", "Ruan", DESK), ("elsabe", "Naledi", TABLET)]
)
def test_she_writes_a_note_and_takes_a_death_back(
    visits: Visits, stack: Stack, account: str, patient: str, width: int
) -> None:
    page = visits.open(account, width=width)
    address = f"/admin/patients/{stack.scene('id_of', patient=patient)}/"
    page.goto(address)
    language = str(page.locator("html").get_attribute("lang"))

    def say(text: str) -> str:
        return word(language, text)

    page.locator("#id_text").fill("Comes with the taxi of 7.")
    _press(page, f"button:has-text('{say('Add the note')}')")
    expect(page.locator("#section-notes")).to_contain_text("Comes with the taxi of 7.")

    _press(page, ".record__more summary")
    _press(page, f".record__more a:has-text('{say('Died')}')")
    expect(page.locator(".record__plan")).to_contain_text(
        say("Nobody is told automatically. Speak to the family yourself.")
    )
    page.locator("#id_on").fill("1/1/2090")
    page.keyboard.press("Escape")
    _press(page, "button.no")
    expect(page.locator(".error-message")).to_contain_text(say("This day is still to come."))
    page.locator("#id_on").fill("20/11/2020")
    page.keyboard.press("Escape")
    _press(page, "button.no")
    died = say("died on %(day)s").split("%")[0].strip()
    expect(page.locator(".record__chips")).to_contain_text(died)
    _is_clean(page)

    _press(page, f".record__actions a:has-text('{say('Did not die')}')")
    _press(page, f"button:has-text('{say('Take the death back')}')")
    expect(page.locator(".record__name")).to_be_visible()
    expect(page.locator(".record__chips")).not_to_contain_text(died)
    expect(page.locator("#section-history")).to_contain_text(say("recorded that the patient is back"))


def _is_clean(page: Page) -> None:
    assert violations(page, context=NOT_OURS) == []
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0


def _press(page: Page, selector: str) -> None:
    tab_to(page, selector)
    page.keyboard.press("Enter")
