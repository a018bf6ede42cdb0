"""A club, seen from three chairs: a nurse makes it, it fills up, a place comes free, and she moves all of it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from playwright.sync_api import Locator, Page, expect

from events.event_texts import MOVED, PLACE_FREE
from tests.browser.accessibility import violations
from tests.browser.visits import DESK, PHONE, Visits, sign_in, word

TUESDAY = 1
DAY = timedelta(days=1)
TITLES = {"en": "Garden club", "af": "Tuinklub"}
PLACES = 2
NOT_OURS = {"exclude": [[".xdsoft_datetimepicker"]]}
"""The calendar that Wagtail opens below a date."""


@dataclass
class Club:
    """The pages of those who are in the story, and what they have come to know."""

    number: int
    nurse: Page
    thandi: Page
    sipho: Page
    pieter: Page
    first: date
    ids: list[int]

    def title(self, language: str) -> str:
        return f"{TITLES[language]} {self.number}"


@pytest.fixture(scope="module", params=[PHONE, DESK])
def club(request: pytest.FixtureRequest, all_visits: Visits) -> Iterator[Club]:
    """Thandi reads English and Pieter Afrikaans, both on a screen of this width; the nurse has the other one."""
    width = request.param
    with all_visits.for_a_while():
        pieter = all_visits.open(width=width)
        sign_in(pieter, "pieter", language="af")
        yield Club(
            number=width,
            nurse=all_visits.open("sister", width=DESK + PHONE - width),
            thandi=all_visits.open("thandi", width=width),
            sipho=all_visits.open("sipho", width=width),
            pieter=pieter,
            first=_first_tuesday(),
            ids=[],
        )


def test_a_nurse_makes_a_club_for_every_second_tuesday(club: Club) -> None:
    page = club.nurse
    page.goto("/admin/event_series/new/")
    for language in TITLES:
        page.locator(f"#id_title_{language}").fill(club.title(language))
    page.locator("#id_place").fill("Garden")
    page.locator("#id_capacity").fill(str(PLACES))
    page.locator("#id_interval").fill("2")
    page.locator(f"input[name=weekdays][value='{TUESDAY}']").check()
    page.locator("#id_start_time").fill("10:00")
    page.locator("#id_end_time").fill("11:30")
    _fill_date(page.locator("#id_start_date"), club.first.isoformat())

    preview = page.locator("[data-event-dates]")
    expect(preview).to_contain_text("Every second Tuesday, 10:00 to 11:30")
    for number in (0, 2, 4):
        expect(preview).to_contain_text(_in_words(club.first + number * 7 * DAY))
    expect(preview).not_to_contain_text(_in_words(club.first + 7 * DAY))
    assert violations(page, context=NOT_OURS) == []

    page.get_by_role("button", name="Save and create the events").click()
    expect(page.locator(".messages")).to_contain_text("events were created")


def test_thandi_finds_it_and_joins_and_the_club_fills(club: Club) -> None:
    for page, left in ((club.thandi, PLACES), (club.sipho, PLACES - 1)):
        page.goto("/en/events/")
        _card(page, club.title("en"), club.first).locator(".event__title a").click()
        page.wait_for_url(re.compile(r"/events/\d+/$"))
        assert page.locator("#places").inner_text().startswith(str(left))
        page.locator("#join").click()
        expect(page.locator("#event .tag--go")).to_be_visible()
        expect(page.locator("#live")).to_contain_text("You have a place")
    assert violations(club.thandi, context=NOT_OURS) == []
    club.ids.append(int(club.thandi.url.rstrip("/").rpartition("/")[2]))


def test_pieter_waits_for_a_place(club: Club) -> None:
    page = club.pieter
    page.goto("/af/events/")
    card = _card(page, club.title("af"), club.first)
    expect(card).to_contain_text(word("af", "Full"))
    assert violations(page, context=NOT_OURS) == []
    card.get_by_role("button", name=word("af", "Join the waiting list")).click()
    mine = page.locator("#mine li, #mine .row").filter(has_text=club.title("af"))
    expect(mine).to_have_count(1)
    page.goto(f"/af/events/{club.ids[0]}/")
    expect(page.locator("#leaving")).to_have_text(word("af", "Leave the waiting list"))
    assert violations(page, context=NOT_OURS) == []


def test_when_thandi_leaves_pieter_has_the_place_and_is_told(club: Club) -> None:
    club.pieter.goto("/af/inbox/")
    page = club.thandi
    page.reload()  # it was not full when she joined
    page.locator("#leaving").click()
    expect(page.locator("#asks")).to_contain_text("Your place goes to the next person")
    assert violations(page, context=NOT_OURS) == []
    page.locator("#leave").click()
    expect(page.locator("#join")).to_have_text("Join the waiting list")

    news = club.pieter.locator(".message").filter(has_text=_title(PLACE_FREE, club, "af"))
    expect(news).to_be_visible()
    expect(news).to_have_class(re.compile(r"\barrives\b"))
    club.pieter.goto(f"/af/events/{club.ids[0]}/")
    expect(club.pieter.locator("#event .tag--go")).to_be_visible()


def test_the_nurse_sees_who_is_told_before_she_moves_it_and_all_that_follow(club: Club) -> None:
    thandi = club.thandi
    thandi.goto("/en/events/")
    _card(thandi, club.title("en"), club.first + 14 * DAY).get_by_role("button", name="Join").click()
    expect(thandi.locator("#live")).to_contain_text("You have a place")

    page = club.nurse
    page.goto(f"/admin/clinic_events/edit/{club.ids[0]}/")
    for name in ("starts_at", "ends_at"):
        field = page.locator(f"#id_{name}")
        _fill_date(
            field, field.input_value().replace(f"{club.first:%d/%m/%Y}", f"{club.first + DAY:%d/%m/%Y}")
        )
    page.locator("input[name=scope][value=following]").check()
    page.locator("form [type=submit]").last.click()

    plan = page.locator(".plan")
    expect(plan.locator(".plan__total")).to_contain_text("2 events move")
    expect(plan.locator(".plan__total")).to_contain_text("3 people will be told")
    assert violations(page, context=NOT_OURS) == []
    page.goto(f"/admin/clinic_events/edit/{club.ids[0]}/")
    shown = page.locator("#id_starts_at").input_value()
    assert f"{club.first:%d/%m/%Y}" in shown, "nothing is saved before that"


def test_both_see_that_it_was_moved(club: Club) -> None:
    club.thandi.goto("/en/inbox/")
    club.pieter.goto("/af/inbox/")
    page = club.nurse
    for name in ("starts_at", "ends_at"):
        field = page.locator(f"#id_{name}")
        _fill_date(
            field, field.input_value().replace(f"{club.first:%d/%m/%Y}", f"{club.first + DAY:%d/%m/%Y}")
        )
    page.locator("input[name=scope][value=following]").check()
    page.locator("form [type=submit]").last.click()
    page.locator("button[name=confirm]").click()
    expect(page.locator(".messages")).to_contain_text("2 events")

    for reader, language, weeks in ((club.thandi, "en", 2), (club.pieter, "af", 0)):
        news = reader.locator(".message").filter(has_text=_title(MOVED, club, language))
        expect(news).to_have_count(1)
        day = club.first + weeks * 7 * DAY + DAY
        reader.goto(f"/{language}/events/")
        card = _card(reader, club.title(language), day)
        expect(card.locator(".tag--go")).to_be_visible()
        assert violations(reader, context=NOT_OURS) == []
        reader.goto(f"/{language}/events/?month={day:%Y-%m}")
        expect(reader.locator(f"#day-{day.day}")).to_contain_text(club.title(language))
        assert violations(reader, context=NOT_OURS) == []


def _first_tuesday() -> date:
    """The first that is more than two days ahead, on the clinic's wall."""
    today = datetime.now(ZoneInfo(settings.TIME_ZONE)).date()
    return today + DAY * (3 + (TUESDAY - (today.weekday() + 3)) % 7)


def _card(page: Page, title: str, day: date) -> Locator:
    """The card of an event of that title and day."""
    begins = page.locator(f"time[datetime^='{day.isoformat()}T']")
    return page.locator("article.event").filter(has_text=title).filter(has=begins)


def _title(texts: Any, club: Club, language: str) -> str:
    return str(texts[language].title.replace("{{ title }}", club.title(language)))


def _in_words(day: date) -> str:
    return f"{day:%A} {day.day} {day:%B}"


def _fill_date(field: Locator, text: str) -> None:
    """Type a date, and leave the field when its calendar is open, as that comes a little later and closes then."""
    field.fill(text)
    calendar = field.page.locator(".xdsoft_datetimepicker:visible")
    expect(calendar).to_be_visible()
    field.press("Tab")
    expect(calendar).to_be_hidden()
