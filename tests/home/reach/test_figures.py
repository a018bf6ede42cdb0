"""The figures of who is reached are those of the patients' pages, counted, whoever cares for whom."""

from datetime import UTC, datetime
from random import Random

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from home.models import CareRole, Clinic, Patient, Relation, User
from home.privacy.consents import consents_withdraw
from home.reach.figures import NO_LANGUAGE, reached_patients
from home.reach.ways import reached
from home.selectors import patients_here
from notifications.models import NotificationPreferences, PushSubscription, Suppression
from notifications.preferences.settings import preferences_update
from notifications.types import Reason
from tests.factories import CareRoleFactory, ClinicFactory, PatientFactory, UserFactory

NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)
CHANNELS = ("sms", "email", "push")
PATIENTS = 40
pytestmark = pytest.mark.django_db


def somebody(chance: Random, number: int) -> User:
    """A person with or without addresses, some of them unconfirmed, turned off, coming back or not agreed to."""
    phone, email = chance.random() < 0.6, chance.random() < 0.6
    user: User = UserFactory(
        phone=f"+2782{number:07d}" if phone else None,
        email=f"p{number}@example.org" if email or not phone else None,
        is_active=chance.random() < 0.9,
    )
    for field in ("phone", "email"):
        if chance.random() < 0.25:
            User.objects.filter(pk=user.pk).update(**{f"{field}_verified_at": None})
    if chance.random() < 0.3:
        PushSubscription.objects.create(
            user=user,
            endpoint=f"https://push.example.org/{number}",
            p256dh="key",
            auth="secret",
            created_at=NOW,
        )
    if chance.random() < 0.6:
        preferences_update(user_id=user.pk, changes={"language": chance.choice(["en", "af"])}, now=NOW)
        for channel in CHANNELS:
            if chance.random() < 0.2:
                preferences_update(user_id=user.pk, changes={f"{channel}_enabled": False}, now=NOW)
        if chance.random() < 0.3:
            of_user = NotificationPreferences.objects.filter(user=user)
            of_user.update(message_language=chance.choice(["en", "af"]))
    for purpose in ("reminders", *CHANNELS):
        if chance.random() < 0.12:
            consents_withdraw(user_id=user.pk, purposes=[purpose], how="site", now=NOW)
    if user.email and chance.random() < 0.15:
        Suppression.objects.create(channel="email", address=user.email, reason=Reason.BOUNCED, since=NOW)
    return user


def a_clinic(chance: Random, start: int) -> Clinic:
    """Some of its patients have nobody, some several people, some don't let carers be told, some are gone."""
    clinic: Clinic = ClinicFactory()
    for number in range(start, start + PATIENTS):
        patient = PatientFactory(clinic=clinic)
        for person in range(chance.choice([0, 1, 1, 2, 3])):
            first = person == 0 and chance.random() < 0.6
            others = [relation for relation in Relation if relation != Relation.SELF]
            relation = Relation.SELF if first else chance.choice(others)
            CareRoleFactory(patient=patient, user=somebody(chance, number * 10 + person), relation=relation)
        if chance.random() < 0.2:
            consents_withdraw(patient_id=patient.pk, purposes=["carers"], how="site", now=NOW)
        if chance.random() < 0.1:
            Patient.objects.filter(pk=patient.pk).update(deceased_on=NOW.date())
    return clinic


def by_pages(clinic: Clinic) -> dict[str, int]:
    """The same figures, counted one patient after another from what their pages show."""
    found: dict[str, int] = {}

    def add(name: str) -> None:
        found[name] = found.get(name, 0) + 1

    ids = list(patients_here([clinic.pk]).values_list("pk", flat=True))
    ways = reached(ids)
    for patient_id in ids:
        add("all")
        working = {way.channel for way in ways[patient_id] if way.works}
        for channel in working:
            add(f"by.{channel}")
        told = [way.language for way in ways[patient_id] if way.is_told]
        language = told[0] if told else NO_LANGUAGE
        add(f"in.{language}")
        if working:
            add("reached")
            add(f"in.{language}.reached")
    return found


@pytest.mark.parametrize("seed", range(4))
def test_the_figures_are_what_the_pages_say(seed: int) -> None:
    chance = Random(seed)
    clinics = [a_clinic(chance, start) for start in (0, PATIENTS)]
    figures = reached_patients([clinic.pk for clinic in clinics])
    expected = {clinic.pk: by_pages(clinic) for clinic in clinics}
    assert figures == expected
    for each in expected.values():
        # Otherwise two empty answers would agree.
        assert 0 < each["reached"] < each["all"] < PATIENTS
        assert {"by.sms", "by.email", "by.push", "in.en", "in.af", f"in.{NO_LANGUAGE}"} <= set(each)


def test_many_clinics_take_two_queries() -> None:
    chance = Random(7)
    clinics = [a_clinic(chance, start) for start in (0, PATIENTS)]
    with CaptureQueriesContext(connection) as captured:
        reached_patients([clinic.pk for clinic in clinics])
    assert len(captured) == 2
    assert CareRole.objects.exists()
