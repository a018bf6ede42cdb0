"""What becomes of words that nobody but a person understands, at the moment they come in."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from home.conversations.acts import conversation_close
from home.models import CareRole, Conversation, Patient, Relation, User
from notifications import bus
from notifications.encryption import cipher
from notifications.models import EventRecord, InboundMessage, Notification, NotificationPreferences
from notifications.replies.sms_replies import interpret_next
from notifications.types import ABOUT_NOBODY, About
from tests.factories import CareRoleFactory, PatientFactory, UserFactory
from tests.home.conftest import Cast
from tests.home.conversations.conftest import NOW, NUMBER, STRANGER, conversation, send_all, somebody, write
from tests.notifications.factories import DeliveryFactory, NotificationFactory

pytestmark = pytest.mark.django_db

RECEIVED = (
    "Thank you. A nurse reads this in opening hours. In an emergency do not wait: call 10177 or 112, or go to the "
    "nearest clinic or hospital."
)
EMERGENCY = (
    "This sounds like an emergency. Do not wait for us: call 10177 or 112, or go to the nearest clinic or hospital "
    "now. A nurse is being told."
)
MINUTE = timedelta(minutes=1)


def speak(user: User, language: str) -> None:
    NotificationPreferences.objects.update_or_create(user=user, defaults={"language": language})


class TestAPerson:
    def test_their_words_open_a_conversation_about_their_patient(self, cast: Cast, anna: User) -> None:
        row = write("Can he come on Friday?")

        assert row.interpretation == "unknown_words"
        assert row.about == About(cast.clinic.pk, cast.pieter.pk)
        found = conversation()
        assert (found.clinic, found.patient, found.user) == (cast.clinic, cast.pieter, anna)
        assert (found.state, found.is_waiting, found.is_urgent) == ("open", True, False)
        assert (found.last_text, found.last_at, found.channel) == (row, row.received_at, "sms")

    def test_they_are_told_once_that_nurses_read_it_and_what_to_do_in_an_emergency(
        self, cast: Cast, anna: User, clock: time_machine.Traveller
    ) -> None:
        assert write("Can he come on Friday?").reply == RECEIVED
        clock.shift(timedelta(hours=5))
        assert write("Or on Monday?").reply == ""
        assert Conversation.objects.count() == 1

    @pytest.mark.parametrize("language", ["en", "af"])
    @pytest.mark.parametrize("text", ["Can he come?", "he has chest pain"])
    def test_the_reply_is_one_sms_in_their_language(
        self, cast: Cast, anna: User, language: str, text: str
    ) -> None:
        speak(anna, language)
        reply = write(text).reply

        assert len(reply) <= 160 and reply.isascii()
        assert ("noodgeval" in reply) is (language == "af")

    def test_what_was_closed_opens_again_and_is_a_conversation_anew(
        self, cast: Cast, anna: User, clock: time_machine.Traveller
    ) -> None:
        write("he has chest pain")
        first = conversation()
        conversation_close(conversation=first, seen=first.version, now=NOW)
        clock.shift(MINUTE)

        assert write("Can he come?").reply == RECEIVED
        found = conversation()
        assert found.pk == first.pk
        assert (found.state, found.is_waiting, found.is_urgent) == ("open", True, False)
        assert (found.opened_at, found.read_at, found.closed_at) == (NOW + MINUTE, None, None)

    def test_who_stopped_is_read_all_the_same_and_sent_nothing(self, cast: Cast, anna: User) -> None:
        write("STOP")

        assert write("Can he come?").reply == ""
        assert conversation().patient == cast.pieter

    @pytest.mark.parametrize(
        "text", ["STOP", "Stop asb", "START", "HELP", "1", "2", "Auto-reply: I am driving", "Out of office"]
    )
    def test_what_is_no_conversation(self, cast: Cast, anna: User, text: str) -> None:
        write(text)

        assert not Conversation.objects.exists()

    def test_our_own_words_that_come_back_are_no_conversation(self, cast: Cast, anna: User) -> None:
        assert write(f"RE: {EMERGENCY}").reply == ""
        assert not Conversation.objects.exists()


class TestDanger:
    def test_it_is_urgent_and_the_clinics_staff_are_told_once(self, cast: Cast, anna: User) -> None:
        assert write("hy kry stuipe").reply == EMERGENCY
        assert write("and chest pain").reply == EMERGENCY
        send_all()

        assert conversation().is_urgent
        told = Notification.objects.filter(event_type="conversation.urgent")
        assert {each.recipient for each in told} == {cast.nurse, cast.manager}
        assert told.count() == 2
        assert all("Pieter" not in each.title + each.body and "Anna" not in each.body for each in told)
        assert {each.scope_id for each in told} == {cast.clinic.pk}

    def test_it_stays_urgent_when_they_write_on(self, cast: Cast, anna: User) -> None:
        write("he has chest pain")
        write("please hurry")

        assert conversation().is_urgent

    def test_what_becomes_urgent_later_is_told_then(self, cast: Cast, anna: User) -> None:
        write("Can he come?")
        assert write("he can't breathe").reply == EMERGENCY

        assert conversation().is_urgent
        assert EventRecord.objects.filter(event_type="conversation.urgent").count() == 1

    def test_who_stopped_is_told_what_to_do_too(self, cast: Cast, anna: User) -> None:
        write("STOP")

        assert write("he has chest pain").reply == EMERGENCY

    def test_two_computers_come_to_an_end(
        self, cast: Cast, anna: User, clock: time_machine.Traveller
    ) -> None:
        replies = [write(f"emergency {number}").reply for number in range(6)]
        assert replies == [EMERGENCY] * 3 + [""] * 3

        clock.shift(timedelta(hours=1, seconds=1))
        assert write("emergency again").reply == EMERGENCY

    def test_whom_a_nurse_answered_is_urgent_again(self, cast: Cast, anna: User) -> None:
        write("he has chest pain")
        Conversation.objects.update(is_urgent=False, is_waiting=False)
        write("it is his chest again")

        assert conversation().is_urgent
        assert EventRecord.objects.filter(event_type="conversation.urgent").count() == 2

    def test_the_notice_is_withheld_once_it_was_dealt_with(self, cast: Cast, anna: User) -> None:
        User.objects.filter(pk=cast.nurse.pk).update(email_verified_at=NOW)
        write("he has chest pain")
        Conversation.objects.update(is_urgent=False)
        send_all()

        states = Notification.objects.get(recipient=cast.nurse).deliveries.values_list("state", flat=True)
        assert set(states) == {"cancelled"}


def heard_about(user: User, about: About, *, hours: int = 2, number: str = NUMBER) -> None:
    """The last message that this number got."""
    at = NOW - timedelta(hours=hours)
    message = NotificationFactory(
        recipient=user, scope_id=about.scope_id, subject_id=about.subject_id, sent_at=at, created_at=at
    )
    DeliveryFactory(notification=message, channel="sms", address=number, state="delivered", sent_at=at)


class TestSeveralPatients:
    @pytest.fixture
    def child(self, cast: Cast, anna: User) -> Patient:
        """Of the same clinic."""
        child: Patient = PatientFactory(clinic=cast.clinic, first_name="Lwazi")
        CareRoleFactory(patient=child, user=anna, relation=Relation.GUARDIAN)
        return child

    @pytest.fixture
    def elsewhere(self, cast: Cast, anna: User) -> Patient:
        """Of the other one."""
        CareRoleFactory(patient=cast.zanele, user=anna, relation=Relation.GUARDIAN)
        return cast.zanele

    def test_it_is_about_whom_the_last_message_was_about(
        self, cast: Cast, anna: User, child: Patient
    ) -> None:
        heard_about(anna, About(cast.clinic.pk, cast.pieter.pk), hours=3)
        heard_about(anna, About(cast.clinic.pk, child.pk), hours=2)

        assert write("he is ill").about == About(cast.clinic.pk, child.pk)
        assert conversation().patient == child

    @pytest.mark.parametrize("why", ["long ago", "another number", "theirs no more"])
    def test_or_else_about_nobody_yet_at_the_one_clinic(
        self, cast: Cast, anna: User, child: Patient, why: str
    ) -> None:
        about = About(
            cast.clinic.pk, PatientFactory(clinic=cast.clinic).pk if why == "theirs no more" else child.pk
        )
        heard_about(
            anna,
            about,
            hours=80 if why == "long ago" else 2,
            number=STRANGER if why == "another number" else NUMBER,
        )

        assert write("he is ill").about == About(cast.clinic.pk)
        found = conversation()
        assert (found.clinic, found.patient) == (cast.clinic, None)

    def test_of_two_clinics_the_one_whose_message_came_last_reads_it_alone(
        self, cast: Cast, anna: User, elsewhere: Patient
    ) -> None:
        heard_about(anna, About(elsewhere.clinic_id, elsewhere.pk))
        write("she is ill")

        assert conversation().clinic == cast.other_clinic

    def test_where_it_may_be_of_either_both_read_it_until_one_says_whose_it_is(
        self, cast: Cast, anna: User, elsewhere: Patient
    ) -> None:
        assert write("chest pain").about == ABOUT_NOBODY

        rows = Conversation.objects.order_by("pk")
        assert {(row.clinic, row.patient) for row in rows} == {(cast.clinic, None), (cast.other_clinic, None)}
        send_all()
        told = Notification.objects.filter(event_type="conversation.urgent")
        assert {each.recipient for each in told} == {cast.nurse, cast.manager, cast.other_nurse}

    def test_who_cares_for_nobody_writes_to_head_office(self, cast: Cast, anna: User) -> None:
        CareRole.objects.all().delete()
        write("chest pain")
        send_all()

        assert (conversation().clinic, conversation().user) == (None, anna)
        assert Notification.objects.get(event_type="conversation.urgent").recipient == cast.head_office


class TestANumberThatIsNobodys:
    def test_it_is_head_offices_and_is_told_nothing(self, cast: Cast) -> None:
        row = write("Is this the clinic?", STRANGER)

        assert (row.interpretation, row.reply, row.about) == ("stranger", "", ABOUT_NOBODY)
        assert (conversation().number, conversation().clinic, conversation().user) == (STRANGER, None, None)
        write("Hello?", STRANGER)
        assert Conversation.objects.count() == 1

    def test_in_danger_it_is_told_what_to_do_in_the_language_of_its_words(self, cast: Cast) -> None:
        assert write("she is bleeding", STRANGER).reply == EMERGENCY
        assert "noodgeval" in write("sy bloei", STRANGER).reply

    def test_one_that_stands_in_a_clinics_records_is_that_clinics(self, cast: Cast) -> None:
        Patient.objects.filter(pk=cast.zanele.pk).first()
        cast.zanele.phone = STRANGER
        cast.zanele.save()
        row = write("It is me", STRANGER)

        assert row.about == About(cast.other_clinic.pk)
        assert (conversation().clinic, conversation().patient) == (cast.other_clinic, None)

    def test_one_that_two_clinics_know_is_head_offices(self, cast: Cast) -> None:
        for patient in (cast.zanele, cast.pieter):
            patient.phone = STRANGER
            patient.save()
        write("It is me", STRANGER)

        assert conversation().clinic is None

    def test_where_there_is_one_clinic_it_is_that_ones(self, cast: Cast) -> None:
        cast.zanele.delete()
        cast.other_clinic.delete()
        write("Is this the clinic?", STRANGER)

        assert conversation().clinic == cast.clinic

    @pytest.mark.parametrize("text", ["STOP", "HELP", "yes", "nee", "1"])
    def test_what_is_for_a_program_is_no_conversation(self, cast: Cast, text: str) -> None:
        assert write(text, STRANGER).interpretation == "stranger"
        assert not Conversation.objects.exists()

    def test_what_is_no_number_is_nobody(self, cast: Cast) -> None:
        write("You have won chest pain", "Vodacom")

        assert not Conversation.objects.exists()


def test_one_that_cannot_be_read_takes_no_other_with_it(cast: Cast, anna: User) -> None:
    bad = InboundMessage.objects.create(
        provider="file", provider_id="bad", sender=NUMBER, text="x", received_at=NOW, due_at=NOW
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE notifications_inboundmessage SET text = %s WHERE id = %s",
            [cipher.seal("x")[:-4] + "AAAA", bad.pk],
        )
    good = InboundMessage.objects.create(
        provider="file", provider_id="good", sender=NUMBER, text="Can he come?", received_at=NOW, due_at=NOW
    )
    while interpret_next(now=timezone.now()):
        pass

    good.refresh_from_db()
    bad.refresh_from_db()
    assert (good.interpretation, bad.interpretation, bad.state) == ("unknown_words", "", "pending")
    assert conversation().last_text == good


def test_a_failure_of_ours_leaves_the_text_to_be_tried_again(
    cast: Cast, anna: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*args: Any, **kwargs: Any) -> None:
        raise LookupError("no such type")

    monkeypatch.setattr(bus, "publish", broken)
    row = write("he has chest pain")

    assert (row.state, row.interpretation, Conversation.objects.count()) == ("pending", "", 0)


def test_it_asks_as_often_however_many_conversations_there_are(cast: Cast, anna: User) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            write("Can he come?")
        return len(queries)

    asked()
    few = asked()
    Conversation.objects.bulk_create(
        Conversation(clinic=cast.clinic, user=user, channel="sms", opened_at=NOW, last_at=NOW)
        for user in [UserFactory() for _ in range(20)]
    )
    somebody("+27825550155")
    assert asked() == few
