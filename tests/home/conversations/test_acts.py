"""What nurses do in a conversation, and what reaches its person."""

from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.utils import timezone

from home.conversations.acts import (
    ANSWERS_WITHIN,
    ChangedError,
    NobodysNumberError,
    conversation_answer,
    conversation_assign,
    conversation_close,
    conversation_give,
    conversation_is_about,
    conversation_read,
)
from home.conversations.threads import texts_of, turns_of
from home.models import Conversation, ConversationAnswer, Patient, Relation, User
from notifications.models import Delivery, InboundMessage, Notification, NotificationPreferences
from notifications.pipeline.deliver import deliver_held
from notifications.types import About
from tests.factories import CareRoleFactory, PatientFactory
from tests.home.conftest import Cast
from tests.home.conversations.conftest import (
    NOW,
    NUMBER,
    STRANGER,
    conversation,
    send_all,
    sent_by_sms,
    write,
)
from tests.notifications.factories import NotificationFactory

pytestmark = pytest.mark.django_db
FRIDAY = "You may come on Friday at 10:00."
MINUTE = timedelta(minutes=1)


def answer(row: Conversation, by: User, text: str = FRIDAY, seen: int | None = None) -> ConversationAnswer:
    return conversation_answer(
        conversation=row, text=text, by=by, seen=row.version if seen is None else seen, now=NOW
    )


class TestAnswering:
    def test_it_goes_by_the_way_they_wrote_and_to_the_inbox(
        self, cast: Cast, anna: User, tmp_path: Path
    ) -> None:
        write("Can he come on Friday?")
        answer(conversation(), cast.nurse)
        send_all()

        assert f"From your clinic: {FRIDAY}" in sent_by_sms(tmp_path)
        message = Notification.objects.get(event_type="conversation.reply")
        assert (message.recipient, message.in_inbox) == (anna, True)
        assert message.body == f"{FRIDAY}\n\nHillbrow"
        assert message.about == About(cast.clinic.pk, cast.pieter.pk)
        assert list(message.deliveries.values_list("channel", "state")) == [("sms", "sent")]

    def test_in_their_language(self, cast: Cast, anna: User, tmp_path: Path) -> None:
        NotificationPreferences.objects.create(user=anna, language="af")
        write("Kan hy kom?")
        answer(conversation(), cast.nurse, "Ja, Vrydag.")
        send_all()

        assert "Van u kliniek: Ja, Vrydag." in sent_by_sms(tmp_path)
        assert Notification.objects.get(event_type="conversation.reply").title == "Hillbrow het u geantwoord"

    def test_quiet_hours_hold_no_answer(self, cast: Cast, anna: User, tmp_path: Path) -> None:
        NotificationPreferences.objects.create(
            user=anna, quiet_hours_enabled=True, quiet_hours_start="00:00", quiet_hours_end="23:00"
        )
        write("Can he come?")
        answer(conversation(), cast.nurse)
        send_all()

        assert f"From your clinic: {FRIDAY}" in sent_by_sms(tmp_path)

    @pytest.mark.parametrize("why", ["stopped", "not confirmed"])
    def test_it_comes_to_the_inbox_alone_of_who(
        self, cast: Cast, anna: User, tmp_path: Path, why: str
    ) -> None:
        if why == "stopped":
            write("STOP")
        write("Can he come on Friday?")
        if why == "not confirmed":
            User.objects.filter(pk=anna.pk).update(phone_verified_at=None)
        answer(conversation(), cast.nurse)
        send_all()

        message = Notification.objects.get(event_type="conversation.reply")
        assert message.in_inbox
        assert not message.deliveries.exists()
        assert not any(FRIDAY in text for text in sent_by_sms(tmp_path))

    def test_nothing_goes_to_a_number_that_nobody_confirmed(self, cast: Cast, tmp_path: Path) -> None:
        write("Is this the clinic?", STRANGER)
        with pytest.raises(NobodysNumberError):
            answer(conversation(), cast.head_office)
        send_all()

        assert sent_by_sms(tmp_path) == []

    def test_the_second_of_two_nurses_sees_that_somebody_answered(self, cast: Cast, anna: User) -> None:
        write("Can he come?")
        seen = conversation()
        answer(seen, cast.nurse)
        with pytest.raises(ChangedError):
            answer(seen, cast.manager, "No, on Monday.")

        assert [each.by for each in ConversationAnswer.objects.all()] == [cast.nurse]
        answer(conversation(), cast.manager, "No, on Monday.")
        assert ConversationAnswer.objects.count() == 2

    def test_what_they_wrote_meanwhile_is_read_first(self, cast: Cast, anna: User) -> None:
        write("Can he come?")
        seen = conversation()
        write("he has chest pain")
        with pytest.raises(ChangedError):
            answer(seen, cast.nurse)

    def test_it_waits_no_more_and_is_the_nurses(self, cast: Cast, anna: User) -> None:
        write("he has chest pain")
        answer(conversation(), cast.nurse)

        found = conversation()
        assert (found.is_waiting, found.is_urgent, found.assigned_to, found.state) == (
            False,
            False,
            cast.nurse,
            "open",
        )

    def test_the_words_are_sealed(self, cast: Cast, anna: User) -> None:
        write("Can he come?")
        answer(conversation(), cast.nurse)
        [(stored,)] = ConversationAnswer.objects.extra(
            select={"stored": "home_conversationanswer.text"}
        ).values_list("stored")

        assert FRIDAY not in stored


class TestReading:
    def test_its_person_is_told_once(
        self, cast: Cast, anna: User, tmp_path: Path, clock: time_machine.Traveller
    ) -> None:
        write("Can he come?")
        before = sent_by_sms(tmp_path)
        assert [conversation_read(conversation=conversation(), now=NOW) for _ in range(3)] == [
            True,
            False,
            False,
        ]
        send_all()
        assert sent_by_sms(tmp_path) == before, "her answer may come first"
        clock.shift(ANSWERS_WITHIN)
        send_all()

        assert [text for text in sent_by_sms(tmp_path) if text not in before] == [
            "A nurse at your clinic has read your message. In an emergency do not wait: call 10177 or 112."
        ]
        message = Notification.objects.get(event_type="conversation.read")
        assert message.body.startswith("A nurse at Hillbrow has read your message.")
        clock.shift(MINUTE)
        write("And on Monday?")
        assert not conversation_read(conversation=conversation(), now=NOW + MINUTE)

    def test_a_conversation_that_opens_again_is_read_anew(
        self, cast: Cast, anna: User, clock: time_machine.Traveller
    ) -> None:
        write("Can he come?")
        conversation_read(conversation=conversation(), now=NOW)
        conversation_close(conversation=conversation(), seen=conversation().version, now=NOW)
        clock.shift(MINUTE)
        write("And on Monday?")

        assert conversation_read(conversation=conversation(), now=NOW + MINUTE)
        clock.shift(ANSWERS_WITHIN)
        send_all()
        assert Notification.objects.filter(event_type="conversation.read").count() == 2

    @pytest.mark.parametrize(("minutes", "told"), [(0, []), (4, []), (6, ["conversation.read"])])
    def test_who_reads_and_answers_at_once_sends_one_message(
        self, cast: Cast, anna: User, clock: time_machine.Traveller, minutes: int, told: list[str]
    ) -> None:
        write("Can he come?")
        conversation_read(conversation=conversation(), now=NOW)
        for minute in range(10):
            clock.move_to(NOW + minute * MINUTE)
            if minute == minutes:
                answer(conversation(), cast.nurse)
            send_all()

        by_sms = Delivery.objects.filter(channel="sms", state="sent").order_by("sent_at")
        assert [row.notification.event_type for row in by_sms] == [*told, "conversation.reply"]
        in_inbox = Notification.objects.order_by("id").values_list("event_type", flat=True)
        assert list(in_inbox) == [*told, "conversation.reply"]

    def test_what_quiet_hours_hold_is_not_said_once_it_is_answered(
        self, cast: Cast, anna: User, clock: time_machine.Traveller
    ) -> None:
        NotificationPreferences.objects.create(
            user=anna, quiet_hours_enabled=True, quiet_hours_start="00:00", quiet_hours_end="09:00"
        )
        write("Can he come?")
        conversation_read(conversation=conversation(), now=NOW)
        clock.shift(ANSWERS_WITHIN)
        send_all()
        conversation_answer(
            conversation=conversation(),
            text=FRIDAY,
            by=cast.nurse,
            seen=conversation().version,
            now=NOW + 6 * MINUTE,
        )
        clock.move_to(NOW + 61 * MINUTE)
        send_all()
        while deliver_held("sms", now=timezone.now()).taken:
            pass

        became = Delivery.objects.filter(channel="sms").values_list("notification__event_type", "state")
        assert dict(became) == {"conversation.read": "cancelled", "conversation.reply": "sent"}

    def test_a_number_that_is_nobodys_is_told_nothing(
        self, cast: Cast, tmp_path: Path, clock: time_machine.Traveller
    ) -> None:
        write("Is this the clinic?", STRANGER)
        assert conversation_read(conversation=conversation(), now=NOW)
        clock.shift(ANSWERS_WITHIN)
        send_all()

        assert sent_by_sms(tmp_path) == []


class TestClosingAndHandingOver:
    def test_who_closes_what_has_changed_is_too_late(self, cast: Cast, anna: User) -> None:
        write("Can he come?")
        seen = conversation()
        write("he is worse")
        with pytest.raises(ChangedError):
            conversation_close(conversation=seen, seen=seen.version, now=NOW)

        assert conversation().state == "open"

    def test_a_colleague_has_it(self, cast: Cast, anna: User) -> None:
        write("Can he come?")
        conversation_assign(conversation=conversation(), to=cast.manager, seen=conversation().version)

        assert conversation().assigned_to == cast.manager

    def test_another_clinic_gets_what_was_written_since_it_opened(self, cast: Cast, anna: User) -> None:
        row = write("Can he come?")
        CareRoleFactory(patient=cast.zanele, user=anna, relation=Relation.GUARDIAN)
        conversation_give(
            conversation=conversation(), to=cast.other_clinic, seen=conversation().version, now=NOW
        )

        found = conversation()
        assert (found.clinic, found.patient, found.assigned_to) == (cast.other_clinic, cast.zanele, None)
        row.refresh_from_db()
        assert row.about == About(cast.other_clinic.pk, cast.zanele.pk)
        assert list(texts_of(found)) == [row]

    def test_what_both_clinics_could_read_is_the_one_ones_that_answers(self, cast: Cast, anna: User) -> None:
        CareRoleFactory(patient=cast.zanele, user=anna, relation=Relation.GUARDIAN)
        row = write("Can they come?")
        answer(conversation(clinic=cast.clinic), cast.nurse)

        there = conversation(clinic=cast.other_clinic)
        assert (there.state, there.is_waiting, there.last_text) == ("closed", False, None)
        assert list(texts_of(there)) == []
        row.refresh_from_db()
        assert row.about == About(cast.clinic.pk)


class TestWhose:
    def test_a_number_that_is_nobodys_is_a_patients_from_then_on(self, cast: Cast) -> None:
        row = write("It is me", STRANGER)
        conversation_is_about(
            conversation=conversation(), patient=cast.pieter, seen=conversation().version, now=NOW
        )

        found = conversation()
        assert (found.clinic, found.patient, found.user) == (cast.clinic, cast.pieter, None)
        row.refresh_from_db()
        assert row.about == About(cast.clinic.pk, cast.pieter.pk)
        later = write("May I come?", STRANGER)
        assert later.about == About(cast.clinic.pk, cast.pieter.pk)
        assert set(texts_of(found)) == {row, later}
        with pytest.raises(NobodysNumberError):
            answer(conversation(), cast.nurse)

    def test_it_goes_on_in_the_conversation_that_there_is(self, cast: Cast, anna: User) -> None:
        write("about Pieter")
        first = conversation()
        answer(first, cast.nurse)
        child = PatientFactory(clinic=cast.clinic)
        CareRoleFactory(patient=child, user=anna, relation=Relation.GUARDIAN)
        row = write("he has chest pain")
        second = conversation(patient=None)
        pk = conversation_is_about(conversation=second, patient=cast.pieter, seen=second.version, now=NOW)

        assert pk == first.pk
        found = conversation()
        assert (found.is_waiting, found.is_urgent, found.last_text) == (True, True, row)
        assert [turn.row for turn in turns_of(found) if isinstance(turn.row, InboundMessage)][-1] == row

    def test_a_patient_who_goes_to_another_clinic_takes_it_along(self, cast: Cast, anna: User) -> None:
        write("Can he come?")
        patient = Patient.objects.get(pk=cast.pieter.pk)
        patient.clinic = cast.other_clinic
        patient.save()

        found = conversation()
        assert found.clinic == cast.other_clinic
        assert texts_of(found).count() == 1


def test_what_was_sent_shortly_before_stands_beside_what_they_wrote(cast: Cast, anna: User) -> None:
    about = {"recipient": anna, "scope_id": cast.clinic.pk, "subject_id": cast.pieter.pk}
    for days in (9, 2):
        at = NOW - timedelta(days=days)
        NotificationFactory(**about, title=f"{days} days ago", created_at=at)
    NotificationFactory(
        recipient=anna, scope_id=cast.other_clinic.pk, title="of another clinic", created_at=NOW
    )
    write("Can he come?")

    said = [turn.row for turn in turns_of(conversation())]
    assert [each.title for each in said if isinstance(each, Notification)] == ["2 days ago"]
    assert isinstance(said[-1], InboundMessage)


def test_a_thread_is_in_the_order_of_time(
    cast: Cast, anna: User, clock: time_machine.Traveller, tmp_path: Path
) -> None:
    write("first")
    clock.shift(MINUTE)
    conversation_answer(
        conversation=conversation(),
        text="second",
        by=cast.nurse,
        seen=conversation().version,
        now=NOW + MINUTE,
    )
    send_all()
    clock.shift(MINUTE)
    write("third")

    turns = turns_of(conversation())
    assert [getattr(turn.row, "text", "") for turn in turns] == ["first", "second", "third"]
    carried = turns[1].message
    assert carried is not None and carried.event_type == "conversation.reply"
    assert Delivery.objects.get(notification=carried).address == NUMBER
