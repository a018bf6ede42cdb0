"""Somebody who cares for patients of two clinics: the staff of each know of their own patient's messages alone.

Nomsa looks after Pieter, of Hillbrow, and Zanele, of Khayelitsha. Hillbrow's nurse and manager may read and write what
is about Pieter, by every page and call there is, and learn nothing of Zanele.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from knox.models import AuthToken

from home.models import CareRole, Patient, Relation, User
from home.scope import about_patient
from medications.services.prescriptions import prescription_announce
from notifications.channels.sms.numbers import owner_of
from notifications.models import Delivery, EventRecord, InboundMessage, Notification, Suppression
from notifications.pipeline.fan_out import fan_out
from notifications.replies.interpretation import carry_out
from notifications.services import NotificationService
from notifications.types import ABOUT_NOBODY
from tests.factories import CareRoleFactory, ClinicFactory, PatientFactory, StaffRoleFactory, UserFactory
from tests.medications.factories import PrescriptionFactory

pytestmark = pytest.mark.django_db
NUMBER = "+27825550142"


@dataclass(frozen=True)
class Both:
    """The people of both clinics, and Nomsa's messages about each patient, the one by e-mail that failed."""

    nomsa: User
    here: Patient
    there: Patient
    nurse: User
    manager: User
    about_here: Notification
    about_there: Notification


@pytest.fixture
def both() -> Both:
    hillbrow, khayelitsha = ClinicFactory(name="Hillbrow"), ClinicFactory(name="Khayelitsha")
    here = PatientFactory(clinic=hillbrow, first_name="Pieter")
    there = PatientFactory(clinic=khayelitsha, first_name="Zanele")
    nomsa = UserFactory(first_name="Nomsa", email="nomsa@example.org", phone=NUMBER)
    for patient in (here, there):
        CareRoleFactory(patient=patient, user=nomsa, relation=Relation.CARER)
    nurse, manager = UserFactory(first_name="Sister"), UserFactory(first_name="Manager")
    StaffRoleFactory(clinic=hillbrow, user=nurse)
    StaffRoleFactory(clinic=hillbrow, user=manager, role="manager")
    messages = [tell(nomsa, patient) for patient in (here, there)]
    return Both(nomsa, here, there, nurse, manager, *messages)


def tell(user: User, patient: Patient, **fields: Any) -> Notification:
    now = timezone.now()
    [id_] = NotificationService.send(
        users=[user], title=f"About {patient.first_name}", message="Words.", about=about_patient(patient)
    )
    message = Notification.objects.get(pk=id_)
    Delivery.objects.filter(notification=message).delete()
    Delivery.objects.create(
        notification=message,
        scope_id=message.scope_id,
        channel="email",
        address="nomsa@example.org",
        body=f"Words about {patient.first_name}",
        state=Delivery.State.FAILED,
        error="550 No such user",
        due_at=now,
        finished_at=now,
    )
    Notification.objects.filter(pk=id_).update(**fields)
    return message


def browser(user: User) -> Client:
    client = Client()
    client.force_login(User.objects.get(pk=user.pk))
    return client


def program(user: User) -> Callable[..., Any]:
    _row, token = AuthToken.objects.create(user=user)

    def call(verb: str, path: str, body: Any = None) -> Any:
        return Client().generic(
            verb,
            path,
            b"" if body is None else json.dumps(body),
            content_type="application/json",
            headers={"Authorization": f"Token {token}"},
        )

    return call


def asks(*people: User, **changes: Any) -> dict[str, Any]:
    return {
        "recipients": [person.pk for person in people],
        "title": "Bring your card",
        "message": "We meet at ten.",
        "scheduled_at": (timezone.now() + timedelta(days=1)).isoformat(),
        **changes,
    }


SCHEDULE = "/api/notifications/schedule/"


class TestPages:
    @pytest.mark.parametrize("name", ["index", "index_results"])
    def test_the_log_has_what_is_about_ones_own_patient(self, both: Both, name: str) -> None:
        page = browser(both.nurse).get(reverse(f"notification_messages:{name}")).content.decode()
        assert reverse("notification_messages:detail", args=[both.about_here.pk]) in page
        assert reverse("notification_messages:detail", args=[both.about_there.pk]) not in page

    def test_the_page_of_a_message_is_not_there_for_others(self, both: Both) -> None:
        nurse = browser(both.nurse)
        for message, status in ((both.about_here, 200), (both.about_there, 404)):
            page = reverse("notification_messages:detail", args=[message.pk])
            assert nurse.get(page).status_code == status

    def test_what_failed_is_shown_and_tried_again_for_ones_own_patient(self, both: Both) -> None:
        nurse = browser(both.nurse)
        page = nurse.get(reverse("notification_deliveries:index")).content.decode()
        assert page.count("Nomsa") >= 1
        [here, there] = [each.deliveries.get() for each in (both.about_here, both.about_there)]
        retry = {row: reverse("notification_deliveries:retry", args=[row.pk]) for row in (here, there)}
        assert retry[here] in page
        assert retry[there] not in page
        assert nurse.post(retry[there]).status_code == 404
        nurse.post(reverse("notification_deliveries:retry_all"))
        states = {row.pk: row.state for row in Delivery.objects.all()}
        assert (states[here.pk], states[there.pk]) == (Delivery.State.RETRY, Delivery.State.FAILED)

    def test_what_waits_is_shown_and_called_off_for_ones_own_patient(self, both: Both) -> None:
        Notification.objects.update(scheduled_status="pending", sent_at=None)
        manager = browser(both.manager)
        page = manager.get(reverse("notification_scheduled:index")).content.decode()
        assert "About Pieter" in page
        assert "About Zanele" not in page
        for message, status in ((both.about_there, 404), (both.about_here, 302)):
            cancel = reverse("notification_scheduled:cancel", args=[message.pk])
            assert manager.post(cancel).status_code == status
        both.about_there.refresh_from_db()
        assert both.about_there.scheduled_status == "pending"

    def test_the_first_page_counts_ones_own_patients_alone(self, both: Both) -> None:
        page = browser(both.nurse).get(reverse("wagtailadmin_home")).content.decode()
        assert "1 message failed" in page

    def test_an_address_that_fails_is_the_persons_and_known_to_both(self, both: Both) -> None:
        now = timezone.now()
        Suppression.objects.create(channel="email", address=both.nomsa.email, reason="bounced", since=now)
        assert "nomsa@example.org" in browser(both.nurse).get("/admin/reports/addresses/").content.decode()

    def test_the_lists_ask_as_often_for_many_messages(self, both: Both) -> None:
        nurse = browser(both.nurse)

        def asked() -> int:
            with CaptureQueriesContext(connection) as queries:
                nurse.get(reverse("notification_messages:index"))
            return len(queries)

        asked()
        few = asked()
        for _ in range(12):
            tell(both.nomsa, both.here)
        assert asked() == few


class TestCalls:
    @pytest.mark.parametrize(
        ("verb", "call"), [("GET", "schedule_status/"), ("DELETE", "cancel_scheduled/"), ("POST", "retry/")]
    )
    def test_a_message_about_somebody_elses_patient_is_not_there(
        self, both: Both, verb: str, call: str
    ) -> None:
        Notification.objects.update(
            scheduled_status="failed" if call == "retry/" else "pending", sent_at=None
        )
        ask = program(both.manager)
        assert ask(verb, f"/api/notifications/{both.about_there.pk}/{call}").status_code == 404
        assert ask(verb, f"/api/notifications/{both.about_here.pk}/{call}").status_code == 200

    def test_what_a_manager_schedules_is_about_their_own_patient(self, both: Both) -> None:
        """And the other clinic's manager, whose carer she is too, sees nothing of it."""
        answer = program(both.manager)("POST", SCHEDULE, asks(both.nomsa))
        [id_] = answer.json()["notification_ids"]
        assert Notification.objects.get(pk=id_).about == about_patient(both.here)
        theirs = UserFactory()
        StaffRoleFactory(clinic=both.there.clinic, user=theirs, role="manager")
        assert program(theirs)("DELETE", f"/api/notifications/{id_}/cancel_scheduled/").status_code == 404
        assert (
            "Bring your card"
            not in browser(theirs).get("/admin/reports/scheduled-messages/").content.decode()
        )

    def test_nobody_is_written_to_about_somebody_elses_patient(self, both: Both) -> None:
        ask = program(both.manager)
        unknown = ask("POST", SCHEDULE, asks(both.nomsa, about=987_654))
        foreign = ask("POST", SCHEDULE, asks(both.nomsa, about=both.there.pk))
        assert (unknown.status_code, foreign.status_code) == (404, 404)
        assert unknown.json() == foreign.json()
        other = PatientFactory(clinic=both.here.clinic)
        assert ask("POST", SCHEDULE, asks(both.nomsa, about=other.pk)).status_code == 404
        assert ask("POST", SCHEDULE, asks(both.nomsa, about=both.here.pk)).status_code == 201

    @pytest.mark.parametrize("about", [0, -1, "1", 1.5, True, [1], {}])
    def test_what_is_no_id_is_refused_beside_its_field(self, both: Both, about: Any) -> None:
        answer = program(both.manager)("POST", SCHEDULE, asks(both.nomsa, about=about))
        assert (answer.status_code, list(answer.json())) == (400, ["about"])

    def test_with_two_patients_of_one_clinic_it_is_the_clinics(self, both: Both) -> None:
        CareRoleFactory(patient=PatientFactory(clinic=both.here.clinic), user=both.nomsa, relation="carer")
        answer = program(both.manager)("POST", SCHEDULE, asks(both.nomsa))
        message = Notification.objects.get(pk=answer.json()["notification_ids"][0])
        assert (message.scope_id, message.subject_id) == (both.here.clinic_id, None)

    def test_who_manages_both_clinics_says_whom_it_is_about(self, both: Both) -> None:
        StaffRoleFactory(clinic=both.there.clinic, user=both.manager, role="manager")
        ask = program(both.manager)
        answer = ask("POST", SCHEDULE, asks(both.nomsa))
        assert (answer.status_code, list(answer.json())) == (400, ["about"])
        id_ = ask("POST", SCHEDULE, asks(both.nomsa, about=both.there.pk)).json()["notification_ids"][0]
        assert Notification.objects.get(pk=id_).about == about_patient(both.there)

    def test_what_people_tell_themselves_is_no_clinics(self, both: Both) -> None:
        [id_] = program(both.nomsa)("POST", SCHEDULE, asks(both.nomsa)).json()["notification_ids"]
        assert Notification.objects.get(pk=id_).about == ABOUT_NOBODY
        assert (
            program(both.manager)("DELETE", f"/api/notifications/{id_}/cancel_scheduled/").status_code == 404
        )
        assert program(both.nomsa)("DELETE", f"/api/notifications/{id_}/cancel_scheduled/").status_code == 200

    def test_who_no_longer_cares_for_the_patient_is_not_written_to(self, both: Both) -> None:
        """The messages of before stay where the patient is."""
        CareRole.objects.filter(patient=both.here).delete()
        assert program(both.manager)("POST", SCHEDULE, asks(both.nomsa)).status_code == 404
        page = browser(both.nurse).get(reverse("notification_messages:index")).content.decode()
        assert reverse("notification_messages:detail", args=[both.about_here.pk]) in page

    def test_head_office_writes_to_everybody(self, both: Both) -> None:
        stranger, head = UserFactory(), UserFactory(is_superuser=True)
        answer = program(head)("POST", SCHEDULE, asks(both.nomsa, stranger))
        assert answer.status_code == 201
        messages = Notification.objects.filter(pk__in=answer.json()["notification_ids"])
        assert {message.about for message in messages} == {ABOUT_NOBODY}


class TestSms:
    def received(self, text: str) -> InboundMessage:
        now = timezone.now()
        row = InboundMessage.objects.create(
            provider="twilio", provider_id=text, sender=NUMBER, text=text, received_at=now, due_at=now
        )
        carry_out(row)
        return row

    def test_words_of_who_belongs_to_two_clinics_are_head_offices(self, both: Both) -> None:
        assert owner_of(NUMBER) == both.nomsa.pk
        assert self.received("She is very ill").about == ABOUT_NOBODY
        assert "very ill" not in browser(both.nurse).get("/admin/reports/inbound-sms/").content.decode()

    def test_words_of_who_belongs_to_one_are_that_clinics(self, both: Both) -> None:
        CareRole.objects.filter(patient=both.there).delete()
        row = self.received("He is very ill")
        assert (row.scope_id, row.subject_id) == (both.here.clinic_id, both.here.pk)

    def test_an_answer_is_about_what_was_asked(self, both: Both) -> None:
        now = timezone.now()
        Notification.objects.filter(pk=both.about_there.pk).update(
            event_type="medication.dose_due", data={"dose_ids": [1]}, sent_at=now
        )
        both.about_there.deliveries.update(channel="sms", address=NUMBER, state="sent", sent_at=now)
        row = self.received("1")
        assert row.interpretation in ("answer", "late")
        assert row.about == about_patient(both.there)


def test_a_patient_who_moves_takes_all_messages_along(both: Both) -> None:
    """The new clinic sees the reminders of before, and the old one no longer does."""
    both.here.clinic = both.there.clinic
    both.here.save()
    theirs = UserFactory()
    StaffRoleFactory(clinic=both.there.clinic, user=theirs)
    page = reverse("notification_messages:detail", args=[both.about_here.pk])
    assert browser(theirs).get(page).status_code == 200
    assert browser(both.nurse).get(page).status_code == 404


def test_managers_hear_of_a_prescription_and_their_copy_is_the_patients_too(both: Both) -> None:
    prescription = PrescriptionFactory(patient=both.here)
    prescription_announce(prescription_id=prescription.pk, now=timezone.now())
    fan_out(now=timezone.now())
    told = Notification.objects.filter(event_type="medication.prescribed")
    assert {message.recipient_id for message in told} == {both.nomsa.pk, both.manager.pk}
    assert {message.about for message in told} == {about_patient(both.here)}


def test_an_announcement_is_the_clinics_and_one_to_all_clinics_head_offices(both: Both) -> None:
    for within in ({"clinic": both.here.clinic_id}, {}):
        texts = {"en": "Closed", "af": "Gesluit"}
        NotificationService.announce(title=texts, message=texts, audiences=["carers"], within=within)
    while EventRecord.objects.filter(finished_at=None).exists():
        fan_out(now=timezone.now())
    told = Notification.objects.filter(event_type="system.announcement").order_by("event_record_id")
    assert [message.scope_id for message in told] == [both.here.clinic_id, None]
