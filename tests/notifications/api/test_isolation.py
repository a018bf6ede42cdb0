"""What is somebody else's is not there, whatever is tried with it."""

from itertools import product

import pytest

from notifications.models import Notification
from tests.notifications.api.conftest import Program, arrived, failed
from tests.notifications.inbox.conftest import make_message

VERBS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"]
CALLS = ["", "mark-read/", "acknowledge/", "dismiss/", "cancel_scheduled/", "schedule_status/", "retry/"]
ADDRESSES = ["/api/notifications/", "/api/notifications/schedule/", "/api/notifications/mark-all-read/"]
OPEN = {"schedule_status/": "GET", "cancel_scheduled/": "DELETE", "retry/": "POST"}


@pytest.mark.parametrize("verb", VERBS)
def test_somebody_elses_message_is_404_on_every_verb(
    thandi: Program, pieter: Program, nurse: Program, verb: str
) -> None:
    """Also for staff, when it is another clinic's patient's; and as for one that isn't there."""
    came, waits = make_message(pieter.user).pk, pieter.scheduled(pieter.user)
    rows = list(Notification.objects.order_by("id").values())
    for program, message_id, call in product((thandi, nurse), (came, waits, 987654, 10**30), CALLS):
        answer = program.call(verb, f"/api/notifications/{message_id}/{call}")
        assert answer.status_code == 404
        assert answer["Content-Type"] == "application/json"
        if verb != "HEAD":
            assert answer.json() == {"detail": "There is nothing here, or it is not yours."}
    assert list(Notification.objects.order_by("id").values()) == rows


@pytest.mark.parametrize("verb", VERBS)
def test_without_a_token_it_is_401_before_anything_else(
    stranger: Program, thandi: Program, verb: str
) -> None:
    message = make_message(thandi.user)
    for path in (
        *ADDRESSES,
        "/api/notification-preferences/",
        "/api/auth/logout/",
        "/api/auth/logoutall/",
        *(f"/api/notifications/{id_}/{call}" for id_ in (message.pk, 987654) for call in CALLS),
    ):
        answer = stranger.call(verb, path, {})
        assert answer.status_code == 401, path
        assert answer["WWW-Authenticate"] == "Token"


@pytest.mark.parametrize("call", CALLS)
def test_a_verb_that_is_none_of_the_call_is_405_for_whose_it_is(thandi: Program, call: str) -> None:
    answer = thandi.call("PUT", f"/api/notifications/{make_message(thandi.user).pk}/{call}", {})
    assert (answer.status_code, answer.json()) == (405, {"detail": "This can't be done here."})


@pytest.mark.parametrize("call", OPEN)
def test_staff_reach_the_scheduled_messages_of_their_patients(
    nurse: Program, head_office: Program, thandi: Program, call: str
) -> None:
    for program in (nurse, head_office):
        id_ = program.scheduled(thandi.user)
        if call == "retry/":
            failed(id_)
        assert program.call(OPEN[call], f"/api/notifications/{id_}/{call}").status_code == 200


@pytest.mark.parametrize("call", ["", "mark-read/", "acknowledge/", "dismiss/"])
def test_staff_read_nobodys_inbox(nurse: Program, head_office: Program, thandi: Program, call: str) -> None:
    message = make_message(thandi.user)
    for program in (nurse, head_office):
        assert (
            program.call("POST" if call else "GET", f"/api/notifications/{message.pk}/{call}").status_code
            == 404
        )


def test_staff_without_the_permission_reach_nothing_of_others(nurse: Program, thandi: Program) -> None:
    id_ = nurse.scheduled(thandi.user)
    nurse.user.groups.clear()
    for call, verb in OPEN.items():
        assert nurse.call(verb, f"/api/notifications/{id_}/{call}").status_code == 404
    assert nurse.schedule(thandi.user).status_code == 403
    assert nurse.schedule(nurse.user).status_code == 201


def test_staff_schedule_for_their_own_patients_alone(
    nurse: Program, thandi: Program, pieter: Program
) -> None:
    missing = nurse.schedule(recipients=[thandi.user.pk, 987654])
    elsewhere = nurse.schedule(thandi.user, pieter.user)
    assert missing.status_code == elsewhere.status_code == 404
    assert missing.json() == elsewhere.json()
    assert Notification.objects.count() == 0


def test_a_message_that_waits_is_not_in_the_inbox_yet(thandi: Program) -> None:
    id_ = thandi.scheduled(thandi.user)
    assert thandi.get("/api/notifications/").json()["results"] == []
    assert thandi.get(f"/api/notifications/{id_}/").json()["scheduled_status"] == "pending"
    assert thandi.post(f"/api/notifications/{id_}/mark-read/").status_code == 404
    arrived(id_)
    assert thandi.post(f"/api/notifications/{id_}/mark-read/").status_code == 200


def test_only_staff_have_a_failed_message_sent_again(nurse: Program, thandi: Program) -> None:
    id_ = nurse.scheduled(thandi.user)
    path = f"/api/notifications/{id_}/retry/"
    nothing = nurse.post(path)
    assert (nothing.status_code, list(nothing.json())) == (400, ["detail"])
    failed(id_)
    assert thandi.post(path).status_code == 403
    for wrong in (-1, 10_081, "10", 1.5, None, True):
        answer = nurse.post(path, {"retry_delay_minutes": wrong})
        assert (answer.status_code, list(answer.json())) == (400, ["retry_delay_minutes"])
    assert nurse.post(path, {"retry_delay_minutes": 0}).status_code == 200
    assert Notification.objects.get(pk=id_).scheduled_status == "pending"


def test_a_message_that_was_sent_meanwhile_is_not_called_off(thandi: Program) -> None:
    id_ = thandi.scheduled(thandi.user)
    arrived(id_)
    assert thandi.delete(f"/api/notifications/{id_}/cancel_scheduled/").status_code == 400
