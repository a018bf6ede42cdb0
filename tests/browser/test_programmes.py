"""Who manages two clinics plans a series for both, reads what became of its dates, changes it, and ends it."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.accessibility import violations
from tests.browser.visits import DESK, PHONE, Visits, word

NOT_OURS = {"exclude": [[".xdsoft_datetimepicker"]]}
"""The calendar that Wagtail opens below a date."""
TUESDAY, THURSDAY = 1, 3


@pytest.mark.parametrize(("language", "width", "scheme"), [("en", DESK, "light"), ("af", PHONE, "dark")])
def test_a_series_for_two_clinics_from_its_plan_to_its_end(
    visits: Visits, language: str, width: int, scheme: str
) -> None:
    account = visits.stack.scene("manager_of_two", language=language)
    page = visits.open(account, width=width, color_scheme=scheme)
    page.goto("/admin/programmes/new/")
    _fill_in(page, language)
    page.get_by_role("button", name=word(language, "See what will happen")).click()
    expect(page.get_by_role("alert")).to_contain_text(word(language, "Choose at least one clinic."))
    assert violations(page, context=NOT_OURS) == []

    clinics = page.locator(".programme__clinic")
    expect(clinics).to_have_count(2)
    for number in range(2):
        clinics.nth(number).locator("input[type=checkbox]").check()
    second = clinics.nth(1)
    second.locator("input[name$=start_time]").fill("14:00")
    page.get_by_role("button", name=word(language, "See what will happen")).click()
    expect(page.locator(".programme__clinic").nth(1)).to_contain_text(
        word(language, "Give both times, or neither.")
    )
    page.locator(".programme__clinic").nth(1).locator("input[name$=end_time]").fill("15:00")
    page.get_by_role("button", name=word(language, "See what will happen")).click()

    plans = page.locator(".programme__plan")
    expect(plans).to_have_count(2)
    expect(plans.nth(0)).to_contain_text("10:00")
    expect(plans.nth(1)).to_contain_text("14:00")
    assert violations(page, context=NOT_OURS) == []
    page.get_by_role("button", name=word(language, "Create it at all of these clinics")).click()
    expect(page.locator(".messages")).to_contain_text("2")
    expect(page.locator("table.listing tbody tr")).to_have_count(2)
    assert violations(page, context=NOT_OURS) == []
    programme = page.url

    page.goto("/admin/reports/series-dates/?outcome=made")
    expect(page.locator("table.listing")).to_contain_text(_title(language))
    page.goto("/admin/reports/series-dates/")
    assert violations(page, context=NOT_OURS) == []
    page.goto("/admin/reports/events-full/")
    assert violations(page, context=NOT_OURS) == []
    page.locator("table.listing a").first.click()
    page.wait_for_url("**/admin/clinic_events/?series=*")

    page.goto(programme)
    page.get_by_role("link", name=word(language, "Change it at all clinics")).click()
    _change(page, language)

    page.goto(f"{programme}end/")
    page.get_by_role("button", name=word(language, "See what will happen")).click()
    expect(page.locator(".programme__plan")).to_have_count(2)
    assert violations(page, context=NOT_OURS) == []
    page.get_by_role("button", name=word(language, "Save"), exact=True).click()
    expect(page.locator("table.listing tbody tr").first).to_contain_text(word(language, "ended"))


@pytest.mark.parametrize(("account", "language"), [("sister", "en"), ("elsabe", "af")])
def test_the_year_of_a_nurses_clinic_is_drawn_and_in_a_table(
    visits: Visits, account: str, language: str
) -> None:
    page = visits.open(account, width=DESK)
    page.goto("/admin/reports/events-full/")
    expect(page.locator(".fullness__places")).to_have_count(12)
    expect(page.locator(".fullness tbody tr")).to_have_count(12)
    expect(page.locator(".fullness__key")).to_contain_text(word(language, "Joined"))
    assert violations(page, context=NOT_OURS) == []


def _change(page: Page, language: str) -> None:
    """To Thursdays at both, and at the second to a hall that it has not had; with a mistake first."""
    hall = f"Saal {language}"
    clinics = page.locator(".programme__clinic")
    expect(clinics).to_have_count(2)
    expect(clinics.nth(1).locator("input[name$=start_time]")).to_have_value("14:00")
    assert violations(page, context=NOT_OURS) == []
    page.locator(f"input[name=weekdays][value='{TUESDAY}']").uncheck()
    page.locator(f"input[name=weekdays][value='{THURSDAY}']").check()
    clinics.nth(1).locator("input[name$=place]").fill(hall)
    clinics.nth(1).locator("input[name$=end_time]").fill("")
    page.get_by_role("button", name=word(language, "See what will happen")).click()
    expect(page.get_by_role("alert")).to_contain_text(
        word(language, "Please look at what is marked at the clinics.")
    )
    expect(clinics.nth(1)).to_contain_text(word(language, "Give both times, or neither."))
    assert violations(page, context=NOT_OURS) == []
    clinics.nth(1).locator("input[name$=end_time]").fill("15:30")
    page.get_by_role("button", name=word(language, "See what will happen")).click()

    plans = page.locator(".programme__plan")
    expect(plans).to_have_count(2)
    expect(plans.nth(0)).not_to_contain_text(hall)
    expect(plans.nth(1)).to_contain_text(hall)
    expect(plans.nth(1)).to_contain_text("15:30")
    assert violations(page, context=NOT_OURS) == []
    page.get_by_role("button", name=word(language, "Save"), exact=True).click()
    expect(page.locator("table.listing tbody tr").nth(1)).to_contain_text(hall)


def _title(language: str) -> str:
    return {"en": "Foot care", "af": "Voetsorg"}[language]


def _fill_in(page: Page, language: str) -> None:
    page.locator("#id_title_en").fill("Foot care")
    page.locator("#id_title_af").fill("Voetsorg")
    page.locator("#id_capacity").fill("12")
    page.locator(f"input[name=weekdays][value='{TUESDAY}']").check()
    page.locator("#id_start_time").fill("10:00")
    page.locator("#id_end_time").fill("11:30")
    preview = page.locator("[data-event-dates]")
    expect(preview).to_contain_text("10:00")
