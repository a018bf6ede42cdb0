"""A transfer changes nothing until the other clinic accepts it; then the patient goes, with all that is theirs."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from home.models import AccessRecord, Patient, PatientNote, Transfer, User
from home.record import transfers
from home.record.departures import Departure, departure_carry_out
from home.record.transfers import (
    transfer_accept,
    transfer_ask,
    transfer_refuse,
    transfer_withdraw,
    transfers_expire,
)
from notifications.models import Delivery, Notification
from tests.factories import CareRoleFactory, ClinicFactory, PatientFactory, UserFactory
from tests.home.conftest import Cast
from tests.medications.factories import StockBatchFactory
from tests.notifications.factories import NotificationFactory

pytestmark = pytest.mark.django_db


def ask(cast: Cast, patient: Patient | None = None, **given: Any) -> Transfer:
    values = {"asked_by": cast.nurse, "reason": "She lives there now", "now": timezone.now(), **given}
    return transfer_ask(patient_id=(patient or cast.pieter).pk, to_clinic=cast.other_clinic, **values)


def accept(cast: Cast, transfer: Transfer, folder_number: str = "") -> bool:
    by, now = cast.other_nurse, timezone.now()
    return transfer_accept(transfer_id=transfer.pk, by=by, folder_number=folder_number, now=now)


def told(user: User) -> list[str]:
    return list(Notification.objects.filter(recipient=user).order_by("id").values_list("title", flat=True))


def test_the_patient_goes_with_what_is_theirs(cast: Cast) -> None:
    cast.pieter.folder_number = "HIL-1"
    cast.pieter.save()
    shelf = StockBatchFactory(prescription=None, clinic=cast.clinic)
    about = {"scope_id": cast.clinic.pk, "subject_id": cast.pieter.pk}
    sent = NotificationFactory(**about)
    pending = NotificationFactory(**about, scheduled_status="pending", sent_at=None)
    note = PatientNote.objects.create(patient=cast.pieter, at=timezone.now(), text="Hard of hearing")
    transfer = ask(cast)
    cast.pieter.refresh_from_db()
    assert cast.pieter.clinic == cast.clinic

    assert accept(cast, transfer, "KHA-7")

    for row in (cast.pieter, sent, pending, note, shelf, transfer):
        row.refresh_from_db()
    assert (cast.pieter.clinic, cast.pieter.folder_number) == (cast.other_clinic, "KHA-7")
    assert {sent.scope_id, pending.scope_id} == {cast.other_clinic.pk}
    assert pending.scheduled_status == "pending"
    assert shelf.clinic == cast.clinic
    assert (transfer.state, transfer.decided_by) == ("accepted", cast.other_nurse)
    assert told(cast.anna) == ["Your clinic is now Khayelitsha"]
    assert not accept(cast, transfer)


@pytest.mark.parametrize(("field", "number"), [("folder_number", "K-1"), ("id_number", "9205270123087")])
def test_a_number_that_somebody_there_has_is_said_and_nothing_changed(
    cast: Cast, field: str, number: str
) -> None:
    setattr(cast.zanele, field, number)
    cast.zanele.save()
    if field == "id_number":
        cast.pieter.id_number = number
        cast.pieter.save()
    transfer = ask(cast)

    with pytest.raises(ValidationError):
        accept(cast, transfer, "K-1" if field == "folder_number" else "")

    cast.pieter.refresh_from_db()
    transfer.refresh_from_db()
    assert (cast.pieter.clinic, transfer.state) == (cast.clinic, "asked")


@pytest.mark.parametrize(
    ("number", "said"),
    [
        ("wyn 00417", "Somebody at your clinic has this folder number."),
        ("-", "A folder number has digits or letters."),
    ],
)
def test_a_folder_number_is_read_as_at_registering(
    client: Client, cast: Cast, number: str, said: str
) -> None:
    cast.zanele.folder_number = "WYN-00417"
    cast.zanele.save()
    transfer = ask(cast)
    client.force_login(cast.other_nurse)
    decide = reverse("transfers:decide", args=[transfer.pk])

    answer = client.post(decide, {"accept": "1", "folder_number": number})

    assert answer.status_code == 200
    assert answer.context["form"].errors == {"folder_number": [said]}
    cast.pieter.refresh_from_db()
    assert cast.pieter.clinic == cast.clinic


def test_a_number_that_is_given_away_at_the_same_moment_is_said_too(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    cast.zanele.folder_number = "WYN-00417"
    cast.zanele.save()
    transfer = ask(cast)
    answers = iter([None, cast.zanele])
    monkeypatch.setattr(transfers, "taken_by", lambda clinic, folder_number: next(answers))

    with pytest.raises(ValidationError) as refused:
        accept(cast, transfer, "WYN-00417")

    assert list(refused.value.message_dict) == ["folder_number"]
    transfer.refresh_from_db()
    assert transfer.state == "asked"


def test_the_patient_is_locked_before_the_transfer(cast: Cast) -> None:
    """As whatever else changes both does: two that lock them in turn would wait for each other."""
    transfer = ask(cast)

    with CaptureQueriesContext(connection) as queries:
        assert accept(cast, transfer)

    read = [each["sql"] for each in queries if each["sql"].startswith("SELECT")]
    tables = [re.search(r'FROM "(home_patient|home_transfer)"', sql) for sql in read]
    assert next(found[1] for found in tables if found) == "home_patient"


def test_who_is_given_another_clinic_is_asked_for_no_more(cast: Cast) -> None:
    transfer = ask(cast)
    cast.pieter.first_name = "Piet"
    cast.pieter.save()
    transfer.refresh_from_db()
    assert transfer.state == "asked"

    cast.pieter.clinic = ClinicFactory()
    cast.pieter.save()

    transfer.refresh_from_db()
    assert transfer.state == "withdrawn" and transfer.decided_at
    assert not accept(cast, transfer)


def test_people_are_told_in_their_inbox_alone_and_the_plan_says_so(cast: Cast) -> None:
    own = UserFactory(email=None, phone="+27825550142")
    CareRoleFactory(patient=cast.pieter, user=own)
    transfer = ask(cast)

    assert accept(cast, transfer)

    sent = Notification.objects.filter(recipient__in=(own, cast.anna))
    assert sent.count() == 2 and all(each.in_inbox for each in sent)
    assert not Delivery.objects.filter(
        notification__in=sent, channel__in=("email", "sms"), state="pending"
    ).exists()
    for plan in (transfers.transfer_offer(), transfers.transfer_plan()):
        assert "Whoever has only a plain phone does not see the inbox: tell them yourself." in plan


def test_one_waits_at_a_time(cast: Cast) -> None:
    ask(cast)

    with pytest.raises(ValidationError, match="waits for an answer already"):
        ask(cast)


def test_a_refusal_is_said_to_who_asked(cast: Cast) -> None:
    transfer = ask(cast)

    assert transfer_refuse(transfer_id=transfer.pk, by=cast.other_nurse, now=timezone.now())

    assert told(cast.nurse) == ["A transfer was refused"]
    assert not accept(cast, transfer)


def test_what_was_decided_stays_so_whoever_comes_second(cast: Cast) -> None:
    transfer, now = ask(cast), timezone.now()
    assert accept(cast, transfer)

    assert not transfer_refuse(transfer_id=transfer.pk, by=cast.other_nurse, now=now)
    assert not transfer_withdraw(transfer_id=transfer.pk, by=cast.nurse, now=now)
    assert not accept(cast, transfer)
    transfer.refresh_from_db()
    assert transfer.state == "accepted" and told(cast.nurse) == []


def test_nobody_is_transferred_to_where_they_are(cast: Cast) -> None:
    with pytest.raises(ValidationError) as refused:
        transfer_ask(
            patient_id=cast.pieter.pk,
            to_clinic=cast.clinic,
            asked_by=cast.nurse,
            reason="",
            now=timezone.now(),
        )
    assert refused.value.message_dict == {"to_clinic": ["The patient is at this clinic already."]}
    assert not Transfer.objects.exists()


def test_who_asked_and_works_here_no_more_is_told_nothing(cast: Cast) -> None:
    transfer = ask(cast)
    cast.nurse.is_active = False
    cast.nurse.save()

    assert transfer_refuse(transfer_id=transfer.pk, by=cast.other_nurse, now=timezone.now())
    assert told(cast.nurse) == []


def test_what_nobody_answers_ends_and_is_said(cast: Cast) -> None:
    now = timezone.now()
    ask(cast, now=now - timedelta(days=14))
    ask(cast, PatientFactory(clinic=cast.clinic), now=now - timedelta(days=13))

    assert transfers_expire(now=now) == 1
    assert transfers_expire(now=now) == 0

    cast.pieter.refresh_from_db()
    assert cast.pieter.clinic == cast.clinic
    assert told(cast.nurse) == ["Nobody answered a transfer"]


def test_one_that_fails_does_not_keep_the_others(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    now = timezone.now()
    poisoned = ask(cast, now=now - timedelta(days=20))
    good = ask(cast, PatientFactory(clinic=cast.clinic), now=now - timedelta(days=19))
    tell = transfers._tell_who_asked

    def fail(transfer: Transfer, words: tuple[Any, Any]) -> None:
        if transfer.pk == poisoned.pk:
            raise RuntimeError("poison")
        tell(transfer, words)

    monkeypatch.setattr(transfers, "_tell_who_asked", fail)

    assert transfers_expire(now=now) == 1

    poisoned.refresh_from_db()
    good.refresh_from_db()
    assert (poisoned.state, good.state) == ("asked", "expired")


def test_who_died_is_transferred_nowhere(cast: Cast) -> None:
    transfer = ask(cast)
    now = timezone.now()
    departure_carry_out(
        patient_id=cast.pieter.pk, what=Departure.DIED, on=timezone.localdate(now), by=None, now=now
    )

    transfer.refresh_from_db()
    assert transfer.state == "withdrawn"
    with pytest.raises(ValidationError):
        ask(cast)


def test_the_other_clinic_sees_who_it_is_and_no_record(client: Client, cast: Cast) -> None:
    CareRoleFactory(patient=cast.pieter)
    transfer = ask(cast)
    client.force_login(cast.other_nurse)
    decide = reverse("transfers:decide", args=[transfer.pk])

    listed = client.get(reverse("transfers:index")).content.decode()
    shown = client.get(decide).content.decode()

    assert "Pieter Botha" in listed
    assert "14 March 1950" in shown
    assert "Hillbrow" in shown
    assert "She lives there now" not in shown
    record = reverse("patients:record", args=[cast.pieter.pk])
    assert client.get(record).status_code == 404
    assert client.post(decide, {"accept": "1", "folder_number": ""}).headers["Location"] == record
    assert client.get(record).status_code == 200
    assert AccessRecord.objects.filter(patient=cast.pieter, user=cast.other_nurse).exists()

    client.force_login(cast.nurse)
    assert client.get(record).status_code == 404


def test_only_the_clinic_that_is_asked_decides(client: Client, cast: Cast) -> None:
    transfer = ask(cast)
    client.force_login(cast.nurse)

    client.post(reverse("transfers:decide", args=[transfer.pk]), {"accept": "1"})
    transfer.refresh_from_db()
    assert transfer.state == "asked"

    client.post(reverse("transfers:decide", args=[transfer.pk]), {"withdraw": "1"})
    transfer.refresh_from_db()
    assert transfer.state == "withdrawn"


def test_it_is_asked_for_on_the_patients_page(at_desk: Client, cast: Cast) -> None:
    address = reverse("patients:transfer", args=[cast.pieter.pk])

    refused = at_desk.post(address, {"to_clinic": cast.clinic.pk})
    done = at_desk.post(address, {"to_clinic": cast.other_clinic.pk, "reason": ""})

    assert refused.status_code == 200
    assert done.headers["Location"] == reverse("patients:record", args=[cast.pieter.pk])
    assert Transfer.objects.get().asked_by == cast.nurse
    assert "transfer to Khayelitsha asked for" in at_desk.get(done.headers["Location"]).content.decode()


def test_a_third_clinic_finds_nothing(client: Client, cast: Cast) -> None:
    transfer = ask(cast, PatientFactory(clinic=cast.clinic))
    Transfer.objects.filter(pk=transfer.pk).update(to_clinic=cast.clinic)
    client.force_login(cast.other_nurse)

    assert client.get(reverse("transfers:decide", args=[transfer.pk])).status_code == 404
    assert client.post(reverse("transfers:decide", args=[transfer.pk]), {"accept": "1"}).status_code == 404
