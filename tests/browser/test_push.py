"""Notices, by the real service worker: turned on and off, shown, answered; and today without a connection.

No push service of a browser can be reached from here. So the page is given the subscription of one of our own, what the
site sends there is read as the browser would, and handed to the worker as the browser does.
"""

import json
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Worker, expect

from tests.browser.accessibility import violations
from tests.browser.stack import Stack, wait_until
from tests.browser.visits import DESK, PHONE, Visits, sign_in, word
from tests.notifications.channels.push.push_service import PushService

PEOPLE = pytest.mark.parametrize(
    ("account", "language", "width"), [("sipho", "en", PHONE), ("willem", "af", DESK)]
)
PATIENCE = 15
DISCREET = {"en": "You have a reminder from your clinic", "af": "U het 'n herinnering van u kliniek"}
SUBSCRIBES = """
Object.defineProperty(Notification, "permission", { get: () => "granted" });
Notification.requestPermission = async () => "granted";
const given = %s;
const kept = () => sessionStorage.getItem("subscribed") ? Object.assign({
  options: {}, toJSON: () => given, unsubscribe: async () => { sessionStorage.removeItem("subscribed"); return true; },
}, given) : null;
PushManager.prototype.getSubscription = async () => kept();
PushManager.prototype.subscribe = async () => { sessionStorage.setItem("subscribed", "1"); return kept(); };
"""


@pytest.fixture(scope="module")
def all_visits(whole_browser: Browser, stack: Stack) -> Visits:
    return Visits(whole_browser, stack)


@pytest.fixture(scope="module")
def due(stack: Stack) -> dict[str, Any]:
    return stack.scene("doses_due", patients=["Sipho", "Willem"], ahead=-120)["doses"]


@pytest.fixture
def opened(visits: Visits) -> Callable[..., Page]:
    """The page of somebody whose worker is in charge of it."""

    def open_(account: str, language: str, width: int, path: str = "/today/", **options: Any) -> Page:
        page = visits.open(account, width=width, **options)
        page.context.grant_permissions(["notifications"])
        page.goto(f"/{language}{path}")
        _in_charge(page)
        return page

    return open_


# Notices ---------------------------------------------------------------------------------------------------


@PEOPLE
def test_a_notice_gives_nothing_away_and_answers_the_dose(
    opened: Callable[..., Page], stack: Stack, due: dict[str, Any], account: str, language: str, width: int
) -> None:
    patient = account.title()
    dose = due[patient]
    page = opened(account, language, width)
    state = page.locator(f"#dose-{dose} .card__head .tag")
    expect(state).to_have_text(word(language, "Due now"))

    sent = stack.scene("dose_notice", patient=patient, dose=dose, language=language)
    deliver = _deliverer(page)
    deliver(sent)
    [notice] = _notices(page)
    assert notice == {
        "title": "MedGuard",
        "body": DISCREET[language],
        "lang": language,
        "actions": [word(language, "Taken", "button"), word(language, "Later")],
    }
    deliver(sent)
    assert len(_notices(page)) == 1

    _click(page, "taken")
    assert _notices(page)[0]["body"] == word(language, "Noted: taken. Thank you.")
    assert _notices(page)[0]["actions"] == []
    page.reload()
    expect(state).to_have_text(word(language, "Taken", "state of a dose"))

    _put_away(page)
    deliver(sent)
    _click(page, "later")
    assert _notices(page)[0]["body"] == word(language, "This has already been answered. Nothing was changed.")


@PEOPLE
def test_a_notice_opens_its_page_where_it_cannot_be_answered(
    opened: Callable[..., Page], account: str, language: str, width: int
) -> None:
    page = opened(account, language, width)
    message = {
        "key": "k",
        "thread": "t",
        "title": "MedGuard",
        "body": "…",
        "lang": language,
        "url": f"/{language}/inbox/",
    }
    deliver = _deliverer(page)
    worker = _worker(page)
    worker.evaluate(
        "() => { self.clients.openWindow = async (url) => { self.opened = new URL(url).pathname; }; }"
    )
    for actions, action in (([], ""), ([{"action": "taken", "title": "?", "token": "forged"}], "taken")):
        worker.evaluate("() => { self.opened = ''; }")
        deliver(json.dumps({**message, "actions": actions}))
        _click(page, action)
        assert worker.evaluate("() => self.opened") == f"/{language}/inbox/"
        assert _notices(page) == []


def test_what_cannot_be_read_still_says_that_there_is_a_message(opened: Callable[..., Page]) -> None:
    page = opened("sipho", "en", PHONE)
    _deliverer(page)("garbage")
    [notice] = _notices(page)
    assert (notice["title"], notice["body"]) == ("MedGuard", "You have a message from your clinic")


# The card --------------------------------------------------------------------------------------------------


@PEOPLE
def test_the_keyboard_alone_turns_notices_on_tries_them_and_removes_them(
    opened: Callable[..., Page],
    visits: Visits,
    push_service: PushService,
    account: str,
    language: str,
    width: int,
) -> None:
    browser = push_service.browser(account)
    page = opened(account, language, width)
    page.add_init_script(SUBSCRIBES % json.dumps(browser.subscription))
    page.goto(f"/{language}/preferences/")
    card = page.locator("#part-devices")

    _press(page, word(language, "Turn on notifications here"))
    on = card.locator("[data-state=on]")
    expect(on).to_be_visible()
    device = card.locator("li")
    expect(device).to_contain_text("Chrome, Linux")
    expect(device).to_contain_text(word(language, "(this device)"))
    expect(page.locator("#devices-heading")).to_be_focused()
    assert violations(page) == []

    _press(page, word(language, "Send a test notification"))
    expect(card.locator("#devices-said")).to_contain_text(
        word(language, "A test notification is on its way. It should appear within a minute.")
    )
    assert wait_until(lambda: bool(browser.got), PATIENCE), push_service.problems
    assert push_service.problems == []
    _deliverer(page)(json.dumps(browser.got[0]))
    assert _notices(page)[0]["lang"] == language

    page.reload()
    expect(device).to_contain_text(word(language, "(this device)"))
    _press(page, word(language, "Remove"))
    expect(card.locator("[data-state=off]")).to_be_visible()
    expect(device).to_have_count(0)


@PEOPLE
@pytest.mark.parametrize(
    ("script", "says"),
    [
        ("delete window.PushManager;", "This browser cannot show notifications."),
        (
            'Object.defineProperty(Notification, "permission", { get: () => "denied" });',
            "Notifications from MedGuard are blocked in this browser.",
        ),
    ],
)
def test_the_card_says_what_keeps_notices_away(
    opened: Callable[..., Page], account: str, language: str, width: int, script: str, says: str
) -> None:
    page = opened(account, language, width)
    page.add_init_script(script)
    page.goto(f"/{language}/preferences/")
    shown = page.locator("#part-devices [data-state]:visible")
    expect(shown).to_have_count(1)
    whole = next(text for text in CARD if text.startswith(says))
    expect(shown).to_have_text(word(language, whole))
    assert violations(page) == []


CARD = (
    "This browser cannot show notifications. Try another one that is up to date, such as Chrome or Firefox.",
    "Notifications from MedGuard are blocked in this browser. Open the settings of this website (the symbol next to "
    "the address, or the app’s settings on your phone), allow notifications, and load this page again.",
)


def test_an_iphone_is_told_to_put_the_app_on_its_home_screen(opened: Callable[..., Page]) -> None:
    iphone = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Safari/604.1"
    page = opened("sipho", "en", PHONE, user_agent=iphone)
    page.add_init_script("delete window.PushManager;")
    page.goto("/en/preferences/")
    expect(page.locator("#part-devices [data-state]:visible")).to_contain_text("Add to Home Screen")


def test_without_javascript_the_card_says_so(visits: Visits) -> None:
    page = visits.open("sipho", java_script_enabled=False)
    page.goto("/en/preferences/")
    expect(page.locator("#part-devices noscript p")).to_contain_text("JavaScript is off in this browser.")
    expect(page.locator("#device-add")).not_to_be_visible()


# Without a connection --------------------------------------------------------------------------------------


@PEOPLE
def test_today_stays_as_last_seen(
    visits: Visits, opened: Callable[..., Page], due: dict[str, Any], account: str, language: str, width: int
) -> None:
    page = opened(account, language, width)
    page.reload()
    dose = page.locator(f"#dose-{due[account.title()]}")
    expect(dose).to_be_attached()
    _wait_for_copy(page)
    visits.go_offline(page)
    page.goto(f"/{language}/today/")
    banner = page.locator("#as-last-seen")
    said = "You are offline. This is what we knew at %(time)s. You can answer when you are connected again."
    begins = word(language, said)
    expect(banner).to_contain_text(begins.partition("%")[0])
    expect(banner).to_contain_text(":")
    _unfold(page)
    expect(dose).to_be_visible()
    expect(page.locator("main form:visible, main .button:visible")).to_have_count(0)
    assert page.evaluate("document.fonts.check('16px \"Atkinson Hyperlegible Next\"')")
    assert violations(page) == []

    page.goto(f"/{language}/inbox/")
    expect(page.locator("#offline-page h1")).to_have_text(word(language, "No connection"))
    assert violations(page) == []
    page.locator("#kept-copy").click()
    expect(banner).to_be_visible()

    page.wait_for_load_state()  # only then do the scripts hear of the connection
    page.context.set_offline(False)
    expect(banner).to_be_hidden()
    expect(dose).to_be_attached()


def test_where_the_network_is_not_there_yet_it_is_tried_again(
    visits: Visits, opened: Callable[..., Page]
) -> None:
    page = opened("sipho", "en", PHONE)
    page.reload()
    _wait_for_copy(page)
    visits.go_offline(page)
    page.goto("/en/today/")
    banner = page.locator("#as-last-seen")
    expect(banner).to_be_visible()
    page.evaluate(
        """() => {
            const real = window.fetch;
            window.fetch = () => { window.fetch = real; return Promise.reject(new TypeError("Failed to fetch")); };
        }"""
    )
    page.wait_for_load_state()
    page.context.set_offline(False)
    expect(banner).to_be_hidden()


def test_what_was_answered_is_answered_in_the_copy_too(
    visits: Visits, opened: Callable[..., Page], stack: Stack
) -> None:
    dose = stack.scene("doses_due", patients=["Sipho"], ahead=-180)["doses"]["Sipho"]
    page = opened("sipho", "en", PHONE)
    page.reload()
    _wait_for_copy(page)
    page.locator(f"#take-{dose}").click()
    expect(page.locator(f"#dose-{dose} .card__head .tag")).to_have_text("Taken")
    assert wait_until(lambda: f'id="undo-{dose}"' in _copy(page), PATIENCE)
    visits.go_offline(page)
    page.goto("/en/today/")
    expect(page.locator("#as-last-seen")).to_be_visible()
    expect(page.locator(f"#dose-{dose} .card__head .tag")).to_have_text("Taken")


@PEOPLE
def test_signing_out_leaves_nothing_of_oneself_behind(
    visits: Visits, account: str, language: str, width: int
) -> None:
    page = visits.open(width=width)
    sign_in(page, account, language=language)
    _in_charge(page)
    page.goto(f"/{language}/today/")
    _wait_for_copy(page)
    page.goto(f"/{language}/accounts/logout/")
    page.locator("main form button").click()
    page.wait_for_url("**/accounts/login/")
    assert wait_until(lambda: not _copy(page), PATIENCE)
    visits.go_offline(page)
    page.goto(f"/{language}/today/")
    expect(page.locator("#offline-page")).to_be_visible()
    expect(page.locator("#kept-copy")).to_be_hidden()


def test_a_copy_of_yesterday_is_not_shown(visits: Visits, opened: Callable[..., Page]) -> None:
    page = opened("sipho", "en", PHONE)
    page.reload()
    _wait_for_copy(page)
    visits.go_offline(page)

    def stays_a_day_old() -> bool:
        age = """async () => {
          const cache = await caches.open("medguard-copy");
          const [request] = await cache.keys();
          const kept = await cache.match(request);
          const headers = { "Content-Type": "text/html", "Kept-At": new Date(Date.now() - 864e5).toISOString() };
          await cache.put(request, new Response(await kept.text(), { headers }));
          await new Promise((later) => setTimeout(later, 1000));
          const after = await cache.match(request);
          return after.headers.get("Kept-At") === headers["Kept-At"];
        }"""
        return bool(page.evaluate(age))

    # What was on its way when the connection went may still renew the copy.
    assert wait_until(stays_a_day_old, PATIENCE)
    page.goto("/en/today/")
    expect(page.locator("#offline-page")).to_be_visible()
    expect(page.locator("#kept-copy")).to_be_hidden()


def test_an_answer_that_was_overtaken_is_not_kept(opened: Callable[..., Page]) -> None:
    page = opened("sipho", "en", PHONE)
    page.reload()
    _wait_for_copy(page)
    kept = _worker(page).evaluate(
        """async () => {
          const [first, second] = [++lastAsked, ++lastAsked];
          const url = new URL("/en/today/", location).href;
          await keep(url, new Response("newer"), second);
          await keep(url, new Response("older"), first);
          return (await (await caches.open(COPY)).match(url)).text();
        }"""
    )
    assert kept == "newer"


def test_only_the_copy_and_what_is_nobodys_are_kept_and_old_parts_go(opened: Callable[..., Page]) -> None:
    page = opened("sipho", "en", PHONE)
    page.goto("/en/inbox/")
    page.goto("/en/medicines/")
    page.evaluate("() => caches.open('medguard-parts-of-long-ago')")
    _worker(page).evaluate("() => activate()")
    kept = page.evaluate(
        """async () => {
          const found = {};
          for (const name of await caches.keys()) {
            found[name] = (await (await caches.open(name)).keys()).map((each) => new URL(each.url).pathname);
          }
          return found;
        }"""
    )
    parts = next(name for name in kept if name.startswith("medguard-parts-"))
    assert set(kept) <= {parts, "medguard-copy"}
    assert kept.get("medguard-copy", ["/en/today/"]) == ["/en/today/"]
    pages = [path for path in kept[parts] if not path.startswith("/static/")]
    assert sorted(pages) == ["/af/offline/", "/en/offline/"]
    nobodys = page.evaluate("async () => (await (await caches.match('/en/offline/')).text())")
    assert "Sipho" not in nobodys


# -----------------------------------------------------------------------------------------------------------


def _in_charge(page: Page) -> None:
    activated = "() => navigator.serviceWorker.controller?.state === 'activated'"
    assert wait_until(lambda: page.evaluate(activated), PATIENCE)


def _worker(page: Page) -> Worker:
    return page.context.service_workers[0]


def _deliverer(page: Page) -> Callable[[str], None]:
    """Hands the worker a push message as the browser does, and waits until it has dealt with it."""
    session = page.context.new_cdp_session(page)
    registrations: dict[str, str] = {}

    def updated(event: dict[str, Any]) -> None:
        for each in event["registrations"]:
            registrations[each["scopeURL"]] = each["registrationId"]

    session.on("ServiceWorker.workerRegistrationUpdated", updated)
    session.send("ServiceWorker.enable")
    origin = page.evaluate("() => location.origin")
    assert wait_until(lambda: page.evaluate("() => 1") == 1 and f"{origin}/" in registrations, PATIENCE)

    def deliver(data: str) -> None:
        session.send(
            "ServiceWorker.deliverPushMessage",
            {"origin": origin, "registrationId": registrations[f"{origin}/"], "data": data},
        )
        assert wait_until(lambda: bool(_notices(page)), PATIENCE)

    return deliver


def _notices(page: Page) -> list[dict[str, Any]]:
    return page.evaluate(
        """async () => (await (await navigator.serviceWorker.ready).getNotifications()).map((each) => ({
          title: each.title, body: each.body, lang: each.lang, actions: each.actions.map((action) => action.title),
        }))"""
    )


def _put_away(page: Page) -> None:
    page.evaluate(
        "async () => (await (await navigator.serviceWorker.ready).getNotifications()).map((each) => each.close())"
    )
    assert wait_until(lambda: not _notices(page), PATIENCE)


def _click(page: Page, action: str) -> None:
    """As if somebody had chosen it on the notice: the browser alone may say that, so its handler is called."""
    _worker(page).evaluate(
        "async (action) => clicked((await self.registration.getNotifications())[0], action)", action
    )


def _copy(page: Page) -> str:
    return page.evaluate(
        """async () => {
          const cache = await caches.open("medguard-copy");
          const [request] = await cache.keys();
          return request ? (await cache.match(request)).text() : "";
        }"""
    )


def _unfold(page: Page) -> None:
    """Show what is done, if anything is."""
    for summary in page.locator("#done > summary").all():
        summary.click()


def _wait_for_copy(page: Page) -> None:
    assert wait_until(lambda: bool(_copy(page)), PATIENCE)


def _press(page: Page, label: str) -> None:
    """Reach a button of the card by Tab from the card's heading, and press it by Enter."""
    page.locator("#devices-heading").focus()
    button = page.locator("#part-devices button:visible").filter(has_text=label)
    expect(button).to_be_visible()
    for _ in range(10):
        page.keyboard.press("Tab")
        if button.evaluate("element => element === document.activeElement"):
            break
    page.keyboard.press("Enter")
