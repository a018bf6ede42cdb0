"""By what the patients of an announcement are chosen here: a club or another event, a visit that was missed."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from home.models import Clinic
from notifications import audiences
from tests.events.factories import AttendanceFactory, ClinicEventFactory, EventSeriesFactory, VisitFactory
from tests.factories import CareRoleFactory, ClinicFactory, PatientFactory

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def told(clinic: Clinic, **chosen: Any) -> set[int]:
    return audiences.user_ids(["patients"], {"clinic": clinic.pk}, chosen, now=NOW)


def test_the_people_of_a_club_are_those_on_its_lists_lately() -> None:
    clinic = ClinicFactory()
    series = EventSeriesFactory(clinic=clinic)
    lately = ClinicEventFactory(clinic=clinic, series=series, starts_at=NOW - 7 * DAY, ends_at=NOW - 6 * DAY)
    long_ago = ClinicEventFactory(
        clinic=clinic, series=series, starts_at=NOW - 99 * DAY, ends_at=NOW - 98 * DAY
    )
    once = ClinicEventFactory(clinic=clinic, starts_at=NOW + DAY, ends_at=NOW + 2 * DAY)
    by_patient, by_account, left, before, other = (
        CareRoleFactory(patient=PatientFactory(clinic=clinic)) for _ in range(5)
    )
    AttendanceFactory(event=lately, user=None, patient=by_patient.patient, state="attended")
    AttendanceFactory(event=lately, user=by_account.user)
    AttendanceFactory(event=lately, user=left.user, state="left")
    AttendanceFactory(event=long_ago, user=before.user)
    AttendanceFactory(event=once, user=other.user)
    assert told(clinic, event=[f"series:{series.pk}"]) == {by_patient.user_id, by_account.user_id}
    assert told(clinic, event=[f"event:{once.pk}"]) == {other.user_id}
    (declared,) = [each for each in audiences.filters() if each.name == "event"]
    assert [value for value, _label in declared.choices({"clinic": clinic.pk}, NOW)] == [
        f"series:{series.pk}",
        f"event:{once.pk}",
    ]


@pytest.mark.parametrize(
    ("since", "is_told"),
    [(None, True), ("attended", False), ("planned", False), ("missed", True), ("cancelled", True)],
)
def test_a_visit_is_missed_until_somebody_comes_or_is_to_come(since: str | None, is_told: bool) -> None:
    role = CareRoleFactory(patient=PatientFactory())
    VisitFactory(patient=role.patient, clinic=role.patient.clinic, day=date(2026, 11, 10), state="missed")
    if since:
        VisitFactory(patient=role.patient, clinic=role.patient.clinic, day=date(2026, 11, 20), state=since)
    assert (told(role.patient.clinic, visit=["missed"]) == {role.user_id}) is is_told


def test_a_visit_that_was_missed_long_ago_is_spoken_of_no_more() -> None:
    role = CareRoleFactory(patient=PatientFactory())
    VisitFactory(patient=role.patient, clinic=role.patient.clinic, day=date(2026, 8, 1), state="missed")
    assert told(role.patient.clinic, visit=["missed"]) == set()
