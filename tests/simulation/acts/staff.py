"""Staff open pages."""

from random import Random
from typing import Any

from django.db.models import Model
from django.test import Client
from django.urls import reverse

from events.models import ClinicEvent, Visit
from home.models import Patient, User
from medications.models import Prescription
from tests.simulation.acts.kinds import NOTHING, act, one
from tests.simulation.deaths import run
from tests.simulation.scene import Scene

LISTS = (
    "patients:index",
    "worklist:index",
    "prescriptions:index",
    "visits:index",
    "notification_messages:index",
)
ROWS: dict[str, tuple[type[Model], str]] = {
    "patients": (Patient, "clinic"),
    "prescriptions": (Prescription, "patient__clinic"),
    "visits": (Visit, "clinic"),
    "clinic_events": (ClinicEvent, "clinic"),
}
"""What has pages of its own, and how its clinic is found."""
PAGES = ("edit", "history", "usage")


@act(weight=2)
def staff_look(scene: Scene, chance: Random) -> str:
    """Somebody of a clinic opens a patient's record, whose patient it may not be, or a list."""
    clinic_id = chance.choice(scene.world.clinics)
    patient = Patient.objects.get(pk=chance.choice(scene.world.patients))
    records = [reverse("patients:record", args=[patient.pk])] * len(LISTS)
    path = chance.choice([*records, *map(reverse, LISTS)])
    answer = _opened(scene, clinic_id, path)
    text = answer.content.decode()
    if path in records and patient.clinic_id != clinic_id and answer.status_code != 404:
        scene.judge.say(f"{path} of another clinic is answered with {answer.status_code}")
    for other in Patient.objects.filter(pk__in=scene.world.patients).exclude(clinic=clinic_id):
        if other.first_name in text:
            scene.judge.say(f"{path} names {other.first_name}, who is a patient of another clinic")
    return f"{path} for staff of {clinic_id}: {answer.status_code}"


@act(weight=2)
def staff_open(scene: Scene, chance: Random) -> str:
    """Somebody of a clinic opens a page of a row, which may be another clinic's, by its address."""
    clinic_id = chance.choice(scene.world.clinics)
    namespace = chance.choice(list(ROWS))
    model, lookup = ROWS[namespace]
    row = one(model._default_manager.all(), chance)
    if row is None:
        return NOTHING
    path = reverse(f"{namespace}:{chance.choice(PAGES)}", args=[row.pk])
    status = _opened(scene, clinic_id, path).status_code
    is_theirs = model._default_manager.filter(pk=row.pk, **{lookup: clinic_id}).exists()
    if not is_theirs and status != 404:
        scene.judge.say(f"{path} of another clinic is answered with {status}")
    return f"{path} for staff of {clinic_id}: {status}"


def _opened(scene: Scene, clinic_id: int, path: str) -> Any:
    browser = Client()
    browser.force_login(User.objects.get(pk=scene.world.staff[clinic_id]))
    answers: list[Any] = []
    run(lambda: answers.append(browser.get(path)))
    return answers[0]
