"""A manager invites a nurse, who chooses her password and is out when her role ends; and writes the clinic's words."""

import re

import pytest
from playwright.sync_api import Page, expect

from home.demo import DOMAIN, PASSWORD
from tests.browser.accessibility import is_clean, tab_to, violations
from tests.browser.stack import Stack, wait_until
from tests.browser.test_nurse import NOT_OURS
from tests.browser.visits import DESK, PHONE, Visits, word

BUDGET = "/admin/snippets/notifications/notificationtemplate/see/clinic.budget/"


def link_to(stack: Stack, address: str) -> str:
    def links() -> list[str]:
        bodies = [mail.get_body(("plain",)) for mail in stack.mail_to(address)]
        texts = [body.get_content() for body in bodies if body]
        return [found[0] for text in texts if (found := re.search(r"/\w\w/work/[\w-]+/", text))]

    assert wait_until(lambda: bool(links()), 20)
    return links()[-1]


def staff_page_is_clean(page: Page) -> None:
    assert violations(page, context=NOT_OURS) == []
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0


@pytest.mark.parametrize(("language", "width", "scheme"), [("en", PHONE, "light"), ("af", DESK, "dark")])
def test_a_nurse_is_invited_works_and_leaves(
    visits: Visits, stack: Stack, language: str, width: int, scheme: str
) -> None:
    name = {"en": "Mahlangu", "af": "Kruger"}[language]
    address = f"refiloe.{name.lower()}@clinic.example.org"
    manager = visits.open(stack.scene("new_manager", language=language), width=DESK, color_scheme=scheme)
    manager.goto("/admin/staff/")
    staff_page_is_clean(manager)
    manager.get_by_role("link", name=word(language, "Invite somebody")).click()
    manager.locator("#id_email").fill(address.upper())
    manager.locator("#id_role").select_option("nurse")
    manager.locator("#id_language").select_option(language)
    staff_page_is_clean(manager)
    manager.get_by_role("button", name=word(language, "Send the invitation")).click()
    expect(manager.locator(".messages")).to_contain_text(address)
    expect(manager.locator(".record__card")).to_contain_text(word(language, "waiting for an answer"))
    staff_page_is_clean(manager)

    nurse = visits.open(width=width, color_scheme=scheme)
    nurse.goto(link_to(stack, address))
    expect(nurse.locator("h1")).to_have_text(word(language, "An invitation to work with MedGuard"))
    is_clean(nurse)
    nurse.locator("#id_password").fill("12345")
    nurse.get_by_role("button", name=word(language, "Set up my account")).click()
    expect(nurse.locator("[data-error-summary]")).to_be_visible()
    is_clean(nurse)
    nurse.locator("#id_first_name").fill("Refiloe")
    nurse.locator("#id_last_name").fill(name)
    nurse.locator("#id_password").fill(PASSWORD)
    tab_to(nurse, f"button:has-text('{word(language, 'Set up my account')}')")
    nurse.keyboard.press("Enter")
    nurse.wait_for_url(re.compile(r"/admin/$"))
    nurse.goto("/admin/patients/new/")
    nurse.locator("#id_first_name").fill("Half")

    manager.goto(f"/admin/staff/?q={name}")
    manager.locator("main").get_by_role("link", name=word(language, "End the role")).first.click()
    expect(manager.locator("main")).to_contain_text(f"Refiloe {name}")
    staff_page_is_clean(manager)
    manager.get_by_role("button", name=word(language, "End the role")).click()
    expect(manager.locator(".messages")).to_contain_text(f"Refiloe {name}")

    nurse.locator("form[novalidate] [type=submit]").first.click()
    nurse.wait_for_url(re.compile(r"/accounts/login/"))


@pytest.mark.parametrize(("language", "scheme"), [("en", "light"), ("af", "dark")])
def test_a_manager_publishes_her_words_sees_what_differs_and_tries_them(
    visits: Visits, stack: Stack, language: str, scheme: str
) -> None:
    manager = visits.open("manager", width=DESK, color_scheme=scheme)
    if language == "af":
        manager.goto("/admin/")
        manager.locator(".sidebar").get_by_role("button", name="Afrikaans").click()
    manager.goto(BUDGET)
    staff_page_is_clean(manager)
    manager.locator("main a.texts__write").click()
    title = manager.locator("#id_title_en")
    title.fill(f"{title.input_value()} ({language})")
    # Not in a menu: the button that is always there.
    manager.locator("footer button[name=action-publish]").first.click()
    manager.goto(BUDGET)
    changed = manager.locator(".texts__pieces ins")
    expect(changed.first).to_contain_text(language)
    staff_page_is_clean(manager)
    # The demo's manager is the same in both: nobody sends two by one channel at once.
    by_mail = language == "en"
    manager.locator("#id_channel").select_option("email" if by_mail else "in_app")
    manager.get_by_role("button", name=word(language, "Send the test")).click()
    expect(manager.locator(".messages")).to_contain_text(
        word(language, "The test is on its way to you alone.")
    )
    if by_mail:
        address = f"manager@{DOMAIN}"
        assert wait_until(
            lambda: any("[TEST]" in str(mail["Subject"]) for mail in stack.mail_to(address)), 30
        )
    else:
        manager.locator(".sidebar").get_by_role("button", name="English").click()
        manager.goto("/af/inbox/")
        expect(manager.locator("main")).to_contain_text(word(language, "[TEST]"))
