"""A dose is answered by the token of its message once, in time, and by a person who still cares for the patient."""

import json
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.signing import BadSignature, Signer
from django.test import Client

from home.models import CareRole
from medications.models import Dose
from notifications.models import Notification
from notifications.quick_replies import Outcome, offered, token_for
from notifications.replies.reply_links import answer_given
from tests.factories import CareRoleFactory
from tests.medications.factories import NOW, DoseFactory, DoseScheduleFactory
from tests.notifications.factories import NotificationFactory

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)
State = Dose.State


@pytest.fixture
def role() -> CareRole:
    return CareRoleFactory()


@pytest.fixture
def doses(role: CareRole) -> list[Dose]:
    """Two of one moment, which one message is about."""
    return [
        DoseFactory(schedule=DoseScheduleFactory(prescription__patient=role.patient), state=State.SCHEDULED)
        for _ in range(2)
    ]


@pytest.fixture
def message(role: CareRole, doses: list[Dose]) -> Notification:
    return NotificationFactory(
        recipient=role.user,
        event_type="medication.dose_due",
        category="medication",
        data={"dose_ids": [dose.pk for dose in doses]},
        valid_until=NOW + timedelta(hours=4),
        created_at=NOW,
        language="af",
    )


def give(message: Notification, name: str, *, minutes: int = 5) -> Outcome:
    return answer_given(token=token_for(message.pk, name), now=NOW + minutes * MINUTE).outcome


def states(doses: list[Dose]) -> list[str]:
    return [Dose.objects.get(pk=dose.pk).state for dose in doses]


def test_the_answers_are_offered_in_the_language_of_the_message(message: Notification) -> None:
    assert [(each.name, each.label) for each in offered(message)] == [
        ("taken", "Geneem"),
        ("later", "Later"),
        ("skipped", "Slaan oor"),
    ]


def test_taken_takes_all_doses_of_the_message_in_its_readers_name(
    message: Notification, doses: list[Dose], role: CareRole
) -> None:
    given = answer_given(token=offered(message)[0].token, now=NOW)
    assert (given.outcome, given.name, given.said) == (Outcome.DONE, "taken", "Aangeteken: geneem. Dankie.")
    assert states(doses) == [State.TAKEN, State.TAKEN]
    assert {dose.answered_by for dose in Dose.objects.all()} == {role.user}
    message.refresh_from_db()
    assert message.read_at is not None


def test_giving_it_twice_changes_nothing_and_says_so(message: Notification, doses: list[Dose]) -> None:
    give(message, "taken")
    before = list(Dose.objects.order_by("pk").values())
    assert give(message, "taken", minutes=10) is Outcome.ALREADY
    assert give(message, "skipped", minutes=10) is Outcome.ALREADY
    assert give(message, "later", minutes=10) is Outcome.ALREADY
    assert list(Dose.objects.order_by("pk").values()) == before


def test_an_answer_leaves_alone_what_was_answered_elsewhere(message: Notification, doses: list[Dose]) -> None:
    Dose.objects.filter(pk=doses[0].pk).update(state=State.SKIPPED, answered_at=NOW, next_reminder_at=None)
    assert give(message, "taken") is Outcome.DONE
    assert states(doses) == [State.SKIPPED, State.TAKEN]


def test_later_reminds_again(message: Notification, doses: list[Dose]) -> None:
    assert give(message, "later") is Outcome.DONE
    assert all(
        dose.next_reminder_at and dose.next_reminder_at > NOW + 5 * MINUTE for dose in Dose.objects.all()
    )


def test_later_says_so_when_it_is_too_late_to_remind_again(message: Notification, doses: list[Dose]) -> None:
    Dose.objects.update(state=State.MISSED, next_reminder_at=None)
    assert give(message, "later") is Outcome.OVER
    assert states(doses) == [State.MISSED, State.MISSED]


def _expire(message: Notification) -> None:
    Notification.objects.filter(pk=message.pk).update(valid_until=NOW + MINUTE)


def _end_prescriptions(message: Notification) -> None:
    for dose in Dose.objects.select_related("prescription"):
        dose.prescription.ended_at = NOW
        dose.prescription.save()


def _leave(message: Notification) -> None:
    CareRole.objects.all().delete()


def _deactivate(message: Notification) -> None:
    message.recipient.is_active = False
    message.recipient.save()


def _cancel(message: Notification) -> None:
    Notification.objects.filter(pk=message.pk).update(scheduled_status=Notification.Status.CANCELLED)


@pytest.mark.parametrize("change", [_expire, _end_prescriptions, _leave, _deactivate, _cancel])
def test_a_message_that_is_no_longer_relevant_cannot_be_answered(
    message: Notification, doses: list[Dose], change: Any
) -> None:
    change(message)
    given = answer_given(token=token_for(message.pk, "taken"), now=NOW + 5 * MINUTE)
    assert given.outcome is Outcome.OVER
    assert given.said.startswith("Dit kan nie meer van hier af beantwoord word nie.")
    assert states(doses) == [State.SCHEDULED, State.SCHEDULED]


def test_a_message_of_another_type_takes_no_answer(message: Notification, doses: list[Dose]) -> None:
    Notification.objects.filter(pk=message.pk).update(event_type="medication.prescribed")
    assert give(message, "taken") is Outcome.OVER
    message.refresh_from_db()
    assert offered(message) == ()


def test_a_token_that_is_not_ours_is_refused(message: Notification) -> None:
    good = token_for(message.pk, "taken")
    number, name, signature = good.split(":")
    for bad in (
        "",
        "taken",
        f"{int(number) + 1}:{name}:{signature}",
        f"{number}:skipped:{signature}",
        good[:-1],
        Signer(salt="another").sign(f"{number}:{name}"),
        token_for(message.pk + 1000, "taken"),
    ):
        with pytest.raises(BadSignature):
            answer_given(token=bad, now=NOW)
    assert set(states(list(Dose.objects.all()))) == {State.SCHEDULED}


def post(token: object, **options: Any) -> Any:
    return Client(enforce_csrf_checks=True).post(
        "/push/answer/", json.dumps({"token": token}), content_type="application/json", **options
    )


@time_machine.travel(NOW + 5 * MINUTE, tick=False)
def test_the_service_worker_answers_without_a_session(message: Notification, doses: list[Dose]) -> None:
    for outcome, said in (("done", "Aangeteken"), ("already", "Dit is reeds beantwoord.")):
        answer = post(token_for(message.pk, "taken"))
        assert (answer.status_code, answer.json()["outcome"]) == (200, outcome)
        assert answer.json()["said"].startswith(said)
        assert not answer.cookies
    assert states(doses) == [State.TAKEN, State.TAKEN]
    assert {dose.answered_by for dose in Dose.objects.all()} == {message.recipient}


@time_machine.travel(NOW + timedelta(hours=5), tick=False)
def test_what_comes_too_late_is_said_to_the_service_worker(message: Notification, doses: list[Dose]) -> None:
    answer = post(token_for(message.pk, "taken"))
    assert (answer.status_code, answer.json()["outcome"]) == (409, "over")
    assert states(doses) == [State.SCHEDULED, State.SCHEDULED]


@pytest.mark.parametrize("token", ["", "1:taken:x", None, 7, ["a"], {"a": 1}, "\0", "x" * 5000])
def test_an_invalid_token_is_refused(message: Notification, token: object) -> None:
    assert post(token).status_code == 400
    assert Client().get("/push/answer/").status_code == 405
