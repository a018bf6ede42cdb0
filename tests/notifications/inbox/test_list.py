import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation
from pytest_django import DjangoAssertNumQueries

from notifications.inbox.urls import urlpatterns
from notifications.inbox.views import PAGE
from notifications.models import Notification
from tests.notifications.inbox.conftest import SESSION, make_message

HTMX = {"HTTP_HX_REQUEST": "true"}


def titles(response: Any) -> list[str]:
    return re.findall(r"message__title.*?<a [^>]*>(.*?)</a>", response.content.decode(), re.S)


def fill(user: Any, number: int) -> None:
    now = timezone.now()
    Notification.objects.bulk_create(
        Notification(
            recipient=user, event_type="x.y", category="stock", language="en", title=f"Number {i}", body="Body",
            dedupe_key=f"many-{i}", scheduled_at=now, scheduled_status="sent", created_at=now,
            sent_at=now - timedelta(minutes=i), delete_at=now + timedelta(days=9),
            read_at=None if i % 2 else now,
        )
        for i in range(number)
    )  # fmt: skip


def test_it_shows_what_came_newest_first(reader: Client, thandi: Any) -> None:
    now = timezone.now()
    for title, ago in (("Oldest", 3), ("Newest", 1), ("Middle", 2)):
        make_message(thandi, title=title, sent_at=now - timedelta(hours=ago))
    make_message(thandi, title="Waits", sent_at=None, scheduled_status="pending")
    make_message(thandi, title="Expired", sent_at=None, scheduled_status="expired")
    make_message(thandi, title="Not wanted here", in_inbox=False)

    assert titles(reader.get("/en/inbox/")) == ["Newest", "Middle", "Oldest"]


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("", ["Stock, unread", "Event, read"]),
        ("?status=unread", ["Stock, unread"]),
        ("?category=event", ["Event, read"]),
        ("?category=vaccination", []),
        ("?status=dismissed", ["Gone"]),
    ],
)
def test_it_filters(reader: Client, thandi: Any, query: str, shown: list[str]) -> None:
    now = timezone.now()
    make_message(thandi, title="Stock, unread")
    make_message(
        thandi, title="Event, read", category="event", read_at=now, sent_at=now - timedelta(minutes=1)
    )
    make_message(thandi, title="Gone", dismissed_at=now)
    assert titles(reader.get(f"/en/inbox/{query}")) == shown


@pytest.mark.parametrize(
    "query", ["?status=everything", "?category=cats", "?before=x", "?before=1-", "?before=9e9-1"]
)
def test_a_filter_or_a_place_that_does_not_exist_is_404(reader: Client, query: str) -> None:
    assert reader.get(f"/en/inbox/{query}").status_code == 404


@pytest.mark.parametrize("place", ["9" * 40 + "-1", "-" + "9" * 40 + "-1", "1-" + "9" * 40])
def test_a_place_beyond_all_calendars_is_no_error(reader: Client, message: Notification, place: str) -> None:
    assert reader.get(f"/en/inbox/?before={place}").status_code in (200, 404)


@pytest.mark.parametrize(
    ("query", "english", "afrikaans"),
    [
        ("", "No messages yet", "/af/inbox/"),
        ("?status=unread", "Nothing unread", "/af/inbox/"),
        ("?category=event", "Nothing here yet", "/af/inbox/"),
        ("?status=dismissed", "Nothing dismissed", "/af/inbox/"),
    ],
)
def test_an_empty_list_says_so_for_its_filter(
    reader: Client, query: str, english: str, afrikaans: str
) -> None:
    assert english in reader.get(f"/en/inbox/{query}").content.decode()
    assert reader.get(f"{afrikaans}{query}").status_code == 200


def test_the_older_ones_follow_without_a_gap_or_a_double(reader: Client, thandi: Any) -> None:
    moment = timezone.now()
    for number in range(PAGE * 2 + 3):
        # Pairs of the same moment, as a batch writes them: only the id tells them apart.
        make_message(thandi, title=f"Number {number}", sent_at=moment - timedelta(minutes=number // 4))
    seen: list[str] = []
    url = "/en/inbox/"
    while url:
        response = reader.get(url, **(HTMX if "before" in url else {}))
        seen += titles(response)
        found = re.search(r'hx-get="([^"]*before[^"]*)"', response.content.decode())
        url = found[1].replace("&amp;", "&") if found else ""
    assert len(seen) == len(set(seen)) == PAGE * 2 + 3


def test_the_older_ones_are_a_page_of_their_own_without_javascript(reader: Client, thandi: Any) -> None:
    fill(thandi, PAGE + 5)
    link = re.search(r'href="([^"]*before[^"]*)"', reader.get("/en/inbox/").content.decode())
    assert link
    page = reader.get(link[1].replace("&amp;", "&"))
    assert len(titles(page)) == 5
    assert "<html" in page.content.decode()
    assert "Back to the newest" in page.content.decode()


# Beside the session: the person, with their clock and the number of what is unread; and the list.
@pytest.mark.parametrize(
    ("url", "headers", "queries"),
    [
        ("/en/inbox/", {}, 2),
        ("/en/inbox/?status=unread", {}, 2),
        ("/en/inbox/", HTMX, 2),
        ("/en/inbox/?status=unread", HTMX, 2),
        ("/en/inbox/?shown=0", HTMX, 2),
        ("/en/inbox/badge/", HTMX, 1),
    ],
)
def test_it_asks_the_same_number_of_questions_for_10_messages_and_for_1000(
    reader: Client,
    thandi: Any,
    django_assert_num_queries: DjangoAssertNumQueries,
    url: str,
    headers: dict[str, str],
    queries: int,
) -> None:
    for number in (10, 1_000):
        Notification.objects.all().delete()
        fill(thandi, number)
        with django_assert_num_queries(SESSION + queries):
            reader.get(url, **headers)


def test_every_button_of_a_row_leads_where_the_addresses_of_the_site_lead(
    reader: Client, thandi: Any
) -> None:
    """They are put together rather than asked for one by one."""
    now = timezone.now()
    unread = make_message(thandi, path="/today/")
    asking = make_message(thandi, require_acknowledgment=True)
    gone = make_message(thandi, dismissed_at=now, read_at=now)
    for message, acts in ((unread, ("read", "dismiss")), (asking, ("acknowledge",)), (gone, ("restore",))):
        query = "?status=dismissed" if message is gone else ""
        page = reader.get(f"/en/inbox/{query}").content.decode()
        row = page[page.index(f'id="message-{message.pk}"') :].partition("</article>")[0]
        with translation.override("en"):
            addresses = {reverse(f"notifications:{act}", args=[message.pk]) for act in acts}
            own = reverse("notifications:message", args=[message.pk])
        assert set(re.findall(r'action="([^"]*)"', row)) == addresses
        assert set(re.findall(r'hx-post="([^"]*)"', row)) == addresses
        assert re.findall(r'<a href="([^"]*)"', row) == [own]


def test_a_message_that_is_opened_no_longer_counts_on_its_own_page(reader: Client, thandi: Any) -> None:
    first, _second = make_message(thandi), make_message(thandi)
    page = reader.get(f"/en/inbox/{first.pk}/").content.decode()
    assert re.findall(r'<span aria-hidden="true">(.*?)</span>', page) == ["1"]


def test_older_pages_ask_the_same_number_of_questions(
    reader: Client, thandi: Any, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    fill(thandi, 1_000)
    middle = Notification.objects.get(title="Number 500")
    url = f"/en/inbox/?before={int(middle.sent_at.timestamp() * 1_000_000)}-{middle.pk}"
    with django_assert_num_queries(SESSION + 2):
        assert len(titles(reader.get(url, **HTMX))) == PAGE


def test_a_fragment_is_not_a_page_and_caches_can_tell(reader: Client, message: Notification) -> None:
    page, fragment = reader.get("/en/inbox/"), reader.get("/en/inbox/", **HTMX)
    assert "<html" in page.content.decode()
    assert "<html" not in fragment.content.decode()
    assert titles(page) == titles(fragment) == ["Metformin is low"]
    assert "HX-Request" in page["Vary"]
    assert "HX-Request" in fragment["Vary"]
    assert "no-store" in page["Cache-Control"]


def test_what_a_message_says_is_inert(reader: Client, thandi: Any) -> None:
    attack = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"
    bad = make_message(thandi, title=attack, body=attack)
    urls = ["/en/inbox/", f"/en/inbox/{bad.pk}/", "/en/inbox/?shown=0"]
    for url in urls:
        html = reader.get(url, **(HTMX if "shown" in url else {})).content.decode()
        assert "<script>alert" not in html
        assert "<img src=x" not in html
        assert "&lt;script&gt;alert" in html
    answer = reader.post(f"/en/inbox/{bad.pk}/dismiss/", **HTMX).content.decode()
    assert "<script>alert" not in answer
    assert "&lt;script&gt;alert" in answer


# New messages ---------------------------------------------------------------------------------------------


def arrivals(response: Any) -> str:
    found = re.search(r'hx-get="([^"]*shown=[^"]*)"', response.content.decode())
    assert found
    return found[1].replace("&amp;", "&")


def test_new_messages_come_above_what_is_shown_and_only_once(
    reader: Client, thandi: Any, message: Notification
) -> None:
    ask = arrivals(reader.get("/en/inbox/"))
    assert reader.get(ask, **HTMX).status_code == 204

    make_message(thandi, title="New one")
    answer = reader.get(ask, **HTMX)
    assert titles(answer) == ["New one"]
    assert "New message: New one" in answer.content.decode()
    assert reader.get(arrivals(answer), **HTMX).status_code == 204


def test_a_message_committed_after_a_later_one_is_not_overlooked(reader: Client, thandi: Any) -> None:
    make_message(thandi, title="Quick")
    ask = arrivals(reader.get("/en/inbox/"))
    make_message(thandi, title="Slow", sent_at=timezone.now() - timedelta(seconds=20))
    assert titles(reader.get(ask, **HTMX)) == ["Slow"]


def test_an_older_message_that_moves_up_is_not_new(reader: Client, thandi: Any) -> None:
    fill(thandi, PAGE + 5)
    ask = arrivals(reader.get("/en/inbox/"))
    newest = Notification.objects.get(title="Number 0")
    reader.post(f"/en/inbox/{newest.pk}/dismiss/", **HTMX)
    assert reader.get(ask, **HTMX).status_code == 204
    reader.post(f"/en/inbox/{newest.pk}/restore/", **HTMX)
    assert reader.get(ask, **HTMX).status_code == 204


def test_new_messages_respect_the_filter(reader: Client, thandi: Any) -> None:
    ask = arrivals(reader.get("/en/inbox/?category=event"))
    make_message(thandi, title="Stock")
    assert reader.get(ask, **HTMX).status_code == 204
    make_message(thandi, title="Event", category="event")
    answer = reader.get(ask, **HTMX)
    assert titles(answer) == ["Event"]
    assert 'hx-swap-oob="delete:#inbox-empty"' in answer.content.decode()


def test_a_flood_replaces_the_list(reader: Client, thandi: Any, message: Notification) -> None:
    ask = arrivals(reader.get("/en/inbox/"))
    for _ in range(PAGE + 1):
        make_message(thandi)
    answer = reader.get(ask, **HTMX)
    assert answer["HX-Retarget"] == "#list"
    assert len(titles(answer)) == PAGE
    assert 'id="list"' in answer.content.decode()


def test_the_badge_counts_what_is_unread(reader: Client, thandi: Any, message: Notification) -> None:
    assert "1 unread" in reader.get("/en/inbox/badge/").content.decode()
    make_message(thandi, read_at=timezone.now())
    make_message(thandi, dismissed_at=timezone.now())
    assert "1 unread" in reader.get("/en/inbox/badge/").content.decode()


# Answers --------------------------------------------------------------------------------------------------


def test_reading_it_takes_the_mark_away(reader: Client, message: Notification) -> None:
    assert "message--unread" in reader.get("/en/inbox/").content.decode()
    answer = reader.post(f"/en/inbox/{message.pk}/read/", **HTMX).content.decode()
    assert f'id="message-{message.pk}"' in answer
    assert "message--unread" not in answer
    assert 'id="inbox-badge"' in answer
    assert 'id="inbox-summary"' in answer
    first = Notification.objects.get(pk=message.pk).read_at
    reader.post(f"/en/inbox/{message.pk}/read/", **HTMX)
    assert Notification.objects.get(pk=message.pk).read_at == first


def test_opening_it_reads_it(reader: Client, message: Notification) -> None:
    page = reader.get(f"/en/inbox/{message.pk}/").content.decode()
    assert "It lasts for 5 days." in page
    assert Notification.objects.get(pk=message.pk).read_at is not None
    assert "unread" not in reader.get("/en/inbox/badge/").content.decode()


def test_it_asks_for_an_answer_only_where_one_is_wanted(
    reader: Client, thandi: Any, message: Notification
) -> None:
    asked = make_message(thandi, require_acknowledgment=True)
    page = reader.get("/en/inbox/").content.decode()
    assert f"/en/inbox/{asked.pk}/acknowledge/" in page
    assert f"/en/inbox/{message.pk}/acknowledge/" not in page

    answer = reader.post(f"/en/inbox/{asked.pk}/acknowledge/", **HTMX).content.decode()
    assert "acknowledge/" not in answer
    asked.refresh_from_db()
    assert asked.acknowledged_at is not None
    assert asked.read_at is not None


def test_dismissing_leaves_a_way_back(reader: Client, message: Notification) -> None:
    answer = reader.post(f"/en/inbox/{message.pk}/dismiss/", **HTMX).content.decode()
    assert "Undo" in answer
    assert f"/en/inbox/{message.pk}/restore/" in answer
    assert titles(reader.get("/en/inbox/")) == []

    answer = reader.post(f"/en/inbox/{message.pk}/restore/", **HTMX).content.decode()
    assert "message--unread" in answer
    assert titles(reader.get("/en/inbox/")) == ["Metformin is low"]


def test_dismissing_leaves_a_way_back_without_javascript(reader: Client, message: Notification) -> None:
    page = reader.post(f"/en/inbox/{message.pk}/dismiss/", {"next": "/en/inbox/?status=unread"}, follow=True)
    assert page.redirect_chain == [(f"/en/inbox/?status=unread&undo={message.pk}", 302)]
    assert f"/en/inbox/{message.pk}/restore/" in page.content.decode()


def test_an_answer_leads_to_the_page_of_the_message_but_never_to_another_site(
    reader: Client, thandi: Any
) -> None:
    due = make_message(thandi, path="/today/")
    assert 'value="/en/today/"' in reader.get("/en/inbox/").content.decode()
    assert 'value="/af/today/"' in reader.get("/af/inbox/").content.decode()
    assert reader.post(f"/en/inbox/{due.pk}/read/", {"next": "/en/today/"})["Location"] == "/en/today/"
    for evil in ("https://evil.example/", "//evil.example/", "javascript:alert(1)"):
        assert reader.post(f"/en/inbox/{due.pk}/read/", {"next": evil})["Location"] == "/en/inbox/"


def test_all_are_read_but_those_that_came_since_the_button_was_shown(
    reader: Client, thandi: Any, pieter: Any, message: Notification
) -> None:
    others = make_message(pieter)
    page = reader.get("/en/inbox/").content.decode()
    until = re.search(r'name="until" value="(\d+)"', page)
    assert until
    late = make_message(thandi)
    answer = reader.post("/en/inbox/read/", {"until": until[1], "status": "all"}, **HTMX).content.decode()
    assert 'id="list"' in answer
    unread = set(Notification.objects.filter(read_at__isnull=True).values_list("pk", flat=True))
    assert unread == {late.pk, others.pk}
    assert (
        reader.post("/en/inbox/read/", {"until": until[1], "category": "stock"})["Location"]
        == "/en/inbox/?category=stock"
    )
    assert reader.post("/en/inbox/read/", {"until": "soon"}).status_code == 400


def test_every_form_is_safe_from_forgery(thandi: Any, message: Notification) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(thandi)
    for url in (
        f"/en/inbox/{message.pk}/read/",
        f"/en/inbox/{message.pk}/dismiss/",
        "/en/inbox/read/",
        "/en/preferences/",
    ):
        assert strict.post(url).status_code == 403


# Whose it is ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["get", "head", "post", "put", "patch", "delete", "options"])
@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "fragment"])
@pytest.mark.parametrize("name", [url.name for url in urlpatterns if "message_id" in str(url.pattern)])
def test_what_belongs_to_somebody_else_does_not_exist(
    reader: Client, pieter: Any, name: str, headers: dict[str, str], method: str
) -> None:
    theirs = make_message(pieter, title="Pieter's secret")
    before = Notification.objects.values().get(pk=theirs.pk)
    response = getattr(reader, method)(reverse(f"notifications:{name}", args=[theirs.pk]), **headers)
    assert response.status_code == 404
    assert "secret" not in response.content.decode()
    assert Notification.objects.values().get(pk=theirs.pk) == before


def test_lists_and_undo_lines_show_nothing_of_others(reader: Client, pieter: Any) -> None:
    theirs = make_message(pieter, title="Pieter's secret")
    gone = make_message(pieter, title="Pieter's secret", dismissed_at=timezone.now())
    for url in (
        "/en/inbox/",
        "/en/inbox/?status=dismissed",
        f"/en/inbox/?undo={gone.pk}",
        "/en/inbox/?shown=0",
    ):
        assert "secret" not in reader.get(url, **(HTMX if "shown" in url else {})).content.decode()
    assert theirs.read_at is None


@pytest.mark.parametrize("state", [{"scheduled_status": "pending", "sent_at": None}, {"in_inbox": False}])
def test_what_is_not_in_the_inbox_is_404(reader: Client, thandi: Any, state: dict[str, Any]) -> None:
    hidden = make_message(thandi, **state)
    assert reader.get(f"/en/inbox/{hidden.pk}/").status_code == 404
    assert reader.post(f"/en/inbox/{hidden.pk}/read/").status_code == 404


def test_own_messages_know_their_methods(reader: Client, message: Notification) -> None:
    assert reader.post(f"/en/inbox/{message.pk}/").status_code == 405
    assert reader.get(f"/en/inbox/{message.pk}/dismiss/").status_code == 405
    assert reader.get("/en/inbox/read/").status_code == 405


@pytest.mark.parametrize(
    "path", ["inbox/", "inbox/badge/", "inbox/1/", "inbox/1/read/", "inbox/read/", "preferences/"]
)
def test_strangers_are_sent_to_sign_in_and_their_fragments_refused(
    client: Client, db: None, path: str
) -> None:
    assert client.get(f"/en/{path}")["Location"].startswith("/en/accounts/login/")
    asked_by = {"HTTP_HX_CURRENT_URL": "http://testserver/en/inbox/?page=2"}
    fragment = client.get(f"/en/{path}", **HTMX, **asked_by)
    assert fragment.status_code == 401
    assert fragment["Content-Type"].startswith("text/html")
    offered = (
        '<p>Please sign in. <a href="/en/accounts/login/?next=%2Fen%2Finbox%2F%3Fpage%3D2">Sign in</a></p>'
    )
    assert fragment.content.decode() == offered
    abroad = client.get(f"/af/{path}", **HTMX, HTTP_HX_CURRENT_URL="https://evil.example/x").content.decode()
    assert 'href="/af/accounts/login/?next=%2F"' in abroad
