"""What a start imports, and what it leaves for those who need it."""

import gc
import os
import subprocess
import sys

import pytest

from site_config.environment import BASE_DIR
from site_config.loading import loading

SETUP = "import django; django.setup()"
PAGES = f"{SETUP}; import site_config.urls"
LONG_TO_IMPORT = {
    # Wagtail's REST interface, which we don't offer; its libraries.
    "ninja",
    "wagtail.api.v3",
    # Calendars, downloads, the demo, and what only tools and the tests need.
    "icalendar",
    "holidays",
    "polib",
    "hypothesis",
    "pytest",
    "celery",
}
FOR_PAGES = {
    "site_config.urls",
    "wagtail.admin.urls",
    "home.wagtail_hooks",
    "home.record_sections",
    "pydantic",
    "rest_framework.views",
    "drf_spectacular.views",
    "django_filters",
    "prometheus_client",
    "fido2",
}


def imported_by(code: str) -> set[str]:
    """With the site's own settings: those of the tests import more."""
    show = f"{code}; import sys; print(*sys.modules)"
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "site_config.settings"}
    said = subprocess.check_output([sys.executable, "-c", show], cwd=BASE_DIR, env=environment, text=True)
    return set(said.split())


def test_a_command_does_not_import_what_pages_need() -> None:
    assert imported_by(SETUP) & (LONG_TO_IMPORT | FOR_PAGES) == set()


def test_pages_do_not_import_what_few_of_them_need() -> None:
    found = imported_by(PAGES)
    assert found & LONG_TO_IMPORT == set()
    assert found >= FOR_PAGES, "the test above names what is not imported by anybody any more"


@pytest.mark.parametrize("server", ["asgi", "wsgi"])
def test_a_server_has_imported_the_pages_before_the_first_is_asked_for(server: str) -> None:
    assert "site_config.urls" in imported_by(f"import site_config.{server}")


def test_garbage_is_looked_for_again_once_the_site_is_loaded() -> None:
    try:
        with loading():
            while_loading = gc.isenabled()
        assert (while_loading, gc.isenabled()) == (False, True)
    finally:
        gc.unfreeze()
