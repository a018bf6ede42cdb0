"""Nobody who hasn't agreed is written to outside the inbox, and "why" says so."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from home.carers import CARERS
from home.models import Consent, Relation, User
from home.privacy.consents import consents_give, consents_withdraw
from home.privacy.gate import ConsentGate
from home.privacy.sentences import REMINDERS, personal_purposes
from home.selectors import people_of
from notifications.models import ChannelChoice, Delivery, Notification
from notifications.pipeline.bus import publish
from notifications.pipeline.due import read
from notifications.pipeline.fan_out import fan_out
from notifications.pipeline.relevance import withheld
from notifications.services import NotificationService
from notifications.types import Reason
from tests.factories import CareRoleFactory, StaffRoleFactory
from tests.home.conftest import Cast
from tests.medications.factories import NOW as DUE
from tests.medications.factories import DoseFactory, DoseScheduleFactory, PrescriptionFactory
from tests.notifications.factories import DeliveryFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def thandi() -> User:
    """A patient who agreed to all, with e-mail on for medicines."""
    user = CareRoleFactory(user__phone="+27825550142").user
    ChannelChoice.objects.create(user=user, category="medication", channel="email", on=True)
    return user


def withdraw(user: User, *purposes: str) -> None:
    consents_withdraw(user_id=user.pk, purposes=purposes, how=Consent.Ended.SITE, now=timezone.now())


def tell(user: User, category: str) -> dict[str, str]:
    """By channel why the newest message of that category did or didn't go there."""
    NotificationService.send(users=[user], title="A title", message="Words", notif_type=category)
    message = Notification.objects.latest("pk")
    assert message.in_inbox
    sent = set(message.deliveries.values_list("channel", flat=True))
    assert sent == {each["channel"] for each in message.routing if each["send"]} - {"in_app"}
    return {each["channel"]: each["reason"] for each in message.routing}


def test_who_agreed_is_written_to(thandi: User) -> None:
    assert tell(thandi, "medication")["email"] == Reason.CHOSEN


@pytest.mark.parametrize("category", ["medication", "system", "event"])
def test_a_channel_that_nobody_agreed_to_carries_nothing(thandi: User, category: str) -> None:
    withdraw(thandi, "email")
    assert tell(thandi, category)["email"] == Reason.NO_CONSENT


@pytest.mark.parametrize(
    ("category", "reason"), [("medication", Reason.NO_CONSENT_TREATMENT), ("system", Reason.DEFAULT)]
)
def test_without_consent_to_reminders_treatment_stays_in_the_inbox(
    thandi: User, category: str, reason: Reason
) -> None:
    withdraw(thandi, REMINDERS)
    assert tell(thandi, category)["email"] == reason


def test_who_never_agreed_is_reached_by_nothing_but_the_inbox(thandi: User) -> None:
    Consent.objects.all().delete()
    assert tell(thandi, "system")["email"] == Reason.NO_CONSENT


def test_staff_are_written_to_because_of_their_work() -> None:
    nurse = StaffRoleFactory().user
    assert tell(nurse, "system")["email"] == Reason.DEFAULT


def test_what_was_withdrawn_stays_withdrawn_when_a_role_ends(thandi: User) -> None:
    withdraw(thandi, "email")
    thandi.care_roles.all().delete()
    assert tell(thandi, "system")["email"] == Reason.NO_CONSENT


def test_staff_who_are_carers_too_are_asked(thandi: User) -> None:
    StaffRoleFactory(user=thandi)
    withdraw(thandi, "email")
    assert tell(thandi, "system")["email"] == Reason.NO_CONSENT


@pytest.mark.parametrize(
    ("event_type", "purpose", "said"),
    [
        ("medication.prescribed", REMINDERS, Reason.NO_CONSENT_TREATMENT),
        ("medication.prescribed", "email", Reason.NO_CONSENT),
        ("system.announcement", REMINDERS, None),
        ("system.announcement", "email", Reason.NO_CONSENT),
    ],
)
def test_what_waits_when_consent_is_withdrawn_is_not_sent(
    thandi: User, event_type: str, purpose: str, said: Reason | None
) -> None:
    delivery = DeliveryFactory(
        channel="email",
        notification__recipient=thandi,
        notification__event_type=event_type,
        notification__category=event_type.partition(".")[0],
        notification__data={"prescription_id": PrescriptionFactory().pk},
    )
    assert delivery.pk not in withheld(read([delivery.pk]), now=timezone.now())
    withdraw(thandi, purpose)
    found = withheld(read([delivery.pk]), now=timezone.now()).get(delivery.pk)
    assert (found and found.reason) == said
    assert said is None or (found and found.state) == Delivery.State.CANCELLED


def test_an_address_that_is_not_confirmed_hides_no_missing_consent(thandi: User) -> None:
    User.objects.filter(pk=thandi.pk).update(email_verified_at=None)
    assert tell(thandi, "system")["email"] == Reason.DEFAULT
    withdraw(thandi, "email")
    with time_machine.travel(timezone.now() + timedelta(minutes=1)):
        assert tell(thandi, "system")["email"] == Reason.NO_CONSENT


def test_it_asks_once_for_any_number_of_people(django_assert_num_queries: object) -> None:
    users = [CareRoleFactory(relation=Relation.CARER).user for _ in range(12)]
    withdraw(users[0], "sms")
    reachable = {"email": [user.pk for user in users], "sms": [users[0].pk, users[1].pk], "push": []}
    with django_assert_num_queries(1):  # type: ignore[operator]
        assert ConsentGate().barred(reachable) == {"sms": {users[0].pk: Reason.NO_CONSENT}}


class TestCarers:
    def test_they_are_told_while_the_patient_agrees(self, cast: Cast) -> None:
        assert [carer.user_id for carer in people_of([cast.pieter.pk])[cast.pieter.pk]] == [cast.anna.pk]
        consents_withdraw(
            patient_id=cast.pieter.pk, purposes=[CARERS], how=Consent.Ended.STAFF, now=timezone.now()
        )
        assert people_of([cast.pieter.pk]) == {cast.pieter.pk: []}

    @pytest.mark.parametrize("relation", [Relation.SELF, Relation.GUARDIAN])
    def test_a_guardian_and_the_patient_need_no_such_consent(self, relation: Relation) -> None:
        role = CareRoleFactory(relation=relation)
        assert [carer.user_id for carer in people_of([role.patient_id])[role.patient_id]] == [role.user_id]

    def test_what_waits_for_them_is_not_sent_once_the_patient_withdraws(self, cast: Cast) -> None:
        ChannelChoice.objects.create(user=cast.anna, category="medication", channel="email", on=True)
        prescription = PrescriptionFactory(patient=cast.pieter)
        dose = DoseFactory(schedule=DoseScheduleFactory(prescription=prescription), patient=cast.pieter)
        publish("medication.dose_due", {"dose_ids": [dose.pk]}, now=DUE)
        fan_out(now=DUE)
        [delivery] = Delivery.objects.filter(notification__recipient=cast.anna)
        assert not withheld(read([delivery.pk]), now=DUE)
        consents_withdraw(
            patient_id=cast.pieter.pk, purposes=[CARERS], how=Consent.Ended.STAFF, now=timezone.now()
        )
        assert withheld(read([delivery.pk]), now=DUE)[delivery.pk].reason == Reason.NO_LONGER_RELEVANT


def test_it_is_given_anew_after_it_was_withdrawn(thandi: User) -> None:
    withdraw(thandi, *personal_purposes())
    before = Consent.objects.filter(user=thandi).count()
    later = timezone.now() + timedelta(minutes=1)
    given = consents_give(user_id=thandi.pk, purposes=["email"], how="site", language="en", now=later)
    assert given == ["email"]
    assert Consent.objects.filter(user=thandi).count() == before + 1
    assert tell(thandi, "system")["email"] == Reason.DEFAULT
