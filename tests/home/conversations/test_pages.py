"""The pages of conversations: who sees which, in which order, and a story from the webhook to the answer."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from home.conversations.acts import conversation_answer, conversation_close
from home.models import AccessRecord, Conversation, ConversationAnswer, DangerWords, Patient, Relation, User
from home.worklist.entries import reasons_of
from home.worklist.refresh import worklist_refresh
from notifications.replies.sms_replies import interpret_next
from tests.factories import CareRoleFactory, StaffRoleFactory
from tests.home.conftest import Cast
from tests.home.conversations.conftest import (
    NOW,
    STRANGER,
    conversation,
    send_all,
    sent_by_sms,
    signed_in,
    somebody,
    write,
)

pytestmark = pytest.mark.django_db
INDEX = "/admin/conversations/"
MINUTE = timedelta(minutes=1)


def text_of(page: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.content.decode()))


def answer_form(page: Any, text: str) -> dict[str, str]:
    [seen] = set(re.findall(r'name="seen" value="(\d+)"', page.content.decode()))
    return {"text": text, "seen": seen}


def zaneles(cast: Cast) -> User:
    """Somebody who writes to the other clinic."""
    user = somebody("+27825550177", first_name="Zola")
    CareRoleFactory(patient=cast.zanele, user=user)
    return user


class TestTheList:
    def test_it_has_what_was_written_to_ones_own_clinics(self, cast: Cast, anna: User) -> None:
        write("Can Pieter come?")
        zaneles(cast)
        write("Can Zanele come?", "+27825550177")
        write("Who is this?", STRANGER)

        seen = {
            name: [words for words in ("Can Pieter", "Can Zanele", "Who is this") if words in text_of(page)]
            for name, page in (
                (name, signed_in(getattr(cast, name)).get(INDEX))
                for name in ("nurse", "manager", "other_nurse", "head_office")
            )
        }
        assert seen == {
            "nurse": ["Can Pieter"],
            "manager": ["Can Pieter"],
            "other_nurse": ["Can Zanele"],
            "head_office": ["Can Pieter", "Can Zanele", "Who is this"],
        }

    def test_what_cannot_wait_stands_first_then_who_waits_longest(
        self, cast: Cast, anna: User, clock: time_machine.Traveller
    ) -> None:
        for minutes, (name, number, text) in enumerate(
            (
                ("Bheki", "+27825550171", "first"),
                ("Cebile", "+27825550172", "second"),
                ("Dudu", "+27825550173", "chest pain"),
            )
        ):
            CareRoleFactory(
                patient=cast.pieter, user=somebody(number, first_name=name), relation=Relation.CARER
            )
            clock.move_to(NOW + minutes * MINUTE)
            write(text, number)

        page = signed_in(cast.nurse).get(INDEX).content.decode()
        places = [page.index(name) for name in ("Dudu", "Bheki", "Cebile")]
        assert places == sorted(places)

    def test_it_is_filtered(self, cast: Cast, anna: User) -> None:
        write("Can he come?")
        nurse = signed_in(cast.nurse)
        assert "Can he come" in text_of(nurse.get(INDEX))
        assert "Can he come" not in text_of(nurse.get(INDEX, {"which": "mine"}))
        assert "Can he come" not in text_of(nurse.get(INDEX, {"which": "closed"}))
        Conversation.objects.update(assigned_to=cast.nurse)
        assert "Can he come" in text_of(nurse.get(INDEX, {"which": "mine"}))
        conversation_close(conversation=conversation(), seen=conversation().version, now=NOW)
        assert "Can he come" not in text_of(nurse.get(INDEX))
        assert "Can he come" in text_of(nurse.get(INDEX, {"which": "closed"}))

    def test_ten_thousand_take_as_many_queries_as_ten(self, cast: Cast, anna: User) -> None:
        nurse = signed_in(cast.nurse)

        def asked() -> int:
            with CaptureQueriesContext(connection) as queries:
                assert nurse.get(INDEX).status_code == 200
            return len(queries)

        def more(number: int) -> None:
            before = Conversation.objects.count()
            text = write("hello there")
            User.objects.bulk_create(User(email=f"many{before + n}@example.org") for n in range(number))
            people = User.objects.filter(email__startswith="many").order_by("-pk")[:number]
            Conversation.objects.bulk_create(
                [
                    Conversation(
                        clinic=cast.clinic,
                        patient=cast.pieter,
                        user=user,
                        channel="sms",
                        opened_at=NOW,
                        last_at=NOW,
                        last_text=text,
                    )
                    for user in people
                ],
                batch_size=1000,
            )

        more(10)
        asked()
        few = asked()
        more(10_000)
        assert asked() == few

    def test_the_side_bar_and_the_first_page_say_how_many_wait(self, cast: Cast, anna: User) -> None:
        write("Can he come?")
        page = signed_in(cast.nurse).get("/admin/").content.decode()

        assert "conversation waits for an answer" in page
        assert "conversation waits" not in signed_in(cast.other_nurse).get("/admin/").content.decode()


class TestAThread:
    def test_another_clinics_is_not_found_whatever_is_asked(self, cast: Cast, anna: User) -> None:
        write("Can he come?")
        row = conversation()
        stranger = signed_in(cast.other_nurse)
        for part in ("", "close/", "hand-over/", "whose/", "size/"):
            for verb in (stranger.get, stranger.post):
                answer = verb(f"{INDEX}{row.pk}/{part}", {"seen": row.version, "text": "x"})
                assert answer.status_code in (404, 405), part
                assert "Can he come" not in text_of(answer)
        row.refresh_from_db()
        assert (row.version, row.read_at, ConversationAnswer.objects.count()) == (0, None, 0)

    def test_patients_are_kept_out(self, cast: Cast, anna: User) -> None:
        write("Can he come?")
        for client in (signed_in(anna), Client()):
            assert client.get(INDEX).status_code in (302, 403)
            assert client.get(f"{INDEX}{conversation().pk}/").status_code in (302, 403)

    def test_who_looks_is_written_down(self, cast: Cast, anna: User) -> None:
        write("Can he come?")
        signed_in(cast.nurse).get(f"{INDEX}{conversation().pk}/")

        look = AccessRecord.objects.get(user=cast.nurse)
        assert (look.patient, look.page, look.kind) == (cast.pieter, "conversations", "looked")

    def test_a_head_request_reads_nothing(self, cast: Cast, anna: User) -> None:
        write("Can he come?")
        signed_in(cast.nurse).head(f"{INDEX}{conversation().pk}/")

        assert conversation().read_at is None

    def test_who_may_only_look_has_not_read_it_for_the_clinic(self, cast: Cast, anna: User) -> None:
        write("Can he come?")
        cast.nurse.groups.clear()
        may = Permission.objects.filter(codename__in=("access_admin", "view_conversation"))
        cast.nurse.user_permissions.add(*may)
        page = signed_in(cast.nurse).get(f"{INDEX}{conversation().pk}/")

        assert "Can he come?" in text_of(page)
        assert 'name="text"' not in page.content.decode()
        assert conversation().read_at is None
        refused = signed_in(cast.nurse).post(f"{INDEX}{conversation().pk}/", {"text": "x", "seen": 0})
        assert refused.status_code in (302, 403) and not ConversationAnswer.objects.exists()

    @pytest.mark.parametrize(
        ("text", "said"),
        [("", "Write your answer first."), (" ", "Write your answer first."), ("x" * 601, "too long")],
    )
    def test_a_bad_answer_is_said_beside_the_field_and_sends_nothing(
        self, cast: Cast, anna: User, text: str, said: str
    ) -> None:
        write("Can he come?")
        nurse, address = signed_in(cast.nurse), f"{INDEX}{conversation().pk}/"
        page = nurse.post(address, answer_form(nurse.get(address), text))

        assert said in text_of(page)
        assert not ConversationAnswer.objects.exists()

    @pytest.mark.parametrize("seen", ["", "x", "-1", "7", "9" * 40])
    def test_who_does_not_say_what_they_saw_sends_nothing_and_loses_no_word(
        self, cast: Cast, anna: User, seen: str
    ) -> None:
        write("Can he come?")
        address = f"{INDEX}{conversation().pk}/"
        page = signed_in(cast.nurse).post(address, {"text": "Come on Friday", "seen": seen})

        assert "Come on Friday" in page.content.decode()
        assert not ConversationAnswer.objects.exists()

    def test_the_second_nurse_is_told_who_answered_and_sends_hers_if_she_still_wants(
        self, cast: Cast, anna: User
    ) -> None:
        write("Can he come?")
        address = f"{INDEX}{conversation().pk}/"
        second = signed_in(cast.manager)
        form = answer_form(second.get(address), "Come on Monday")
        conversation_answer(
            conversation=conversation(),
            text="Come on Friday",
            by=cast.nurse,
            seen=conversation().version,
            now=NOW,
        )
        page = second.post(address, form)

        assert "Sister Nkosi answered" in text_of(page)
        assert "Come on Friday" in text_of(page)
        assert ">Come on Monday</textarea>" in page.content.decode()
        assert second.post(address, answer_form(page, "Come on Monday")).status_code == 302
        assert ConversationAnswer.objects.count() == 2

    def test_the_parts_are_counted_with_what_stands_before(self, cast: Cast, anna: User) -> None:
        write("Can he come?")
        nurse, address = signed_in(cast.nurse), f"{INDEX}{conversation().pk}/size/"
        before = len("From your clinic: ")

        assert text_of(nurse.post(address, {"text": "a" * 10})).strip() == (
            f"1 SMS, {160 - before - 10} characters left"
        )
        assert text_of(nurse.post(address, {"text": "a" * (161 - before)})).strip().startswith("2 SMS")
        assert "dearer because of ж" in text_of(nurse.post(address, {"text": "ж"}))
        assert text_of(nurse.post(address, {"text": ""})).strip() == ""

    @pytest.mark.parametrize(
        ("language", "said"), [("en", "Others may see it"), ("af", "Ander mense kan dit")]
    )
    def test_nurses_are_warned_that_others_see_an_sms(
        self, cast: Cast, anna: User, language: str, said: str
    ) -> None:
        write("Can he come?")
        nurse = signed_in(cast.nurse)
        if language == "af":
            nurse.post(reverse("staff_language", args=["af"]))

        assert said in text_of(nurse.get(f"{INDEX}{conversation().pk}/"))

    def test_who_stopped_is_said_to_get_it_in_the_inbox_alone(self, cast: Cast, anna: User) -> None:
        write("STOP")
        write("Can he come?")

        assert "It goes to their inbox alone." in text_of(
            signed_in(cast.nurse).get(f"{INDEX}{conversation().pk}/")
        )

    def test_words_that_cannot_be_read_are_no_broken_page(self, cast: Cast, anna: User) -> None:
        row = write("Can he come?")
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE notifications_inboundmessage SET text = %s WHERE id = %s", ["medguard:1:AAAA", row.pk]
            )
        nurse = signed_in(cast.nurse)
        for address in (INDEX, f"{INDEX}{conversation().pk}/", f"{INDEX}{conversation().pk}/whose/"):
            assert nurse.get(address).status_code == 200


class TestHandingOver:
    def test_to_a_colleague_who_finds_it_under_mine(self, cast: Cast, anna: User) -> None:
        write("Can he come?")
        address = f"{INDEX}{conversation().pk}/hand-over/"
        nurse = signed_in(cast.nurse)
        assert "Manager" in text_of(nurse.get(address))
        assert "Brother" not in text_of(nurse.get(address)), "of the other clinic"
        nurse.post(address, {"to": f"nurse-{cast.manager.pk}", "seen": conversation().version})

        assert "Can he come" in text_of(signed_in(cast.manager).get(INDEX, {"which": "mine"}))

    @pytest.mark.parametrize("to", ["", "nurse-0", "clinic-1", "x"])
    def test_to_nobody_else(self, cast: Cast, anna: User, to: str) -> None:
        write("Can he come?")
        row = conversation()
        to = f"clinic-{cast.other_clinic.pk}" if to == "clinic-1" else to
        page = signed_in(cast.nurse).post(f"{INDEX}{row.pk}/hand-over/", {"to": to, "seen": row.version})

        assert "Choose" in text_of(page)
        assert conversation().version == row.version

    def test_to_another_clinic_that_treats_somebody_of_theirs(self, cast: Cast, anna: User) -> None:
        CareRoleFactory(patient=cast.zanele, user=anna, relation=Relation.GUARDIAN)
        write("she is ill")
        row = conversation(clinic=cast.clinic)
        nurse = signed_in(cast.nurse)
        done = nurse.post(
            f"{INDEX}{row.pk}/hand-over/", {"to": f"clinic-{cast.other_clinic.pk}", "seen": row.version}
        )

        assert done.status_code == 302
        assert nurse.get(f"{INDEX}{row.pk}/").status_code == 404
        assert "she is ill" not in text_of(nurse.get(INDEX))
        assert "she is ill" in text_of(signed_in(cast.other_nurse).get(INDEX))

    def test_head_office_gives_a_strangers_to_a_clinic(self, cast: Cast) -> None:
        write("Is this the clinic?", STRANGER)
        row = conversation()
        signed_in(cast.head_office).post(
            f"{INDEX}{row.pk}/hand-over/", {"to": f"clinic-{cast.clinic.pk}", "seen": row.version}
        )

        assert "Is this the clinic?" in text_of(signed_in(cast.nurse).get(f"{INDEX}{row.pk}/"))


class TestWhose:
    def test_a_strangers_is_put_on_the_page_of_a_patient_found_by_name(self, cast: Cast) -> None:
        cast.pieter.phone = STRANGER
        cast.pieter.save()
        write("It is me, may I come?", STRANGER)
        row = conversation()
        nurse, address = signed_in(cast.nurse), f"{INDEX}{row.pk}/whose/"
        assert "Pieter Botha" in text_of(nurse.get(address)), "who has this number"
        assert "Zanele" not in text_of(nurse.get(address, {"q": "Zanele"})), "another clinic's"
        assert "Pieter Botha" in text_of(nurse.get(address, {"q": "botha"}))
        nurse.post(address, {"patient": cast.pieter.pk, "seen": row.version})

        page = text_of(nurse.get(f"/admin/patients/{cast.pieter.pk}/"))
        assert "It is me, may I come?" in page
        worklist_refresh([cast.clinic.pk], now=NOW)
        assert "wrote" in [why.name for why in reasons_of(cast.pieter, NOW)]
        assert 'name="text"' not in nurse.get(f"{INDEX}{row.pk}/").content.decode(), "nothing is sent there"

    @pytest.mark.parametrize("patient", ["", "x", "0", "zanele", "9" * 30])
    def test_it_is_nobodys_whom_one_may_not_see(self, cast: Cast, anna: User, patient: str) -> None:
        write("Can he come?")
        row = conversation()
        patient = str(cast.zanele.pk) if patient == "zanele" else patient
        signed_in(cast.nurse).post(f"{INDEX}{row.pk}/whose/", {"patient": patient, "seen": row.version})

        assert conversation().patient == cast.pieter


class TestWhatHappenedMeanwhile:
    @pytest.mark.parametrize("part", ["close", "hand-over", "give", "whose"])
    def test_nothing_is_done_to_what_has_changed_and_it_is_said(
        self, cast: Cast, anna: User, part: str
    ) -> None:
        CareRoleFactory(patient=cast.zanele, user=anna, relation=Relation.GUARDIAN)
        write("Can he come?")
        row = conversation(clinic=cast.clinic)
        seen = row.version
        conversation_answer(conversation=row, text="Yes.", by=cast.manager, seen=seen, now=NOW)
        answered = conversation(clinic=cast.clinic)
        given = {
            "hand-over": {"to": f"nurse-{cast.manager.pk}"},
            "give": {"to": f"clinic-{cast.other_clinic.pk}"},
            "whose": {"patient": cast.pieter.pk},
        }
        address = f"{INDEX}{row.pk}/{'hand-over' if part == 'give' else part}/"
        page = signed_in(cast.nurse).post(address, {**given.get(part, {}), "seen": seen}, follow=True)

        assert "Something happened here since you looked. Nothing was done" in text_of(page)
        left = conversation(clinic=cast.clinic)
        assert (left.version, left.assigned_to, left.closed_at, left.patient) == (
            answered.version,
            answered.assigned_to,
            answered.closed_at,
            answered.patient,
        )


class TestWorklist:
    def why(self, patient: Patient, now: Any = NOW) -> list[str]:
        worklist_refresh([patient.clinic_id], now=now)
        return [
            why.name for why in reasons_of(Patient.objects.select_related("clinic").get(pk=patient.pk), now)
        ]

    def test_who_was_answered_is_off_the_list_until_they_write_again(
        self, cast: Cast, anna: User, clock: time_machine.Traveller
    ) -> None:
        write("Can he come?")
        assert self.why(cast.pieter) == ["wrote"]
        conversation_answer(
            conversation=conversation(), text="Yes.", by=cast.nurse, seen=conversation().version, now=NOW
        )
        assert self.why(cast.pieter) == []
        clock.shift(MINUTE)
        write("And Monday?")
        assert self.why(cast.pieter, NOW + MINUTE) == ["wrote"]

    def test_what_was_closed_is_off_the_list(self, cast: Cast, anna: User) -> None:
        write("Thank you")
        conversation_close(conversation=conversation(), seen=conversation().version, now=NOW)

        assert self.why(cast.pieter) == []

    def test_what_no_person_wrote_puts_nobody_on_it(self, cast: Cast, anna: User) -> None:
        write("Auto-reply: I am driving")

        assert self.why(cast.pieter) == []


class TestDangerWords:
    ADDRESS = "/admin/danger-words/"

    def test_head_office_writes_them_for_all_languages(self, cast: Cast, anna: User) -> None:
        head = signed_in(cast.head_office)
        page = head.get(self.ADDRESS).content.decode()
        assert "bleed*" in page and "selfmoord*" in page
        assert head.post(self.ADDRESS, {"en": "purple", "af": "pers"}).status_code == 302
        assert "purple" in head.get(self.ADDRESS).content.decode()

        write("chest pain")
        assert not conversation().is_urgent
        write("sy gesig is pers")
        assert conversation().is_urgent

    def test_a_line_without_a_word_is_said_beside_its_field_and_changes_nothing(self, cast: Cast) -> None:
        page = signed_in(cast.head_office).post(self.ADDRESS, {"en": "purple\n*", "af": "pers"})

        assert "has no word in it" in text_of(page)
        assert not DangerWords.objects.exists()

    def test_it_is_head_offices_alone(self, cast: Cast) -> None:
        for user in (cast.nurse, cast.manager):
            assert signed_in(user).get(self.ADDRESS).status_code in (302, 403)


def test_from_the_webhook_to_the_nurses_answer(
    client: Client, cast: Cast, settings: Any, tmp_path: Path
) -> None:
    """Nomvula is registered at the desk, says yes by SMS, asks something, is read and answered."""
    cast_nurse = signed_in(cast.nurse)
    number = "+27825550166"
    new = {
        "first_name": "Nomvula",
        "last_name": "Xaba",
        "date_of_birth": "5 June 1987",
        "phone": "082 555 0166",
        "language": "en",
        "clinic": cast.clinic.pk,
        "consent_reminders": "on",
        "consent_sms": "on",
    }
    assert cast_nurse.post("/admin/patients/new/", new).status_code == 302
    patient = Patient.objects.get(first_name="Nomvula")
    settings.SMS_PROVIDERS = ["file", "africastalking"]
    settings.AFRICASTALKING_WEBHOOK_SECRET = "a-secret"

    def receives(text: str) -> None:
        form = {
            "id": text,
            "from": number,
            "to": "22345",
            "text": text,
            "date": "2026-11-24 08:00:00",
            "linkId": "",
        }
        assert client.post("/sms/africastalking/inbound/?key=a-secret", form).status_code == 204
        while interpret_next(now=timezone.now()):
            pass

    receives("YES")
    assert not Conversation.objects.exists()
    receives("Mag ek my pille Vrydag kom haal?")
    row = conversation()
    assert row.patient == patient

    worklist_refresh([cast.clinic.pk], now=timezone.now())
    assert "Mag ek my pille" in text_of(cast_nurse.get("/admin/worklist/"))
    assert "Conversation with Nomvula Xaba" in text_of(cast_nurse.get(f"/admin/patients/{patient.pk}/"))
    page = cast_nurse.get(f"{INDEX}{row.pk}/")
    done = cast_nurse.post(f"{INDEX}{row.pk}/", answer_form(page, "Ja, van 8:00 af."))
    assert done.status_code == 302
    send_all()

    assert "From your clinic: Ja, van 8:00 af." in sent_by_sms(tmp_path)
    assert not any("has read your message" in text for text in sent_by_sms(tmp_path))
    thread = text_of(cast_nurse.get(f"{INDEX}{row.pk}/"))
    assert "replied at once: Thank you. A nurse reads this" in thread
    places = [thread.index(words) for words in ("Mag ek my pille", "Ja, van 8:00 af.")]
    assert places == sorted(places)
    worklist_refresh([cast.clinic.pk], now=timezone.now())
    assert "Mag ek my pille" not in text_of(cast_nurse.get("/admin/worklist/"))


def test_two_clinics_nurse_sees_those_of_both_and_says_which(cast: Cast, anna: User) -> None:
    StaffRoleFactory(clinic=cast.other_clinic, user=cast.nurse)
    zaneles(cast)
    write("Can Pieter come?")
    write("Can Zanele come?", "+27825550177")
    page = text_of(signed_in(cast.nurse).get(INDEX))

    assert "Can Pieter" in page and "Can Zanele" in page and "Khayelitsha" in page
    page = text_of(signed_in(cast.nurse).get(INDEX, {"clinic": cast.clinic.pk}))
    assert "Can Pieter" in page and "Can Zanele" not in page
