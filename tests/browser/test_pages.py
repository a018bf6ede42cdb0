"""Every page: fit for all readers, on every screen, in both languages and by night."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.accessibility import broken, violations
from tests.browser.stack import Stack, wait_until
from tests.browser.visits import DESK, HEIGHTS, PHONE, Visits, word

NARROWEST = 320
FINGER = 44
OPEN = (
    "/",
    "/how-reminders-work/",
    "/accounts/login/",
    "/accounts/login/code/",
    "/accounts/password/reset/",
)
OWN = {
    "anna": ("/today/", "/vaccinations/"),  # who cares for two
    "thandi": (
        "/today/",
        "/inbox/",
        "/preferences/",
        "/preferences/reach/email/",
        "/preferences/reach/phone/",
        "/consent/",
        "/who-saw-my-record/",
        "/medicines/",
        "/adherence/",
        "/vaccinations/",
        "/events/",
        "/events/calendar/",
    ),
}
FIRST_OF = {
    "/inbox/": ".message__title a",
    "/medicines/": ".card--link h2 a",
    "/events/": ".event__title a",
}
BOTH_LANGUAGES = pytest.mark.parametrize("language", ["en", "af"])
BOTH_WIDTHS = pytest.mark.parametrize("width", [PHONE, DESK])
LOOKED_AT_BY_AXE = {("af", PHONE), ("en", DESK)}
"""Each language and each width once: what axe finds depends on the one or the other, and it takes most of the time."""
COLOURS = {"resultTypes": ["violations"], "runOnly": ["color-contrast"]}


@pytest.fixture(scope="module")
def not_found(stack: Stack) -> dict[str, str]:
    """The page in each language."""
    return stack.scene("not_found")


@BOTH_LANGUAGES
@BOTH_WIDTHS
def test_no_page_shuts_anybody_out_or_runs_over_its_edge(
    visits: Visits, not_found: dict[str, str], language: str, width: int
) -> None:
    found = []
    for page in _pages(visits, not_found, language, width):
        here = f"{urlsplit(page.url).path} at {width} px"
        assert page.locator("html").get_attribute("lang") == language, here
        if (language, width) in LOOKED_AT_BY_AXE:
            found += [f"{here}: {said}" for said in violations(page)]
            page.emulate_media(color_scheme="dark")
            dark = page.evaluate("what => axe.run(what)", COLOURS)
            found += [f"{here}, dark: {said}" for said in broken(dark)]
            page.emulate_media(color_scheme="light")
        for narrow in (width, NARROWEST) if width == PHONE else (width,):
            page.set_viewport_size({"width": narrow, "height": 800})
            if page.evaluate("document.documentElement.scrollWidth") > narrow:
                found.append(f"{here}: wider than {narrow} px")
        page.set_viewport_size({"width": width, "height": 800})
    assert found == []


@BOTH_LANGUAGES
def test_the_other_language_is_one_tap_away_on_the_same_page(visits: Visits, language: str) -> None:
    page = visits.open("anna")
    other = {"en": "af", "af": "en"}[language]
    for path in ("/inbox/?category=medication", "/medicines/", "/events/?month=2026-12"):
        page.goto(f"/{language}{path}")
        page.locator(f".top-bar a[hreflang={other}]").click()
        expect(page).to_have_url(re.compile(re.escape(f"/{other}{path}") + "$"))
        expect(page.locator("html")).to_have_attribute("lang", other)


@BOTH_LANGUAGES
def test_the_first_tab_leads_past_the_navigation(visits: Visits, language: str) -> None:
    page = visits.open("anna")
    page.goto(f"/{language}/medicines/")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name=word(language, "Skip to the main content"))
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()


@BOTH_LANGUAGES
def test_a_thumb_reaches_the_navigation_at_the_bottom_of_a_phone(visits: Visits, language: str) -> None:
    page = visits.open("anna", width=PHONE)
    page.goto(f"/{language}/today/")
    links = page.locator(".navigation a")
    expect(links).to_have_count(5)
    for box in (links.nth(index).bounding_box() for index in range(5)):
        assert box and box["width"] >= FINGER and box["height"] >= FINGER
        assert box["y"] > HEIGHTS[PHONE] - 100
    expect(links.first).to_have_attribute("aria-current", "page")


def _pages(visits: Visits, not_found: dict[str, str], language: str, width: int) -> Iterator[Page]:
    """Each page in turn, to be looked at before the next."""
    page = visits.open(width=width, reduced_motion="reduce")
    for path in OPEN:
        _go(page, f"/{language}{path}")
        yield page
    # What a trial shows in its place is for developers.
    page.route(
        "**/nothing-here/", lambda route: route.fulfill(body=not_found[language], content_type="text/html")
    )
    page.goto(f"/{language}/nothing-here/")
    expect(page.locator(".empty h1")).to_be_visible()
    yield page
    for account, paths in OWN.items():
        page = visits.open(account, width=width, reduced_motion="reduce")
        for path in paths:
            _go(page, f"/{language}{path}")
            yield page
            if path in FIRST_OF:
                page.locator(FIRST_OF[path]).first.click()
                page.wait_for_url(re.compile(rf"{path}\d+/$"))
                yield page


def _go(page: Page, path: str) -> None:
    answer = page.goto(path)
    assert answer and answer.ok, path


@pytest.mark.parametrize("path", ["/en/today/", "/af/inbox/"])
def test_a_page_opened_for_the_first_time_is_there_with_its_looks_before_anything_else_has_come(
    visits: Visits, path: str
) -> None:
    page = visits.open("thandi")
    page.context.clear_cookies(name="sheet")
    asked: list[str] = []

    def only_the_page(route: Route) -> None:
        if route.request.resource_type == "document":
            route.continue_()
        else:
            asked.append(route.request.url)  # and gets no answer

    page.route("**/*", only_the_page)
    page.goto(path, wait_until="commit")

    expect(page.locator("h1")).to_be_visible()
    painted = "performance.getEntriesByName('first-contentful-paint').length"
    assert wait_until(lambda: page.evaluate(painted) == 1, 10.0)
    assert page.evaluate("[...document.styleSheets].map(each => each.href)") == [None]
    assert page.evaluate("getComputedStyle(document.body).margin") == "0px"
    assert asked
