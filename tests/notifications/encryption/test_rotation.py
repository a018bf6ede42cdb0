"""Rotating keys: in sets, again after a stop, twice at once, and with rows that can't be read."""

import threading
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from events.models import CollectionPlan
from home.models import (
    ClinicLanguage,
    Conversation,
    ConversationAnswer,
    FollowUp,
    Import,
    ImportRow,
    Invitation,
    Patient,
    PatientNote,
    StaffInvitation,
    Transfer,
    User,
)
from home.sign_in.adapters import MfaAdapter
from notifications.encryption import rotation
from notifications.encryption.cipher import current
from notifications.encryption.rotation import encrypted_columns, rotate
from notifications.models import Delivery, EarlyReceipt, InboundMessage, PushSubscription, WhatsAppRefusal
from notifications.pipeline.deliver import deliver
from tests.events.factories import VisitFactory
from tests.factories import CareRoleFactory, ClinicFactory, UserFactory
from tests.medications.factories import PrescriptionFactory
from tests.notifications.encryption.keys import FIRST, SECOND, kept
from tests.notifications.factories import DeliveryFactory

NUMBER, ADDRESS, WORDS = "+27821234567", "gogo@example.org", "Take two Metformin"
READABLE = ("821234567", ADDRESS, "Metformin", "push.example.org", "Ja dankie", "c2VjcmV0")


def fill() -> User:
    """A row of each kind, with something readable in every encrypted column."""
    user: User = UserFactory(phone=NUMBER)
    now = timezone.now()
    DeliveryFactory(
        notification__recipient=user, channel="sms", address=NUMBER, subject=WORDS, body=WORDS, error=NUMBER
    )
    InboundMessage.objects.create(
        provider="file", provider_id="1", sender=NUMBER, text="Ja dankie", reply=WORDS, error=NUMBER,
        button="Ja dankie", received_at=now, due_at=now,
    )  # fmt: skip
    EarlyReceipt.objects.create(
        channel="sms", provider="file", provider_id="2", outcome="failed", reason=NUMBER, received_at=now
    )
    WhatsAppRefusal.objects.create(user=user, number=NUMBER, until=now)
    conversation = Conversation.objects.create(number=NUMBER, channel="sms", opened_at=now, last_at=now)
    ConversationAnswer.objects.create(conversation=conversation, at=now, channel="sms", text=WORDS)
    PushSubscription.objects.create(
        user=user,
        endpoint="https://push.example.org/1",
        p256dh="c2VjcmV0",
        auth="YXV0aA-c2VjcmV0",
        created_at=now,
    )
    patient = CareRoleFactory(user=user).patient
    ClinicLanguage.objects.create(
        clinic=patient.clinic, language="zu", checked_by=WORDS, checked_on=now.date(), changed_at=now
    )
    for number, address in enumerate([{"email": ADDRESS}, {"phone": NUMBER}]):
        Invitation.objects.create(
            patient=patient, relation="carer", digest=str(number), error=NUMBER, created_at=now, expires_at=now,
            first_name=WORDS, last_name=WORDS, **address,
        )  # fmt: skip
    StaffInvitation.objects.create(
        clinic=patient.clinic,
        role="nurse",
        email=ADDRESS,
        error=NUMBER,
        digest="to work",
        created_at=now,
        expires_at=now,
    )
    of_patient(patient, now)
    return user


def of_patient(patient: Patient, now: datetime) -> None:
    """What is held of a patient: numbers, and what staff wrote."""
    patient.folder_number = patient.id_number = WORDS
    patient.phone = NUMBER
    patient.save()
    PatientNote.objects.create(patient=patient, at=now, text=WORDS)
    Transfer.objects.create(
        patient=patient, from_clinic=patient.clinic, to_clinic=ClinicFactory(), asked_at=now, reason=WORDS
    )
    FollowUp.objects.create(
        patient=patient,
        clinic=patient.clinic,
        at=now,
        back_on=now.date(),
        result="other",
        note=WORDS,
        number=NUMBER,
    )
    run = Import.objects.create(
        kind="patients",
        clinic=patient.clinic,
        file_name=WORDS,
        headings=f'["{WORDS}"]',
        uploaded_at=now,
        due_at=now,
        finished_at=now,
    )
    ImportRow.objects.create(of=run, number=2, cells=WORDS, said=WORDS, made=WORDS)
    PrescriptionFactory(patient=patient, stop_words=WORDS, medicine__name_en="Amlodipine")
    VisitFactory(patient=patient, note=WORDS, reason=WORDS)
    CollectionPlan.objects.create(patient=patient, collector_one=WORDS, collector_two=WORDS)


def all_kept() -> dict[str, list[str]]:
    """Everything in the encrypted columns, as the tables have it."""
    found = {}
    with connection.cursor() as cursor:
        for model, column in encrypted_columns():
            cursor.execute(f"SELECT {column} FROM {model._meta.db_table} WHERE {column} <> ''")  # noqa: S608
            found[f"{model._meta.db_table}.{column}"] = [row[0] for row in cursor.fetchall()]
    return found


def make_readable() -> None:
    """Write all as it was before there was encryption."""
    with connection.cursor() as cursor:
        for model, column in encrypted_columns():
            for row in model._base_manager.all():
                value = getattr(row, model._meta.get_field(column).attname)
                if value:
                    cursor.execute(
                        f"UPDATE {model._meta.db_table} SET {column} = %s WHERE id = %s",  # noqa: S608
                        [str(value), row.pk],
                    )


@pytest.mark.django_db
def test_every_encrypted_column_is_sealed() -> None:
    fill()
    found = all_kept()
    assert all(found.values()), {name for name, values in found.items() if not values}
    assert not [word for word in READABLE if word in str(found)]


@pytest.mark.django_db
def test_what_was_readable_is_encrypted_and_means_what_it_meant() -> None:
    user = fill()
    make_readable()
    assert NUMBER in str(all_kept())
    done = rotate()
    assert done.encrypted == 45 and not done.left
    assert not [word for word in READABLE if word in str(all_kept())]
    assert User.objects.get(phone=NUMBER) == user
    assert Delivery.objects.get().body == WORDS
    assert rotate().rows == 0


@pytest.mark.django_db
def test_all_comes_under_the_new_key_and_the_old_one_is_needed_no_more(settings: Any) -> None:
    settings.FIELD_ENCRYPTION_KEYS = [FIRST]
    user = fill()
    secret = Authenticator.objects.create(
        user=user, type=Authenticator.Type.TOTP, data={"secret": MfaAdapter().encrypt("totp"), "used": 0}
    )
    settings.FIELD_ENCRYPTION_KEYS = [SECOND, FIRST]
    assert User.objects.get(phone=NUMBER) == user
    with pytest.raises(IntegrityError), transaction.atomic():
        UserFactory(phone=NUMBER)
    done = rotate()
    assert (done.rows, done.encrypted, done.left) == (22, 0, [])
    assert rotate().rows == 0
    assert User.objects.get(phone=NUMBER) == user
    settings.FIELD_ENCRYPTION_KEYS = [SECOND]
    assert Delivery.objects.get().body == WORDS
    secret.refresh_from_db()
    assert MfaAdapter().decrypt(secret.data["secret"]) == "totp" and secret.data["used"] == 0
    # What is looked up is found without it too, and is there once, whichever key it is under.
    assert User.objects.get(phone=NUMBER) == user
    with pytest.raises(IntegrityError), transaction.atomic():
        UserFactory(phone=NUMBER)


@pytest.mark.django_db
def test_with_another_secret_key_numbers_are_found_again_after_a_run(settings: Any) -> None:
    settings.FIELD_ENCRYPTION_KEYS = [FIRST]
    user = fill()
    settings.SECRET_KEY = "another " * 10
    assert not User.objects.filter(phone=NUMBER).exists()
    assert User.objects.get(pk=user.pk).phone == NUMBER
    # A user, an SMS, a conversation, two invitations, a device, a patient, two people's search keys.
    assert rotate().rows == 10
    assert User.objects.get(phone=NUMBER) == user


@pytest.mark.django_db
def test_one_row_that_nobody_can_read_is_named_and_stops_no_other(settings: Any, capsys: Any) -> None:
    settings.FIELD_ENCRYPTION_KEYS = [FIRST]
    rows = [DeliveryFactory(body=f"Take {n}") for n in range(3)]
    before = kept(Delivery, "body", rows[1].pk)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE notifications_delivery SET body = %s WHERE id = %s", [before[:-6] + "AAAA==", rows[1].pk]
        )
    settings.FIELD_ENCRYPTION_KEYS = [SECOND, FIRST]
    call_command("rotate_encryption_keys")
    said = capsys.readouterr().out
    assert f"1 can't be brought to it: notifications_delivery {rows[1].pk} body" in said
    assert said.count("\n") == 1
    settings.FIELD_ENCRYPTION_KEYS = [SECOND]
    bodies = list(Delivery.objects.order_by("pk").values_list("body", flat=True))
    assert (bodies[0], bodies[2]) == ("Take 0", "Take 2") and "can’t be read" in bodies[1]
    assert kept(Delivery, "body", rows[1].pk).endswith("AAAA==")


@pytest.mark.django_db
def test_a_number_that_two_people_have_is_named_and_stops_no_other(settings: Any) -> None:
    one, other, third = UserFactory(phone=NUMBER), UserFactory(), UserFactory(phone="+27835550117")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE home_user SET phone = %s WHERE id = %s", [NUMBER, other.pk])
    settings.FIELD_ENCRYPTION_KEYS = [FIRST]
    done = rotate()
    assert done.left == [f"home_user {other.pk} (there is another one with the same value)"]
    assert kept(User, "phone", one.pk).startswith(current(indexed=True)[0][1])
    assert kept(User, "phone", third.pk).startswith(current(indexed=True)[0][1])


@pytest.mark.django_db
def test_a_run_that_was_stopped_is_gone_on_with(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.FIELD_ENCRYPTION_KEYS = [FIRST]
    for _ in range(5):
        DeliveryFactory()
    settings.FIELD_ENCRYPTION_KEYS = [SECOND, FIRST]
    monkeypatch.setattr(rotation, "BATCH", 2)
    monkeypatch.setattr(rotation, "PAUSE", 0)
    update = rotation._update

    def stopped(model: Any, columns: Any, rows: Any) -> None:
        if len([each for each in all_kept()["notifications_delivery.body"] if name in each]) == 2:
            raise KeyboardInterrupt
        update(model, columns, rows)

    name = current(indexed=False)[0][1]
    monkeypatch.setattr(rotation, "_update", stopped)
    with pytest.raises(KeyboardInterrupt):
        rotate()
    monkeypatch.setattr(rotation, "_update", update)
    assert rotate().rows == 3


@pytest.mark.django_db
def test_a_row_that_others_hold_all_the_time_is_named(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.FIELD_ENCRYPTION_KEYS = [FIRST]
    row = DeliveryFactory()
    settings.FIELD_ENCRYPTION_KEYS = [SECOND, FIRST]
    stale = rotation._stale
    monkeypatch.setattr(rotation, "WAIT", 0)
    monkeypatch.setattr(
        rotation, "_stale", lambda *args, lock, **at: [] if lock else stale(*args, lock=lock, **at)
    )
    done = rotate()
    assert done.left == [f"notifications_delivery {row.pk} (is in use)"]
    assert "nothing is left" not in str(done)


@pytest.mark.django_db(transaction=True)
def test_two_runs_at_once_do_each_row_once(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.FIELD_ENCRYPTION_KEYS = [FIRST]
    for _ in range(20):
        DeliveryFactory()
    settings.FIELD_ENCRYPTION_KEYS = [SECOND, FIRST]
    monkeypatch.setattr(rotation, "BATCH", 3)
    done: list[rotation.Rotated] = []

    def run() -> None:
        done.append(rotate())
        connection.close()

    threads = [threading.Thread(target=run) for _ in range(2)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sum(each.rows for each in done) == 20
    assert not any(each.left for each in done)
    settings.FIELD_ENCRYPTION_KEYS = [SECOND]
    assert set(Delivery.objects.values_list("body", flat=True)) == {"Hello"}


@pytest.mark.django_db(transaction=True)
def test_nothing_readable_is_left_in_the_file() -> None:
    fill()
    make_readable()
    if connection.vendor != "sqlite":
        # Its vacuum does that by itself, in time.
        return
    name = Path(connection.settings_dict["NAME"])
    files = [name, name.with_name(f"{name.name}-wal")]
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert b"821234567" in name.read_bytes()
    rotate()
    found = b"".join(each.read_bytes() for each in files if each.exists())
    assert not [word for word in READABLE if word.encode() in found]


@pytest.mark.django_db
def test_messages_go_out_while_keys_are_rotated(settings: Any, pigeons: Any) -> None:
    settings.FIELD_ENCRYPTION_KEYS = [FIRST]
    rows = [DeliveryFactory(body=f"Take {n}") for n in range(4)]
    settings.FIELD_ENCRYPTION_KEYS = [SECOND, FIRST]
    pigeons.on_send = lambda message: rotate() and None
    deliver("pigeons", now=timezone.now())
    assert set(Delivery.objects.values_list("state", flat=True)) == {"sent"} and len(rows) == 4
    assert sorted(message.body for message in pigeons.sent) == [f"Take {n}" for n in range(4)]


@pytest.mark.django_db
def test_a_message_that_cant_be_read_waits_for_its_key_and_holds_up_no_other(
    settings: Any, pigeons: Any
) -> None:
    settings.FIELD_ENCRYPTION_KEYS = [FIRST]
    lost = DeliveryFactory(body="Take 1")
    settings.FIELD_ENCRYPTION_KEYS = [SECOND]
    DeliveryFactory(body="Take 2")
    deliver("pigeons", now=timezone.now())
    assert [message.body for message in pigeons.sent] == ["Take 2"]
    lost.refresh_from_db()
    assert lost.state == "retry" and "can't be read: its key is missing" in lost.error
    settings.FIELD_ENCRYPTION_KEYS = [SECOND, FIRST]
    Delivery.objects.filter(pk=lost.pk).update(due_at=timezone.now())
    deliver("pigeons", now=timezone.now())
    assert [message.body for message in pigeons.sent] == ["Take 2", "Take 1"]
