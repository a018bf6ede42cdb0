"""The main job, seen from three chairs: a manager changes the words, a dose falls due, two patients are told."""

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from home.demo import DOMAIN
from medications.event_texts import DOSE_DUE
from tests.browser.scene import IN_STOCK
from tests.browser.stack import Stack, wait_until
from tests.browser.visits import DESK, PHONE, Visits, sign_in, word

TO_OPEN_THE_PAGES = 12
"""Seconds that the doses are ahead at least."""
IN_TIME = 20
"""Seconds: on a slow machine too they hear of it by themselves, and not because they ask again after sixty."""
NEW_WORDS = "{{ time }}: onthou asseblief {{ whose }} pille"


@dataclass(frozen=True)
class Moment:
    """The pages that are open at the minute, and what falls due then."""

    inbox: Page
    today: Page
    pieters: Page
    badge_before: int
    pieters_last: tuple[str, str]
    told: dict[str, Any]

    @property
    def patience(self) -> float:
        """Milliseconds until the doses have been due for as long as a message may take."""
        return max((self.told["due_at"] + IN_TIME - time.time()) * 1000, 1)

    @property
    def new_message(self) -> Locator:
        return self.inbox.locator(".message").filter(has_text=f"{self.told['time']}: time for your medicine")

    @property
    def pieters_message(self) -> Locator:
        return self.pieters.locator(".message").filter(
            has_text=f"{self.told['time']}: onthou asseblief u pille"
        )

    @property
    def thandis_dose(self) -> Locator:
        return self.today.locator(f"#dose-{self.told['doses']['Thandi']}")


@pytest.fixture(scope="module")
def moment(all_visits: Visits, stack: Stack) -> Iterator[Moment]:
    with all_visits.for_a_while():
        template = _template(all_visits)
        template.locator("#id_title_af").fill(NEW_WORDS)
        _publish(template)
        expect(template.locator(".messages")).to_contain_text("in use")

        inbox = all_visits.open("thandi", width=PHONE)
        today = all_visits.open("thandi", width=DESK)
        pieters = all_visits.open(width=PHONE)
        sign_in(pieters, "pieter", language="af")
        told = stack.scene("doses_due", patients=["Thandi", "Pieter"], ahead=TO_OPEN_THE_PAGES)
        inbox.goto("/en/inbox/")
        today.goto("/en/today/")
        pieters.goto("/af/inbox/")
        last = pieters.locator(".message").filter(has_text=": tyd vir u medisyne").first
        moment = Moment(
            inbox,
            today,
            pieters,
            badge_before=_badge(inbox),
            pieters_last=(f"#{last.get_attribute('id')}", last.locator(".message__title a").inner_text()),
            told=told,
        )
        expect(moment.thandis_dose.locator(".dose__when")).to_have_text(re.compile("in [12] min"))
        expect(moment.new_message).to_have_count(0)
        expect(moment.pieters_message).to_have_count(0)
        assert time.time() < told["due_at"], "The pages were not open before the dose fell due."
        yield moment


def test_words_with_an_unknown_placeholder_are_refused_beside_their_field(visits: Visits) -> None:
    template = _template(visits)
    body = template.locator("#id_body_af")
    body.fill(f"{DOSE_DUE['af'].body} {{{{ medicin }}}}")
    _publish(template)
    field = (
        template.locator(".w-field__wrapper, .w-panel__content")
        .filter(has=template.locator("#id_body_af"))
        .last
    )
    expect(field).to_contain_text("{{ medicin }}")
    expect(field).to_contain_text("Did you mean {{ medicines }}?")


def test_a_dose_that_falls_due_is_told_within_seconds_in_every_page_that_is_open(moment: Moment) -> None:
    expect(moment.new_message).to_be_visible(timeout=moment.patience)
    expect(moment.thandis_dose).to_have_class(re.compile(r"\bdose--due\b"), timeout=moment.patience)
    expect(moment.pieters_message).to_be_visible(timeout=moment.patience)
    assert time.time() >= moment.told["due_at"]


def test_the_message_slides_in_above_the_others_and_the_badge_counts_it(moment: Moment) -> None:
    expect(moment.new_message).to_have_class(re.compile(r"\barrives\b"))
    expect(moment.inbox.locator(".message").first).to_contain_text("Folic acid 5 mg, 1 tablet")
    expect(moment.inbox.locator("#live")).to_contain_text(f"New message: {moment.told['time']}")
    assert _badge(moment.inbox) == moment.badge_before + 1
    expect(moment.thandis_dose.locator(".tag")).to_have_text("Due now")
    # Beside what was due before, as Thandi's Metformin is at eight in the evening.
    expect(moment.today.locator("#live")).to_contain_text(re.compile("Due now: (.+, )?Folic acid 5 mg"))


def test_pieter_reads_the_managers_new_words_and_the_old_ones_in_what_came_before(moment: Moment) -> None:
    expect(moment.pieters_message.locator(".message__title a")).to_have_attribute("lang", "af")
    expect(moment.pieters_message).to_contain_text("Foliensuur 5 mg, 1 tablet")
    where, title = moment.pieters_last
    moment.pieters.reload()
    expect(moment.pieters.locator(where).locator(".message__title a")).to_have_text(title)


def test_pieters_mail_is_in_afrikaans_and_its_subject_names_no_medicine(moment: Moment, stack: Stack) -> None:
    def mails() -> list[EmailMessage]:
        written = stack.mail_to(f"pieter@{DOMAIN}")
        return [mail for mail in written if moment.told["time"] in _words(mail, "plain")]

    assert wait_until(lambda: bool(mails()), 10)
    (mail,) = mails()
    assert mail["Subject"] == DOSE_DUE["af"].email_subject_discreet
    assert mail["Content-Language"] == "af"
    for kind in ("plain", "html"):
        assert "tyd vir u medisyne" in _words(mail, kind)
        assert "Foliensuur 5 mg, 1 tablet" in _words(mail, kind)


def test_taken_is_answered_where_the_finger_was_and_undone_there(moment: Moment, visits: Visits) -> None:
    dose, page = moment.thandis_dose, moment.today
    stock = visits.open("thandi")
    stock.goto(f"/en/medicines/{moment.told['prescriptions']['Thandi']}/")
    expect(stock.locator("#stock")).to_contain_text(f"Now {IN_STOCK} tablets")

    dose.get_by_role("button", name="Taken").click()
    expect(dose.locator(".card__head .tag")).to_have_text("Taken")
    expect(dose.get_by_role("button", name="Undo")).to_be_focused()
    expect(page.locator("#day-summary")).to_contain_text(re.compile(r"\d+ of \d+ doses taken"))
    stock.reload()
    expect(stock.locator("#stock")).to_contain_text(f"Now {IN_STOCK - 1} tablets")

    dose.get_by_role("button", name="Undo").click()
    expect(dose.locator(".card__head .tag")).to_have_text("Due now")
    expect(dose.get_by_role("button", name="Taken")).to_be_visible()
    stock.reload()
    expect(stock.locator("#stock")).to_contain_text(f"Now {IN_STOCK} tablets")


def test_pieter_is_reminded_again_later(moment: Moment) -> None:
    page = moment.pieters
    page.locator(".navigation").get_by_role("link", name=word("af", "Today")).click()
    dose = page.locator(f"#dose-{moment.told['doses']['Pieter']}")
    dose.get_by_role("link", name=word("af", "Later")).click()
    dose.locator("button[name=minutes][value='15']").click()
    again = word("af", "We will remind you again at %(time)s") % {"time": ""}
    expect(dose).to_contain_text(re.compile(re.escape(again) + r"\d\d:\d\d"))
    expect(dose.locator(".card__head .tag")).to_have_text(word("af", "Due now"))


def _template(visits: Visits) -> Page:
    """The manager at her clinic's own words of the dose reminder, which she came to through the menu."""
    page = visits.open("manager", width=DESK)
    page.goto("/admin/")
    page.locator("#wagtail-sidebar").get_by_text("Messages", exact=True).first.click()
    page.get_by_role("link", name="Message texts").click()
    page.get_by_role("link", name="A dose is due", exact=True).click()
    page.get_by_role("link", name=re.compile("our own wording|our wording")).click()
    expect(page.locator("#id_title_af")).to_have_value(DOSE_DUE["af"].title)
    return page


def _publish(page: Page) -> None:
    page.locator("footer").get_by_role("button", name="More actions").click()
    page.locator("[name=action-publish]").click()


def _words(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    assert part, f"The mail has no {kind} part."
    return str(part.get_content())


def _badge(page: Page) -> int:
    return int(page.locator("#inbox-badge > [aria-hidden]").inner_text())
