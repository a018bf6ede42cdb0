"""Patients from another system: who may, what is answered, and that asking twice is served once."""

from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from knox.models import AuthToken

from home.models import Import, Invitation, Patient, StaffRole, User
from notifications.models import Notification
from tests.factories import StaffRoleFactory
from tests.home.conftest import Cast
from tests.home.imports.conftest import NOW, work
from tests.home.transactional import Phones, phones, queued  # noqa: F401 - fixtures
from tests.notifications.api.conftest import Program

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("phones", "queued")]

CALL = "/api/imports/"
FATIMA = {
    "first_name": "Fatima",
    "last_name": "Jacobs",
    "date_of_birth": "1992-05-27",
    "folder_number": "WYN-00417",
    "phone": "072 555 0163",
    "language": "af",
    "consent_reminders": True,
    "consent_sms": True,
}


@pytest.fixture(autouse=True)
def _nobody_counted() -> Any:
    cache.clear()
    with time_machine.travel(NOW, tick=False):
        yield


def program(user: User) -> Program:
    return Program(user, AuthToken.objects.create(user=user)[1])


def body(cast: Cast, *rows: Any, **given: Any) -> dict[str, Any]:
    return {"kind": "patients", "clinic": cast.clinic.pk, "rows": list(rows), **given}


def test_rows_are_tried_carried_out_and_answered_one_by_one(cast: Cast) -> None:
    caller = program(cast.manager)
    answer = caller.post(CALL, body(cast, FATIMA, {"first_name": "Sipho", "phone": 12}, carry_out=True))
    assert answer.status_code == 201, answer.content
    assert answer.json()["state"] == "checking"
    work()
    said = caller.get(f"{CALL}{answer.json()['id']}/").json()
    assert (said["state"], said["counts"], said["next_after"]) == ("done", {"done": 1, "refused": 1}, None)
    fatima = Patient.objects.get(first_name="Fatima")
    first, second = said["rows"]
    assert (first["number"], first["state"], first["patient_id"]) == (1, "done", fatima.pk)
    assert [each["column"] for each in second["problems"]] == ["phone"]
    assert Invitation.objects.get().purposes == ["reminders", "sms"]
    assert not Phones.sent
    assert not Notification.objects.exists()


def test_without_being_told_nothing_is_carried_out(cast: Cast) -> None:
    caller = program(cast.manager)
    id_ = caller.post(CALL, body(cast, FATIMA)).json()["id"]
    work()
    assert caller.get(f"{CALL}{id_}/").json()["counts"] == {"new": 1}
    assert not Patient.objects.filter(first_name="Fatima").exists()


def test_the_same_key_gives_the_same_import_and_another_body_is_refused(cast: Cast) -> None:
    caller, key = program(cast.manager), {"Idempotency-Key": "one"}
    first = caller.call("POST", CALL, body(cast, FATIMA), **key)
    work()
    again = caller.call("POST", CALL, body(cast, FATIMA), **key)
    assert (again.status_code, again.json()["id"]) == (201, first.json()["id"])
    assert again["Idempotent-Replayed"] == "true"
    other = caller.call("POST", CALL, body(cast, FATIMA, carry_out=True), **key)
    assert other.status_code == 422
    assert Import.objects.count() == 1
    somebody = program(cast.head_office)
    assert somebody.call("POST", CALL, body(cast, {**FATIMA, "sex": "f"}), **key).status_code == 201


def test_what_a_dead_process_left_is_taken_up_by_the_next_try(cast: Cast) -> None:
    caller, key = program(cast.manager), {"Idempotency-Key": "one"}
    caller.call("POST", CALL, body(cast, FATIMA), **key)
    Import.objects.update(state="matching", finished_at=NOW)
    assert caller.call("POST", CALL, body(cast, FATIMA), **key).json()["state"] == "checking"


def test_the_same_rows_without_a_key_are_refused(cast: Cast) -> None:
    caller = program(cast.manager)
    caller.post(CALL, body(cast, FATIMA))
    answer = caller.post(CALL, body(cast, FATIMA))
    assert answer.status_code == 400
    assert "is here already" in answer.json()["rows"][0]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"kind": "nonsense"}, "kind"),
        ({"kind": 7}, "kind"),
        ({"clinic": "one"}, "clinic"),
        ({"rows": []}, "rows"),
        ({"rows": "all"}, "rows"),
        ({"rows": [[]]}, "rows"),
        ({"rows": [{"weight": 80}]}, "rows"),
        ({"rows": [{"first_name": {"a": 1}}]}, "rows"),
        ({"rows": [{"first_name": "x" * 2000}]}, "rows"),
        ({"carry_out": "yes"}, "carry_out"),
        ({"send": True}, "send"),
    ],
)
def test_what_is_malformed_is_refused_by_its_name(cast: Cast, changes: Any, field: str) -> None:
    answer = program(cast.manager).post(CALL, body(cast, FATIMA) | changes)
    assert (answer.status_code, [*answer.json()]) == (400, [field])
    assert not Import.objects.exists()


def test_a_formula_is_refused_in_its_row(cast: Cast) -> None:
    caller = program(cast.manager)
    id_ = caller.post(CALL, body(cast, {**FATIMA, "last_name": "=1+1"})).json()["id"]
    work()
    [row] = caller.get(f"{CALL}{id_}/").json()["rows"]
    assert [each["column"] for each in row["problems"]] == ["last_name"]


def test_only_with_the_permission_and_only_at_ones_own_clinics(cast: Cast) -> None:
    assert program(cast.nurse).post(CALL, body(cast, FATIMA)).status_code == 403
    assert program(cast.anna).post(CALL, body(cast, FATIMA)).status_code == 403
    assert Program().post(CALL, body(cast, FATIMA)).status_code == 401
    id_ = program(cast.manager).post(CALL, body(cast, FATIMA)).json()["id"]
    elsewhere = program(StaffRoleFactory(clinic=cast.other_clinic, role=StaffRole.Role.MANAGER).user)
    assert elsewhere.post(CALL, body(cast, FATIMA)).status_code == 404
    assert elsewhere.get(f"{CALL}{id_}/").status_code == 404
    assert elsewhere.get(f"{CALL}999/").status_code == 404
    assert Import.objects.count() == 1


def test_many_rows_are_answered_in_parts(cast: Cast) -> None:
    caller = program(cast.manager)
    rows = [{"first_name": f"Zola {each}", "last_name": "Budd"} for each in range(501)]
    id_ = caller.post(CALL, body(cast, *rows)).json()["id"]
    first = caller.get(f"{CALL}{id_}/").json()
    assert (len(first["rows"]), first["next_after"]) == (500, 500)
    rest = caller.get(f"{CALL}{id_}/?after=500").json()
    assert ([row["number"] for row in rest["rows"]], rest["next_after"]) == ([501], None)
