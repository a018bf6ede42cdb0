"""Lists of staff that grow for years: a page begins beside a row, and the count goes no further than a page needs."""

import re
from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from home.models import User
from notifications.admin import export
from notifications.admin.reports.messages import MessageLogView
from notifications.admin.reports.paging import KeysetPage, KeysetPaginator
from notifications.models import Notification
from tests.notifications.admin.rows import notification

LOG = "notification_messages:index"


@pytest.fixture
def three(patient_user: User) -> None:
    for _number in range(3):
        notification(patient_user)


@pytest.fixture
def seven(patient_user: User) -> list[int]:
    """Their ids, newest first; those in the middle came at one moment."""
    made = [notification(patient_user) for _number in range(7)]
    Notification.objects.filter(pk__in=[each.pk for each in made[2:5]]).update(created_at=made[2].created_at)
    return [each.pk for each in reversed(made)]


def paginator(per_page: int = 1, *order: str) -> KeysetPaginator:
    return KeysetPaginator(Notification.objects.order_by(*(order or ("-id",))), per_page)


def ids(page: KeysetPage) -> list[int]:
    return [each.pk for each in page]


@pytest.mark.parametrize("order", [("-id",), ("-created_at", "-id"), ("-created_at",)])
def test_pages_follow_each_other_there_and_back(seven: list[int], order: tuple[str, ...]) -> None:
    found = paginator(3, *order)
    first = found.get_page(None)
    second = found.get_page(first.next_page_number())
    third = found.get_page(second.next_page_number())
    assert [ids(first), ids(second), ids(third)] == [seven[:3], seven[3:6], seven[6:]]
    assert [page.has_previous() for page in (first, second, third)] == [False, True, True]
    assert [page.has_next() for page in (first, second, third)] == [True, True, False]
    assert ids(found.get_page(third.previous_page_number())) == seven[3:6]
    back = found.get_page(second.previous_page_number())
    assert (ids(back), back.has_previous()) == (seven[:3], False)


def test_a_list_that_rises_is_turned_too(seven: list[int]) -> None:
    found = paginator(3, "created_at", "id")
    second = found.get_page(found.get_page(None).next_page_number())
    assert ids(second) == seven[::-1][3:6]
    assert ids(found.get_page(second.previous_page_number())) == seven[::-1][:3]


def test_a_page_stays_where_it_is_while_messages_come(seven: list[int], patient_user: User) -> None:
    found = paginator(3)
    place = found.get_page(None).next_page_number()
    new = [notification(patient_user).pk for _number in range(2)]
    second = found.get_page(place)
    assert ids(second) == seven[3:6]
    newer = found.get_page(second.previous_page_number())
    assert (ids(newer), newer.has_previous()) == (seven[:3], True)
    first = found.get_page(newer.previous_page_number())
    assert (ids(first), first.has_previous()) == (
        [*reversed(new), seven[0]],
        False,
    )  # full, though two are new


@pytest.mark.parametrize(
    "place",
    [
        "",
        "2",
        "last",
        "after",
        "after_",
        "after_x",
        "after_1_2",
        "over_1",
        "after_1e5",
        "before_\x00",
        "x" * 9999,
    ],
)
def test_what_is_no_place_is_the_first_page(seven: list[int], place: str) -> None:
    assert ids(paginator(3).get_page(place)) == seven[:3]


@pytest.mark.parametrize(
    ("place", "number"), [(f"after_{10**30}", 3), (f"before_{-(10**30)}", 3), ("after_0", 0)]
)
def test_a_place_may_be_where_no_row_is(seven: list[int], place: str, number: int) -> None:
    assert len(ids(paginator(3).get_page(place))) == number


@pytest.mark.parametrize("place", ["after_2026-02-31T00:00:00+00:00_1", "after_x_1", "after_2026-02-03_x"])
def test_nor_is_what_is_no_moment(seven: list[int], place: str) -> None:
    assert ids(paginator(3, "-created_at", "-id").get_page(place)) == seven[:3]


def test_what_can_be_counted_is_counted(three: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(KeysetPaginator, "most_counted", 3)
    found = paginator()
    assert (found.count, found.is_capped) == (3, False)
    assert found.items_count_label == "3 messages"


def test_beyond_it_the_list_says_that_there_are_more(three: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(KeysetPaginator, "most_counted", 2)
    found = paginator()
    assert found.is_capped
    assert found.items_count_label == "More than 2"


@pytest.mark.parametrize("query", [{}, {"scheduled_status": "sent"}])
def test_the_page_says_so_too(
    head_office: Client, three: None, monkeypatch: pytest.MonkeyPatch, query: dict[str, str]
) -> None:
    monkeypatch.setattr(KeysetPaginator, "most_counted", 2)
    monkeypatch.setattr(MessageLogView, "paginate_by", 2)
    page = head_office.get(reverse(LOG), query).content.decode()
    assert "There are 3 matches" not in page
    assert page.count("More than 2") == (2 if query else 1)


def test_its_links_keep_the_filters(
    head_office: Client, seven: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(MessageLogView, "paginate_by", 3)
    queries = []
    address, shown = f"{reverse(LOG)}?scheduled_status=sent", []
    while address:
        with CaptureQueriesContext(connection) as asked:
            page = head_office.get(address)
        queries.append(len(asked))
        shown += [row.pk for row in page.context["object_list"]]
        text = page.content.decode()
        found = re.search(r'href="([^"]*)" rel="next"', text)
        address = unescape(found[1]) if found else ""
        assert not address or "scheduled_status=sent" in address
    assert shown == seven
    assert len(set(queries[1:])) == 1
    assert f'href="{reverse(LOG)}?scheduled_status=sent"' in text  # back to the first


def test_a_file_has_all_rows_that_it_may_have(
    head_office: Client, three: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(KeysetPaginator, "most_counted", 2)
    file = head_office.get(reverse(LOG), {"export": "csv"})
    assert file["Content-Type"].startswith("text/csv")
    assert len(file.content.decode().splitlines()) == 4
    monkeypatch.setattr(export, "MOST_EXPORTED", 2)
    assert head_office.get(reverse(LOG), {"export": "csv"}).status_code == 302
