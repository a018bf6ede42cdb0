"""Two children's vaccinations: one is due in two days, because two doses came late; the other began at three years."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from home.models import Patient
from medications.demo.history import Past, tell
from medications.models import VaccinationRecord, Vaccine
from medications.rules.vaccinations import Given, State, calendar

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


# The child that began late: what it was given, and how many days ago. The second 6-in-1 was too early.
_BEGAN_LATE = (("pcv", 1, 63), ("mr", 1, 63), ("hexavalent", 1, 45), ("hexavalent", 2, 38))
# What it should have had since, so many days ago; and after how many days its father was asked about that.
_OVERDUE = (("mr", 2, 35, 28), ("hexavalent", 2, 10, 7))


def vaccinate(child: Patient, *, now: datetime) -> list[int]:
    """Record past and coming vaccinations, whose reminders then wait; the ids of the past messages."""
    today = now.astimezone(ZoneInfo(child.zone)).date()
    born = child.date_of_birth or today
    on_time = {
        (dose.vaccine, dose.dose_number): dose.due_on
        for dose in calendar(born, given=[], today=born)
        if dose.due_on and dose.due_on < today
    }
    given = {key: day for key, day in on_time.items() if key != _OPEN}
    given.update({key: today - ago for key, ago in _LATE.items()})
    vaccines = _vaccines()
    told = []
    shots = [Given(vaccine=vaccine, dose_number=number, on=day) for (vaccine, number), day in given.items()]
    for dose in calendar(born, given=shots, today=today):
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


def vaccinate_late(child: Patient, *, now: datetime) -> list[int]:
    """Record what a child was given that came for the first time at three years; the ids of the past messages."""
    today = now.astimezone(ZoneInfo(child.zone)).date()
    vaccines = _vaccines()
    for vaccine, number, ago in _BEGAN_LATE:
        VaccinationRecord.objects.create(
            patient=child,
            vaccine=vaccines[vaccine],
            dose_number=number,
            date_given=today - timedelta(days=ago),
        )
    asks = []
    for vaccine, number, ago, asked_after in _OVERDUE:
        due_on = today - timedelta(days=ago)
        record = VaccinationRecord.objects.create(
            patient=child,
            vaccine=vaccines[vaccine],
            dose_number=number,
            repeat=1 if vaccine == "hexavalent" else 0,
            next_due_date=due_on,
        )
        asked_on = due_on + timedelta(days=asked_after)
        payload = {
            "vaccination_record_id": record.pk,
            "due_on": due_on.isoformat(),
            "asked_on": asked_on.isoformat(),
        }
        at = datetime.combine(asked_on, time(9), ZoneInfo(child.zone))
        asks.append(Past(payload, at, f"{record.pk}:{due_on.isoformat()}:{asked_after}"))
    return tell("vaccination.overdue", sorted(asks, key=lambda ask: ask.at))


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
