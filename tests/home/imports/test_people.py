"""People who care for patients, from a file."""

from collections.abc import Callable
from typing import Any

import pytest

from home.imports.acts import import_start, import_undo
from home.imports.verdicts import said_of
from home.models import CareRole, Consent, Import, Invitation, Patient
from tests.factories import CareRoleFactory, PatientFactory, UserFactory
from tests.home.conftest import Cast
from tests.home.imports.conftest import NOW, work
from tests.home.imports.files import csv_file
from tests.home.transactional import Phones, phones, queued  # noqa: F401 - fixtures

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("phones", "queued")]

Made = Callable[..., Import]
HEADINGS = ("Name", "Surname", "Cell", "Relation", "Language", "Consent", "Folder", "Patient ID")
ANNA = ("Anna", "Botha", "725550163", "versorger", "Afrikaans", "ja", "HIL-1", "")


@pytest.fixture
def lerato(cast: Cast) -> Patient:
    patient: Patient = PatientFactory(clinic=cast.clinic, first_name="Lerato", folder_number="HIL-1")
    return patient


def file(*rows: tuple[str, ...]) -> Any:
    return csv_file(rows, headings=HEADINGS, name="people.csv")


def test_they_are_invited_once_somebody_says_so(done: Made, lerato: Patient, cast: Cast) -> None:
    run = done(file(ANNA), kind="people")
    invitation = Invitation.objects.get()
    assert (invitation.patient, invitation.relation, invitation.language) == (lerato, "carer", "af")
    assert (str(invitation.phone), invitation.first_name, invitation.alert_missed) == (
        "+27725550163",
        "Anna",
        True,
    )
    assert Consent.objects.get(patient=lerato).witness == cast.nurse
    assert not Phones.sent
    import_start(import_id=run.pk, now=NOW)
    work()
    assert [each.address for each in Phones.sent] == ["+27725550163"]


@pytest.mark.parametrize(
    ("position", "text", "column"),
    [
        (0, "", "first_name"),
        (2, "", "phone"),
        (2, "021 555 0163", "phone"),
        (3, "neighbour", "relation"),
        (5, "perhaps", "patient_agrees"),
        (6, "", "folder_number"),
        (6, "HIL-2", "folder_number"),
        (7, "8706050123084", "id_number"),
    ],
)
def test_a_row_with_a_fault_is_refused_beside_its_column(
    tried: Made, lerato: Patient, position: int, text: str, column: str
) -> None:
    row = [*ANNA]
    row[position] = text
    run = tried(file(tuple(row)), kind="people")
    verdict = said_of(run.rows.get())
    assert (verdict.state, [each.column for each in verdict.problems]) == ("refused", [column])


def test_who_cares_already_is_left_and_who_was_asked_is_refused(
    done: Made, tried: Made, lerato: Patient
) -> None:
    CareRoleFactory(patient=lerato, user=UserFactory(phone="+27725550164", email=None), relation="carer")
    run = done(file(ANNA, (*ANNA[:2], "0725550164", *ANNA[3:]), ANNA), kind="people")
    assert dict(run.rows.values_list("number", "state")) == {2: "done", 3: "same", 4: "refused"}
    again = tried(file(ANNA), kind="people")
    assert again.rows.get().state == "refused"


def test_a_patient_of_another_clinic_is_not_found(tried: Made, cast: Cast) -> None:
    PatientFactory(clinic=cast.other_clinic, folder_number="HIL-1")
    assert tried(file(ANNA), kind="people").rows.get().state == "refused"


def test_an_undo_takes_the_invitation_and_the_consent_away(done: Made, lerato: Patient) -> None:
    before = CareRole.objects.count(), Consent.objects.count()
    run = done(file(ANNA), kind="people")
    import_undo(import_id=run.pk, now=NOW)
    work()
    assert run.rows.get().state == "undone"
    assert (CareRole.objects.count(), Consent.objects.count()) == before
    assert not Invitation.objects.exists()


def test_an_invitation_that_was_sent_meanwhile_stays(done: Made, lerato: Patient) -> None:
    run = done(file(ANNA), kind="people")
    Invitation.objects.update(sent_at=NOW)
    import_undo(import_id=run.pk, now=NOW)
    work()
    assert run.rows.get().state == "kept"
    assert Invitation.objects.exists()
