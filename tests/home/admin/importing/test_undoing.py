"""What an import added is taken away again, unless somebody has worked with it: one row by one where it must be."""

import pytest
from django.core.exceptions import ValidationError

from home.admin.importing import undoing
from home.admin.importing.undoing import add_missing, give_back, take_away
from home.imports.importable import Made, Reading
from home.models import Patient
from tests.factories import PatientFactory
from tests.home.conftest import Cast
from tests.home.imports.conftest import NOW
from tests.medications.factories import PrescriptionFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def reading(cast: Cast) -> Reading:
    return Reading(cast.clinic, cast.manager, NOW)


def test_what_a_record_says_by_now_is_not_written_over(cast: Cast, reading: Reading) -> None:
    Patient.objects.filter(pk=cast.pieter.pk).update(folder_number="HIL-1")
    with pytest.raises(ValidationError) as refused:
        add_missing(cast.pieter.pk, {"folder_number": "HIL-2"}, reading)
    assert refused.value.code == "changed"
    assert Patient.objects.get(pk=cast.pieter.pk).folder_number == "HIL-1"


def test_a_number_that_somebody_was_given_meanwhile_is_said(cast: Cast, reading: Reading) -> None:
    PatientFactory(clinic=cast.clinic, folder_number="HIL-2")
    Patient.objects.filter(pk=cast.pieter.pk).update(folder_number=None)
    with pytest.raises(ValidationError) as refused:
        add_missing(cast.pieter.pk, {"folder_number": "HIL-2"}, reading)
    assert refused.value.code == "taken"
    assert Patient.objects.get(pk=cast.pieter.pk).folder_number is None


def test_what_was_added_is_given_back_but_not_what_changed_since(cast: Cast, reading: Reading) -> None:
    Patient.objects.filter(pk=cast.pieter.pk).update(folder_number=None)
    made = add_missing(cast.pieter.pk, {"folder_number": "HIL-2"}, reading)
    Patient.objects.filter(pk=cast.pieter.pk).update(folder_number="HIL-3")
    assert give_back(made, reading) == "Somebody has changed this record since."
    assert Patient.objects.get(pk=cast.pieter.pk).folder_number == "HIL-3"
    Patient.objects.filter(pk=cast.pieter.pk).update(folder_number="HIL-2")
    assert give_back(made, reading) == ""
    assert Patient.objects.get(pk=cast.pieter.pk).folder_number is None


def test_one_that_cannot_be_deleted_stays_and_keeps_no_other(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Something hangs on it of which the look beforehand knew nothing."""
    monkeypatch.setattr(undoing, "touched", lambda ids, *, ours: set())
    free, poisoned, last = (PatientFactory(clinic=cast.clinic) for _number in range(3))
    PrescriptionFactory(patient=poisoned)
    made = [Made(each.pk, {}) for each in (free, poisoned, last)]
    assert take_away(made) == {poisoned.pk}
    assert set(Patient.objects.filter(pk__in=[each.patient_id for each in made])) == {poisoned}
