"""Invitations to work: a link that works once, for whoever reads mail at the address, and gives the role there."""

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from wagtail.models import ModelLogEntry

from home.models import CareRole, StaffInvitation, StaffRole, User
from home.staff import invitations
from home.staff.invitations import (
    staff_invitation_accept,
    staff_invitation_send,
    staff_invitation_withdraw,
    staff_invite,
)
from notifications.exceptions import ChannelError
from tests.factories import PASSWORD, CareRoleFactory, StaffRoleFactory, UserFactory
from tests.home.conftest import Cast
from tests.home.sign_in.steps import passed, second_step

pytestmark = pytest.mark.django_db
ADDRESS = "lerato@example.org"
PROFILE = {"first_name": "Lerato", "last_name": "Mokoena", "language": "en", "password": PASSWORD}


@pytest.fixture(autouse=True)
def _nobody_counted() -> None:
    cache.clear()


def form(cast: Cast, **changes: Any) -> dict[str, Any]:
    return {"email": ADDRESS, "role": "nurse", "clinic": cast.clinic.pk, "language": "en", **changes}


def invite(cast: Cast, **changes: Any) -> StaffInvitation:
    made = staff_invite(
        **{
            "clinic": cast.clinic,
            "role": "nurse",
            "email": ADDRESS,
            "language": "en",
            "invited_by": cast.manager,
            "now": timezone.now(),
            **changes,
        }
    )
    return staff_invitation_send(invitation_id=made.pk, now=timezone.now())


def link() -> str:
    [path] = set(re.findall(r"http://localhost:8000(/\w\w/work/\S+)", str(mail.outbox[-1].body)))
    return path


def roles(user: User) -> list[tuple[str, str]]:
    return list(user.staff_roles.values_list("clinic__name", "role"))


class TestAManagerInvites:
    def test_a_nurse_who_chooses_her_own_password(self, client: Client, cast: Cast) -> None:
        client.force_login(cast.manager)
        assert client.post("/admin/staff_invitations/new/", form(cast)).status_code == 302
        visitor = Client()
        page = visitor.get(link()).content.decode()
        assert "Hillbrow invites you to work there as nurse" in page
        assert "Manager Nkosi" in page
        assert f'value="{ADDRESS}"' in page
        assert 'autocomplete="username"' in page
        assert visitor.post(link(), PROFILE)["Location"] == "/admin/"
        person = User.objects.get(email=ADDRESS)
        assert person.check_password(PASSWORD)
        assert person.email_verified_at is not None
        assert roles(person) == [("Hillbrow", "nurse")]
        assert set(person.groups.values_list("name", flat=True)) == {"Nurses"}
        assert not person.is_superuser
        row = StaffInvitation.objects.get()
        assert (row.invited_by, row.accepted_by, row.role) == (cast.manager, person, "nurse")

    @pytest.mark.parametrize(("language", "words"), [("en", "invites you to work"), ("af", "nooi u om met")])
    def test_the_mail_is_in_the_chosen_language_and_names_the_clinic(
        self, cast: Cast, language: str, words: str
    ) -> None:
        invite(cast, language=language)
        body = str(mail.outbox[-1].body)
        assert words in body
        assert "Hillbrow" in body
        assert link().startswith(f"/{language}/work/")

    def test_no_link_is_in_the_database(self, cast: Cast) -> None:
        invite(cast)
        token = link().split("/")[3]
        assert token not in str(StaffInvitation.objects.values().get())
        assert len(token) >= 22

    def test_not_to_a_clinic_of_others_nor_to_be_head_office(self, client: Client, cast: Cast) -> None:
        client.force_login(cast.manager)
        for wrong in ({"clinic": cast.other_clinic.pk}, {"role": "admin"}, {"email": "lerato@"}):
            answer = client.post("/admin/staff_invitations/new/", form(cast, **wrong))
            assert answer.status_code == 200
            assert list(answer.context["form"].errors) == list(wrong)
        assert not StaffInvitation.objects.exists()
        assert not mail.outbox

    def test_not_to_a_clinic_where_she_is_a_nurse_only(self, client: Client, cast: Cast) -> None:
        StaffRoleFactory(user=cast.manager, clinic=cast.other_clinic, role="nurse")
        client.force_login(cast.manager)
        there = client.post("/admin/staff_invitations/new/", form(cast, clinic=cast.other_clinic.pk))
        assert there.status_code == 200
        given = {"user": cast.nurse.email, "clinic": cast.other_clinic.pk, "role": "manager"}
        assert client.post("/admin/staff/new/", given).status_code == 200
        assert roles(cast.nurse) == [("Hillbrow", "nurse")]
        role = StaffRole.objects.get(user=cast.other_nurse)
        assert client.get(f"/admin/staff/delete/{role.pk}/").status_code == 404

    def test_nurses_invite_nobody(self, client: Client, cast: Cast) -> None:
        client.force_login(cast.nurse)
        assert client.post("/admin/staff_invitations/new/", form(cast))["Location"] == "/admin/"
        assert not StaffInvitation.objects.exists()

    def test_twice_in_whatever_letters_is_said_and_changes_nothing(self, client: Client, cast: Cast) -> None:
        client.force_login(cast.manager)
        client.post("/admin/staff_invitations/new/", form(cast, email="Lerato@Example.org"))
        answer = client.post(
            "/admin/staff_invitations/new/", form(cast, email=f" {ADDRESS} ", role="manager")
        )
        assert "has no answer yet" in answer.content.decode()
        assert [row.email for row in StaffInvitation.objects.all()] == [ADDRESS]
        assert len(mail.outbox) == 1

    def test_a_plus_address_is_another_address(self, cast: Cast) -> None:
        invite(cast)
        assert invite(cast, email="lerato+work@example.org").email == "lerato+work@example.org"

    def test_an_expired_one_is_sent_again_or_withdrawn_before_another(self, cast: Cast) -> None:
        first = invite(cast)
        with time_machine.travel(timezone.now() + timedelta(days=8)):
            with pytest.raises(ValidationError, match="has no answer yet"):
                invite(cast, now=timezone.now())
            staff_invitation_withdraw(invitation_id=first.pk, by=cast.manager, now=timezone.now())
            assert invite(cast, now=timezone.now()).is_open(timezone.now())

    def test_who_has_the_role_already_is_named_as_such(self, cast: Cast) -> None:
        with pytest.raises(ValidationError, match="already has this role"):
            invite(cast, email=str(cast.nurse.email).upper())
        assert invite(cast, email=cast.nurse.email, role="manager").role == "manager"

    def test_known_and_unknown_addresses_get_the_same_answer_after_the_same_work(
        self, client: Client, cast: Cast
    ) -> None:
        UserFactory(email="known@example.org")
        client.force_login(cast.manager)
        found = []
        for address in ("warm@example.org", "known@example.org", "unknown@example.org"):
            with CaptureQueriesContext(
                connection,
            ) as queries:
                answer = client.post("/admin/staff_invitations/new/", form(cast, email=address))
            found.append((answer.status_code, len(queries), mail.outbox[-1].subject))
        assert found[1] == found[2]

    def test_no_more_than_a_clinic_needs(self, client: Client, cast: Cast, settings: Any) -> None:
        settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "staff_invitation": "2/h/user"}
        client.force_login(cast.manager)
        for number in range(3):
            answer = client.post("/admin/staff_invitations/new/", form(cast, email=f"a{number}@example.org"))
        assert "Try again in an hour" in answer.content.decode()
        assert StaffInvitation.objects.count() == len(mail.outbox) == 2
        row = StaffInvitation.objects.all()[0]
        client.post(f"/admin/staff_invitations/{row.pk}/send/")
        assert len(mail.outbox) == 2

    def test_who_lost_the_role_meanwhile_invites_nobody(self, cast: Cast) -> None:
        StaffRole.objects.filter(user=cast.manager).delete()
        with pytest.raises(ValidationError, match="no longer do"):
            invite(cast)

    def test_what_could_not_be_sent_says_why_and_is_sent_again(
        self, client: Client, cast: Cast, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def refuse(message: Any) -> None:
            raise ChannelError("The mail server is away.", permanent=False)

        client.force_login(cast.manager)
        with monkeypatch.context() as broken:
            broken.setattr(invitations, "send", refuse)
            client.post("/admin/staff_invitations/new/", form(cast))
        assert "could not be sent: The mail server is away." in client.get("/admin/staff/").content.decode()
        row = StaffInvitation.objects.get()
        client.post(f"/admin/staff_invitations/{row.pk}/send/")
        assert Client().get(link()).status_code == 200

    def test_the_page_shows_who_waits_and_what_was_done_is_logged(self, client: Client, cast: Cast) -> None:
        client.force_login(cast.manager)
        client.post("/admin/staff_invitations/new/", form(cast))
        row = StaffInvitation.objects.get()
        shown = client.get("/admin/staff/").content.decode()
        assert ADDRESS in shown
        assert "waiting for an answer" in shown
        client.post(f"/admin/staff_invitations/{row.pk}/send/")
        client.post(f"/admin/staff_invitations/{row.pk}/withdraw/")
        client.get("/admin/staff/")  # says that it was done
        assert ADDRESS not in client.get("/admin/staff/").content.decode()
        assert "withdrawn" in client.get("/admin/staff_invitations/").content.decode()
        logged = ModelLogEntry.objects.filter(object_id=str(row.pk), user=cast.manager).order_by("timestamp")
        assert [each.action for each in logged] == [
            "wagtail.create",
            invitations.SENT_AGAIN,
            invitations.WITHDRAWN,
        ]
        assert not any(ADDRESS in each.label for each in logged)

    def test_found_by_the_whole_address(self, client: Client, cast: Cast) -> None:
        invite(cast)
        client.force_login(cast.manager)
        assert ADDRESS in client.get("/admin/staff_invitations/?q=Lerato@example.org").content.decode()
        assert ADDRESS not in client.get("/admin/staff_invitations/?q=lerato").content.decode()


class TestTheLink:
    def test_a_mail_scanner_does_not_use_it_up(self, client: Client, cast: Cast) -> None:
        invite(cast)
        for _time in range(3):
            assert client.get(link()).status_code == 200
            assert client.head(link()).status_code == 200
        assert client.post(link(), PROFILE).status_code == 302

    def test_it_works_once(self, client: Client, cast: Cast) -> None:
        invite(cast)
        client.post(link(), PROFILE)
        thief = Client()
        for answer in (thief.get(link()), thief.post(link(), {**PROFILE, "first_name": "Eve"})):
            assert answer.status_code == 410
            assert "already been accepted" in answer.content.decode()
        assert StaffRole.objects.filter(clinic=cast.clinic).count() == 3

    @pytest.mark.parametrize(
        ("language", "words"), [("en", "worked for seven days"), ("af", "sewe dae lank gewerk")]
    )
    def test_it_works_a_week_and_then_says_so(
        self, client: Client, cast: Cast, language: str, words: str
    ) -> None:
        invite(cast, language=language)
        with time_machine.travel(timezone.now() + timedelta(days=7, seconds=1)):
            answer = client.get(link())
            assert answer.status_code == 410
            assert words in answer.content.decode()

    def test_a_withdrawn_one_says_so(self, client: Client, cast: Cast) -> None:
        row = invite(cast)
        assert staff_invitation_withdraw(invitation_id=row.pk, by=cast.manager, now=timezone.now())
        assert not staff_invitation_withdraw(invitation_id=row.pk, by=cast.manager, now=timezone.now())
        answer = client.post(link(), PROFILE)
        assert answer.status_code == 410
        assert "withdrawn it" in answer.content.decode()
        assert not User.objects.filter(email=ADDRESS).exists()

    def test_sent_again_the_old_one_stops_working(self, client: Client, cast: Cast) -> None:
        row = invite(cast)
        old = link()
        staff_invitation_send(invitation_id=row.pk, now=timezone.now())
        assert client.get(old).status_code == 410
        assert client.get(link()).status_code == 200

    def test_declined_it_is_over(self, client: Client, cast: Cast) -> None:
        invite(cast)
        assert "You have declined" in client.post(link(), {"decline": "1"}).content.decode()
        again = client.post(link(), {"decline": "1"})
        assert again.status_code == 410
        assert not User.objects.filter(email=ADDRESS).exists()

    @pytest.mark.parametrize(
        "wrong", [{"password": "12345"}, {"password": ""}, {"first_name": "\u200b"}, {"last_name": ""}]
    )
    def test_what_is_wrong_stands_beside_its_field(
        self, client: Client, cast: Cast, wrong: dict[str, str]
    ) -> None:
        invite(cast)
        answer = client.post(link(), {**PROFILE, **wrong})
        assert answer.status_code == 200
        assert list(answer.context["form"].errors) == list(wrong)
        assert not User.objects.filter(email=ADDRESS).exists()

    def test_another_address_in_the_form_is_not_read(self, client: Client, cast: Cast) -> None:
        invite(cast)
        client.post(link(), {**PROFILE, "email": "eve@example.org", "role": "manager"})
        assert roles(User.objects.get(email=ADDRESS)) == [("Hillbrow", "nurse")]
        assert not User.objects.filter(email="eve@example.org").exists()


class TestWhoHasAnAccount:
    def test_signs_in_first_and_stays_who_they_are(self, client: Client, cast: Cast) -> None:
        """A patient who comes to work here: her record and her reminders stay hers."""
        patient = UserFactory(email=ADDRESS, email_verified_at=None)
        CareRoleFactory(patient=cast.zanele, user=patient)
        invite(cast, email="LERATO@example.org")
        page = client.get(link()).content.decode()
        assert "already has an account" in page
        assert f"?next={link()}" in page
        client.post(link(), PROFILE)
        assert roles(patient) == []
        client.force_login(patient)
        assert "Yes, add this role" in client.get(link()).content.decode()
        assert client.post(link())["Location"] == "/admin/"
        patient.refresh_from_db()
        assert roles(patient) == [("Hillbrow", "nurse")]
        assert patient.check_password(PASSWORD)
        assert patient.email_verified_at is not None
        assert CareRole.objects.filter(user=patient).count() == 1

    def test_passes_her_second_step_first(self, client: Client, cast: Cast) -> None:
        person = UserFactory(email=ADDRESS)
        step, _secret = second_step(person)
        invite(cast)
        client.force_login(person)
        for answer in (client.get(link()), client.post(link())):
            assert answer["Location"].startswith("/en/accounts/2fa/reauthenticate/?next=%2Fen%2Fwork%2F")
        assert roles(person) == []
        passed(client, person, step)
        client.post(link())
        assert roles(person) == [("Hillbrow", "nurse")]

    def test_signed_in_as_another_gets_nothing(self, client: Client, cast: Cast) -> None:
        UserFactory(email=ADDRESS)
        invite(cast)
        client.force_login(cast.anna)
        page = client.post(link())
        assert "This is for somebody else" in page.content.decode()
        assert roles(cast.anna) == []
        assert StaffInvitation.objects.get().is_open(timezone.now())

    def test_whose_address_was_changed_meanwhile_gets_nothing(self, client: Client, cast: Cast) -> None:
        person = UserFactory(email=ADDRESS)
        row = invite(cast)
        User.objects.filter(pk=person.pk).update(email="lerato.new@example.org")
        digest = StaffInvitation.objects.get().digest
        with pytest.raises(ValidationError, match="another address"):
            staff_invitation_accept(
                invitation_id=row.pk, digest=digest, user=person, profile={}, now=timezone.now()
            )
        client.force_login(User.objects.get(pk=person.pk))
        assert "This is for somebody else" in client.post(link()).content.decode()
        assert roles(person) == []

    def test_whose_account_is_turned_off_is_told_whom_to_ask(self, client: Client, cast: Cast) -> None:
        person = UserFactory(email=ADDRESS, is_active=False)
        invite(cast)
        answer = client.post(link(), PROFILE)
        assert answer.status_code == 410
        assert "turned off" in answer.content.decode()
        assert roles(person) == []

    def test_whoever_makes_an_account_meanwhile_is_asked_to_sign_in(self, cast: Cast) -> None:
        row = invite(cast)
        digest = StaffInvitation.objects.get().digest
        UserFactory(email=ADDRESS)
        with pytest.raises(ValidationError, match="by now"):
            staff_invitation_accept(
                invitation_id=row.pk, digest=digest, user=None, profile=PROFILE, now=timezone.now()
            )
        assert StaffInvitation.objects.get().is_open(timezone.now())

    def test_who_has_the_role_by_now_keeps_one(self, client: Client, cast: Cast) -> None:
        person = UserFactory(email=ADDRESS)
        invite(cast)
        StaffRoleFactory(user=person, clinic=cast.clinic)
        client.force_login(person)
        assert client.post(link()).status_code == 302
        assert roles(person) == [("Hillbrow", "nurse")]
