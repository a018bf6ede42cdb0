"""Who reads the messages about places at events: who has an account, and else those who care for the patient."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from events.models import Attendance
from home.models import CareRole, Relation
from home.selectors import people_of


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who is told of a place: their own, or that of a patient without an account of their own."""

    user_id: int
    patient_id: int | None = None
    name: str = ""
    born: date | None = None
    relation: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """One attendance, with all who are told of it."""

    event_id: int
    state: str
    readers: tuple[Reader, ...]


def places(attendances: QuerySet[Attendance], *, also_of_the_dead: bool = False) -> dict[int, Place]:
    """These attendances by their id, in its order. One query; two more where a patient has no account.

    Who died is told of nothing: their account may still be in use for a while.
    """
    rows = list(
        (attendances if also_of_the_dead else _living(attendances))
        .order_by("id")
        .values_list(
            "id", "event_id", "state", "user_id", "patient_id", "patient__first_name", "patient__last_name"
        )
    )
    people = _people(rows)
    return {
        id_: Place(
            event_id,
            state,
            (Reader(user_id),)
            if user_id
            else tuple(
                Reader(each.user_id, patient_id, f"{first} {last}".strip(), each.born, each.relation)
                for each in people.get(patient_id, ())
            ),
        )
        for id_, event_id, state, user_id, patient_id, first, last in rows
    }


def _people(rows: list[tuple[Any, ...]]) -> Mapping[int, Any]:
    without_account = {row[4] for row in rows if row[3] is None and row[4] is not None}
    return people_of(without_account) if without_account else {}


def _living(attendances: QuerySet[Attendance]) -> QuerySet[Attendance]:
    themselves = CareRole.objects.filter(user_id=OuterRef("user_id"), relation=Relation.SELF)
    died = Exists(themselves.filter(patient__deceased_on__isnull=False))
    return attendances.exclude(Q(died) | Q(patient__deceased_on__isnull=False))
