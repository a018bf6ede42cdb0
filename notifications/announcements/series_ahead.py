"""Whom a series of messages would tell in the coming weeks if it began today, and at what cost."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.utils import timezone

from notifications import audiences
from notifications.announcements.reckoning import Reckoning, Said, reckon_each
from notifications.models import MessageSeries
from notifications.types import Priority

WEEKS = 4
AHEAD = WEEKS * 7
"""Days that are looked at, today with them; and as many before, for how many dates there are as a rule."""


@dataclass(slots=True)
class StepAhead:
    """One message, by its place: how many people it comes to today, and in each of the weeks, the first from today on;
    and what that takes in all.
    """

    place: int
    today: int = 0
    weeks: list[int] = field(default_factory=lambda: [0] * WEEKS)
    reckoning: Reckoning = field(default_factory=Reckoning)


@dataclass(slots=True)
class Ahead:
    """`people` are told of `subjects`; of `alone` nobody is told, though a message is due. `lately` are the dates of as
    many weeks before: whose date is still to come isn't known.
    """

    steps: list[StepAhead] = field(default_factory=list)
    people: int = 0
    subjects: int = 0
    alone: int = 0
    lately: int = 0

    @property
    def cost(self) -> Decimal:
        return sum((each.reckoning.cost for each in self.steps), Decimal(0))

    @property
    def most(self) -> Decimal:
        """With all that only follows."""
        return sum((each.reckoning.most for each in self.steps), Decimal(0))

    @property
    def is_sample(self) -> bool:
        """Whether ways and costs are only known of some."""
        return any(each.reckoning.is_sample for each in self.steps)


def ahead(series: MessageSeries, *, now: datetime) -> Ahead:
    """By what is known now. MessageError where its start is declared no more. As many queries for ten people and two
    messages as for more.
    """
    start = audiences.start_named(series.start)
    [zone] = audiences.zones([series.within])
    today = timezone.localdate(now, ZoneInfo(zone))
    lately = {today - timedelta(days=ago) for ago in range(AHEAD)}
    due: dict[date, list[tuple[int, int]]] = defaultdict(list)
    for place, step in enumerate(series.steps):
        for days in range(AHEAD):
            due[today + timedelta(days=days - step["day"])].append((days, place))
    started = start.starts(series.values, series.within, lately | due.keys())
    found = Ahead([StepAhead(place) for place in range(len(series.steps))])
    told: list[list[int]] = [[] for _ in series.steps]
    known = list(started)
    people = audiences.people_of({each.subject_id for each in known if each.day in due})
    # A mother of twins is told once of each date.
    once: set[tuple[int, date, int]] = set()
    subjects = set()
    for each in known:
        found.lately += each.day in lately
        for days, place in due.get(each.day, ()):
            subjects.add(each.subject_id)
            for user_id in people.get(each.subject_id, ()):
                if (user_id, each.day, place) in once:
                    continue
                once.add((user_id, each.day, place))
                told[place].append(user_id)
                found.steps[place].weeks[days // 7] += 1
                found.steps[place].today += days == 0
    found.people = len({user_id for user_ids in told for user_id in user_ids})
    found.subjects = len(subjects)
    found.alone = sum(not people.get(subject_id) for subject_id in subjects)
    said = [
        Said(step["title"], step["message"], user_ids)
        for step, user_ids in zip(series.steps, told, strict=True)
    ]
    for step, reckoning in zip(
        found.steps, reckon_each(said, series.within, Priority.NORMAL, now=now), strict=True
    ):
        step.reckoning = reckoning
    return found
