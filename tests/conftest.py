"""What all tests share: the clock of the run. Their database is made in tests.database.

Which of them run on which database is said in tests.two_databases.
"""

import gc
import math
import os
from collections.abc import Iterator
from importlib import import_module
from types import SimpleNamespace
from typing import Any

import hypothesis
import pytest
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, user_logged_in
from django.contrib.sessions.backends.base import VALID_KEY_CHARS, SessionBase
from django.db.backends.signals import connection_created
from django.http import HttpRequest
from django.template import Context, Template
from django.test import Client
from django.test.signals import template_rendered
from django.utils import timezone, translation
from django.utils.crypto import get_random_string

from home.models import User
from home.sign_in.session_life import Life, life_keep
from notifications.work import marks
from site_config import database_limits
from tests import clock

pytest_plugins = ["tests.outbound", "tests.two_databases", "tests.database", "tests.demo"]

# A busy machine is no fault of an example: speed is shown by the benchmarks.
hypothesis.settings.register_profile("suite", deadline=None)
hypothesis.settings.load_profile("suite")


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """What is loaded by now stays, so that no collection of garbage looks through it again and again.

    What a test leaves is collected less often: memory is plentiful here, and the processor is what the tests wait for.

    Tests are no pages: whichever door of the site some of them use, their transactions may take as long as they like.
    """
    connection_created.disconnect(dispatch_uid=database_limits.__name__)
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 20)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Names what fails at once: a run of minutes may be cut off before its summary."""
    if report.failed and "PYTEST_XDIST_WORKER" not in os.environ:
        print(f"\nFAILED {report.nodeid} ({report.when})", flush=True)


@pytest.fixture(autouse=True, scope="session")
def _contexts_of_pages_only(django_test_environment: None) -> Iterator[None]:
    """A response knows the context of its page. Django copies that of each included template too, hundreds for a page
    of staff, which took a tenth of the time of all.
    """

    def render(self: Template, context: Context) -> str:
        if context.template is self:
            template_rendered.send(sender=self, template=self, context=context)
        return self.nodelist.render(context)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Template, "_render", render)
        yield


def pytest_addoption(parser: pytest.Parser) -> None:
    clock.add_option(parser)


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    clock.start(config)


def pytest_report_header(config: pytest.Config) -> str | None:
    return clock.header(config)


@pytest.fixture(autouse=True, scope="session")
def _sessions_under_way() -> Iterator[None]:
    """`force_login` leaves a session as it is after its first request, so that tests needn't count what that writes.

    It writes the session and nothing more: not what signing in writes too, which took longer than many a page. By the
    site's own sign-in a session begins as it does there (tests/home/sign_in/test_session_life.py).
    """
    sign_in = Client.force_login

    def force_login(client: Any, user: User, backend: str | None = None) -> None:
        if settings.SESSION_COOKIE_NAME in client.cookies:
            # Somebody is signed in there, whose session ends or goes on.
            sign_in(client, user, backend)
            return
        user.backend = backend or client._get_backend()
        session = import_module(settings.SESSION_ENGINE).SessionStore()
        session[SESSION_KEY] = str(user.pk)
        session[BACKEND_SESSION_KEY] = user.backend
        session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        session._session_key = get_random_string(32, VALID_KEY_CHARS)
        _go_on(session)
        session.save(must_create=True)
        client._set_login_cookies(SimpleNamespace(session=session))

    def signed_in(request: HttpRequest, **kwargs: object) -> None:
        if request.method is None:
            _go_on(request.session)

    user_logged_in.connect(signed_in)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Client, "force_login", force_login)
        yield
    user_logged_in.disconnect(signed_in)


def _go_on(session: SessionBase) -> None:
    now = timezone.now()
    key = session.session_key or ""
    life_keep(session, Life(now, now, is_staff=False, is_shared=False, device="", noted_as=key))


@pytest.fixture(autouse=True, scope="session")
def _no_marks_of_a_busy_machine() -> Iterator[None]:
    """What is taken next doesn't depend on how long a look took, but in the tests of that (test_marks.py)."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(marks, "LONG", math.inf)
        yield


@pytest.fixture(autouse=True)
def _language_of_the_site() -> Iterator[None]:
    """A request leaves its reader's language behind in the thread, as in a server whose next request sets its own."""
    yield
    translation.deactivate()
