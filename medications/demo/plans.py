"""The demo's prescriptions and home supplies as plain values, relative to today's date."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

Rule = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Batch:
    """The quantity that is left now, and in how many days the batch expires."""

    left: Decimal
    expires_in: int = 500


@dataclass(frozen=True, kw_only=True)
class Plan:
    """One prescription. The doses taken so far came from the first batch."""

    patient: str
    medicine: str
    rules: tuple[Rule, ...]
    start_date: date
    end_date: date | None = None
    instructions: tuple[str, str] = ("", "")
    batches: tuple[Batch, ...] = ()
    missed: tuple[int, ...] = ()
    """So many days ago nothing was taken of it."""


WITH_FOOD = ("with food", "saam met kos")
WITH_WATER = ("with a full glass of water", "met 'n vol glas water")


def soon_after(now: datetime) -> datetime:
    """The full minute nearest to two minutes from now, so 90 to 150 seconds ahead."""
    return (now + timedelta(minutes=2, seconds=30)).replace(second=0, microsecond=0)


def plans(*, now: datetime, zone: ZoneInfo) -> list[Plan]:
    """All of the demo's prescriptions; some patients of it have none."""
    today = now.astimezone(zone).date()
    return [*_daily(today), *_other_kinds(today, zone), *_due_soon(soon_after(now).astimezone(zone))]


def _daily(today: date) -> list[Plan]:
    """At times of day: named slots, exact times, chosen weekdays."""
    since = today - timedelta(days=60)
    return [
        Plan(
            patient="Thandi",
            medicine="metformin",
            rules=(_times("morning", "evening"),),
            start_date=since,
            instructions=WITH_FOOD,
            batches=(Batch(left=Decimal(62)),),
        ),
        # Runs out within days.
        Plan(
            patient="Thandi",
            medicine="amlodipine",
            rules=(_times("morning"),),
            start_date=since,
            batches=(Batch(left=Decimal(4)),),
        ),
        Plan(
            patient="Pieter",
            medicine="warfarin",
            rules=(
                _times("evening", weekdays=[0, 2, 4, 6]),
                _times("evening", quantity="0.5", weekdays=[1, 3, 5]),
            ),
            start_date=since,
            instructions=("at the same time every day", "elke dag op dieselfde tyd"),
            batches=(Batch(left=Decimal("24.5")),),
        ),
        # Some will be left of the first batch when it expires.
        Plan(
            patient="Pieter",
            medicine="simvastatin",
            rules=(_times("evening"),),
            start_date=since,
            batches=(Batch(left=Decimal(18), expires_in=4), Batch(left=Decimal(28))),
        ),
        Plan(
            patient="Pieter",
            medicine="furosemide",
            rules=(_times("morning"),),
            start_date=since,
            instructions=WITH_WATER,
            batches=(Batch(left=Decimal(26)),),
        ),
        Plan(
            patient="Sipho",
            medicine="tld",
            rules=(_times("bedtime"),),
            start_date=since,
            batches=(Batch(left=Decimal(45)),),
        ),
        Plan(
            patient="Johannes",
            medicine="folic acid",
            rules=(_times("morning", weekdays=[0, 1, 2, 3, 4]),),
            start_date=since,
            batches=(Batch(left=Decimal(30)),),
        ),
        Plan(
            patient="Zanele",
            medicine="insulin",
            rules=(_times("07:00", "19:00"),),
            start_date=since,
            instructions=("18 units under the skin", "18 eenhede onder die vel"),
            batches=(Batch(left=Decimal(40)),),
        ),
        Plan(
            patient="Zanele",
            medicine="metformin",
            rules=(_times("07:00", "19:00", quantity="2"),),
            start_date=since,
            instructions=WITH_FOOD,
            batches=(Batch(left=Decimal(84)),),
        ),
        Plan(
            patient="Willem",
            medicine="amlodipine",
            rules=(_times("morning", quantity="2"),),
            start_date=since,
            batches=(Batch(left=Decimal(6)),),
        ),
        Plan(
            patient="Ayesha",
            medicine="metformin",
            rules=(_times("morning", "evening"),),
            start_date=since,
            instructions=WITH_FOOD,
            batches=(Batch(left=Decimal(56)),),
        ),
        # Who needs a call: missed four of seven days, and runs out within days.
        Plan(
            patient="Fatima",
            medicine="metformin",
            rules=(_times("morning", "evening"),),
            start_date=since,
            instructions=WITH_FOOD,
            batches=(Batch(left=Decimal(5)),),
            missed=(1, 2, 4, 5),
        ),
        Plan(
            patient="Themba",
            medicine="simvastatin",
            rules=(_times("evening", quantity="2"),),
            start_date=since,
            batches=(Batch(left=Decimal(30), expires_in=3), Batch(left=Decimal(56))),
        ),
        Plan(
            patient="Grietjie",
            medicine="furosemide",
            rules=(_times("morning", quantity="0.5"),),
            start_date=since,
            instructions=WITH_WATER,
            batches=(Batch(left=Decimal("12.5")),),
        ),
    ]


def _other_kinds(today: date, zone: ZoneInfo) -> list[Plan]:
    """One of each other kind of rule."""
    began = {days: today - timedelta(days=days) for days in (2, 9, 16, 30)}
    first = datetime.combine(began[2], time(6), zone)
    return [
        Plan(
            patient="Thandi",
            medicine="paracetamol",
            rules=({"kind": "as_needed", "min_hours": 6, "max_per_day": 4, "quantity": "2"},),
            start_date=began[30],
            instructions=("for pain", "vir pyn"),
            batches=(Batch(left=Decimal(24)),),
        ),
        Plan(
            patient="Johannes",
            medicine="methotrexate",
            rules=(_from(began[16], "every_n_days", n=7, times=["evening"], quantity="6"),),
            start_date=began[16],
            instructions=("once a week, never daily", "een keer per week, nooit daagliks nie"),
            batches=(Batch(left=Decimal(24)),),
        ),
        Plan(
            patient="Fatima",
            medicine="contraceptive",
            rules=(_from(began[30], "cycle", on=21, off=7, times=["21:00"], quantity="1"),),
            start_date=began[30],
            batches=(Batch(left=Decimal(42)),),
        ),
        Plan(
            patient="Naledi",
            medicine="prednisone",
            rules=(
                _from(
                    began[9],
                    "taper",
                    times=["morning"],
                    steps=[{"quantity": quantity, "days": 5} for quantity in ("8", "6", "4", "2", "1")],
                ),
            ),
            start_date=began[9],
            end_date=began[9] + timedelta(days=24),
            instructions=WITH_FOOD,
            batches=(Batch(left=Decimal(60)),),
        ),
        Plan(
            patient="Ruan",
            medicine="amoxicillin",
            rules=({"kind": "interval", "hours": 8, "first": first.isoformat(), "quantity": "1"},),
            start_date=began[2],
            end_date=began[2] + timedelta(days=6),
            instructions=("finish the course", "voltooi die kursus"),
            batches=(Batch(left=Decimal(15)),),
        ),
    ]


def _due_soon(at: datetime) -> list[Plan]:
    """A single dose for each of two patients, due in a moment, with no other dose that would make it out of date."""
    rule = _times(f"{at:%H:%M}", start_date=at.date().isoformat(), end_date=at.date().isoformat())
    return [
        Plan(
            patient=patient,
            medicine="vitamin d",
            rules=(rule,),
            start_date=at.date(),
            end_date=at.date(),
            instructions=("once, with food", "een keer, saam met kos"),
            batches=(Batch(left=Decimal(1)),),
        )
        for patient in ("Thandi", "Pieter")
    ]


def _times(*times: str, quantity: str = "1", **more: Any) -> Rule:
    return {"kind": "times", "times": list(times), "quantity": quantity, **more}


def _from(start_date: date, kind: str, **more: Any) -> Rule:
    return {"kind": kind, "start_date": start_date.isoformat(), **more}
