"""A clinic's morning: she registers somebody with a plain phone, treats her, plans a visit, finds her, calls her, and
sees her come; in both languages, at a desk and on a tablet.
"""

import re
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit
from urllib.request import urlopen

import pytest
from playwright.sync_api import Locator, Page, expect

from medications.event_texts import DOSE_REPLY_HINT
from tests.browser.accessibility import tab_to, violations
from tests.browser.stack import WEBHOOK_SECRET, Stack, wait_until
from tests.browser.test_nurse import NOT_OURS
from tests.browser.test_reached import code_sent, sms_to
from tests.browser.visits import DESK, TABLET, Visits, word

MOST_PAGES, MOST_ACTS = 4, 35
NURSES = {"en": "sister", "af": "elsabe"}
MEDICINES = (("Amlodipine", "morning"), ("Furosemide", "morning"), ("Simvastatin", "evening"))
SOON = 20
"""Seconds in which the site does what it does by itself."""


@dataclass(frozen=True)
class Who:
    """Somebody new, who looks like nobody else."""

    first_name: str
    surname: str
    born: str
    number: str


@dataclass
class Hand:
    """Does what a nurse does, and counts it: each field that she fills in, each click, and each page on the way."""

    page: Page
    acts: int = 0
    pages: set[str] = field(default_factory=set)

    def click(self, what: Locator) -> None:
        self._count()
        what.click()
        self.page.wait_for_load_state()

    def fill(self, what: Locator, text: str) -> None:
        self._count()
        what.fill(text)

    def select(self, what: Locator, value: str) -> None:
        self._count()
        what.select_option(value)

    def _count(self) -> None:
        self.acts += 1
        self.pages.add(urlsplit(self.page.url).path)


@pytest.mark.parametrize(
    ("language", "width", "who"),
    [
        ("en", DESK, Who("Lindiwe", "Mokoena", "12/3/1984", "082 555 7301")),
        ("af", TABLET, Who("Marlene", "Jacobs", "1961-08-02", "082 555 7302")),
    ],
)
def test_a_morning(visits: Visits, stack: Stack, language: str, width: int, who: Who) -> None:
    page = visits.open(NURSES[language], width=width)
    page.goto("/admin/")
    expect(page.locator("html")).to_have_attribute("lang", language)

    hand = Hand(page)
    patient = registers(hand, stack, language, who)
    prescribes(hand, language)
    _plans(hand, language)
    hand.pages.discard("/admin/")  # where she came from
    assert len(hand.pages) <= MOST_PAGES, hand.pages
    assert hand.acts <= MOST_ACTS, hand.acts

    _finds(page, who)
    _is_reminded_and_answers(page, stack, language, who, patient)
    _misses_and_is_called(page, stack, who, patient)
    _comes(page, stack, language, who, patient)


def registers(
    hand: Hand, stack: Stack, language: str, who: Who, *, agrees: tuple[str, ...] = ("reminders", "sms")
) -> int:
    """Register them with their number and its code, and what they agree to; the patient's id."""
    page, number = hand.page, who.number
    before = len(sms_to(stack, number))
    hand.click(page.get_by_role("link", name=word(language, "Register a patient")).first)
    _is_clean(page)
    hand.fill(page.locator("#id_first_name"), who.first_name)
    hand.fill(page.locator("#id_last_name"), who.surname)
    hand.fill(page.locator("#id_date_of_birth"), who.born)
    hand.select(page.locator("#id_sex"), "f")
    hand.fill(page.locator("#id_folder_number"), f"M-{number[-4:]}")
    hand.fill(page.locator("#id_phone"), number)
    hand.select(page.locator("#id_language"), language)
    for purpose in agrees:
        hand.click(page.locator(f"[name=consent_{purpose}]"))
    hand.click(page.locator(".register__submit button"))
    page.wait_for_url(re.compile(r"/admin/patients/\d+/$"))
    _is_clean(page)
    hand.fill(page.locator("[name=code]"), code_sent(stack, number, before=before))
    hand.click(page.locator(".number-step__code button"))
    said = "The number is confirmed. Reminders come by SMS from now on."
    expect(page.locator(".messages")).to_contain_text(
        word(language, "The number is confirmed." if "whatsapp" in agrees else said)
    )
    expect(page.locator(".number-step")).to_have_count(0)
    return int(urlsplit(page.url).path.split("/")[-2])


def prescribes(hand: Hand, language: str) -> None:
    page = hand.page
    hand.click(_action(page, language, "Prescribe"))
    page.wait_for_url(re.compile("/admin/prescriptions/"))
    for place, (medicine, pattern) in enumerate(MEDICINES):
        hand.fill(page.locator(f"#id_rows-{place}-medicine"), medicine)
        hand.select(page.locator(f"#id_rows-{place}-pattern"), pattern)
        hand.fill(page.locator(f"#id_rows-{place}-handed_out"), "28")
    expect(page.locator("#ahead h3")).to_have_count(len(MEDICINES))
    _is_clean(page)
    hand.click(page.locator("#prescribe .desk-acts button"))
    page.wait_for_url(re.compile(r"/admin/patients/\d+/$"))
    expect(page.locator(".messages")).to_contain_text("28")


def _plans(hand: Hand, language: str) -> None:
    page = hand.page
    hand.click(_action(page, language, "Plan a visit"))
    page.wait_for_url(re.compile("/admin/visits/"))
    _is_clean(page)
    hand.click(page.locator("input[name=soon]").nth(1))
    hand.click(page.locator("form[novalidate] [type=submit]").first)
    page.wait_for_url(re.compile(r"/admin/patients/\d+/$"))
    expect(page.locator("#section-next_visit .desk-acts").first).to_be_visible()
    _is_clean(page)


def _finds(page: Page, who: Who) -> None:
    page.goto("/admin/help/")
    page.locator("#find-a-patient").fill(who.number[-4:])
    page.locator("#find-a-patient").press("Enter")
    page.get_by_role("link", name=re.compile(who.surname)).first.click()
    expect(page.locator(".record__name")).to_contain_text(who.surname)


def _is_reminded_and_answers(page: Page, stack: Stack, language: str, who: Who, patient: int) -> None:
    before = len(sms_to(stack, who.number))
    stack.scene("dose_falls_due", patient=patient)
    assert wait_until(lambda: len(sms_to(stack, who.number)) > before, SOON)
    reminder = sms_to(stack, who.number)[-1]
    assert DOSE_REPLY_HINT[language] in reminder
    write_sms(stack, who.number, "1")
    page.reload()
    taken = page.locator("#section-month")
    assert wait_until(lambda: _has_after_reload(page, taken, word(language, "taken")), SOON)


def _misses_and_is_called(page: Page, stack: Stack, who: Who, patient: int) -> None:
    stack.scene("days_go_by", patient=patient)
    page.goto("/admin/worklist/")
    row = page.locator(f"#call-{patient}")
    expect(row).to_contain_text(who.surname)
    expect(row.locator(".desk-tag")).to_have_count(2)
    _is_clean(page)
    tab_to(page, f"#call-{patient} .calls__act a.button[hx-get]")
    page.keyboard.press("Enter")
    expect(page.locator(".calls__form")).to_contain_text(who.surname)
    _is_clean(page)
    tab_to(page, "button[value=will_come]")
    page.keyboard.press("Enter")
    expect(page.locator(".calls__logged")).to_contain_text(who.surname)
    _is_clean(page)
    page.reload()
    expect(row).to_have_count(0)


def _comes(page: Page, stack: Stack, language: str, who: Who, patient: int) -> None:
    before = len(sms_to(stack, who.number))
    stack.scene("day_before_the_visit", patient=patient)
    assert wait_until(lambda: len(sms_to(stack, who.number)) > before, SOON)
    stack.scene("day_of_the_visit", patient=patient)
    page.goto(f"/admin/patients/{patient}/")
    next_visit = page.locator("#section-next_visit")
    expect(next_visit).to_contain_text(word(language, "today"))
    next_visit.get_by_role("button", name=re.compile(f"^{word(language, 'Came')}")).first.click()
    expect(next_visit).to_contain_text(word(language, "came"))
    _is_clean(page)


def _action(page: Page, language: str, name: str) -> Locator:
    return page.locator(".record__actions").get_by_role("link", name=word(language, name)).first


def write_sms(stack: Stack, number: str, text: str) -> None:
    """An SMS from that phone, as the provider hands it to the site."""
    sender = e164(number)
    form = urlencode({"id": f"morning-{sender}-{text}", "from": sender, "text": text}).encode()
    with urlopen(f"{stack.url}/sms/africastalking/inbound/?key={WEBHOOK_SECRET}", form) as answer:  # noqa: S310
        assert answer.status == 204


def e164(number: str) -> str:
    return f"+27{number.replace(' ', '').removeprefix('0')}"


def _has_after_reload(page: Page, what: Locator, text: str) -> bool:
    page.reload()
    return text in what.inner_text()


def _is_clean(page: Page) -> None:
    assert violations(page, context=NOT_OURS) == []
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
