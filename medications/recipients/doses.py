"""Recipients of messages about due and missed doses, and whether such a message is still relevant.

These run for tens of thousands of doses at a time: tuples instead of model instances, and equal values are equal
tuples, so that the engine writes each text once.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cache, lru_cache, partial
from typing import Any, NamedTuple

from django.db.models import QuerySet

from home.carers import carer_data, while_carers_are_told
from home.models import Patient, Relation, in_care
from home.selectors import Carer, people_of
from medications.formats import DoseValue, MedicineValue, PatientValue
from medications.models import OPEN_STATES, Dose, DoseAnswer, Prescription
from medications.selectors.weekly_checks import weekly_clinics
from notifications.models import Notification
from notifications.models.lookups import Ids, Rows, numbers
from notifications.types import About, Publication, Reason, Recipient

_SHARED = ("due_at", "remind_until", "quantity")
_MEDICINE = (
    "medicine__name_en",
    "medicine__name_af",
    "medicine__strength",
    "medicine__form",
    "instructions_en",
    "instructions_af",
)
"""What many doses, and many prescriptions, have in common: it is read once for all of them."""

SKEW = timedelta(minutes=1)
"""By so much the clocks of two machines may differ: a dose that was due on one isn't taken for moved on the other."""

TOGETHER = 5_000
"""Doses that are looked up together, at most: more would take memory and save no time."""


class _Row(NamedTuple):
    dose_id: int
    remind_until: datetime
    clinic_id: int
    patient: str
    value: DoseValue


_Moment = tuple[int, datetime]


def due_recipients(publications: Sequence[Publication], now: datetime) -> Iterable[Recipient]:
    """One message for each carer and each moment of a patient. Seven queries at most for
    `TOGETHER` doses.

    Doses that were answered since, that were moved to a later time, or whose prescription was stopped, are left out; so
    are those past `remind_until`, unless all doses of the moment are. What repeats a reminder says so.
    """
    weekly = weekly_clinics()
    repeated = _repeated(publications)
    repeats = lru_cache(maxsize=1)(lambda publication_id: frozenset(repeated[publication_id]))
    stamp = cache(lambda due_at: f"{due_at:%Y%m%d%H%M}")
    written = cache(datetime.isoformat)
    published = {each.id: min(each.at or now, now) for each in publications}
    for publication_id, (patient_id, due_at), rows, carers in _moments(publications, OPEN_STATES):
        # What was moved since is published at its own time.
        if due_at > published[publication_id] + SKEW:
            continue
        in_time = [row for row in rows if row.remind_until > now] or rows
        valid_until = min(row.remind_until for row in in_time)
        dose_ids = [row.dose_id for row in in_time]
        key = f"{publication_id}:{patient_id}:{stamp(due_at)}"
        again = Reason.REPEATED if repeats(publication_id).issuperset(dose_ids) else None
        not_alone = again or (Reason.ASKED_WEEKLY if rows[0].clinic_id in weekly else None)
        about = About(rows[0].clinic_id, patient_id)
        for values, user_id, path, told in _for_each(in_time, patient_id, due_at, carers):
            yield Recipient(
                event_record_id=publication_id,
                user_id=user_id,
                params=values,
                dedupe_key=key,
                path=path,
                data={"dose_ids": dose_ids, "due_at": written(due_at), **told},
                related_object_type="dose",
                related_object_id=dose_ids[0],
                valid_until=valid_until,
                about=about,
                no_stand_in=not_alone,
            )


def missed_recipients(publications: Sequence[Publication], now: datetime) -> Iterable[Recipient]:
    """One message for each carer who asked to hear of missed doses. Eight queries at most for
    `TOGETHER` doses.

    A dose whose answer was undone may be missed again; nobody gets a second message.
    """
    before = _told_before(publications)
    for publication_id, (patient_id, due_at), found, carers in _moments(publications, (Dose.State.MISSED,)):
        rows = [row for row in found if row.dose_id not in before]
        if not rows:
            continue
        dose_ids = [row.dose_id for row in rows]
        alerted = [carer for carer in carers if carer.alert_missed]
        about = About(rows[0].clinic_id, patient_id)
        for values, user_id, path, told in _for_each(rows, patient_id, due_at, alerted):
            yield Recipient(
                event_record_id=publication_id,
                user_id=user_id,
                params=values,
                dedupe_key=f"{dose_ids[0]}:missed",
                path=path,
                data={"dose_ids": dose_ids, "due_at": due_at.isoformat(), **told},
                related_object_type="dose",
                related_object_id=dose_ids[0],
                about=about,
            )


def _told_before(publications: Sequence[Publication]) -> set[int]:
    """The doses whose answer was taken back after people had been told that they were missed. Two queries."""
    ids = {dose_id for each in publications for dose_id in each.payload["dose_ids"]}
    undone = DoseAnswer.objects.filter(dose__any_of=ids, answer=DoseAnswer.Answer.UNDONE).order_by()
    whose = set(undone.values_list("dose__patient__clinic_id", "dose__patient_id"))
    if not whose:
        return set()
    clinic_ids, patient_ids = zip(*whose, strict=True)
    messages = Notification.objects.filter(
        event_type="medication.dose_missed", scope_id__in=clinic_ids, subject_id__in=patient_ids
    ).exclude(event_record__in=[each.id for each in publications])
    return {dose_id for data in messages.values_list("data", flat=True) for dose_id in data["dose_ids"]}


def _repeated(publications: Sequence[Publication]) -> dict[int, Sequence[int]]:
    """The doses of each publication of which people know already. Of those that it names beside the first publication
    they know nothing yet, because there was an outage in between: one message comes of both, and is the first.
    """
    repeated = {each.id: each.payload.get("repeats", ()) for each in publications}
    if not any(repeated.values()):
        return repeated
    first = {
        dose_id
        for each in publications
        for dose_id in set(each.payload["dose_ids"]).difference(repeated[each.id])
    }
    return {id_: [dose_id for dose_id in again if dose_id not in first] for id_, again in repeated.items()}


@while_carers_are_told
def due_still_relevant(data: Sequence[Mapping[str, Any]]) -> Sequence[bool]:
    """Whether any dose of each message can still be answered, and is due when the message says. One query."""
    ids = {dose_id for each in data for dose_id in each["dose_ids"]}
    due = dict(_doses(ids, OPEN_STATES).values_list("id", "due_at"))
    return [_holds(each, due) for each in data]


def _holds(data: Mapping[str, Any], due: Mapping[int, datetime]) -> bool:
    times = {due[dose_id] for dose_id in data["dose_ids"] if dose_id in due}
    # Messages from before doses could move don't say when theirs was due.
    return bool(times) and ("due_at" not in data or datetime.fromisoformat(data["due_at"]) in times)


@while_carers_are_told
def missed_still_relevant(data: Sequence[Mapping[str, Any]]) -> Sequence[bool]:
    """Whether any dose of each message is still missed. One query."""
    ids = {dose_id for each in data for dose_id in each["dose_ids"]}
    found = set(_doses(ids, (Dose.State.MISSED,)).values_list("id", flat=True))
    return [not found.isdisjoint(each["dose_ids"]) for each in data]


def _doses(ids: Collection[int], states: Collection[str]) -> QuerySet[Dose]:
    return Dose.objects.filter(
        in_care("patient"),
        id__any_of=ids,
        state__in=states,
        prescription__ended_at__isnull=True,
    )


def _moments(
    publications: Sequence[Publication], states: Collection[str]
) -> Iterator[tuple[int, _Moment, list[_Row], list[Carer]]]:
    """Publication, patient and moment, its doses, and the patient's carers."""
    for chunk in _chunks(publications):
        yield from _moments_of_chunk(chunk, states)


def _chunks(publications: Sequence[Publication]) -> Iterator[list[Publication]]:
    """The publications in chunks of at most TOGETHER doses, but for one that has more."""
    chunk: list[Publication] = []
    size = 0
    for publication in publications:
        length = len(publication.payload["dose_ids"])
        if chunk and size + length > TOGETHER:
            yield chunk
            chunk, size = [], 0
        chunk.append(publication)
        size += length
    if chunk:
        yield chunk


def _moments_of_chunk(
    publications: Sequence[Publication], states: Collection[str]
) -> Iterator[tuple[int, _Moment, list[_Row], list[Carer]]]:
    published_in = {
        dose_id: publication.id for publication in publications for dose_id in publication.payload["dose_ids"]
    }
    # Table by table, each by its ids: a join of them all lets the database look through whole tables for a batch.
    alike = Dose.objects.filter(id__any_of=published_in, state__in=states).order_by().values(*_SHARED)
    own = Rows("id", "patient_id", "prescription_id")
    shared = [
        (due_at, remind_until, quantity, json.loads(rows))
        for due_at, remind_until, quantity, rows in alike.annotate(own=own).values_list(*_SHARED, "own")
    ]
    patients = _patients({patient_id for *_, rows in shared for _id, patient_id, _prescription_id in rows})
    medicines = _medicines({prescription_id for *_, rows in shared for *_id, prescription_id in rows})
    moments: dict[tuple[int, _Moment], list[_Row]] = defaultdict(list)
    for due_at, remind_until, quantity, rows in shared:
        value = cache(partial(_value, quantity))
        for dose_id, patient_id, prescription_id in rows:
            if patient_id in patients and prescription_id in medicines:
                clinic_id, name = patients[patient_id]
                row = _Row(dose_id, remind_until, clinic_id, name, value(medicines[prescription_id]))
                moments[published_in[dose_id], (patient_id, due_at)].append(row)
    carers = people_of({patient_id for _, (patient_id, _) in moments})
    # Patient by patient, which is the order of the indexes that the messages go into.
    for publication_id, moment in sorted(moments):
        group = moments[publication_id, moment]
        group.sort()
        yield publication_id, moment, group, carers[moment[0]]


def _patients(ids: Collection[int]) -> dict[int, tuple[int, str]]:
    """The clinic and the name of those who are in care."""
    rows = Patient.objects.filter(in_care(), id__any_of=ids).order_by()
    named = rows.values_list("id", "clinic_id", "first_name", "last_name")
    return {id_: (clinic_id, f"{first} {last}") for id_, clinic_id, first, last in named}


def _medicines(ids: Collection[int]) -> dict[int, tuple[Any, ...]]:
    """What is prescribed by those that aren't stopped."""
    rows = Prescription.objects.filter(id__any_of=ids, ended_at__isnull=True).order_by().values(*_MEDICINE)
    return {
        id_: tuple(medicine)
        for *medicine, own in rows.annotate(own=Ids("id")).values_list(*_MEDICINE, "own")
        for id_ in numbers(own)
    }


def _value(quantity: Decimal, prescribed: tuple[Any, ...]) -> DoseValue:
    name_en, name_af, strength, form, instructions_en, instructions_af = prescribed
    medicine = MedicineValue((name_en or "", name_af or ""), strength)
    return DoseValue(medicine, quantity, form, (instructions_en or "", instructions_af or ""))


def _for_each(
    rows: Sequence[_Row], patient_id: int, due_at: datetime, carers: Iterable[Carer]
) -> Iterator[tuple[dict[str, Any], int, str, dict[str, int]]]:
    """For each carer the values of the placeholders, their id, the page to open, and `carer_data`."""
    shared = {
        "doses": tuple([row.value for row in rows]),
        "medicines": tuple([row.value.medicine for row in rows]),
        "time": due_at,
    }
    for carer in carers:
        patient = PatientValue(rows[0].patient, carer.born)
        if carer.relation == Relation.SELF:
            yield {**shared, "patient": patient, "whose": ""}, carer.user_id, "/today/", {}
        else:
            path = f"/today/?who={patient_id}"
            told = carer_data(carer.relation, patient_id)
            yield {**shared, "patient": patient, "whose": patient}, carer.user_id, path, told
