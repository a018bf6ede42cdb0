"""Scheduling twice, at once, and for very many."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from notifications.models import EventRecord, Notification
from tests.notifications.api.conftest import Program, arrived


def in_a_month() -> str:
    return (timezone.now() + timedelta(days=30)).isoformat()


@pytest.mark.parametrize("key", ["", "é", "x" * 201, "tab\tinside", "del\x7f"])
def test_a_key_that_is_none_is_400(thandi: Program, key: str) -> None:
    answer = thandi.schedule(thandi.user, key=key)
    assert (answer.status_code, list(answer.json())) == (400, ["Idempotency-Key"])
    assert Notification.objects.count() == 0


@pytest.mark.parametrize("key", ["x" * 200, " ", "~!@", "0"])
def test_a_key_of_any_printable_characters_is_taken(thandi: Program, key: str) -> None:
    moment = in_a_month()
    first, again = (thandi.schedule(thandi.user, key=key, scheduled_at=moment) for _ in range(2))
    assert first.json() == again.json()
    assert Notification.objects.count() == 1


def test_a_key_is_its_owners_alone(thandi: Program, pieter: Program) -> None:
    moment = in_a_month()
    first = thandi.scheduled(thandi.user, key="1", scheduled_at=moment)
    assert first != pieter.scheduled(pieter.user, key="1", scheduled_at=moment)
    assert first == thandi.scheduled(thandi.user, key="1", scheduled_at=moment)
    assert first != thandi.scheduled(thandi.user, key="2", scheduled_at=moment)
    assert thandi.scheduled(thandi.user) != thandi.scheduled(thandi.user)


def test_the_answer_stays_what_it_was_whatever_comes_later(thandi: Program) -> None:
    moment = in_a_month()
    first = thandi.schedule(thandi.user, key="1", scheduled_at=moment)
    arrived(first.json()["notification_ids"][0])
    again = thandi.schedule(thandi.user, key="1", scheduled_at=moment)
    assert (again.status_code, again.json(), again["Idempotent-Replayed"]) == (201, first.json(), "true")
    assert Notification.objects.count() == 1


ANOTHER = {
    "another title": {"title": "Another"},
    "another text": {"message": "We meet at nine."},
    "another time": {"scheduled_at": "2027-01-01T10:00:00Z"},
    "another person": {"recipients": [2**40]},
    "a type": {"type": "event"},
    "a priority": {"priority": "low"},
    "an object": {"related_object_type": "meeting", "related_object_id": 1},
    "data": {"data": {"room": "hall"}},
    "a patient": {"about": 1},
    "nothing that could be scheduled": {"title": ""},
}


@pytest.mark.parametrize("changes", ANOTHER.values(), ids=ANOTHER.keys())
def test_a_key_that_comes_again_with_another_body_is_422(head_office: Program, changes: dict) -> None:
    moment = in_a_month()
    first = head_office.schedule(head_office.user, key="1", scheduled_at=moment)
    again = head_office.schedule(head_office.user, key="1", **{"scheduled_at": moment, **changes})
    assert (again.status_code, list(again.json())) == (422, ["detail"])
    assert "another request" in again.json()["detail"]
    assert [row.title for row in Notification.objects.all()] == ["Bring your card"]
    assert head_office.schedule(head_office.user, key="1", scheduled_at=moment).json() == first.json()


def test_the_same_request_in_other_words_is_the_same(thandi: Program) -> None:
    moment = timezone.now() + timedelta(days=30)
    first = thandi.schedule(thandi.user, key="1", scheduled_at=moment.isoformat())
    zulu = moment.isoformat().replace("+00:00", "Z")
    again = thandi.schedule(
        thandi.user, thandi.user, key="1", scheduled_at=zulu, priority="normal", type="system", data={}
    )
    assert (again.status_code, again.json()) == (201, first.json())


def test_a_key_of_before_requests_were_kept_still_gives_its_answer(thandi: Program) -> None:
    first = thandi.schedule(thandi.user, key="1")
    record = EventRecord.objects.get()
    del record.payload["fingerprint"]
    record.save()
    assert thandi.schedule(thandi.user, key="1", title="Another").json() == first.json()


def test_people_are_counted_as_they_are_named(head_office: Program) -> None:
    """However often one and the same is."""
    answer = head_office.schedule(recipients=[head_office.user.pk] * 10_001)
    assert (answer.status_code, list(answer.json())) == (400, ["recipients"])
    assert head_office.schedule(recipients=[head_office.user.pk] * 10_000).json()["count"] == 1


@pytest.mark.parametrize("title", ["\u200b", "\u3164\uffa0", "\u2800", " \u00ad "])
def test_a_title_of_which_nothing_is_seen_is_400(thandi: Program, title: str) -> None:
    answer = thandi.schedule(thandi.user, title=title)
    assert (answer.status_code, list(answer.json())) == (400, ["title"])
    assert thandi.schedule(thandi.user, title=f"{title}x").status_code == 201


def test_a_request_that_was_refused_does_not_use_up_its_key(thandi: Program) -> None:
    assert thandi.schedule(thandi.user, key="1", title="").status_code == 400
    assert thandi.schedule(thandi.user, key="1").status_code == 201


@pytest.mark.django_db(transaction=True)
def test_two_at_once_with_one_key_make_one_message(thandi: Program) -> None:
    together, moment = Barrier(4), in_a_month()

    def schedule(_number: int) -> tuple[int, dict]:
        try:
            together.wait()
            answer = thandi.schedule(thandi.user, key="1", scheduled_at=moment)
            return answer.status_code, answer.json()
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(schedule, range(4)))
    assert [status for status, _answer in answers] == [201] * 4
    assert all(answer == answers[0][1] for _status, answer in answers)
    assert Notification.objects.count() == EventRecord.objects.count() == 1


def test_10_000_people_cost_as_many_queries_as_ten(head_office: Program, nurse: Program) -> None:
    user = get_user_model()
    user.objects.bulk_create(user(email=f"p{number}@example.org", password="!") for number in range(10_000))
    everybody = list(user.objects.filter(email__regex=r"^p[0-9]+@").values_list("pk", flat=True))
    counts = []
    for people in (everybody[:10], everybody):
        with CaptureQueriesContext(connection) as queries:
            assert head_office.schedule(recipients=people).json()["count"] == len(people)
        counts.append(len([each for each in queries if "INSERT INTO" not in each["sql"]]))
        with CaptureQueriesContext(connection) as queries:
            assert nurse.schedule(recipients=people).status_code == 404
        counts.append(len(queries))
    assert counts[0] == counts[2] <= 20
    assert counts[1] == counts[3] <= 20


def test_the_same_person_named_twice_is_told_once(thandi: Program) -> None:
    answer = thandi.schedule(thandi.user, thandi.user)
    assert answer.json()["count"] == Notification.objects.count() == 1
