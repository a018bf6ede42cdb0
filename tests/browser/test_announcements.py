"""A manager writes, tries, sends and stops an announcement to five thousand people, and starts a series of twelve
weeks; a second one approves of both.
"""

import re
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, expect

from tests.browser.accessibility import is_clean
from tests.browser.stack import Stack
from tests.browser.visits import DESK, PHONE, TABLET, Visits, word

MANY, BIRTHS = 5_000, 3


@dataclass
class Managers:
    """Two of one clinic with five thousand people on its staff."""

    visits: Visits
    language: str

    def page(self, who: str, *, width: int = DESK, scheme: str = "light") -> Page:
        return self.visits.open(f"{who}-{self.language}", width=width, color_scheme=scheme)

    def word(self, text: str) -> str:
        return word(self.language, text)

    def press(self, page: Page, text: str) -> None:
        page.get_by_role("button", name=self.word(text), exact=True).click()

    def sees(self, page: Page, text: str) -> None:
        expect(page.get_by_text(self.word(text)).first).to_be_visible()


@pytest.fixture(params=["en", "af"], scope="module")
def clinic(request: pytest.FixtureRequest, stack: Stack) -> str:
    """Its language."""
    language: str = request.param
    stack.scene(
        "managers_of_many",
        accounts=[f"nomsa-{language}", f"johan-{language}"],
        language=language,
        count=MANY,
        births=BIRTHS,
    )
    return language


@pytest.fixture
def managers(visits: Visits, clinic: str) -> Managers:
    return Managers(visits, clinic)


def test_it_is_written_tried_approved_sent_and_stopped(managers: Managers) -> None:
    writer = managers.page("nomsa")
    writer.goto("/admin/announcements/add/")
    is_clean(writer)
    for language in ("en", "af"):
        writer.locator(f"#id_title_{language}").fill("Ons is more gesluit")
        writer.locator(f"#id_message_{language}").fill("Ons is Maandag weer oop.")
    managers.press(writer, "Save and look at it")
    expect(writer.locator("#id_audiences")).to_be_visible()
    writer.get_by_label(managers.word("Staff"), exact=True).check()
    managers.press(writer, "Save and look at it")
    managers.sees(writer, "It is saved. Nobody is told yet.")
    expect(writer.get_by_text(re.compile(r"5[.,\s]?00\d"))).not_to_have_count(0)
    is_clean(writer)
    managers.press(writer, "Send a test to myself")
    managers.sees(writer, "A test is on its way to you, and to nobody else.")
    managers.press(writer, "Ask for approval")
    managers.sees(writer, "waits for approval")
    address = writer.url

    approver = managers.page("johan", width=TABLET, scheme="dark")
    approver.goto(address)
    is_clean(approver)
    managers.press(approver, "Approve and send it")
    managers.sees(approver, "You approved it. It is being sent.")
    expect(approver.locator("#progress")).to_be_visible()

    writer.goto(address)
    managers.press(writer, "Stop it now")
    managers.sees(writer, "It is stopped. Nothing more of it is sent.")
    expect(writer.locator("#progress [role=status]")).to_contain_text(managers.word("stopped"))
    is_clean(writer)
    small = managers.page("nomsa", width=PHONE)
    small.goto(address)
    is_clean(small)


def test_a_series_of_twelve_weeks_is_written_and_started(managers: Managers) -> None:
    writer = managers.page("nomsa")
    writer.goto("/admin/message_series/add/")
    is_clean(writer)
    writer.locator("#id_name").fill("Twelve weeks")
    writer.locator("#id_start").select_option("birth")
    for week in range(13):
        writer.locator(f"#id_steps-{week}-day").fill(str(7 * week))
        for language in ("en", "af"):
            writer.locator(f"#id_steps-{week}-title_{language}").fill(f"Week {week}")
            writer.locator(f"#id_steps-{week}-message_{language}").fill(f"{week}/12")
    managers.press(writer, "Save and look at it")
    managers.sees(writer, "It is saved. Nobody is told yet.")
    # Each of its messages, and what the four weeks take.
    expect(writer.get_by_role("heading", level=3)).to_have_count(14)
    managers.sees(writer, "Whom it would reach")
    weeks = writer.get_by_role("table", name=managers.word("How many people each message comes to, and when"))
    expect(weeks.get_by_role("row")).to_have_count(15)
    expect(weeks.get_by_role("row").last).to_contain_text("3")
    ways = writer.get_by_role("table", name=managers.word("By message and channel, in these four weeks"))
    expect(ways.get_by_role("row", name="Week 1")).not_to_have_count(0)
    is_clean(writer)
    narrow = managers.page("nomsa", width=PHONE, scheme="dark")
    narrow.goto(writer.url)
    is_clean(narrow)
    managers.press(writer, "Ask for approval")
    address = writer.url

    approver = managers.page("johan", width=TABLET, scheme="dark")
    approver.goto(address)
    managers.sees(approver, "Whom it would reach")
    is_clean(approver)
    managers.press(approver, "Approve")
    managers.sees(approver, "You approved it. It runs from today on.")
    managers.sees(approver, "What became of it")
    is_clean(approver)
    with approver.expect_download() as file:
        approver.get_by_role("link", name=managers.word("Download CSV")).click()
    assert file.value.suggested_filename.startswith("series-")
    small = managers.page("nomsa", width=PHONE)
    small.goto(address)
    is_clean(small)
    managers.press(small, "End it")
    managers.sees(small, "It ended. Nobody is told anything of it any more.")


def test_one_that_recurs_is_written_begun_and_ended(managers: Managers) -> None:
    writer = managers.page("nomsa")
    writer.goto("/admin/announcements/add/")
    times = writer.locator("#id_dates-start_time")
    expect(times).to_be_hidden()
    writer.locator("#id_repeats").check()
    expect(times).to_be_visible()
    is_clean(writer)
    for language in ("en", "af"):
        writer.locator(f"#id_title_{language}").fill("Die klub kom vandag bymekaar")
        writer.locator(f"#id_message_{language}").fill("Bring u kaart saam.")
    writer.get_by_label(managers.word("Staff"), exact=True).check()
    writer.locator("#id_dates-type").select_option("monthly")
    expect(writer.locator("#id_dates-weekdays")).to_be_hidden()
    writer.locator("#id_dates-nth").select_option("1")
    writer.locator("#id_dates-weekday").select_option("0")
    managers.press(writer, "Save and look at it")
    managers.sees(writer, "Please look at the dates again.")
    is_clean(writer)
    times.fill("07:30")
    writer.locator("#id_dates-skip_public_holidays").check()
    managers.press(writer, "Save and look at it")
    managers.sees(writer, "It is saved. Nobody is told yet.")
    is_clean(writer)
    managers.press(writer, "Ask for approval")
    address = writer.url

    approver = managers.page("johan", width=TABLET, scheme="dark")
    approver.goto(address)
    managers.press(approver, "Approve and begin it")
    managers.sees(approver, "You approved it. It has begun, and is told on each of its dates.")
    managers.sees(approver, "to come")
    is_clean(approver)
    small = managers.page("nomsa", width=PHONE)
    small.goto(address)
    is_clean(small)
    managers.press(small, "End it")
    managers.sees(small, "It is stopped. Nothing more of it is sent.")
