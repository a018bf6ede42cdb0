"""The rules in words, as a nurse reads and prints them."""

import pytest
from playwright.sync_api import expect

from tests.browser.accessibility import is_clean
from tests.browser.visits import DESK, TABLET, Visits


@pytest.mark.parametrize(
    ("account", "language", "width", "scheme"),
    [("sister", "en", DESK, "light"), ("elsabe", "af", TABLET, "dark")],
)
def test_a_nurse_reads_when_messages_wait_and_how_long_tablets_last(
    visits: Visits, account: str, language: str, width: int, scheme: str
) -> None:
    page = visits.open(account, width=width, color_scheme=scheme)
    page.goto("/admin/help/")
    expect(page.locator("html")).to_have_attribute("lang", language)
    is_clean(page)
    for number, address in enumerate(
        ("quiet-hours", "order-of-ways", "doses", "low-stock", "vaccination-ages")
    ):
        page.goto("/admin/help/")
        page.locator("#rules a").nth(number).click()
        expect(page).to_have_url(f"/admin/help/{address}/")
        expect(page.locator(".desk-rule table").first).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), address
        is_clean(page)
