"""The visits of a patient who changes, wherever that is done."""

from typing import Any

import pytest

from tests.events.factories import NOW, VisitFactory
from tests.factories import ClinicFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("field", ["deceased_on", "left_on"])
def test_who_died_or_left_is_expected_no_more(field: str) -> None:
    planned, came = VisitFactory(), VisitFactory(state="attended")
    came.patient = planned.patient
    came.save()
    setattr(planned.patient, field, NOW.date())
    planned.patient.save()
    for visit in (planned, came):
        visit.refresh_from_db()
    assert (planned.state, planned.decided_side, planned.next_step_at) == ("cancelled", "", None)
    assert came.state == "attended"


def test_what_is_planned_goes_to_the_new_clinic() -> None:
    planned: Any = VisitFactory()
    missed = VisitFactory(patient=planned.patient, state="missed")
    here = planned.clinic
    there = planned.patient.clinic = ClinicFactory()
    planned.patient.save()
    for visit in (planned, missed):
        visit.refresh_from_db()
    assert (planned.clinic, missed.clinic) == (there, here)
