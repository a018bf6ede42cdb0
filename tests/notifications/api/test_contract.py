"""The calls as other programs have been promised them."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from notifications.models import Notification
from notifications.scheduler import NotificationScheduler
from tests.factories import PASSWORD
from tests.notifications.api.conftest import Program
from tests.notifications.inbox.conftest import make_message

ROW = {
    "id",
    "type",
    "category",
    "title",
    "message",
    "priority",
    "url",
    "data",
    "is_read",
    "read_at",
    "require_acknowledgment",
    "acknowledged_at",
    "dismissed_at",
    "created_at",
    "sent_at",
    "scheduled_at",
    "scheduled_status",
}


@pytest.fixture(autouse=True)
def _november() -> object:
    with time_machine.travel("2026-11-24T08:00:00Z"):
        yield


def test_a_token_is_given_for_an_address_and_a_password(stranger: Program, thandi: Program) -> None:
    answer = stranger.post("/api/auth/login/", {"email": "thandi@example.org", "password": PASSWORD})
    assert answer.status_code == 200
    assert answer.json().keys() == {"token", "expiry"}
    assert answer.json()["expiry"].startswith("2026-11-24T18:00")
    mine = Program(token=answer.json()["token"])
    assert mine.get("/api/notifications/").status_code == 200
    assert mine.post("/api/auth/logout/").status_code == 204
    assert mine.get("/api/notifications/").status_code == 401


def test_a_message_is_scheduled(nurse: Program, thandi: Program) -> None:
    answer = nurse.post(
        "/api/notifications/schedule/",
        {
            "recipients": [thandi.user.pk, nurse.user.pk],
            "title": "Meeting",
            "message": "We meet at ten.",
            "scheduled_at": "2026-12-28T10:00:00Z",
            "type": "system",
            "priority": "high",
            "related_object_type": "meeting",
            "related_object_id": 123,
            "data": {"k": "v"},
        },
    )
    assert answer.status_code == 201
    ids = answer.json()["notification_ids"]
    assert answer.json() == {"notification_ids": ids, "count": 2, "scheduled_at": "2026-12-28T10:00:00Z"}
    rows = [Notification.objects.get(pk=id_) for id_ in ids]
    assert [row.recipient_id for row in rows] == [thandi.user.pk, nurse.user.pk]
    assert {(row.related_object_type, row.related_object_id, row.data["k"]) for row in rows} == {
        ("meeting", 123, "v")
    }


def test_what_may_be_left_out_of_it_has_a_default(thandi: Program) -> None:
    id_ = thandi.scheduled(thandi.user, scheduled_at="2026-12-28T12:00:00+02:00")
    row = Notification.objects.get(pk=id_)
    assert (row.event_type, row.get_priority_display(), row.data) == ("system", "normal", {})
    assert row.scheduled_at.isoformat() == "2026-12-28T10:00:00+00:00"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("recipients", []),
        ("recipients", "1"),
        ("recipients", [0]),
        ("recipients", ["1"]),
        ("recipients", [True]),
        ("recipients", None),
        ("title", ""),
        ("title", "x" * 201),
        ("title", 7),
        ("message", ""),
        ("message", None),
        ("scheduled_at", "2026-12-28T10:00:00"),
        ("scheduled_at", "2026-11-24T07:59:59Z"),
        ("scheduled_at", "tomorrow"),
        ("scheduled_at", 5),
        ("type", "two words"),
        ("type", "x" * 31),
        ("type", None),
        ("priority", "whenever"),
        ("priority", 1),
        ("related_object_type", 4),
        ("related_object_id", "123"),
        ("data", [1]),
        ("unheard_of", 1),
    ],
)
def test_a_broken_field_is_400_by_its_name_and_nothing_is_created(
    thandi: Program, field: str, value: object
) -> None:
    answer = thandi.schedule(thandi.user, **{field: value})
    assert answer.status_code == 400
    assert list(answer.json()) == [field]
    assert Notification.objects.count() == 0


@pytest.mark.parametrize("field", ["recipients", "title", "message", "scheduled_at"])
def test_a_missing_field_is_named(thandi: Program, field: str) -> None:
    body = {
        "recipients": [thandi.user.pk],
        "title": "t",
        "message": "m",
        "scheduled_at": "2026-12-28T10:00:00Z",
    }
    del body[field]
    answer = thandi.post("/api/notifications/schedule/", body)
    assert (answer.status_code, answer.json()) == (400, {field: ["This is required."]})


def test_10_000_people_are_told_and_not_one_more(head_office: Program) -> None:
    answer = head_office.schedule(recipients=list(range(1, 10_002)))
    assert answer.status_code == 400
    assert "10000" in answer.json()["recipients"][0]


def test_for_somebody_who_is_not_there_it_is_404_and_nobody_is_told(
    head_office: Program, thandi: Program
) -> None:
    answer = head_office.schedule(recipients=[thandi.user.pk, 987654])
    assert answer.status_code == 404
    assert list(answer.json()) == ["recipients"]
    assert Notification.objects.count() == 0


def test_for_others_without_the_permission_it_is_403(thandi: Program, pieter: Program) -> None:
    for people in ([pieter.user.pk], [thandi.user.pk, pieter.user.pk], [987654]):
        answer = thandi.schedule(recipients=people)
        assert answer.status_code == 403
        assert answer.json() == {"detail": "You may not schedule messages for others."}
    assert Notification.objects.count() == 0


def test_the_same_key_gives_the_same_answer_and_no_second_message(nurse: Program, thandi: Program) -> None:
    at = "2026-11-24T09:00:00Z"
    first = nurse.schedule(thandi.user, key="visit 7", scheduled_at=at)
    with time_machine.travel("2026-11-24T10:00:00Z"):  # its time has passed by now
        again = nurse.schedule(thandi.user, key="visit 7", scheduled_at=at)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert "Idempotent-Replayed" not in first
    assert again["Idempotent-Replayed"] == "true"
    assert Notification.objects.count() == 1


def test_a_waiting_message_is_called_off_by_whom_it_is_for(nurse: Program, thandi: Program) -> None:
    id_ = nurse.scheduled(thandi.user)
    answer = thandi.delete(f"/api/notifications/{id_}/cancel_scheduled/")
    assert answer.status_code == 200
    assert answer.json() == {"message": "The message has been cancelled.", "notification_id": id_}
    again = thandi.delete(f"/api/notifications/{id_}/cancel_scheduled/")
    assert (again.status_code, list(again.json())) == (400, ["detail"])


def test_a_waiting_message_is_called_off_by_staff(nurse: Program, thandi: Program) -> None:
    id_ = nurse.scheduled(thandi.user)
    assert nurse.delete(f"/api/notifications/{id_}/cancel_scheduled/").status_code == 200
    assert Notification.objects.get(pk=id_).scheduled_status == "cancelled"


def test_a_scheduled_message_is_looked_up(nurse: Program, thandi: Program) -> None:
    id_ = nurse.scheduled(thandi.user, scheduled_at="2026-12-28T10:00:00Z")
    path = f"/api/notifications/{id_}/schedule_status/"
    waiting = thandi.get(path)
    assert waiting.status_code == 200
    created_at = waiting.json()["created_at"]
    assert created_at.startswith("2026-11-24T08:00:0")
    assert waiting.json() == {
        "id": id_,
        "title": "Bring your card",
        "scheduled_at": "2026-12-28T10:00:00Z",
        "scheduled_status": "pending",
        "is_sent": False,
        "sent_at": None,
        "created_at": created_at,
    }
    NotificationScheduler().send_scheduled_notification(notification_id=id_)
    sent = nurse.get(path).json()
    assert (sent["scheduled_status"], sent["is_sent"]) == ("sent", True)
    assert sent["sent_at"].startswith("2026-11-24T08:00:0")


def test_ones_own_messages_are_listed_newest_first(thandi: Program, pieter: Program) -> None:
    now = timezone.now()
    old = make_message(thandi.user, sent_at=now - timedelta(hours=2), path="/medicines/")
    new = make_message(thandi.user, sent_at=now - timedelta(hours=1))
    make_message(pieter.user)
    answer = thandi.get("/api/notifications/?status=unread&type=stock")
    assert answer.status_code == 200
    page = answer.json()
    assert (page["next"], page["previous"]) == (None, None)
    assert [row["id"] for row in page["results"]] == [new.pk, old.pk]
    row = page["results"][1]
    assert row.keys() == ROW
    assert row["url"] == "http://localhost:8000/en/medicines/"
    assert (row["type"], row["category"], row["priority"]) == ("medication.low_stock", "stock", "normal")
    assert (row["is_read"], row["read_at"], row["scheduled_status"]) == (False, None, "sent")
    assert row["sent_at"].endswith("Z")


@pytest.mark.parametrize("status", ["", "unread", "read", "acknowledged", "dismissed", "all"])
def test_the_list_is_of_one_status(thandi: Program, status: str) -> None:
    now = timezone.now()
    made = {
        "unread": make_message(thandi.user),
        "read": make_message(thandi.user, read_at=now),
        "acknowledged": make_message(thandi.user, read_at=now, acknowledged_at=now),
        "dismissed": make_message(thandi.user, dismissed_at=now),
    }
    wanted = {
        "": {"unread", "read", "acknowledged"},
        "unread": {"unread"},
        "read": {"read", "acknowledged"},
        "acknowledged": {"acknowledged"},
        "dismissed": {"dismissed"},
        "all": set(made),
    }
    query = f"?status={status}" if status else ""
    rows = thandi.get(f"/api/notifications/{query}").json()["results"]
    assert {row["id"] for row in rows} == {made[name].pk for name in wanted[status]}


def test_one_message_says_why_it_went_where_it_went(nurse: Program, thandi: Program) -> None:
    id_ = nurse.scheduled(thandi.user)
    NotificationScheduler().send_scheduled_notification(notification_id=id_)
    answer = thandi.get(f"/api/notifications/{id_}/")
    assert answer.status_code == 200
    assert answer.json().keys() == ROW | {"routing"}
    routing = {decision["channel"]: decision for decision in answer.json()["routing"]}
    assert routing["in_app"] == {
        "channel": "in_app",
        "send": True,
        "reason": "default",
        "send_at": None,
        "step": None,
        "minutes": 0,
        "state": None,
    }
    assert (routing["email"]["send"], routing["email"]["state"]) == (True, "pending")


@pytest.mark.parametrize(
    ("call", "mark"),
    [("mark-read", "read_at"), ("acknowledge", "acknowledged_at"), ("dismiss", "dismissed_at")],
)
def test_what_is_done_with_a_message_may_be_done_twice(thandi: Program, call: str, mark: str) -> None:
    message = make_message(thandi.user)
    first = thandi.post(f"/api/notifications/{message.pk}/{call}/")
    again = thandi.post(f"/api/notifications/{message.pk}/{call}/", {})
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.json() == again.json()
    assert first.json()[mark].startswith("2026-11-24T08:00")


def test_all_are_marked_as_read(thandi: Program, pieter: Program) -> None:
    for person in (thandi, thandi, pieter):
        make_message(person.user)
    assert thandi.post("/api/notifications/mark-all-read/").json() == {"count": 2}
    assert thandi.post("/api/notifications/mark-all-read/").json() == {"count": 0}
    assert pieter.get("/api/notifications/?status=unread").json()["results"] != []


def test_preferences_are_read_and_changed(thandi: Program) -> None:
    before = thandi.get("/api/notification-preferences/")
    assert before.status_code == 200
    choices = before.json()["choices"]
    assert before.json() == {
        "email_notifications_enabled": True,
        "sms_notifications_enabled": True,
        "push_notifications_enabled": True,
        "whatsapp_notifications_enabled": False,
        "voice_notifications_enabled": False,
        "email_time_preference": "immediate",
        "quiet_hours_enabled": False,
        "quiet_hours_start": "22:00",
        "quiet_hours_end": "06:00",
        "language": "en",
        "message_language": "",
        "timezone": "Africa/Johannesburg",
        "message_detail": "discreet",
        "paused_until": None,
        "choices": choices,
    }
    assert choices["system"]["in_app"] is True
    wish = {
        "email_notifications_enabled": False,
        "sms_notifications_enabled": False,
        "push_notifications_enabled": False,
        "whatsapp_notifications_enabled": True,
        "voice_notifications_enabled": True,
        "email_time_preference": "evening",
        "quiet_hours_enabled": True,
        "quiet_hours_start": "21:30",
        "quiet_hours_end": "05:45",
        "language": "af",
        "message_language": "zu",
        "timezone": "Europe/London",
        "message_detail": "detailed",
        "paused_until": None,
        "choices": {**choices, "system": dict.fromkeys(choices["system"], False)},
    }
    assert thandi.put("/api/notification-preferences/", wish).json() == wish
    assert thandi.get("/api/notification-preferences/").json() == wish
    changed = thandi.patch("/api/notification-preferences/", {"choices": {"system": {"email": True}}})
    assert changed.status_code == 200
    only_mail = {**dict.fromkeys(choices["system"], False), "email": True}
    assert changed.json() == {**wish, "choices": {**choices, "system": only_mail}}
