"""Erasures: who asks, who decides, what stays, and what becomes of one whose worker dies."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from wagtail.log_actions import log
from wagtail.models import ModelLogEntry

from home.models import CareRole, Erasure, Patient, Relation, User
from home.privacy import erasure as erasures
from home.privacy.erasure import (
    carry_out_next_erasure,
    erasure_accept,
    erasure_ask,
    erasure_plan,
    erasure_refuse,
    person_of,
)
from home.privacy.forgetting import PATIENT_FORGETS, USER_FORGETS
from home.privacy.tasks import carry_out_erasures
from medications.models import Dose
from notifications import privacy
from notifications.models import Notification
from notifications.privacy import Effect, Person
from notifications.services import NotificationService
from notifications.work.leases import claim
from notifications.work.sweep import sweep
from tests.factories import CareRoleFactory, PatientFactory, StaffRoleFactory, UserFactory
from tests.home.conftest import Cast
from tests.home.privacy.conftest import NOW
from tests.home.privacy.life import live
from tests.home.transactional import phones, queued  # noqa: F401 - fixtures
from tests.medications.factories import DoseFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("phones", "queued")]
State = Erasure.State


@pytest.fixture
def pieter(cast: Cast) -> User:
    """Pieter with an account of his own."""
    role = CareRoleFactory(patient=cast.pieter, relation=Relation.SELF, user__email="pieter@example.org")
    return role.user


def accepted(cast: Cast, **whose: Any) -> Erasure:
    erasure = erasure_ask(asked_by=cast.manager, now=NOW, **whose)
    assert erasure_accept(erasure_id=erasure.pk, by=cast.manager, now=NOW)
    erasure.refresh_from_db()
    return erasure


def carried_out(cast: Cast, **whose: Any) -> Erasure:
    erasure = accepted(cast, **whose)
    assert carry_out_next_erasure(now=NOW)
    erasure.refresh_from_db()
    assert erasure.state == State.DONE, erasure.error
    return erasure


# What stays ----------------------------------------------------------------------------------------------


def test_the_plan_is_what_is_done(cast: Cast) -> None:
    life = live(cast)
    erasure = accepted(cast, patient=life.patient)
    plan = erasure_plan(erasure, now=NOW)
    assert plan.account == life.user
    assert len(plan.lines) > 25
    planned = {effect: sum(line.number for line in plan.lines if line.effect == effect) for effect in Effect}
    carry_out_next_erasure(now=NOW)
    erasure.refresh_from_db()
    assert erasure.done == planned
    assert erasure_plan(erasure, now=NOW).lines == []


def test_a_plan_changes_nothing(cast: Cast) -> None:
    life = live(cast)
    erasure = erasure_ask(asked_by=cast.manager, patient=life.patient, now=NOW)
    assert erasure_plan(erasure, now=NOW).lines == erasure_plan(erasure, now=NOW).lines
    assert Patient.objects.get(pk=life.patient.pk).first_name == "Nomvula"


@pytest.mark.parametrize(
    ("model", "forgets", "kept"),
    [
        (Patient, PATIENT_FORGETS, {"id", "clinic", "erased_at"}),
        (User, USER_FORGETS, {"id", "password", "is_superuser", "date_joined", "erased_at"}),
    ],
)
def test_each_field_of_a_person_is_forgotten_or_says_nothing(
    model: Any, forgets: dict[str, Any], kept: set[str]
) -> None:
    """Whoever adds one decides."""
    assert {field.name for field in model._meta.concrete_fields} == {*forgets, *kept}


def test_the_account_of_who_cares_for_others_stays_and_the_record_goes(cast: Cast, pieter: User) -> None:
    CareRole.objects.create(patient=cast.zanele, user=pieter, relation=Relation.GUARDIAN)
    erasure = accepted(cast, patient=cast.pieter)
    plan = erasure_plan(erasure, now=NOW)
    assert plan.account is None
    assert "Zanele Dlamini" in plan.stays
    carry_out_next_erasure(now=NOW)
    pieter.refresh_from_db()
    cast.pieter.refresh_from_db()
    assert (pieter.email, pieter.is_active) == ("pieter@example.org", True)
    assert (cast.pieter.first_name, str(cast.pieter)) == ("", "Erased person")
    assert list(CareRole.objects.filter(user=pieter).values_list("patient", flat=True)) == [cast.zanele.pk]


def test_the_account_of_who_works_here_stays(cast: Cast) -> None:
    CareRole.objects.create(patient=cast.pieter, user=cast.nurse, relation=Relation.SELF)
    plan = erasure_plan(erasure_ask(asked_by=cast.manager, patient=cast.pieter, now=NOW), now=NOW)
    assert plan.account is None
    assert "works here" in plan.stays


def test_two_records_of_one_person_go_one_by_one_and_the_account_with_the_last(
    cast: Cast, pieter: User
) -> None:
    second = PatientFactory(clinic=cast.other_clinic, first_name="Pieter", last_name="Botha")
    CareRoleFactory(patient=second, user=pieter, relation=Relation.SELF)
    carried_out(cast, patient=cast.pieter)
    pieter.refresh_from_db()
    assert pieter.erased_at is None
    carried_out(cast, patient=second)
    pieter.refresh_from_db()
    assert pieter.erased_at == NOW


def test_a_carers_account_goes_by_itself_and_the_plan_says_who_is_left_alone(cast: Cast) -> None:
    erasure = accepted(cast, user=cast.anna)
    assert list(erasure_plan(erasure, now=NOW).left_alone) == [cast.pieter]
    carry_out_next_erasure(now=NOW)
    cast.anna.refresh_from_db()
    cast.pieter.refresh_from_db()
    assert (cast.anna.email, str(cast.anna)) == (None, "Erased person")
    assert cast.pieter.first_name == "Pieter"
    assert not CareRole.objects.filter(user=cast.anna).exists()


def test_other_people_keep_what_is_theirs(cast: Cast, pieter: User) -> None:
    namesake = PatientFactory(clinic=cast.clinic, first_name="Pieter", last_name="Bothma")
    DoseFactory(prescription__patient=namesake, schedule__prescription__patient=namesake, patient=namesake)
    message = Notification.objects.count()
    carried_out(cast, patient=cast.pieter)
    namesake.refresh_from_db()
    assert namesake.last_name == "Bothma"
    assert Dose.objects.filter(patient=namesake, next_reminder_at__isnull=False).count() == 1
    cast.anna.refresh_from_db()
    assert cast.anna.email == "anna@example.org"
    assert Notification.objects.count() >= message


def test_a_name_of_one_word_is_not_searched_for_but_goes_from_what_is_theirs(cast: Cast) -> None:
    """Every Pieter would lose his messages."""
    nobody = PatientFactory(clinic=cast.clinic, first_name="Pieter", last_name="")
    log(nobody, "wagtail.edit", user=cast.manager)
    NotificationService.send(users=[cast.manager], title="About Pieter Botha", message="Pieter Botha called.")
    carried_out(cast, patient=nobody)
    assert Notification.objects.filter(title="About Pieter Botha").exists()
    assert ModelLogEntry.objects.get(action="wagtail.edit").label == ""


def test_the_person_is_told_at_the_address_that_is_forgotten(
    cast: Cast, pieter: User, django_capture_on_commit_callbacks: Any
) -> None:
    accepted(cast, patient=cast.pieter)
    with django_capture_on_commit_callbacks(execute=True):
        carry_out_next_erasure(now=NOW)
    last = mail.outbox[-1]
    assert (last.to, last.subject) == (["pieter@example.org"], "Your data has been erased")


def test_a_link_that_ended_before_the_decision_takes_no_account_along(cast: Cast, pieter: User) -> None:
    """It may have been somebody else's account, linked by mistake."""
    erasure = erasure_ask(asked_by=pieter, patient=cast.pieter, now=NOW)
    assert erasure.user == pieter
    CareRole.objects.filter(user=pieter).delete()
    assert person_of(erasure) == Person(patient_ids=(cast.pieter.pk,))


def test_who_asked_for_somebody_else_is_told_that_it_is_done(cast: Cast) -> None:
    child = PatientFactory(clinic=cast.clinic, first_name="Lerato", last_name="Mokoena")
    CareRoleFactory(patient=child, user=cast.anna, relation=Relation.GUARDIAN)
    erasure = erasure_ask(asked_by=cast.anna, patient=child, now=NOW)
    erasure_accept(erasure_id=erasure.pk, by=cast.manager, now=NOW)
    carry_out_next_erasure(now=NOW)
    [told] = Notification.objects.filter(recipient=cast.anna)
    assert told.title == "The erasure that you asked for is done"
    assert "Lerato" not in told.title + told.body


# Workers -------------------------------------------------------------------------------------------------


def test_one_that_fails_is_not_half_done_holds_up_nobody_and_can_be_tried_again(
    cast: Cast, pieter: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = privacy.steps

    def fail(person: Person, now: Any) -> Any:
        yield from real(person, now)
        if cast.pieter.pk in person.patient_ids:
            raise RuntimeError("Pieter Botha can't be found")

    monkeypatch.setattr(erasures, "steps", fail)
    broken, whole = accepted(cast, patient=cast.pieter), accepted(cast, patient=cast.zanele)
    carry_out_erasures.call_local()
    whole.refresh_from_db()
    broken.refresh_from_db()
    assert (whole.state, broken.state) == (State.DONE, State.ACCEPTED)
    for minutes in (2, 20):
        carry_out_next_erasure(now=NOW + timedelta(minutes=minutes))
    broken.refresh_from_db()
    assert (broken.state, broken.error) == (State.FAILED, "RuntimeError")
    cast.pieter.refresh_from_db()
    pieter.refresh_from_db()
    assert (cast.pieter.first_name, pieter.email) == ("Pieter", "pieter@example.org")
    monkeypatch.undo()
    assert erasure_accept(erasure_id=broken.pk, by=cast.manager, now=NOW)
    assert carry_out_next_erasure(now=NOW)
    broken.refresh_from_db()
    assert broken.state == State.DONE


def test_what_a_killed_worker_left_is_found_by_the_sweep_and_done_once(cast: Cast, pieter: User) -> None:
    erasure = accepted(cast, patient=cast.pieter)
    dead = claim(Erasure, now=NOW, limit=1, state=State.ACCEPTED)
    later = NOW + timedelta(minutes=2)
    assert ("carry_out_erasures", ()) in sweep(now=later).woken
    assert carry_out_next_erasure(now=later)
    erasure.refresh_from_db()
    done = erasure.done
    with pytest.raises(erasures.ErasureFailedError):
        erasures._carry_out(erasure, replace(dead), NOW)  # it was only slow
    erasure.refresh_from_db()
    assert (erasure.state, erasure.done) == (State.DONE, done)


def test_what_waits_for_its_decision_is_no_work(cast: Cast) -> None:
    erasure_ask(asked_by=cast.manager, patient=cast.pieter, now=NOW)
    assert not carry_out_next_erasure(now=NOW + timedelta(days=9))
    assert ("carry_out_erasures", ()) not in sweep(now=NOW + timedelta(days=9)).woken


# Deciding ------------------------------------------------------------------------------------------------


def test_the_same_is_asked_for_once(cast: Cast) -> None:
    erasure_ask(asked_by=cast.manager, patient=cast.pieter, now=NOW)
    with pytest.raises(ValidationError, match="asked for before"):
        erasure_ask(asked_by=cast.manager, patient=cast.pieter, now=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        Erasure.objects.create(asked_at=NOW, due_at=NOW)


def test_head_office_is_told_where_no_manager_is_there_to_decide(cast: Cast) -> None:
    """Of an account that cares for nobody any more."""
    stranger = UserFactory()
    erasure_ask(asked_by=stranger, user=stranger, now=NOW)
    assert Notification.objects.filter(recipient=cast.head_office).exists()
    assert not Notification.objects.filter(recipient=cast.manager).exists()


def test_it_is_decided_once(cast: Cast) -> None:
    erasure = accepted(cast, patient=cast.pieter)
    assert not erasure_accept(erasure_id=erasure.pk, by=cast.manager, now=NOW)
    assert not erasure_refuse(erasure_id=erasure.pk, by=cast.manager, reason="no", now=NOW)


def test_who_asked_is_told_why_it_is_refused(cast: Cast, pieter: User) -> None:
    erasure = erasure_ask(asked_by=pieter, patient=cast.pieter, now=NOW)
    manager, page = Client(), f"/admin/erasures/{erasure.pk}/"
    manager.force_login(cast.manager)
    assert "has a right to know" in manager.post(page, {"reason": " "}).content.decode()
    assert manager.post(page, {"reason": "The law: until 2031."}).status_code == 302
    told = Notification.objects.get(recipient=pieter)
    assert "The law: until 2031." in told.body
    person = Client()
    person.force_login(pieter)
    assert "The law: until 2031." in person.get("/en/my-data/").content.decode()


# Staff's pages -------------------------------------------------------------------------------------------


def test_a_manager_starts_one_on_somebodys_word(client: Client, cast: Cast) -> None:
    client.force_login(cast.manager)
    form = client.get(f"/admin/erasures/new/?patient={cast.pieter.pk}").content.decode()
    assert "Pieter Botha" in form
    data = {"patient": cast.pieter.pk, "in_their_words": "spoken, at the clinic"}
    assert client.post("/admin/erasures/new/", {**data, "in_their_words": ""}).status_code == 200
    assert not Erasure.objects.exists()
    answer = client.post("/admin/erasures/new/", data)
    erasure = Erasure.objects.get()
    assert answer["Location"] == f"/admin/erasures/{erasure.pk}/"
    page = client.get(answer["Location"]).content.decode()
    assert "spoken, at the clinic" in page
    assert "no account of their own" in page
    assert "The patient’s name, date of birth and wishes" in page
    again = client.post("/admin/erasures/new/", data)
    assert "asked for before" in again.content.decode()


@pytest.mark.parametrize("who", ["nurse", "other_nurse", "other_manager", "anna"])
def test_nobody_else_decides(client: Client, cast: Cast, who: str) -> None:
    other_manager = StaffRoleFactory(clinic=cast.other_clinic, role="manager").user
    erasure = erasure_ask(asked_by=cast.manager, patient=cast.pieter, now=NOW)
    client.force_login(other_manager if who == "other_manager" else getattr(cast, who))
    for answer in (
        client.get(f"/admin/erasures/{erasure.pk}/"),
        client.post(f"/admin/erasures/{erasure.pk}/", {"accept": "1"}),
        client.post(f"/admin/erasures/{erasure.pk}/", {"reason": "no"}),
    ):
        assert answer.status_code in (302, 404)
    assert "Pieter" not in client.get("/admin/erasures/").content.decode()
    form = {"patient": cast.pieter.pk, "in_their_words": "spoken"}
    client.post("/admin/erasures/new/", form)
    erasure.refresh_from_db()
    assert (erasure.state, Erasure.objects.count()) == (State.ASKED, 1)


def test_a_nurse_of_the_clinic_who_manages_another_does_not_decide_here(client: Client, cast: Cast) -> None:
    StaffRoleFactory(clinic=cast.other_clinic, user=cast.nurse, role="manager")
    erasure = erasure_ask(asked_by=cast.manager, patient=cast.pieter, now=NOW)
    client.force_login(cast.nurse)
    assert client.get(f"/admin/erasures/{erasure.pk}/").status_code == 404
    assert client.get("/admin/erasures/").status_code == 200


def test_the_list_asks_no_more_for_many(client: Client, cast: Cast) -> None:
    client.force_login(cast.manager)

    def asked(number: int) -> int:
        for _ in range(number):
            erasure_ask(asked_by=cast.manager, patient=PatientFactory(clinic=cast.clinic), now=NOW)
        client.get("/admin/erasures/")
        with CaptureQueriesContext(connection) as queries:
            client.get("/admin/erasures/")
        return len(queries)

    assert asked(2) == asked(6)


def test_nobody_signs_in_any_more(client: Client, cast: Cast, pieter: User) -> None:
    client.force_login(pieter)
    carried_out(cast, patient=cast.pieter)
    assert client.get("/en/inbox/").status_code == 302
    answer = client.post(
        "/en/accounts/login/", {"login": "pieter@example.org", "password": "a-long-and-quiet-word"}
    )
    assert answer.status_code == 200
    # The address is free again.
    UserFactory(email="pieter@example.org")


def test_person_of_an_account_without_a_record(cast: Cast) -> None:
    assert person_of(Erasure(user=cast.anna)) == Person(cast.anna.pk)
