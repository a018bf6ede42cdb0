"""The one style sheet of patients' pages: how it is made, and who gets it inside a page."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.management import call_command
from django.templatetags.static import static
from django.test import Client

from home.webapp import static_parts, style_sheet
from home.webapp.style_sheet import COOKIE, PARTS, SHEET

OPENS = {"Sec-Fetch-Dest": "document"}
SIGN_IN = "/en/accounts/login/"
LINK = f'<link rel="stylesheet" href="/static/{SHEET}">'


def made() -> str:
    return Path(str(finders.find(SHEET))).read_text()


def test_it_has_every_rule_of_its_parts_in_their_order() -> None:
    sheet = made()
    places = []
    for part in PARTS:
        text = (settings.BASE_DIR / "static" / part).read_text()
        last_rule = text.rstrip()[-40:]
        assert last_rule in sheet, part
        places.append(sheet.index(last_rule))
    assert places == sorted(places)


def test_what_it_names_is_where_it_says() -> None:
    names = re.findall(r'url\("([^"]+)"\)', made())
    assert len(names) > 1
    for name in names:
        assert finders.find(name.removeprefix("../")), name


def test_it_is_made_anew_when_a_part_changes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "static").mkdir()
    monkeypatch.setattr(settings, "BASE_DIR", tmp_path)
    monkeypatch.setattr(settings, "DATA_DIR", tmp_path)
    monkeypatch.setattr(style_sheet, "PARTS", ["a.css"])
    part, finder = tmp_path / "static/a.css", style_sheet.SheetFinder()
    for text in ("a {}", "b {}"):
        part.write_text(text)
        assert Path(finder.find(SHEET)).read_text() == text
    assert [path.name for path in (tmp_path / "sheets/css").iterdir()] == ["pages.css"]


def test_it_is_collected(settings: Any, tmp_path: Path) -> None:
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "servestatic.storage.CompressedManifestStaticFilesStorage"},
    }
    call_command("collectstatic", interactive=False, verbosity=0)
    [hashed] = tmp_path.glob("css/pages.*.css")
    assert (tmp_path / f"{hashed.relative_to(tmp_path)}.gz").exists()
    [font] = re.findall(r'url\("([^"]+woff2)"\)', hashed.read_text())
    assert (hashed.parent / font).resolve().exists()
    assert re.search(r"\.\w{12}\.woff2$", font)


def test_it_is_kept_for_when_there_is_no_connection() -> None:
    assert SHEET in static_parts.PARTS


@pytest.mark.django_db
def test_a_browser_that_opens_its_first_page_gets_it_inside(client: Client) -> None:
    answer = client.get(SIGN_IN, headers=OPENS)
    page = answer.content.decode()
    assert LINK not in page
    [inside] = re.findall(r"<style>(.*?)</style>", page, re.S)
    assert inside == style_sheet.text()
    assert f'url("{static("vendor/nhsuk-frontend/nhsuk-icon-cross.svg")}")' in inside
    # It may use this one, and no other that stands in a page.
    [styles] = re.findall(r"style-src ([^;]+)", answer["Content-Security-Policy"])
    assert set(styles.split()) == {"'self'", f"'sha256-{style_sheet.digest()}'"}
    cookie = answer.cookies[COOKIE]
    assert cookie["httponly"] and cookie["samesite"] == "Lax"
    assert f'<link rel="prefetch" href="/static/{SHEET}" as="style">' in page


@pytest.mark.django_db
def test_it_gets_it_once(client: Client) -> None:
    client.get(SIGN_IN, headers=OPENS)
    answer = client.get(SIGN_IN, headers=OPENS)
    assert LINK in answer.content.decode() and "<style>" not in answer.content.decode()
    assert "style-src" not in answer["Content-Security-Policy"]
    assert COOKIE not in answer.cookies


@pytest.mark.django_db
def test_another_sheet_comes_inside_again(client: Client) -> None:
    client.cookies[COOKIE] = "of-before"
    assert "<style>" in client.get(SIGN_IN, headers=OPENS).content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("headers", [{}, {"Sec-Fetch-Dest": "empty"}])
def test_who_opens_no_page_gets_the_link(client: Client, headers: dict[str, str]) -> None:
    answer = client.get(SIGN_IN, headers=headers)
    assert LINK in answer.content.decode() and "<style>" not in answer.content.decode()
    assert COOKIE not in answer.cookies
