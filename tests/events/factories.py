"""Series and events, at a clinic, and people who come to them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import factory

from events.models import Attendance, ClinicEvent, EventSeries, Visit
from events.rules.notice_times import next_at
from events.rules.visit_times import next_step_at
from tests.factories import ClinicFactory, PatientFactory, RowFactory, UserFactory

NOW = datetime(2026, 11, 23, 6, tzinfo=UTC)
"""08:00 in Johannesburg, a Monday."""


def weekly(*weekdays: int, **more: Any) -> dict[str, Any]:
    """A recurring_config: every week on these days (0 is Monday), 10:00 to 12:00."""
    return {
        "type": "weekly",
        "weekdays": list(weekdays),
        "start_time": "10:00",
        "end_time": "12:00",
        **more,
    }


class EventSeriesFactory(RowFactory[EventSeries]):
    """A club every Tuesday from ten to twelve; its occurrences aren't made yet."""

    class Meta:
        model = EventSeries

    clinic = factory.SubFactory(ClinicFactory)
    title_en = "Diabetes club"
    title_af = "Diabetesklub"
    place = "Hall"
    config = factory.LazyFunction(lambda: weekly(1))


class ClinicEventFactory(RowFactory[ClinicEvent]):
    """A single event two days ahead, for two hours, with its notices waiting."""

    class Meta:
        model = ClinicEvent

    clinic = factory.SubFactory(ClinicFactory)
    title_en = "Outreach day"
    title_af = "Uitreikdag"
    place = "Hall"
    starts_at = NOW + timedelta(days=2)
    ends_at = factory.LazyAttribute(lambda event: event.starts_at + timedelta(hours=2))
    reminders = factory.LazyFunction(lambda: [1440, 60])
    next_notice_at = factory.LazyAttribute(
        lambda event: next_at(event.starts_at, event.ends_at, event.reminders, now=NOW)
    )


class AttendanceFactory(RowFactory[Attendance]):
    """Somebody who has a place."""

    class Meta:
        model = Attendance

    event = factory.SubFactory(ClinicEventFactory)
    user = factory.SubFactory(UserFactory)
    state = Attendance.State.JOINED
    asked_at = NOW - timedelta(days=1)


class VisitFactory(RowFactory[Visit]):
    """A collection three days ahead, planned two weeks ago, at the patient's clinic."""

    class Meta:
        model = Visit

    patient = factory.SubFactory(PatientFactory)
    clinic = factory.LazyAttribute(lambda visit: visit.patient.clinic)
    kind = Visit.Kind.COLLECTION
    day = (NOW + timedelta(days=3)).date()
    planned_at = NOW - timedelta(days=14)
    next_step_at = factory.LazyAttribute(
        lambda visit: (
            next_step_at(
                visit.day, visit.clinic.zone, planned_on=visit.planned_at.date(), now=visit.planned_at
            )
            if visit.state == Visit.State.PLANNED
            else None
        )
    )
    state = Visit.State.PLANNED
