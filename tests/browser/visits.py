"""People in front of their browsers: each visit is a context of its own, and what goes wrong in it is noted."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from django.utils.translation import gettext, override, pgettext
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, Response

from home.demo import DOMAIN, PASSWORD
from tests.browser.stack import Stack

SMALL_PHONE, PHONE, TABLET, DESK = 360, 375, 768, 1280
HEIGHTS = {SMALL_PHONE: 740, PHONE: 812, TABLET: 1024, DESK: 800}
NOWHERE = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost"
"""For the browser: it finds no other machine, whatever a page asks for."""


@dataclass
class Visits:
    """Opens pages, signs people in once each, and keeps a list of what no page may do."""

    browser: Browser
    stack: Stack
    troubles: list[str] = field(default_factory=list)
    _open: list[BrowserContext] = field(default_factory=list)
    _offline: list[BrowserContext] = field(default_factory=list)
    _signed_in: dict[str, Any] = field(default_factory=dict)

    def open(self, account: str = "", *, width: int = PHONE, **options: Any) -> Page:
        """A page of somebody (the first part of a demo address) who is signed in; of a stranger without it."""
        if account:
            options["storage_state"] = self._signed_in.get(account) or self._sign_in(account)
        context = self.browser.new_context(
            base_url=self.stack.url, viewport={"width": width, "height": HEIGHTS[width]}, **options
        )
        self._watch(context)
        self._open.append(context)
        return context.new_page()

    def go_offline(self, page: Page) -> None:
        """Take the connection away from all pages of this one's visit."""
        self._offline.append(page.context)
        page.context.set_offline(True)

    @contextmanager
    def for_a_while(self) -> Iterator[None]:
        """Ends all visits that begin within it."""
        before = len(self._open)
        try:
            yield
        finally:
            while len(self._open) > before:
                self._open.pop().close()

    def _sign_in(self, account: str) -> Any:
        with self.for_a_while():
            page = self.open()
            sign_in(page, account)
            self._signed_in[account] = page.context.storage_state()
        return self._signed_in[account]

    def _watch(self, context: BrowserContext) -> None:
        context.on("console", self._console)
        context.on("weberror", lambda error: self.troubles.append(f"script: {error.error}"))
        context.on("request", self._request)
        context.on("response", self._response)

    def _console(self, message: ConsoleMessage) -> None:
        # A breach of the content security policy is an error of the console too.
        expected = (_is_refused_draft, _is_overtaken, self._is_offline)
        if message.type == "error" and not any(is_expected(message) for is_expected in expected):
            self.troubles.append(f"console: {message.text} ({message.location.get('url')})")

    def _is_offline(self, message: ConsoleMessage) -> bool:
        """What a page asks for by itself goes on failing, and says so, where a test took the connection away."""
        said = ("net::ERR_INTERNET_DISCONNECTED", "net::ERR_FAILED", "htmx:sendError")
        taken_away = message.page is not None and message.page.context in self._offline
        return taken_away and any(each in message.text for each in said)

    def _request(self, request: Request) -> None:
        if not request.url.startswith((f"{self.stack.url}/", "data:", "blob:")):
            self.troubles.append(f"a request to another host: {request.url}")

    def _response(self, response: Response) -> None:
        if response.status >= 500:
            self.troubles.append(f"{response.status} for {urlsplit(response.url).path}")


def _is_overtaken(message: ConsoleMessage) -> bool:
    """HTMX logs as an error that an answer overtook a refresh, as it should. What failed is `htmx:sendError`."""
    return message.text.startswith(("htmx:sendAbort", "htmx:afterRequest"))


def _is_refused_draft(message: ConsoleMessage) -> bool:
    """Wagtail saves drafts by itself, and one with a mistake is answered with 400."""
    return "status of 400" in message.text and "/admin/snippets/" in message.location.get("url", "")


def sign_in(page: Page, account: str, *, language: str = "en") -> None:
    """Through the form, as anybody does."""
    page.goto(f"/{language}/accounts/login/")
    page.locator("#id_login").fill(f"{account}@{DOMAIN}")
    page.locator("#id_password").fill(PASSWORD)
    page.locator("main button[type=submit]").click()
    page.wait_for_url(lambda url: "/accounts/login/" not in url)


def word(language: str, text: str, context: str = "") -> str:
    """A text of the site in a language, as its catalogue has it."""
    with override(language):
        return pgettext(context, text) if context else gettext(text)
