"""One site and one browser for all these tests; nothing that goes wrong in a page goes unseen."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.browser import chromium
from tests.browser.stack import WEBHOOK_SECRET, Stack, running
from tests.browser.visits import NOWHERE, Visits
from tests.database import OnSqlite, kept_path
from tests.notifications.channels.push.push_service import PushService
from tests.notifications.channels.sms.gateways import API_KEY, USERNAME
from tests.notifications.channels.voice import providers as calls
from tests.notifications.channels.whatsapp import provider as texts

expect.set_options(timeout=10_000)

DATABASE = "medguard.sqlite3"
"""The site's own, in its data folder."""


@pytest.fixture(scope="session")
def push_service() -> Iterator[PushService]:
    """What the site sends its notices to: no browser's own service can be reached from here."""
    with PushService().running() as service:
        yield service


@pytest.fixture(scope="session")
def meta() -> Iterator[texts.Server]:
    """What the site sends WhatsApp messages to. It has approved no text yet."""
    with texts.running() as server:
        yield server


@pytest.fixture(scope="session")
def exchange() -> Iterator[calls.Server]:
    """What the site has people called by."""
    with calls.running() as server:
        yield server


@pytest.fixture(scope="session")
def stack(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    push_service: PushService,
    meta: texts.Server,
    exchange: calls.Server,
) -> Iterator[Stack]:
    """It begins with the migrated database of the other tests, if there is one; else it migrates by itself."""
    folder = tmp_path_factory.mktemp("site")
    migrated = OnSqlite(kept_path(request.config, "migrated"))
    if migrated.is_there():
        migrated.copy(str(folder / DATABASE))
    environment = {
        "DJANGO_SETTINGS_MODULE": "tests.browser.settings",
        "PUSH_HOSTS": push_service.origin,
        "SMS_REPLIES": "true",
        "AFRICASTALKING_WEBHOOK_SECRET": WEBHOOK_SECRET,
        "AFRICASTALKING_USERNAME": USERNAME,
        "AFRICASTALKING_API_KEY": API_KEY,
        "AFRICASTALKING_VOICE_AT": exchange.url,
        "VOICE_PROVIDERS": "africastalking",
        "VOICE_AFRICASTALKING_FROM": calls.CALLS_FROM,
        "META_AT": meta.url,
        "WHATSAPP_PROVIDER": "meta",
        "WHATSAPP_PHONE_NUMBER_ID": texts.NUMBER_ID,
        "WHATSAPP_ACCESS_TOKEN": texts.ACCESS_TOKEN,
        "WHATSAPP_APP_SECRET": texts.APP_SECRET,
        "WHATSAPP_VERIFY_TOKEN": texts.VERIFY_TOKEN,
    }
    with running(folder, **environment) as stack:
        stack.scene("settle_demo_doses")
        yield stack


Launch = Callable[[str | None], Browser]


@pytest.fixture(scope="session")
def programs() -> tuple[str | None, str | None]:
    """The browser, and one that is whole: found before Playwright is at work, which can't be asked meanwhile."""
    return chromium.find(), chromium.find_whole()


@pytest.fixture(scope="session")
def launch(stack: Stack, programs: tuple[str | None, str | None]) -> Iterator[Launch]:
    """Starts the browser that is at this path. It ends with the run."""
    arguments = [NOWHERE, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    with sync_playwright() as playwright, ExitStack() as browsers:

        def launch(program: str | None) -> Browser:
            if program is None:
                raise chromium.NoChromiumError("There is no Chromium: `make test-browser` gets one.")
            browser = playwright.chromium.launch(executable_path=program, args=arguments)
            browsers.callback(browser.close)
            return browser

        yield launch


@pytest.fixture(scope="session")
def browser(programs: tuple[str | None, str | None], launch: Launch) -> Browser:
    return launch(programs[0])


@pytest.fixture(scope="session")
def whole_browser(programs: tuple[str | None, str | None], browser: Browser, launch: Launch) -> Browser:
    """One that shows notices, which a headless shell does not."""
    program, whole = programs
    return browser if program == whole else launch(whole)


@pytest.fixture(scope="session")
def all_visits(browser: Browser, stack: Stack) -> Visits:
    return Visits(browser, stack)


@pytest.fixture(autouse=True)
def _no_trouble(all_visits: Visits) -> Iterator[None]:
    """No error of a script, no breach of the security policy, no request to another host, no answer of 500."""
    yield
    troubles, all_visits.troubles = all_visits.troubles, []
    assert troubles == []


@pytest.fixture
def visits(all_visits: Visits) -> Iterator[Visits]:
    with all_visits.for_a_while():
        yield all_visits
