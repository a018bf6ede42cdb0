from events.models.attendance import CONCERNED, HAS_PLACE, Attendance
from events.models.calendar_feed import CalendarFeed
from events.models.clinic_event import ClinicEvent
from events.models.collection_plan import CollectionPlan
from events.models.programme import Programme
from events.models.series import EventSeries, read_config, validate_reminders
from events.models.series_date import SeriesDate
from events.models.visit import Visit

__all__ = [
    "CONCERNED",
    "HAS_PLACE",
    "Attendance",
    "CalendarFeed",
    "ClinicEvent",
    "CollectionPlan",
    "EventSeries",
    "Programme",
    "SeriesDate",
    "Visit",
    "read_config",
    "validate_reminders",
]
