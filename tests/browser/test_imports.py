"""A manager brings 200 patients in, seven of whom have something wrong, mends them, and undoes the import; then what
patients take, whose reminders start when she says so.
"""

import csv
import io

import pytest
from playwright.sync_api import FilePayload, Page, expect

from tests.browser.accessibility import is_clean
from tests.browser.visits import DESK, SMALL_PHONE, Visits, word
from tests.home.imports.files import HEADINGS, people

FAULTS = (
    (2, "31/02/1961"),
    (2, "1/1/2090"),
    (4, "1234567890123"),
    (5, "123"),
    (5, "2.77255E+10"),
    (7, "perhaps"),
    (0, "=1+1"),
)


def spreadsheet(
    rows: list[list[str]], name: str = "patients.csv", headings: tuple[str, ...] = HEADINGS
) -> FilePayload:
    out = io.StringIO()
    csv.writer(out, delimiter=";").writerows([headings, *rows])
    return {"name": name, "mimeType": "text/csv", "buffer": out.getvalue().encode("cp1252")}


def upload(page: Page, file: FilePayload, kind: str = "patients") -> None:
    page.goto("/admin/imports/new/")
    page.locator(f"input[name=kind][value={kind}]").check()
    page.locator("input[name=file]").set_input_files(file)
    page.locator("form[enctype] button[type=submit]").click()
    expect(page.locator("#match-title")).to_be_visible()


def press(page: Page, act: str) -> None:
    page.locator(f"form[action$='/{act}/'] button").click()


@pytest.mark.parametrize(("language", "start", "width"), [("en", 0, DESK), ("af", 5_000, SMALL_PHONE)])
def test_two_hundred_patients_seven_of_them_with_a_fault(
    visits: Visits, language: str, start: int, width: int
) -> None:
    manager = visits.stack.scene("new_manager", language=language, account="brings-files")
    page = visits.open(manager, width=width, color_scheme="dark" if language == "af" else "light")
    rows = [list(row) for row in people(200, start)]
    for number, (column, text) in enumerate(FAULTS):
        rows[number * 20][column] = text

    page.goto("/admin/imports/new/")
    expect(page.locator("html")).to_have_attribute("lang", language)
    is_clean(page)
    upload(page, spreadsheet(rows))
    is_clean(page)
    page.get_by_role("button", name=word(language, "Try it")).click()
    faulty = page.locator(".imports__counts").get_by_role("link", name=word(language, "refused").capitalize())
    expect(faulty).to_contain_text("7", timeout=30_000)
    faulty.click()
    expect(page.locator(".imports__table tbody tr")).to_have_count(7)
    is_clean(page)

    press(page, "run")
    start_button = page.locator("form[action$='/start/'] button")
    expect(start_button).to_contain_text("193", timeout=60_000)
    is_clean(page)
    with page.expect_download() as download:
        page.locator("a[href$='/left/']").click()
    left = list(csv.reader(io.StringIO(download.value.path().read_text("utf-8-sig"))))
    assert len(left) == 8
    assert left[1][-2:][0] == "2"

    press(page, "undo")
    expect(page.get_by_text(word(language, "Undone. The file can be uploaded again."))).to_be_visible(
        timeout=60_000
    )

    for number, _fault in enumerate(FAULTS):
        rows[number * 20] = list(people(1, start + number * 20)[0])
    upload(page, spreadsheet(rows, "mended.csv"))
    page.get_by_role("button", name=word(language, "Try it")).click()
    run = page.locator("form[action$='/run/'] button")
    expect(run).to_contain_text("200", timeout=30_000)
    press(page, "discard")
    expect(page).to_have_url(f"{visits.stack.url}/admin/imports/")
    page.reload()  # what was said is shown once, and fades in
    is_clean(page)


@pytest.mark.parametrize(("language", "start", "width"), [("en", 9_000, DESK), ("af", 9_500, SMALL_PHONE)])
def test_what_patients_take_who_came_in_a_minute_ago(
    visits: Visits, language: str, start: int, width: int
) -> None:
    manager = visits.stack.scene("new_manager", language=language, account="brings-medicines")
    page = visits.open(manager, width=width, color_scheme="dark" if language == "af" else "light")
    patients = [list(row) for row in people(2, start)]
    upload(page, spreadsheet(patients, f"two-{language}.csv"))
    page.get_by_role("button", name=word(language, "Try it")).click()
    expect(page.locator("form[action$='/run/'] button")).to_contain_text("2", timeout=30_000)
    press(page, "run")
    expect(page.locator("form[action$='/start/'] button")).to_be_visible(timeout=30_000)

    headings = ("Lêer", "Van", "Medisyne", "Dosis", "Tye", "Dae", "Begin", "Aanwysings")
    taken = ["Metformin 500 mg", "1 tablet", "8am en 8nm", "daily", "12/03/2026", "with food"]
    rows = [
        [patients[0][3], patients[0][1], *taken],
        [patients[1][3], "Somebody", taken[0], "500", *taken[2:]],
    ]
    upload(page, spreadsheet(rows, f"taken-{language}.csv", headings), "prescriptions")
    page.get_by_role("button", name=word(language, "Try it")).click()
    expect(page.locator("form[action$='/run/'] button")).to_contain_text("1", timeout=30_000)
    expect(page.locator(".imports__table tbody tr").first).to_contain_text("08:00")
    expect(page.locator(".imports__table tbody tr").last.locator("td").last.locator("p")).to_have_count(2)
    is_clean(page)

    press(page, "run")
    expect(page.locator("form[action$='/start/'] button")).to_be_visible(timeout=30_000)
    is_clean(page)
    page.locator(".imports__table th a").first.click()
    page.get_by_role("link", name=word(language, "Start reminders")).first.click()
    expect(page.locator(".plan__days")).to_be_visible()
    is_clean(page)
    page.get_by_role("button", name=word(language, "Start reminders")).click()
    expect(
        page.get_by_text("Metformin 500 mg" if language == "en" else "Metformien 500 mg").first
    ).to_be_visible()
    expect(page.get_by_role("link", name=word(language, "Start reminders"))).to_have_count(0)
    is_clean(page)
