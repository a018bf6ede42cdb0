"""Whom this app has called: they wrote, nobody reaches them, or they never used their code."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from home.models import Consent, FollowUp, Invitation, Patient, Relation, User
from home.worklist.calls import Call, call_log
from home.worklist.entries import reasons_of
from home.worklist.reasons import worklist_reason
from home.worklist.refresh import worklist_refresh
from home.worklist.written import written
from notifications.models import InboundMessage, Suppression
from tests.factories import CareRoleFactory, PatientFactory, UserFactory
from tests.home.conftest import Cast

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 24, 8, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
Interpretation = InboundMessage.Interpretation


def sms(user: User, text: str, at: datetime = NOW - HOUR, **fields: Any) -> InboundMessage:
    values = {"interpretation": Interpretation.UNKNOWN_WORDS, **fields}
    return InboundMessage.objects.create(
        provider="file",
        provider_id=f"{user.pk}-{at}-{text}",
        sender="+27725550163",
        user=user,
        text=text,
        received_at=at,
        due_at=at,
        **values,
    )


def why(patient: Patient, now: datetime = NOW) -> dict[str, tuple[str, bool]]:
    worklist_refresh([patient.clinic_id], now=now)
    return {each.name: (each.quote or each.detail, each.is_urgent) for each in reasons_of(patient, now)}


def invite(patient: Patient, at: datetime, **fields: Any) -> Invitation:
    return Invitation.objects.create(
        patient=patient,
        relation=Relation.SELF,
        phone="+27725550163",
        digest=str(at),
        created_at=at,
        expires_at=at + Invitation.LIFE,
        **fields,
    )


class TestWrote:
    def test_free_words_are_on_the_list_and_only_their_id_is_kept(self, cast: Cast) -> None:
        row = sms(cast.anna, "Can I come on Friday?")

        assert why(cast.pieter) == {"wrote": ("Can I come on Friday?", False)}
        entry = cast.pieter.worklist_entries.get()
        assert entry.facts == {"sms_id": row.pk, "urgent": False}

    def test_who_asks_to_be_called_is_on_the_list_with_that(self, cast: Cast) -> None:
        row = sms(cast.anna, "Please call me", interpretation=Interpretation.PLEASE_CALL)

        assert why(cast.pieter) == {"wrote": ("Please call me", False)}
        assert [each.words for each in reasons_of(cast.pieter, NOW)] == ["Asks to be called"]
        entry = cast.pieter.worklist_entries.get()
        assert entry.facts == {"sms_id": row.pk, "urgent": False, "asks_to_be_called": True}
        sms(cast.anna, "It is about Friday", NOW)
        why(cast.pieter, NOW + HOUR)
        assert [each.words for each in reasons_of(cast.pieter, NOW + HOUR)] == ["Wrote"]

    def test_a_wish_to_be_called_that_cannot_wait_comes_first(self, cast: Cast) -> None:
        sms(cast.anna, "Please call me, I can't breathe", interpretation=Interpretation.PLEASE_CALL)

        assert why(cast.pieter)["wrote"][1]

    def test_what_cannot_wait_comes_first_and_stays_so(self, cast: Cast) -> None:
        sms(cast.anna, "he has chest pain", NOW - 2 * HOUR)
        sms(cast.anna, "please call", NOW - HOUR)

        assert why(cast.pieter) == {"wrote": ("he has chest pain", True)}

    @pytest.mark.parametrize(
        "fields",
        [{"interpretation": Interpretation.ANSWER}, {"at": NOW - 15 * DAY}, {"text": ""}],
        ids=["understood", "long ago", "wiped"],
    )
    def test_what_needs_nobody(self, cast: Cast, fields: dict[str, Any]) -> None:
        sms(cast.anna, **{"text": "Can I come?", **fields})

        assert why(cast.pieter) == {}

    @pytest.mark.parametrize(
        ("result", "stays"),
        [("other", False), ("will_come", False), ("no_answer", True), ("call_later", True)],
    )
    def test_it_is_settled_once_somebody_was_spoken_to(self, cast: Cast, result: str, stays: bool) -> None:
        sms(cast.anna, "Can I come on Friday?")
        why(cast.pieter)
        call = Call(result, until=NOW.date() + DAY, note="yes")
        call_log(patient=cast.pieter, call=call, by=cast.nurse, now=NOW)

        later = NOW + 10 * DAY
        assert ("wrote" in why(cast.pieter, later)) is stays

    def test_it_is_about_the_child_whom_the_message_answers(self, cast: Cast) -> None:
        child = PatientFactory(clinic=cast.clinic, first_name="Lwazi")
        CareRoleFactory(patient=child, user=cast.anna, relation=Relation.GUARDIAN)
        sms(cast.anna, "he is ill", subject_id=child.pk)

        assert why(child) == {"wrote": ("he is ill", False)}
        assert why(cast.pieter) == {}

    def test_it_is_the_clinics_of_the_child_whom_it_answers_whichever_is_asked_first(
        self, cast: Cast
    ) -> None:
        CareRoleFactory(patient=cast.zanele, user=cast.anna, relation=Relation.GUARDIAN)
        sms(cast.anna, "she is ill", subject_id=cast.zanele.pk)

        assert "wrote" not in why(cast.pieter)
        assert why(cast.zanele)["wrote"] == ("she is ill", False)
        assert "wrote" not in why(cast.pieter)

    def test_about_nobody_and_of_somebody_with_two_clinics_it_is_neither_clinics(self, cast: Cast) -> None:
        CareRoleFactory(patient=cast.zanele, user=cast.anna, relation=Relation.GUARDIAN)
        sms(cast.anna, "help")

        assert "wrote" not in why(cast.pieter)
        assert "wrote" not in why(cast.zanele)

    @pytest.mark.parametrize(
        "gone", [{"deceased_on": NOW.date()}, {"erased_at": NOW}], ids=["died", "erased"]
    )
    def test_about_one_who_is_gone_it_is_not_about_another(self, cast: Cast, gone: dict[str, Any]) -> None:
        child = PatientFactory(clinic=cast.clinic, **gone)
        CareRoleFactory(patient=child, user=cast.anna, relation=Relation.GUARDIAN)
        sms(cast.anna, "why do you write?", subject_id=child.pk)

        assert why(cast.pieter) == {}

    def test_only_those_of_people_of_these_clinics_are_read(self, cast: Cast) -> None:
        CareRoleFactory(patient=cast.zanele, user=cast.other_nurse, relation=Relation.GUARDIAN)
        sms(cast.other_nurse, "Can she come?")
        with CaptureQueriesContext(connection) as asked:
            assert written([cast.clinic.pk], NOW) == []

        assert "home_carerole" in asked.captured_queries[0]["sql"]

    def test_other_clinics_read_nothing_of_it(self, cast: Cast) -> None:
        sms(cast.anna, "Can I come on Friday?")

        assert "wrote" not in why(cast.zanele)


class TestUnreached:
    def test_nobody_has_an_address(self, cast: Cast) -> None:
        assert list(why(cast.zanele)) == ["unreached"]

    @pytest.mark.parametrize("way", ["unconfirmed", "not agreed", "comes back", "inactive"])
    def test_an_address_that_does_not_help(self, cast: Cast, way: str) -> None:
        assert why(cast.pieter) == {}
        if way == "unconfirmed":
            User.objects.filter(pk=cast.anna.pk).update(email_verified_at=None, date_joined=NOW - 9 * DAY)
        elif way == "not agreed":
            Consent.objects.filter(user=cast.anna, purpose="email").update(withdrawn_at=NOW)
        elif way == "comes back":
            Suppression.objects.create(
                channel="email", address=cast.anna.email, reason=Suppression.Kind.BOUNCED, since=NOW
            )
        else:
            User.objects.filter(pk=cast.anna.pk).update(is_active=False)

        assert list(why(cast.pieter)) == ["code_unused" if way == "unconfirmed" else "unreached"]

    def test_a_confirmed_number_is_enough(self, cast: Cast) -> None:
        CareRoleFactory(patient=cast.zanele, user=UserFactory(email=None, phone="+27825550142"))

        assert why(cast.zanele) == {}

    def test_a_wrong_number_is_found_though_messages_arrive(self, cast: Cast) -> None:
        Patient.objects.filter(pk=cast.pieter.pk).update(phone="+27725550163")
        call_log(patient=cast.pieter, call=Call("wrong_number"), by=cast.nurse, now=NOW)

        assert list(why(cast.pieter, NOW + DAY)) == ["unreached"]
        Patient.objects.filter(pk=cast.pieter.pk).update(phone="+27725550164")
        assert why(cast.pieter, NOW + 2 * DAY) == {}


class TestCodeUnused:
    def test_an_invitation_is_waited_for_two_days(self, cast: Cast) -> None:
        invite(cast.zanele, NOW)

        assert why(cast.zanele, NOW + 2 * DAY - HOUR) == {}
        assert list(why(cast.zanele, NOW + 2 * DAY)) == ["code_unused"]

    @pytest.mark.parametrize("ended", ["declined_at", "revoked_at"])
    def test_one_that_ended_is_none(self, cast: Cast, ended: str) -> None:
        invite(cast.zanele, NOW - 9 * DAY, **{ended: NOW})

        assert list(why(cast.zanele)) == ["unreached"]


@pytest.mark.parametrize("name", ["wrote", "unreached", "code_unused"])
def test_it_asks_as_much_for_many_as_for_few(cast: Cast, name: str) -> None:
    reason = worklist_reason(name)
    assert reason is not None

    def found() -> tuple[int, int]:
        with CaptureQueriesContext(connection) as asked:
            findings = list(reason.select([cast.clinic.pk], NOW))
        return len(asked), len(findings)

    def more(number: int) -> None:
        for patient in PatientFactory.create_batch(number, clinic=cast.clinic):
            if name == "wrote":
                user = UserFactory()
                CareRoleFactory(patient=patient, user=user)
                sms(user, "Can I come?", NOW - HOUR)
            elif name == "unreached":
                FollowUp.objects.create(
                    patient=patient,
                    clinic=cast.clinic,
                    at=NOW,
                    back_on=NOW.date(),
                    result=FollowUp.Result.WRONG_NUMBER,
                    number="+27725550163",
                )
            else:
                Invitation.objects.create(
                    patient=patient,
                    relation=Relation.SELF,
                    email=f"{patient.pk}@example.org",
                    digest=str(patient.pk),
                    created_at=NOW - 3 * DAY,
                    expires_at=NOW,
                )

    more(2)
    few, before = found()
    more(30)
    many, after = found()

    assert (many, after) == (few, before + 30)
