"""Who leaves is out at once, and what they had in hand is named and left for others."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from knox.models import AuthToken
from wagtail.models import ModelLogEntry

from home.models import Conversation, FollowUp, Patient, StaffRole, User, UserSession
from home.staff.handing_over import in_hand
from notifications.models import Delivery, PushSubscription
from notifications.types import Reason
from tests.factories import PASSWORD, CareRoleFactory, StaffRoleFactory, UserFactory
from tests.home.conftest import Cast
from tests.home.sign_in.steps import asked
from tests.home.staff.test_invitations import invite
from tests.notifications.factories import DeliveryFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nobody_counted() -> None:
    cache.clear()


def role_of(user: User) -> StaffRole:
    return StaffRole.objects.get(user=user)


def signed_in(user: User, page: str = "/admin/") -> Client:
    """By the page, as it begins a session that its owner finds again."""
    client = Client()
    client.post("/en/accounts/login/", {"login": user.email, "password": PASSWORD})
    assert client.get(page).status_code == 200
    return client


def end(client: Client, role: StaffRole) -> Any:
    return client.post(f"/admin/staff/delete/{role.pk}/")


def device_of(user: User) -> PushSubscription:
    return PushSubscription.objects.create(
        user=user,
        endpoint=f"https://updates.push.services.mozilla.com/wpush/v2/{user.pk}",
        p256dh="p",
        auth="a",
        created_at=timezone.now(),
    )


def conversation(patient: Patient, assigned_to: User, **fields: Any) -> Conversation:
    now = timezone.now()
    made: Conversation = Conversation.objects.create(
        patient=patient,
        clinic=patient.clinic,
        user=UserFactory(),
        channel="sms",
        assigned_to=assigned_to,
        opened_at=now,
        last_at=now,
        **fields,
    )
    return made


class TestTheNextRequestIsRefused:
    def test_in_each_window_with_a_form_half_typed_and_by_token(self, cast: Cast) -> None:
        page = f"/admin/patients/edit/{cast.pieter.pk}/"
        nurse, phone = signed_in(cast.nurse, page), signed_in(cast.nurse, page)
        _row, token = AuthToken.objects.create(cast.nurse)
        device_of(cast.nurse)
        manager = signed_in(cast.manager)
        assert end(manager, role_of(cast.nurse)).status_code == 302
        for window in (nurse, phone):
            assert window.get(page)["Location"].startswith("/en/accounts/login/")
            answer = window.post(page, {"first_name": "Changed", "last_name": "Botha"})
            assert answer["Location"].startswith("/en/accounts/login/")
        cast.pieter.refresh_from_db()
        assert cast.pieter.first_name == "Pieter"
        assert (
            Client().get("/api/notifications/", headers={"Authorization": f"Token {token}"}).status_code
            == 401
        )
        assert not UserSession.objects.filter(user=cast.nurse).exists()
        assert not PushSubscription.objects.filter(user=cast.nurse).exists()
        assert Session.objects.count() == 1  # the manager's

    def test_an_open_stream_ends_at_its_next_look(self, cast: Cast) -> None:
        """It looks the session up anew, which is gone (tests/notifications/inbox/test_stream.py)."""
        nurse = signed_in(cast.nurse)
        key = nurse.session.session_key
        role_of(cast.nurse).delete()
        assert not Session.objects.filter(session_key=key).exists()

    def test_however_the_role_ends(self, cast: Cast) -> None:
        """A clinic that is deleted, and a program that deletes rows."""
        signed_in(cast.nurse)
        assert UserSession.objects.filter(user=cast.nurse).exists()
        StaffRole.objects.filter(user=cast.nurse).delete()
        assert not UserSession.objects.filter(user=cast.nurse).exists()

    def test_who_is_moved_loses_the_first_clinic_and_sees_the_second(self, cast: Cast) -> None:
        page = f"/admin/patients/edit/{cast.pieter.pk}/"
        manager = signed_in(cast.manager, page)
        head_office = signed_in(cast.head_office)
        moved = {"user": cast.manager.email, "clinic": cast.other_clinic.pk, "role": "manager"}
        role = role_of(cast.manager)
        assert head_office.post(f"/admin/staff/edit/{role.pk}/", moved).status_code == 302
        assert manager.get(page).status_code == 404
        assert manager.get(f"/admin/patients/edit/{cast.zanele.pk}/").status_code == 200
        shown = manager.get("/admin/staff/").content.decode()
        assert "Brother" in shown
        assert "Sister" not in shown

    def test_with_another_role_there_nothing_is_taken(self, cast: Cast) -> None:
        second = StaffRoleFactory(user=cast.nurse, clinic=cast.clinic, role="manager")
        nurse = signed_in(cast.nurse)
        kept = conversation(cast.pieter, cast.nurse)
        second.delete()
        kept.refresh_from_db()
        assert kept.assigned_to == cast.nurse
        assert nurse.get("/admin/").status_code == 200
        assert nurse.get("/admin/staff/").status_code == 302

    def test_who_is_a_patient_too_keeps_what_is_hers(self, cast: Cast) -> None:
        CareRoleFactory(patient=cast.zanele, user=cast.nurse)
        device_of(cast.nurse)
        role_of(cast.nurse).delete()
        assert PushSubscription.objects.filter(user=cast.nurse).exists()
        again = Client()
        again.force_login(User.objects.get(pk=cast.nurse.pk))
        assert again.get("/en/today/").status_code == 200
        assert again.get("/admin/").status_code == 302


class TestWhatWasOnItsWayToThem:
    def test_is_called_off_where_it_is_about_the_clinic(self, cast: Cast) -> None:
        about = {"notification__recipient": cast.manager, "notification__scope_id": cast.clinic.pk}
        named = DeliveryFactory(**about, notification__subject_id=cast.pieter.pk)
        general = DeliveryFactory(**about)
        elsewhere = DeliveryFactory(
            notification__recipient=cast.manager, notification__scope_id=cast.other_clinic.pk
        )
        others = DeliveryFactory(notification__recipient=cast.nurse, notification__scope_id=cast.clinic.pk)
        role_of(cast.manager).delete()
        for row in (named, general, elsewhere, others):
            row.refresh_from_db()
        assert [row.state for row in (named, general)] == [Delivery.State.CANCELLED] * 2
        assert named.reason == Reason.NO_LONGER_RELEVANT
        assert [row.state for row in (elsewhere, others)] == [Delivery.State.PENDING] * 2

    def test_but_reminders_of_their_own_patient_go_on(self, cast: Cast) -> None:
        StaffRoleFactory(user=cast.anna, clinic=cast.clinic)
        about = {"notification__recipient": cast.anna, "notification__scope_id": cast.clinic.pk}
        own = DeliveryFactory(**about, notification__subject_id=cast.pieter.pk)
        another = DeliveryFactory(**about, notification__subject_id=cast.zanele.pk)
        role_of(cast.anna).delete()
        own.refresh_from_db()
        another.refresh_from_db()
        assert (own.state, another.state) == (Delivery.State.PENDING, Delivery.State.CANCELLED)


class TestWhatTheyHadInHand:
    def test_conversations_are_nobodys_again(self, client: Client, cast: Cast) -> None:
        taken = conversation(cast.pieter, cast.nurse)
        closed = conversation(cast.pieter, cast.nurse, state=Conversation.State.CLOSED)
        elsewhere = conversation(cast.zanele, cast.nurse)
        client.force_login(cast.manager)
        end(client, role_of(cast.nurse))
        for row in (taken, closed, elsewhere):
            row.refresh_from_db()
        assert (taken.assigned_to, closed.assigned_to, elsewhere.assigned_to) == (None, None, cast.nurse)
        assert taken.version == 1  # whoever looked at it before sees that it changed
        assert taken.state == Conversation.State.OPEN

    @pytest.mark.parametrize("page", ["edit", "bulk"])
    def test_also_of_an_account_that_is_turned_off(self, client: Client, cast: Cast, page: str) -> None:
        taken = conversation(cast.pieter, cast.nurse)
        client.force_login(cast.head_office)
        asked(client, cast.head_office)
        if page == "edit":
            data = {"first_name": "Sister", "last_name": "Nkosi", "email": cast.nurse.email, "phone": ""}
            assert client.post(f"/admin/users/edit/{cast.nurse.pk}/", data).status_code == 302
        else:
            chosen = f"?id={cast.nurse.pk}&next=/admin/users/"
            off = {"mark_as_active": "False"}
            client.post(f"/admin/bulk/home/user/set_active_state/{chosen}", off)
        assert not User.objects.get(pk=cast.nurse.pk).is_active
        taken.refresh_from_db()
        assert taken.assigned_to is None

    def test_all_of_it_is_named_before_the_role_ends(self, client: Client, cast: Cast) -> None:
        now = timezone.now()
        leaving = role_of(cast.manager)
        conversation(cast.pieter, cast.manager)
        FollowUp.objects.create(
            patient=cast.pieter,
            clinic=cast.clinic,
            by=cast.manager,
            at=now,
            result=FollowUp.Result.CALL_LATER,
            back_on=(now + timedelta(days=3)).date(),
        )
        invite(cast)
        assert len(in_hand(leaving, now=now)) == 3
        client.force_login(cast.head_office)
        page = client.get(f"/admin/staff/delete/{leaving.pk}/").content.decode()
        for words in ("1 open conversation", "1 patient who agreed on a day", "1 invitation that they sent"):
            assert words in page
        assert StaffRole.objects.filter(pk=leaving.pk).exists()

    def test_nothing_is_named_that_stays_with_another_role(self, cast: Cast) -> None:
        conversation(cast.pieter, cast.nurse)
        second = StaffRoleFactory(user=cast.nurse, clinic=cast.clinic, role="manager")
        assert in_hand(second, now=timezone.now()) == []

    def test_patients_and_calls_stay_where_they_are(self, cast: Cast) -> None:
        now = timezone.now()
        call = FollowUp.objects.create(
            patient=cast.pieter,
            clinic=cast.clinic,
            by=cast.nurse,
            at=now,
            result=FollowUp.Result.WILL_COME,
            back_on=now.date(),
        )
        role_of(cast.nurse).delete()
        call.refresh_from_db()
        assert call.stands
        assert call.by == cast.nurse


class TestTheLastManager:
    def test_cannot_leave_by_accident_and_is_told_who_can_help(self, client: Client, cast: Cast) -> None:
        client.force_login(cast.manager)
        role = role_of(cast.manager)
        answer = client.post(f"/admin/staff/delete/{role.pk}/", follow=True)
        assert "only manager of Hillbrow" in answer.content.decode()
        assert "head office" in answer.content.decode()
        for change in ({"role": "nurse"}, {"user": cast.nurse.email}):
            data = {"user": cast.manager.email, "clinic": cast.clinic.pk, "role": "manager", **change}
            page = client.post(f"/admin/staff/edit/{role.pk}/", data)
            assert page.status_code == 200
            assert "only manager of Hillbrow" in page.content.decode()
        assert StaffRole.objects.filter(pk=role.pk, role="manager", user=cast.manager).exists()

    def test_head_office_ends_even_that(self, client: Client, cast: Cast) -> None:
        client.force_login(cast.head_office)
        end(client, role_of(cast.manager))
        assert not StaffRole.objects.filter(user=cast.manager).exists()

    def test_one_of_two_leaves_and_is_signed_out(self, client: Client, cast: Cast) -> None:
        StaffRoleFactory(clinic=cast.clinic, role="manager")
        manager = signed_in(cast.manager)
        assert (
            "End my own role"
            in manager.get(f"/admin/staff/delete/{role_of(cast.manager).pk}/").content.decode()
        )
        assert end(manager, role_of(cast.manager))["Location"] == "/en/accounts/login/"
        assert manager.get("/admin/")["Location"].startswith("/en/accounts/login/")

    def test_a_manager_who_is_turned_off_does_not_count(self, client: Client, cast: Cast) -> None:
        StaffRoleFactory(clinic=cast.clinic, role="manager", user=UserFactory(is_active=False))
        client.force_login(cast.manager)
        end(client, role_of(cast.manager))
        assert StaffRole.objects.filter(user=cast.manager).exists()


def test_the_page_says_who_works_here_when_they_were_last_here_and_whose_second_step_is_set_up(
    client: Client, cast: Cast
) -> None:
    signed_in(cast.nurse)
    client.force_login(cast.manager)
    page = client.get("/admin/staff/").content.decode()
    for words in ("Sister", "Manager", "nurse", "not yet", "End the role"):
        assert words in page
    assert "Brother" not in page
    role = role_of(cast.other_nurse)
    for verb in (client.get, client.post):
        assert verb(f"/admin/staff/delete/{role.pk}/").status_code == 404


def test_the_list_takes_as_many_queries_for_thirty_as_for_two(
    client: Client, cast: Cast, django_assert_max_num_queries: Any
) -> None:
    client.force_login(cast.manager)
    client.get("/admin/staff/")
    with CaptureQueriesContext(connection) as few:
        client.get("/admin/staff/")
    asked = len(few)
    for number in range(18):
        person = StaffRoleFactory(clinic=cast.clinic).user
        signed_in(person)
        invite(cast, email=f"a{number}@example.org")
    with django_assert_max_num_queries(asked):
        client.get("/admin/staff/")


def test_the_end_of_a_role_is_logged(client: Client, cast: Cast) -> None:
    client.force_login(cast.manager)
    role = role_of(cast.nurse)
    end(client, role)
    entry = ModelLogEntry.objects.get(object_id=str(role.pk), action="wagtail.delete")
    assert entry.user == cast.manager


def test_the_list_as_a_file(client: Client, cast: Cast) -> None:
    client.force_login(cast.manager)
    lines = client.get("/admin/staff/?export=csv").content.decode("utf-8-sig").splitlines()
    assert lines[0] == "Who,Role,Clinic,Last here,Second step,Account"
    assert len(lines) == 3
