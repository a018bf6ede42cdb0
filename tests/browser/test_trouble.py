"""What people see when the database can't answer, and what head office is told of it."""

import pytest
from django.template.loader import render_to_string
from playwright.sync_api import Route, expect

from tests.browser.accessibility import is_clean
from tests.browser.visits import DESK, PHONE, Visits, word


@pytest.mark.parametrize(("width", "scheme"), [(PHONE, "dark"), (DESK, "light")])
def test_a_page_that_cannot_be_answered_says_so_in_both_languages(
    visits: Visits, width: int, scheme: str
) -> None:
    page = visits.open("thandi", width=width, color_scheme=scheme)

    def away(route: Route) -> None:
        # Not with 503, which no page of a test may be answered with.
        route.fulfill(content_type="text/html; charset=utf-8", body=render_to_string("503.html"))

    page.route("**/inbox/", away)
    page.goto("/en/inbox/")
    expect(page.get_by_role("heading", name="Please try again soon")).to_be_visible()
    expect(page.get_by_role("heading", name="Probeer asseblief")).to_be_visible()
    is_clean(page)
    page.get_by_role("link", name="Na die tuisblad").click()
    expect(page.locator("html")).to_have_attribute("lang", "af")


@pytest.mark.parametrize("language", ["en", "af"])
def test_head_office_reads_how_the_site_works(visits: Visits, language: str) -> None:
    page = visits.open(visits.stack.scene("new_director", language=language), width=DESK)
    page.goto("/admin/")
    expect(page.get_by_role("heading", name=word(language, "How the site works"))).to_be_visible()
    expect(page.get_by_text(word(language, "Work is done in time"))).to_be_visible()
    is_clean(page)
