"""Asks people again about vaccinations whose day has passed."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from functools import reduce
from operator import or_

from django.db.models import Q, QuerySet

from home.models import in_care
from medications import options
from medications.models import VaccinationRecord
from medications.rules.overdue import ask_now, asked_about
from medications.rules.vaccinations import Given, still_to_give
from medications.selectors.people import local_day
from notifications import bus

CHUNK = 1_000
"""Records looked at together."""

_TYPE = "vaccination.overdue"
_Publication = tuple[dict[str, object], str]


def ask_about_overdue_vaccinations(*, now: datetime) -> int:
    """Publish each vaccination that is to be asked about again today; how many are new.

    Once for each due date and number of days (`options.overdue_days`), however often and on however many machines it
    runs: the publication is unique by them. Two queries and one statement for each chunk.
    """
    asked = 0
    for records in _chunks(_may_be_asked_about(now)):
        given = VaccinationRecord.objects.given_to({record.patient_id for record in records})
        asked += bus.publish_many(_TYPE, list(_asks(records, given, now)), now=now)
    return asked


def _may_be_asked_about(now: datetime) -> QuerySet[VaccinationRecord]:
    spans = asked_about(now.astimezone(UTC).date(), options.overdue_days())
    return VaccinationRecord.objects.filter(
        reduce(or_, (Q(next_due_date__range=span) for span in spans), Q(pk__in=[])),
        in_care("patient"),
        date_given__isnull=True,
    ).select_related("vaccine", "patient__clinic")


def _chunks(records: QuerySet[VaccinationRecord]) -> Iterator[list[VaccinationRecord]]:
    last = 0
    while chunk := list(records.filter(id__gt=last).order_by("id")[:CHUNK]):
        yield chunk
        last = chunk[-1].pk


def _asks(
    records: Iterable[VaccinationRecord], given: dict[int, list[Given]], now: datetime
) -> Iterator[_Publication]:
    for record in records:
        if ask := _ask(record, given[record.patient_id], now):
            yield ask


def _ask(record: VaccinationRecord, given: Iterable[Given], now: datetime) -> _Publication | None:
    patient, dose = record.patient, record.open_dose
    today = local_day(patient, now)
    days = ask_now(dose.due_on, today, options.overdue_days()) if dose else None
    if dose is None or days is None:
        return None
    if not still_to_give(dose, born=patient.date_of_birth, given=given, on=today):
        return None
    due_on = dose.due_on.isoformat()
    payload = {
        "vaccination_record_id": record.pk,
        "due_on": due_on,
        "asked_on": today.isoformat(),
    }
    return payload, f"{record.pk}:{due_on}:{days}"
