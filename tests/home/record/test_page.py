"""A patient’s page: for staff of their clinic, in the same few queries however much there is, and empty at first."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation
from pytest_django import Settings

from home.models import AccessRecord, Consent, Invitation, Left, Patient, PatientNote, Relation
from home.record.sections import Reading
from home.record_sections import became_of_them
from notifications.models import InboundMessage
from tests.factories import CareRoleFactory, PatientFactory, UserFactory
from tests.home.conftest import Cast
from tests.notifications.factories import DeliveryFactory, NotificationFactory

pytestmark = pytest.mark.django_db


def page_of(client: Client, patient: Patient) -> str:
    answer = client.get(reverse("patients:record", args=[patient.pk]))
    assert answer.status_code == 200
    return answer.content.decode()


def message_about(patient: Patient, **fields: object) -> object:
    about = {"scope_id": patient.clinic_id, "subject_id": patient.pk}
    return NotificationFactory(**{**about, "sent_at": timezone.now(), **fields})


def sms_about(patient: Patient, number: int, **fields: object) -> InboundMessage:
    now = timezone.now()
    values = {"scope_id": patient.clinic_id, "subject_id": patient.pk, "received_at": now, "due_at": now}
    return InboundMessage.objects.create(provider="file", provider_id=str(number), **{**values, **fields})


def test_it_says_who_the_patient_is(at_desk: Client, cast: Cast) -> None:
    Patient.objects.filter(pk=cast.pieter.pk).update(sex="m")

    page = page_of(at_desk, cast.pieter)

    assert "<bdi>Pieter Botha</bdi>" in page
    assert "14 March 1950" in page
    assert "Hillbrow" in page
    assert AccessRecord.objects.filter(patient=cast.pieter, user=cast.nurse, kind="looked").exists()


def test_the_days_on_which_somebody_left_are_said_by_the_clinics_clock(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half past midnight on New Year's Day is still last year in UTC."""
    cast.pieter.left_on, cast.pieter.left_why = date(2027, 1, 1), Left.MOVED
    reading = Reading(cast.pieter, cast.nurse, datetime(2026, 12, 31, 22, 30, tzinfo=UTC))

    with timezone.override("Africa/Johannesburg"), translation.override("en"):
        [chip] = became_of_them(reading)

    assert chip.words == "moved away on 1 January"


def test_another_clinics_patient_is_not_found(at_desk: Client, cast: Cast) -> None:
    for name in ("record", "changes", "transfer", "died", "moved", "lost", "back"):
        assert at_desk.get(reverse(f"patients:{name}", args=[cast.zanele.pk])).status_code == 404
        assert at_desk.post(reverse(f"patients:{name}", args=[cast.zanele.pk])).status_code == 404
    assert not PatientNote.objects.exists()


def test_a_patient_made_a_minute_ago_has_a_page_that_says_what_to_do(at_desk: Client, cast: Cast) -> None:
    page = page_of(at_desk, PatientFactory(clinic=cast.clinic, date_of_birth=None))

    assert "birth date not known" in page
    assert "nobody is reached by messages" in page
    assert "No messages yet." in page
    assert "No notes yet." in page
    assert "Invite somebody" in page


def test_it_makes_the_same_queries_however_much_there_is(at_desk: Client, cast: Cast) -> None:
    def fill(first: int, last: int) -> None:
        now = timezone.now()
        for number in range(first, last):
            user = UserFactory()
            role = CareRoleFactory(patient=cast.pieter, user=user, relation=Relation.CARER)
            message = message_about(cast.pieter, recipient=role.user)
            DeliveryFactory(notification=message, channel="sms")
            sms_about(cast.pieter, number, user=user)
            PatientNote.objects.create(patient=cast.pieter, author=user, at=now, text="A note")
            AccessRecord.objects.create(
                patient=cast.pieter, user=user, kind="looked", slot=now, at=now, last_at=now
            )
            Invitation.objects.create(
                patient=cast.pieter,
                relation="carer",
                phone=f"+2782555{number:04}",
                digest=f"{number}",
                created_at=now,
                expires_at=now,
            )

    def queries() -> list[str]:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            page_of(at_desk, cast.pieter)
        return [query["sql"] for query in captured]

    fill(0, 2)
    page_of(at_desk, cast.pieter)  # what a process keeps from then on
    few = queries()
    fill(2, 14)
    many = queries()

    assert len(many) == len(few)
    assert len(many) <= 60


def test_messages_say_what_became_of_them_and_what_was_answered(at_desk: Client, cast: Cast) -> None:
    now = timezone.now()
    sent = message_about(cast.pieter, recipient=cast.anna, sent_at=now - timedelta(hours=2))
    DeliveryFactory(
        notification=sent,
        channel="sms",
        body="U het ’n herinnering",
        state="delivered",
        sent_at=now,
        delivered_at=now,
        finished_at=now,
    )
    called_off = message_about(cast.pieter, recipient=cast.anna, title="Missed", in_inbox=False)
    DeliveryFactory(
        notification=called_off,
        channel="sms",
        state="cancelled",
        reason="no_longer_relevant",
        finished_at=now,
    )
    sms_about(cast.pieter, 1, user=cast.anna, text="2 asb, ek is by die werk", interpretation="answer")
    message_about(cast.zanele, title="Of somebody else")

    page = page_of(at_desk, cast.pieter)

    assert "U het ’n herinnering" in page
    assert "SMS: delivered at" in page
    assert "SMS: not sent, it was no longer needed when it was to be sent" in page
    assert "2 asb, ek is by die werk" in page
    assert "read as: an answer that counts" in page
    assert page.index("U het ’n herinnering") < page.index("2 asb")
    assert "Of somebody else" not in page
    log = at_desk.get(reverse("notification_messages:index"), {"about": cast.pieter.pk})
    assert len(log.context["object_list"]) == 2


def test_a_message_that_nobody_confirmed_says_so_after_a_day(
    at_desk: Client, cast: Cast, settings: Settings
) -> None:
    settings.SMS_PROVIDERS = ["twilio"]
    sent_at = timezone.now() - timedelta(hours=25)
    DeliveryFactory(
        notification=message_about(cast.pieter, recipient=cast.anna, sent_at=sent_at),
        channel="sms",
        state="sent",
        provider="twilio",
        sent_at=sent_at,
        finished_at=sent_at,
    )
    assert re.search("SMS: sent .+, not confirmed since", page_of(at_desk, cast.pieter))


def test_a_message_that_left_by_no_channel_says_why(at_desk: Client, cast: Cast) -> None:
    message_about(
        cast.pieter,
        recipient=cast.anna,
        routing=[
            {"channel": "sms", "send": False, "reason": "no_consent", "send_at": None},
            {"channel": "email", "send": False, "reason": "off_by_default", "send_at": None},
        ],
    )

    page = page_of(at_desk, cast.pieter)

    assert "SMS: not sent, the person has not agreed to it" in page
    assert "E-mail: not sent" not in page


def test_a_note_is_written_on_the_page_and_stays(at_desk: Client, cast: Cast) -> None:
    address = reverse("patients:record", args=[cast.pieter.pk])

    refused = at_desk.post(address, {"text": "  "})
    answer = at_desk.post(address, {"text": "Works nights: <b>call</b> after 14:00"})

    assert "Write something first." in refused.content.decode()
    assert answer.headers["Location"] == f"{address}#section-notes"
    note = PatientNote.objects.get()
    assert (note.author, note.patient) == (cast.nurse, cast.pieter)
    page = page_of(at_desk, cast.pieter)
    assert "Works nights: &lt;b&gt;call&lt;/b&gt; after 14:00" in page
    with connection.cursor() as cursor:
        cursor.execute("SELECT text FROM home_patientnote")
        assert "nights" not in str(cursor.fetchall())


def test_who_is_reached_and_how_is_said(at_desk: Client, cast: Cast) -> None:
    self_ = UserFactory(first_name="Pieter", phone="+27825550121", email=None)
    CareRoleFactory(patient=cast.pieter, user=self_)

    page = page_of(at_desk, cast.pieter)

    assert "082 555 0121, confirmed" in page
    assert "reached by SMS alone" in page
    assert "Nobody cares" not in page
    Consent.objects.filter(user=self_).update(withdrawn_at=timezone.now())
    assert "not reached by messages: SMS, not agreed to" in page_of(at_desk, cast.pieter)
