"""What messages cost, and how long a text is as SMS while it is typed, as a manager sees it."""

import pytest
from playwright.sync_api import expect

from tests.browser.accessibility import is_clean
from tests.browser.visits import DESK, TABLET, Visits


@pytest.mark.parametrize(("width", "scheme"), [(DESK, "light"), (TABLET, "dark")])
def test_a_manager_sees_the_months_drawn_and_in_a_table(visits: Visits, width: int, scheme: str) -> None:
    visits.stack.scene("months_paid", account="manager")
    page = visits.open("manager", width=width, color_scheme=scheme)
    page.goto("/admin/reports/costs/")
    expect(page.locator(".plot__bar")).to_have_count(7)
    expect(page.locator(".costs tbody tr")).to_have_count(7)
    expect(page.get_by_text("is spent this month")).to_be_visible()
    is_clean(page)


@pytest.mark.parametrize("language", ["en", "af"])
def test_the_length_of_a_title_is_said_while_it_is_typed(visits: Visits, language: str) -> None:
    page = visits.open("manager", width=DESK)
    page.goto("/admin/announcements/add/")
    field = page.locator(f"#id_title_{language}")
    field.press_sequentially("Ons is more gesluit")
    expect(page.get_by_text("19 characters, 1 SMS (GSM-7)")).to_be_visible()
    field.fill("Ons is môre gesluit")
    expect(page.get_by_text("1 SMS (UCS-2)")).to_be_visible()
    is_clean(page)


def test_the_length_of_a_short_text_is_said_while_it_is_typed(visits: Visits) -> None:
    page = visits.open("admin", width=DESK)
    page.goto("/admin/snippets/notifications/notificationtemplate/add/?event_type=clinic.budget")
    field = page.locator("#id_short_text_en")
    field.fill("a" * 161)
    expect(page.get_by_text("161 characters, 2 SMS (GSM-7)")).to_be_visible()
