"""A child's vaccination calendar: two doses came late, so that one is due in two days."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from home.models import Patient
from medications.demo.history import Past, tell
from medications.models import VaccinationRecord, Vaccine
from medications.rules.vaccinations import State, calendar

_VACCINES = {
    "bcg": ("BCG (tuberculosis)", "BCG (tuberkulose)"),
    "opv": ("Polio drops", "Poliodruppels"),
    "rv": ("Rotavirus", "Rotavirus"),
    "pcv": ("Pneumococcal", "Pneumokokke"),
    "hexavalent": ("Hexavalent (6-in-1)", "Heksavalent (6-in-1)"),
    "mr": ("Measles and rubella", "Masels en rubella"),
    "td": ("Tetanus and diphtheria", "Tetanus en witseerkeel"),
}
# The one was given nine days ago, after a reminder. The other's next follows four weeks after it: in two days.
_LATE = {("pcv", 3): timedelta(days=9), ("mr", 1): timedelta(days=26)}
_OPEN = ("mr", 2)


def vaccinate(child: Patient, *, born: date, now: datetime) -> list[int]:
    """Record past and coming vaccinations, whose reminders then wait; the ids of the past messages."""
    today = now.astimezone(ZoneInfo(child.zone)).date()
    on_time = {
        (dose.vaccine, dose.dose_number): dose.due_on
        for dose in calendar(born, given=[], today=born)
        if dose.due_on and dose.due_on < today
    }
    given = {key: day for key, day in on_time.items() if key != _OPEN}
    given.update({key: today - ago for key, ago in _LATE.items()})
    vaccines = _vaccines()
    told = []
    for dose in calendar(born, given=given, today=today):
        record = VaccinationRecord(
            patient=child, vaccine=vaccines[dose.vaccine], dose_number=dose.dose_number
        )
        if dose.state is not State.GIVEN:
            record.next_due_date = dose.due_on
        elif dose.given_on and dose.given_on > now.date() - timedelta(days=14):
            told += _reminded(record, dose.given_on)
            record.date_given, record.next_due_date = dose.given_on, None
        else:
            record.date_given = dose.given_on
        record.save()
    return told


def _reminded(record: VaccinationRecord, due_on: date) -> list[int]:
    """Send its reminder as if on the day before; the record must still be open."""
    record.next_due_date = due_on
    record.save()
    at = datetime.combine(due_on - timedelta(days=1), time(9), ZoneInfo(record.patient.zone))
    payload = {"vaccination_record_id": record.id, "due_on": due_on.isoformat()}
    return tell("vaccination.due", [Past(payload, at, f"{record.id}:{due_on.isoformat()}")])


def _vaccines() -> dict[str, Vaccine]:
    there = {vaccine.code: vaccine for vaccine in Vaccine.objects.filter(code__in=_VACCINES)}
    new = [
        Vaccine(code=code, name_en=english, name_af=afrikaans)
        for code, (english, afrikaans) in _VACCINES.items()
        if code not in there
    ]
    Vaccine.objects.bulk_create(new)
    return there | {vaccine.code: vaccine for vaccine in new}
