"""The list of a person's messages: filters, pages, and how little it costs."""

from datetime import timedelta
from itertools import chain
from urllib.parse import quote

import pytest
from django.utils import timezone

from notifications.api.pagination import PAGE
from tests.notifications.api.conftest import Program
from tests.notifications.inbox.conftest import make_message


def ids(page: dict) -> list[int]:
    return [row["id"] for row in page["results"]]


def test_the_type_is_a_category_or_a_type(thandi: Program) -> None:
    stock = make_message(thandi.user)
    meeting = make_message(thandi.user, event_type="meeting", category="system")
    wanted = {
        "stock": [stock],
        "medication.low_stock": [stock],
        "meeting": [meeting],
        "system": [meeting],
        "unheard_of": [],
        "": [meeting, stock],
    }
    for name, messages in wanted.items():
        page = thandi.get(f"/api/notifications/?type={name}").json()
        assert ids(page) == [message.pk for message in messages]


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("status=unraed", "status"),
        ("status=", "status"),
        ("status=%00", "status"),
        ("type=two%20words", "type"),
        ("type=%00", "type"),
        ("type=" + "x" * 65, "type"),
        ("type=" + quote("é"), "type"),
        ("cursor=nonsense", "cursor"),
        ("cursor=o1-", "cursor"),
        ("cursor=%00", "cursor"),
        ("cursor=o" + "9" * 18 + "-1", "cursor"),
        ("cursor=o1-" + "9" * 19, "cursor"),
        ("cursor=" + quote("o١-١"), "cursor"),
    ],
)
def test_what_can_not_be_asked_for_is_400_by_its_name(thandi: Program, query: str, named: str) -> None:
    answer = thandi.get(f"/api/notifications/?{query}")
    assert (answer.status_code, list(answer.json())) == (400, [named])


def test_every_message_stands_on_one_page_and_both_ways_lead_over_the_same(thandi: Program) -> None:
    now = timezone.now()
    # Many of one moment, as one sending gives them.
    all_ids = [
        make_message(thandi.user, sent_at=now - timedelta(minutes=number // 20)).pk
        for number in range(3 * PAGE + 3)
    ]
    address, forth = "/api/notifications/?status=all", []
    while address:
        page = thandi.get(address).json()
        forth.append(ids(page))
        last, address = address, page["next"]
    assert [len(each) for each in forth] == [PAGE, PAGE, PAGE, 3]
    assert sorted(chain.from_iterable(forth)) == sorted(all_ids)
    address, back = last, []
    while address:
        page = thandi.get(address).json()
        back.append(ids(page))
        address = page["previous"]
    assert back[::-1] == forth
    assert "status=all" in last


def test_what_arrives_meanwhile_moves_nothing_and_is_found_at_the_front(thandi: Program) -> None:
    now = timezone.now()
    old = [make_message(thandi.user, sent_at=now - timedelta(minutes=n)).pk for n in range(PAGE + 2)]
    second = thandi.get("/api/notifications/").json()["next"]
    arrived = make_message(thandi.user, sent_at=now + timedelta(seconds=1)).pk
    page = thandi.get(second).json()
    assert ids(page) == old[PAGE:]
    first = thandi.get(page["previous"]).json()
    assert ids(first) == old[:PAGE]
    assert ids(thandi.get(first["previous"]).json()) == [arrived]


def test_the_number_of_queries_is_the_same_for_one_message_and_for_many(
    thandi: Program, nurse: Program, django_assert_num_queries: object
) -> None:
    for _ in range(2):
        with django_assert_num_queries(4):  # the token, others of the person, their language, the page
            thandi.get("/api/notifications/?status=unread&type=stock")
        for _ in range(PAGE):
            make_message(thandi.user)
    message = make_message(thandi.user)
    for path, count in (("", 5), ("schedule_status/", 7)):
        with django_assert_num_queries(count):
            thandi.get(f"/api/notifications/{message.pk}/{path}")
    for call in ("mark-read", "acknowledge", "dismiss"):
        with django_assert_num_queries(9):  # what waits outside the inbox is called off with it
            thandi.post(f"/api/notifications/{message.pk}/{call}/")
    with django_assert_num_queries(8):
        thandi.post("/api/notifications/mark-all-read/")
    with django_assert_num_queries(16):
        thandi.get("/api/notification-preferences/")


def test_addresses_are_absolute_and_in_the_language_of_the_message(thandi: Program) -> None:
    make_message(thandi.user, language="af", path="/vaccinations/")
    make_message(thandi.user, path="")
    rows = thandi.get("/api/notifications/").json()["results"]
    assert [row["url"] for row in rows] == [
        "http://localhost:8000/en/inbox/",
        "http://localhost:8000/af/vaccinations/",
    ]
