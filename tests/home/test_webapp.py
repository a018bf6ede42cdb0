"""The site as an app: its manifest, its worker, and the page that is nobody's."""

import json
import struct
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from home.webapp import static_parts
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("language", "inbox"), [("en", "Inbox"), ("af", "Inboks")])
def test_the_manifest_is_in_the_language_of_the_page_that_names_it(
    client: Client, language: str, inbox: str
) -> None:
    page = client.get(f"/{language}/accounts/login/").content.decode()
    assert f'<link rel="manifest" href="/manifest.webmanifest?language={language}">' in page
    answer = client.get(f"/manifest.webmanifest?language={language}")
    assert answer["Content-Type"] == "application/manifest+json"
    manifest = answer.json()
    assert (manifest["lang"], manifest["start_url"]) == (language, f"/{language}/start/")
    assert manifest["shortcuts"][1] == {"name": inbox, "url": f"/{language}/inbox/"}
    assert (manifest["display"], manifest["scope"], manifest["id"]) == ("standalone", "/", "/")


@pytest.mark.parametrize(("asked", "spoken"), [("", "af"), ("?language=xx", "af"), ("?language=", "af")])
def test_without_a_language_it_is_the_browsers(client: Client, asked: str, spoken: str) -> None:
    answer = client.get(f"/manifest.webmanifest{asked}", headers={"Accept-Language": "af"})
    assert answer.json()["lang"] == spoken


def test_its_icons_are_as_large_as_it_says(client: Client) -> None:
    icons = client.get("/manifest.webmanifest").json()["icons"]
    assert {(icon["sizes"], icon["purpose"]) for icon in icons} == {
        ("192x192", "any"),
        ("512x512", "any"),
        ("192x192", "maskable"),
        ("512x512", "maskable"),
    }
    for icon in icons:
        file = finders.find(icon["src"].removeprefix("/static/"))
        with open(str(file), "rb") as image:
            width, height = struct.unpack(">II", image.read(24)[16:])
        assert icon["sizes"] == f"{width}x{height}"


def test_the_worker_serves_the_whole_site_and_is_never_cached(client: Client) -> None:
    answer = client.get("/service-worker.js")
    assert answer["Content-Type"].startswith("text/javascript")
    assert (answer["Cache-Control"], answer["Service-Worker-Allowed"]) == ("no-cache", "/")
    assert "default-src 'self'" in answer["Content-Security-Policy"]
    first, second = answer.content.decode().splitlines()
    values: dict[str, Any] = json.loads(first.removeprefix("self.medguard = ").removesuffix(";"))
    assert second == 'importScripts("/static/js/service-worker.js");'
    assert values["version"] == static_parts.version()
    assert values["offline"] == {"en": "/en/offline/", "af": "/af/offline/"}
    assert client.post("/service-worker.js").status_code == 405


def test_another_file_is_another_version(monkeypatch: pytest.MonkeyPatch) -> None:
    before = static_parts.version()
    monkeypatch.setattr(static_parts, "PARTS", static_parts.PARTS[1:])
    assert static_parts.version.__wrapped__() != before


@pytest.mark.parametrize("language", ["en", "af"])
def test_the_offline_page_is_about_nobody(client: Client, language: str) -> None:
    answer = client.get(f"/{language}/offline/")
    assert answer.status_code == 200
    page = answer.content.decode()
    assert "navigation" not in page
    assert "data-reader" not in page


def test_today_is_kept_and_its_parts_say_when_it_is_no_longer_so(client: Client) -> None:
    client.force_login(UserFactory())
    # Whoever cares for nobody has no day that could be kept.
    assert "Offline-Copy" not in client.get("/en/today/")
    assert "Offline-Copy" not in client.get("/en/inbox/")
