"""A changed zone or slot time of patients sends a signal, after the commit."""

from collections.abc import Iterator

import pytest
from pytest_django import DjangoCaptureOnCommitCallbacks

from home.models import Relation
from home.signals import patient_clock_changed
from notifications.models import NotificationPreferences
from notifications.signals import preferences_changed
from tests.factories import CareRoleFactory, PatientFactory
from tests.home.conftest import Cast


@pytest.fixture
def told() -> Iterator[list[list[int]]]:
    heard: list[list[int]] = []

    def listen(patient_ids: list[int], **kwargs: object) -> None:
        heard.append(patient_ids)

    patient_clock_changed.connect(listen)
    yield heard
    patient_clock_changed.disconnect(listen)


def test_a_patients_new_zone_sends_a_signal_after_the_commit(
    cast: Cast, told: list[list[int]], django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        cast.pieter.timezone = "Europe/London"
        cast.pieter.save()
        assert told == []
    assert told == [[cast.pieter.pk]]


def test_a_change_that_moves_no_clock_sends_no_signal(
    cast: Cast, told: list[list[int]], django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        cast.pieter.first_name = "Piet"
        cast.pieter.timezone = cast.clinic.timezone
        cast.pieter.save()
        cast.clinic.name = "Hillbrow Community Clinic"
        cast.clinic.save()
        PatientFactory()
    assert told == []


def test_a_clinics_new_zone_moves_those_without_one_of_their_own(
    cast: Cast, told: list[list[int]], django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    PatientFactory(clinic=cast.clinic, timezone="Europe/London")
    with django_capture_on_commit_callbacks(execute=True):
        cast.clinic.timezone = "Africa/Windhoek"
        cast.clinic.save()
    assert told == [[cast.pieter.pk]]


def test_a_clinics_new_slot_times_move_all_its_patients(
    cast: Cast, told: list[list[int]], django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    away = PatientFactory(clinic=cast.clinic, timezone="Europe/London")
    with django_capture_on_commit_callbacks(execute=True):
        cast.clinic.slot_times = {"morning": "07:00"}
        cast.clinic.save()
    assert told == [[cast.pieter.pk, away.pk]]


def test_a_persons_new_zone_moves_their_own_clock_and_no_other(
    cast: Cast, told: list[list[int]], django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    herself = CareRoleFactory(user=cast.anna, relation=Relation.SELF).patient
    NotificationPreferences.objects.create(user=cast.anna, timezone="Europe/London")
    with django_capture_on_commit_callbacks(execute=True):
        preferences_changed.send(None, user_id=cast.anna.pk, changed={"language"})
        preferences_changed.send(None, user_id=cast.anna.pk, changed={"timezone", "language"})
    assert told == [[herself.pk]]
    herself.refresh_from_db()
    cast.pieter.refresh_from_db()
    assert (herself.timezone, cast.pieter.timezone) == ("Europe/London", "")
