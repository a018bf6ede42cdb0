"""Wagtail's pages under their content security policy: a script that it refuses is an error of the console."""

from playwright.sync_api import expect

from tests.browser.visits import DESK, Visits

PAGES = (
    "/admin/",
    "/admin/patients/new/",
    "/admin/prescriptions/new/",
    "/admin/vaccinations/new/",
    "/admin/clinic_events/new/",
    "/admin/event_series/new/",
    "/admin/announcements/add/",
    "/admin/reports/messages/",
    "/admin/snippets/notifications/notificationtemplate/add/",
    "/admin/images/add/",
    "/admin/images/multiple/add/",
    "/admin/documents/multiple/add/",
    "/admin/users/new/",
    "/admin/groups/new/",
    "/admin/workflows/add/",
    "/admin/collections/add/",
    "/admin/account/",
    "/admin/pages/",
)


def test_its_widgets_start(visits: Visits) -> None:
    """On each page all have started; a chooser opens, and a calendar shows."""
    page = visits.open("admin", width=DESK)
    for path in PAGES:
        page.goto(path)
        expect(page.locator("main")).to_be_visible()
        assert page.locator("[data-starts]").count() == 0, path
    page.goto("/admin/prescriptions/new/")
    page.get_by_role("button", name="Choose a patient").click()
    expect(page.get_by_role("dialog").get_by_role("table")).to_be_visible()
    page.goto("/admin/prescriptions/new/")
    page.locator("#id_start_date").click()
    expect(page.locator(".xdsoft_datetimepicker:visible")).to_be_visible()
    page.goto("/admin/pages/")
    page.goto(str(page.locator("a[href$='/edit/']").first.get_attribute("href")))
    expect(page.locator("main")).to_be_visible()
    assert page.locator("[data-starts]").count() == 0
