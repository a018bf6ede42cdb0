"""What a change of events will do, in words, for the page that staff see before it is saved.

The page is `events/admin/plan.html`. A view gives it the context of `plan_context`, and

- `form_data` and `confirm_label`, as `home.admin.confirming` says.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from events.admin.clinic_time import clinic_moment, clinic_span
from events.admin.pattern_words import pattern_words
from events.admin.plan_words import LABELS, detail_words, plan_total, what_happens
from events.services.changes.plan import Outcome, Plan, Planned
from home.models import User
from notifications.web.moments import zone_note

MOST_NAMES = 50
"""At most so many people are named; of more only the number is given."""


@dataclass(frozen=True, kw_only=True)
class People:
    """The number of people, the names of the first, and how many are not named."""

    number: int
    names: list[str]
    more: int


@dataclass(frozen=True, kw_only=True)
class Happening:
    """What happens to one event, and its time before and after the change (empty if it stays)."""

    outcome: str
    title: str
    before: str
    after: str
    words: str
    joined: int
    waiting: int
    notified: People


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One thing that will be different, as it was and as it will be."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, kw_only=True)
class PlanPage:
    """The content of the page. `lost` is how many places that people have are cancelled."""

    total: str
    lost: int
    notified: People
    differences: list[Difference]
    splits: bool
    happenings: list[Happening]
    unchanged: int
    added: list[str]
    zone_note: str


def plan_context(plan: Plan, *, now: datetime) -> dict[str, Any]:
    """The context of the page: `plan`. One query, whatever the size of the plan."""
    return {"plan": plan_pages([plan], now=now)[0]}


def plan_pages(plans: Sequence[Plan], *, now: datetime) -> list[PlanPage]:
    """The content of a page for each plan. One query, however many and however large they are."""
    names = _names(frozenset[int]().union(*(plan.notified for plan in plans)))
    return [_plan_page(plan, names, now) for plan in plans]


def _plan_page(plan: Plan, names: Mapping[int, str], now: datetime) -> PlanPage:
    zone = plan.timezone
    rows = [each for each in plan.occurrences if _is_touched(each)]
    return PlanPage(
        total=plan_total(plan),
        lost=sum(each.joined for each in rows if each.outcome == Outcome.CANCELLED),
        notified=_people(plan.notified, names),
        differences=[*_patterns(plan), *_details(plan)],
        splits=plan.ended is not None,
        happenings=[_happening(each, zone, names, now) for each in rows],
        unchanged=len(plan.occurrences) - len(rows),
        added=[clinic_moment(start, zone, now=now) for start in plan.added],
        zone_note=zone_note(zone),
    )


def _is_touched(planned: Planned) -> bool:
    """Whether the page lists the event: something happens to it, or there is a reason why nothing does."""
    return planned.outcome != Outcome.KEPT or bool(planned.details)


def _names(ids: Collection[int]) -> dict[int, str]:
    """People by their ids, in the order of their names."""
    users = User.objects.filter(id__any_of=ids).only("first_name", "last_name", "email", "phone")
    return {user.pk: str(user) for user in users}


def people_named(ids: Collection[int]) -> People:
    """These people. One query."""
    return _people(ids, _names(ids))


def _people(ids: Collection[int], names: Mapping[int, str]) -> People:
    known = [name for id_, name in names.items() if id_ in ids]
    return People(number=len(ids), names=known[:MOST_NAMES], more=max(0, len(known) - MOST_NAMES))


def _happening(planned: Planned, zone: str, names: Mapping[int, str], now: datetime) -> Happening:
    moves = planned.outcome == Outcome.MOVED
    return Happening(
        outcome=planned.outcome.value,
        title=planned.title,
        before=clinic_span(planned.old_starts_at, planned.old_ends_at, zone, now=now),
        after=clinic_span(planned.starts_at, planned.ends_at, zone, now=now) if moves else "",
        words=what_happens(planned),
        joined=planned.joined,
        waiting=planned.waiting,
        notified=_people(planned.notified, names),
    )


def _patterns(plan: Plan) -> Iterator[Difference]:
    old = plan.old_config
    if old is None or plan.config is None:
        return
    if plan.ended is not None:
        label = _("The events until then")
        yield Difference(label=label, before=pattern_words(old), after=pattern_words(plan.ended))
        yield Difference(label=_("From then on"), before="", after=pattern_words(plan.config))
    elif plan.config != old:
        yield Difference(label=_("Pattern"), before=pattern_words(old), after=pattern_words(plan.config))


def _details(plan: Plan) -> Iterator[Difference]:
    for name, label in LABELS.items():
        if name in plan.details:
            yield Difference(
                label=str(label),
                before=detail_words(name, plan.old_details[name]),
                after=detail_words(name, plan.details[name]),
            )
