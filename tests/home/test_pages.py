"""The pages that head office writes, in both languages, and the frame around them."""

from importlib import import_module
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.test import Client, RequestFactory
from django.utils import translation
from django_htmx.middleware import HtmxMiddleware
from wagtail.models import Page

from home.context_processors import frame
from home.models import HomePage, InformationPage
from tests.home.conftest import Cast

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/en/", ("Your clinic reminds you", "Not for emergencies", "How reminders work", "Your privacy")),
        (
            "/af/",
            ("U kliniek herinner u", "Nie vir noodgevalle nie", "Hoe herinneringe werk", "U privaatheid"),
        ),
        ("/en/how-reminders-work/", ("When it is time for a dose", "Ask the nurse")),
        ("/af/how-reminders-work/", ("Wanneer dit tyd is vir ’n dosis", "Vra die suster of verpleegkundige")),
        ("/en/your-privacy/", ("Who may see it", "POPIA")),
        ("/af/your-privacy/", ("Wie dit mag sien", "POPIA")),
    ],
)
def test_a_fresh_site_speaks_both_languages(client: Client, path: str, words: tuple[str, ...]) -> None:
    answer = client.get(path)
    assert answer.status_code == 200
    for word in words:
        assert word in answer.content.decode()
    assert f'<html lang="{path[1:3]}"' in answer.content.decode()


def test_the_bare_address_leads_to_the_readers_language(client: Client) -> None:
    assert client.get("/", headers={"accept-language": "af"})["Location"] == "/af/"
    assert client.get("/", headers={"accept-language": "zu"})["Location"] == "/en/"


def test_a_visitor_is_offered_sign_in_and_a_person_today(client: Client, cast: Cast) -> None:
    visited = client.get("/af/").content.decode()
    assert "/af/accounts/login/" in visited
    assert "/af/today/" not in visited
    client.force_login(cast.anna)
    main = client.get("/af/").content.decode().split("<main")[1].split("</main>")[0]
    assert "/af/today/" in main
    assert "/af/accounts/login/" not in main


def test_a_text_that_is_missing_in_one_language_is_shown_in_the_other() -> None:
    page = InformationPage.objects.get(slug="your-privacy")
    InformationPage.objects.filter(pk=page.pk).update(heading_af="", body_af=[])
    with translation.override("af"):
        page = InformationPage.objects.get(pk=page.pk)
        assert page.heading == "Your privacy"
        assert page.body == page.body_en
    with translation.override("en"):
        page.body_en, page.body_af = [], page.body_en
        assert page.body == page.body_af


def test_an_unpublished_page_is_neither_shown_nor_listed(client: Client) -> None:
    InformationPage.objects.get(slug="your-privacy").unpublish()
    assert client.get("/en/your-privacy/").status_code == 404
    assert "Your privacy" not in client.get("/en/").content.decode()


def test_head_office_writes_both_languages_on_one_form(client: Client, cast: Cast) -> None:
    page = InformationPage.objects.get(slug="your-privacy")
    client.force_login(cast.head_office)
    form = client.get(f"/admin/pages/{page.pk}/edit/").content.decode()
    for field in (
        "heading_en",
        "heading_af",
        "introduction_en",
        "introduction_af",
    ):
        assert f'name="{field}"' in form
    assert 'id="body_en"' in form
    assert 'id="body_af"' in form
    data = {
        "title": page.title,
        "slug": page.slug,
        "heading_en": "What we keep",
        "heading_af": "Wat ons hou",
        "introduction_en": "",
        "introduction_af": "",
        "meta_title_en": "",
        "meta_title_af": "",
        "body_en-count": 0,
        "body_af-count": 0,
        "comments-TOTAL_FORMS": 0,
        "comments-INITIAL_FORMS": 0,
        "action-publish": "1",
    }
    assert client.post(f"/admin/pages/{page.pk}/edit/", data).status_code == 302
    assert "What we keep" in client.get("/en/your-privacy/").content.decode()
    assert "Wat ons hou" in client.get("/af/your-privacy/").content.decode()


def test_a_page_without_a_heading_in_one_language_is_not_published(client: Client, cast: Cast) -> None:
    page = InformationPage.objects.get(slug="your-privacy")
    client.force_login(cast.head_office)
    data = {
        "title": page.title,
        "slug": page.slug,
        "heading_en": "What we keep",
        "heading_af": "",
        "body_en-count": 0,
        "body_af-count": 0,
        "comments-TOTAL_FORMS": 0,
        "comments-INITIAL_FORMS": 0,
        "action-publish": "1",
    }
    assert client.post(f"/admin/pages/{page.pk}/edit/", data).status_code == 200
    page.refresh_from_db()
    assert page.heading_en == "Your privacy"


@pytest.mark.parametrize(
    ("path", "to"),
    [
        ("/en/how-reminders-work/", "/af/how-reminders-work/"),
        ("/en/accounts/login/?next=/en/today/", "/af/accounts/login/?next=/en/today/"),
        ("/en/today/?page=2", "/af/today/?page=2"),
        ("/nowhere", "/af/"),
    ],
)
def test_the_other_language_is_the_same_page(rf: RequestFactory, path: str, to: str) -> None:
    with translation.override("en"):
        said = frame_of(rf.get(path))
    assert said == {"other_language_code": "af", "other_language_name": "Afrikaans", "other_language_url": to}


def test_after_a_form_or_in_a_fragment_the_switch_leads_to_the_page_around_it(rf: RequestFactory) -> None:
    with translation.override("af"):
        assert (
            frame_of(rf.post("/af/accounts/login/?next=/af/"))["other_language_url"] == "/en/accounts/login/"
        )
        fragment = rf.post(
            "/af/start/", headers={"hx-request": "true", "hx-current-url": "http://testserver/af/today/"}
        )
        assert frame_of(fragment)["other_language_url"] == "/en/today/"
        assert frame_of(fragment)["other_language_name"] == "English"


def frame_of(request) -> dict[str, str]:
    seen: dict[str, dict[str, str]] = {}
    HtmxMiddleware(lambda request: seen.setdefault("frame", frame(request)))(request)
    return seen["frame"]


def test_a_script_in_a_text_is_inert(client: Client, cast: Cast) -> None:
    HomePage.objects.update(
        heading_en="<script>alert(1)</script>", introduction_en='"><script>alert(2)</script>'
    )
    shown = client.get("/en/").content.decode()
    assert "<script>alert" not in shown
    assert "&lt;script&gt;alert(1)" in shown


def test_the_first_pages_can_be_taken_away_and_put_back() -> None:
    first_pages = import_module("home.migrations.0003_first_pages")
    then = MigrationLoader(connection).project_state(("home", "0003_first_pages")).apps
    first_pages.remove_pages(then, None)
    assert not Page.objects.filter(depth__gt=1).exists()
    for _again in range(2):
        first_pages.make_pages(then, None)
    assert InformationPage.objects.child_of(HomePage.objects.get()).count() == 2
    assert HomePage.find_problems() == ([], [], [], [], [])


@pytest.mark.parametrize(
    "path", ["/admin/nowhere/", "/api/nowhere/", "/health/nowhere/", "/documents/7/nowhere.pdf"]
)
def test_unknown_paths_of_staff_and_machines_are_404(client: Client, cast: Cast, path: str) -> None:
    client.force_login(cast.head_office)
    assert client.get(path).status_code == 404


def test_a_page_without_its_language_is_found_in_the_readers(client: Client) -> None:
    answer = client.get("/your-privacy/", headers={"accept-language": "af"})
    assert answer["Location"] == "/af/your-privacy/"


def test_a_call_by_a_foreign_name_is_refused_without_a_fault(client: Client, settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["clinic.example.org"]
    client.raise_request_exception = False
    answer = client.get("/en/", headers={"host": "evil.example.org"})
    assert answer.status_code == 400
