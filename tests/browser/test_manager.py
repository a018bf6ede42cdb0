"""A month in figures: a manager reads her clinic's, a district manager hers, head office compares two."""

import pytest
from playwright.sync_api import expect

from tests.browser.accessibility import is_clean, tab_to
from tests.browser.visits import DESK, SMALL_PHONE, TABLET, Visits, word

DISTRICT = "Cape Winelands"
COMPARED = ["Worcester Community Clinic", "Wynberg Community Clinic"]


@pytest.mark.parametrize(("width", "scheme"), [(DESK, "light"), (TABLET, "dark"), (SMALL_PHONE, "light")])
def test_a_manager_reads_the_month(visits: Visits, width: int, scheme: str) -> None:
    visits.stack.scene("month_counted", district=DISTRICT)
    page = visits.open("manager", width=width, color_scheme=scheme)
    page.goto("/admin/manager/")
    expect(page.get_by_role("heading", name="Patients and their care")).to_be_visible()
    expect(page.get_by_role("img", name="Doses day by day")).to_be_visible()
    tab_to(page, "#figure-doses ~ .figure__places summary")
    page.keyboard.press("Enter")
    table = page.locator("#figure-doses ~ .figure__places table").first
    expect(table.get_by_role("row", name="missed")).to_be_visible()
    is_clean(page)


def test_the_side_bar_leads_there_and_another_month_is_chosen(visits: Visits) -> None:
    visits.stack.scene("month_counted", district=DISTRICT)
    page = visits.open("manager", width=DESK)
    page.goto("/admin/")
    page.get_by_role("link", name="Figures", exact=True).click()
    months = page.get_by_label("Month").locator("option")
    last = months.nth(1).inner_text()
    page.get_by_label("Month").select_option(label=last)
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("heading", name=last)).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download as CSV").click()
    assert download.value.suggested_filename.startswith("figures-")


@pytest.mark.parametrize(("width", "scheme"), [(DESK, "dark"), (TABLET, "light"), (SMALL_PHONE, "dark")])
def test_head_office_compares_two_clinics(visits: Visits, width: int, scheme: str) -> None:
    visits.stack.scene("month_counted", district=DISTRICT)
    page = visits.open("admin", width=width, color_scheme=scheme)
    page.goto("/admin/manager/")
    expect(page.get_by_role("heading", name="Clinic by clinic")).to_be_visible()
    is_clean(page)
    clinics = page.get_by_label("Whose figures").locator("option").all_inner_texts()
    assert clinics[:2] == ["All clinics", DISTRICT]
    page.get_by_label("Whose figures").select_option(label=COMPARED[0])
    page.get_by_label("Compare with").select_option(label=COMPARED[1])
    page.get_by_role("button", name="Show").click()
    doses = page.locator("section.figure", has=page.locator("#figure-doses"))
    expect(doses.locator("h4")).to_have_text(COMPARED)
    is_clean(page)


def test_a_district_manager_finds_the_figures_and_nobody_in_afrikaans(visits: Visits) -> None:
    visits.stack.scene("month_counted", district=DISTRICT)
    page = visits.open("district", width=DESK)
    page.goto("/admin/")
    is_clean(page)
    page.get_by_role("link", name=word("af", "Figures"), exact=True).click()
    expect(page.get_by_role("heading", name=word("af", "Clinic by clinic"))).to_be_visible()
    expect(page.get_by_role("heading", name=word("af", "What reminding changes"))).to_be_visible()
    expect(page.get_by_label(word("af", "Whose figures"))).to_be_visible()
    is_clean(page)
    page.goto("/admin/patients/")
    expect(page.get_by_text("Mokoena")).to_have_count(0)
