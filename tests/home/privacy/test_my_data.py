"""The page on which people see what is asked for and made, and ask to be erased."""

import pytest
from django.test import Client

from home.models import CareRole, DataExport, Erasure, Relation, User
from home.privacy.export import make_next_export
from notifications.models import Notification
from tests.factories import CareRoleFactory, PatientFactory
from tests.home.conftest import Cast
from tests.home.privacy.conftest import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def pieter(cast: Cast) -> User:
    """Pieter with an account of his own."""
    role = CareRoleFactory(patient=cast.pieter, relation=Relation.SELF, user__email="pieter@example.org")
    return role.user


@pytest.fixture
def page(client: Client, pieter: User) -> Client:
    client.force_login(pieter)
    return client


def shown(client: Client, language: str = "en") -> str:
    return client.get(f"/{language}/my-data/").content.decode()


def test_each_state_of_a_download_is_said(page: Client, pieter: User) -> None:
    assert "Put my file together" in shown(page)
    assert page.post("/en/my-data/ask/", {"whose": "me"})["Location"] == "/en/my-data/"
    assert "It is being put together" in shown(page)
    assert "Word saamgestel" in shown(page, "af")
    make_next_export(now=NOW)
    ready = shown(page)
    assert "Your file is ready" in ready
    assert "1 December 2026" in ready
    DataExport.objects.update(state="failed")
    assert "That did not work" in shown(page)


def test_while_one_is_made_no_other_is_offered_or_made(page: Client, pieter: User) -> None:
    page.post("/en/my-data/ask/", {"whose": "me"})
    assert "Put my file together" not in shown(page)
    page.post("/en/my-data/ask/", {"whose": "me"})
    assert DataExport.objects.count() == 1


@pytest.mark.parametrize("whose", ["", "someone", "999999", "account", "\u0660"])
def test_nobody_else_is_asked_about(page: Client, cast: Cast, whose: str) -> None:
    for key in (whose, str(cast.zanele.pk), str(cast.pieter.pk)):
        assert page.post("/en/my-data/ask/", {"whose": key}).status_code == 404
    assert not DataExport.objects.exists()


def test_a_carer_gets_neither_file_nor_erasure_of_whom_they_care_for(client: Client, cast: Cast) -> None:
    client.force_login(cast.anna)
    assert "Pieter" not in shown(client)
    assert client.post("/en/my-data/ask/", {"whose": str(cast.pieter.pk)}).status_code == 404
    assert client.post(f"/en/my-data/erasure/{cast.pieter.pk}/", {"sure": "on"}).status_code == 404


def test_a_guardian_may_ask_for_the_child(client: Client, cast: Cast) -> None:
    child = PatientFactory(clinic=cast.clinic, first_name="Lerato", last_name="Mokoena")
    CareRoleFactory(patient=child, user=cast.anna, relation=Relation.GUARDIAN)
    client.force_login(cast.anna)
    assert "Everything about " in shown(client)
    client.post("/en/my-data/ask/", {"whose": str(child.pk)})
    client.post(f"/en/my-data/erasure/{child.pk}/", {"sure": "on"})
    assert DataExport.objects.get().patient == child
    erasure = Erasure.objects.get()
    assert (erasure.patient, erasure.user, erasure.asked_by) == (child, None, cast.anna)


def test_an_erasure_needs_a_tick_is_asked_once_and_can_be_taken_back(
    page: Client, pieter: User, cast: Cast
) -> None:
    path = f"/en/my-data/erasure/{cast.pieter.pk}/"
    assert "Please tick this" in page.post(path, {}).content.decode()
    assert not Erasure.objects.exists()
    assert page.post(path, {"sure": "on"}).status_code == 302
    assert page.post(path, {"sure": "on"}).status_code == 404
    erasure = Erasure.objects.get()
    assert (erasure.patient, erasure.user, erasure.state) == (cast.pieter, pieter, "asked")
    told = Notification.objects.get(recipient=cast.manager)
    assert "Pieter" not in told.title + told.body
    assert "Take it back" in shown(page)
    withdraw = f"/en/my-data/erasure/{erasure.pk}/withdraw/"
    assert page.get(withdraw).status_code == 405
    assert page.post(withdraw).status_code == 302
    erasure.refresh_from_db()
    assert erasure.state == "withdrawn"
    assert page.post(path, {"sure": "on"}).status_code == 302


def test_nobody_takes_back_what_another_asked_for(page: Client, cast: Cast) -> None:
    erasure = Erasure.objects.create(patient=cast.zanele, asked_by=cast.anna, asked_at=NOW, due_at=NOW)
    for verb in (page.get, page.post):
        assert verb(f"/en/my-data/erasure/{erasure.pk}/withdraw/").status_code == 404


def test_who_cares_for_others_is_told_that_the_account_stays(page: Client, pieter: User, cast: Cast) -> None:
    path = f"/en/my-data/erasure/{cast.pieter.pk}/"
    assert "Your account stays" not in page.get(path).content.decode()
    CareRole.objects.create(patient=cast.zanele, user=pieter, relation=Relation.CARER)
    assert "Your account stays" in page.get(path).content.decode()
    assert "U rekening bly" in page.get(path.replace("/en/", "/af/")).content.decode()


@pytest.mark.parametrize("path", ["my-data/", "my-data/erasure/account/"])
def test_a_stranger_signs_in_first(client: Client, path: str) -> None:
    client.logout()
    assert client.get(f"/en/{path}")["Location"].startswith("/en/accounts/login/")


def test_staff_can_not_erase_their_own_account(client: Client, cast: Cast) -> None:
    client.force_login(cast.nurse)
    answer = client.post("/en/my-data/erasure/account/", {"sure": "on"})
    assert "somebody who works here" in answer.content.decode()
    assert not Erasure.objects.exists()
