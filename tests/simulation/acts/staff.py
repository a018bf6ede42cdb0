"""Staff open pages."""

from random import Random
from typing import Any

from django.test import Client
from django.urls import reverse

from home.models import Patient, User
from tests.simulation.acts.kinds import act
from tests.simulation.deaths import run
from tests.simulation.scene import Scene

LISTS = (
    "patients:index",
    "worklist:index",
    "prescriptions:index",
    "visits:index",
    "notification_messages:index",
)


@act(weight=2)
def staff_look(scene: Scene, chance: Random) -> str:
    """Somebody of a clinic opens a patient's record, whose patient it may not be, or a list."""
    clinic_id = chance.choice(scene.world.clinics)
    patient = Patient.objects.get(pk=chance.choice(scene.world.patients))
    browser = Client()
    browser.force_login(User.objects.get(pk=scene.world.staff[clinic_id]))
    records = [reverse("patients:record", args=[patient.pk])] * len(LISTS)
    path = chance.choice([*records, *map(reverse, LISTS)])
    answers: list[Any] = []
    run(lambda: answers.append(browser.get(path)))
    text = answers[0].content.decode()
    if path in records and patient.clinic_id != clinic_id and answers[0].status_code != 404:
        scene.judge.say(f"{path} of another clinic is answered with {answers[0].status_code}")
    for other in Patient.objects.filter(pk__in=scene.world.patients).exclude(clinic=clinic_id):
        if other.first_name in text:
            scene.judge.say(f"{path} names {other.first_name}, who is a patient of another clinic")
    return f"{path} for staff of {clinic_id}: {answers[0].status_code}"
