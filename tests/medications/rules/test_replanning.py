"""What becomes of doses when their plan or their patient's place changes, by the examples that staff read."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import product
from zoneinfo import ZoneInfo

import pytest

from medications.rules.examples.replanning import CHANGES, HOME, JOURNEYS, Example, Rule, Seen
from medications.rules.replanning import Existing, Planned, Start, replan
from tests.medications.rules.replanned import Site

WEEK_BEFORE = datetime(2026, 11, 16, 20, tzinfo=ZoneInfo(HOME))
TODAY = date(2026, 11, 24)
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
WINDOW = timedelta(hours=2)


def at(day: int, clock: str, zone: str = HOME) -> datetime:
    return datetime.combine(date(2026, 11, day), time.fromisoformat(clock), ZoneInfo(zone))


def settled(site: Site, answered: tuple[Seen, ...]) -> dict[int, str]:
    """The state of each dose that was due: as it was answered, or else missed."""
    said = {at(each.day, each.at): each.state for each in answered}
    states = {}
    for row in list(site.rows.values()):
        if row.due_at < site.now or row.due_at in said:
            states[row.id] = said.get(row.due_at, "missed")
            is_open = states[row.id] == "open"
            site.rows[row.id] = replace(row, is_settled=not is_open, is_begun=is_open)
    return states


def after_the_change(example: Example) -> tuple[Seen, ...]:
    site = Site(now=WEEK_BEFORE.astimezone(UTC), zone=HOME)
    site.change(list(example.before))
    site.now = at(*example.now).astimezone(UTC)
    states = settled(site, example.answered)
    site.zone = example.zone
    _layout, outcome = site.change(list(example.after or example.before))
    states |= {move.dose.id: "unanswered" if move.has_passed else "scheduled" for move in outcome.moves}
    states |= {dose.id: "unanswered" for dose in outcome.surplus}
    tz = ZoneInfo(example.zone)
    rows = sorted(site.rows.values(), key=lambda row: row.due_at)
    shown = [(row.due_at.astimezone(tz), states.get(row.id, "scheduled")) for row in rows]
    return tuple(
        Seen(due_at.day, f"{due_at:%H:%M}", state)
        for due_at, state in shown
        if 23 <= due_at.day <= 29 and (not example.days or due_at.day in example.days)
    )


@pytest.mark.parametrize("example", [*CHANGES, *JOURNEYS], ids=lambda each: each.name)
def test_it_is_as_staff_read_it(example: Example) -> None:
    assert after_the_change(example) == example.doses


_EVERY = {"quantity": "1", "start_date": "2026-11-16"}
KINDS = {
    "every day": {"kind": "times", "quantity": "1"},
    "Monday to Friday": {"kind": "times", "quantity": "1", "weekdays": [0, 1, 2, 3, 4]},
    "three days a week": {"kind": "times", "quantity": "1", "weekdays": [0, 2, 4]},
    "once a week": {"kind": "times", "quantity": "1", "weekdays": [2]},
    "every second day": {"kind": "every_n_days", "n": 2, **_EVERY},
    "three weeks on, one off": {"kind": "cycle", "on": 21, "off": 7, **_EVERY},
}


@pytest.mark.parametrize("start", [Start.COUNTED, Start.TOMORROW])
@pytest.mark.parametrize("times", [("08:00", "22:30"), ("22:00", "08:00")], ids=["later", "earlier"])
@pytest.mark.parametrize("answered", ["taken", "missed"])
@pytest.mark.parametrize("rule", KINDS.values(), ids=KINDS)
def test_another_hour_takes_no_dose_from_the_days_to_come(
    rule: Rule, answered: str, times: tuple[str, str], start: Start
) -> None:
    """On whatever day of the plan, at noon and late in the evening: from tomorrow on each day has its doses."""
    for day, clock in product(range(23, 30), ("12:00", "23:00")):
        site = Site(now=WEEK_BEFORE.astimezone(UTC), zone=HOME)
        site.change([{**rule, "times": [times[0]]}])
        site.now = at(day, clock).astimezone(UTC)
        settled(site, tuple(Seen(each, times[0], answered) for each in range(16, day + 1)))
        site.settle([answered], one_ahead=False)
        layout, _outcome = site.change([{**rule, "times": [times[1]]}], start)
        planned = [each.day for each in layout.planned if each.day > site.today]
        found = [row.day for row in site.rows.values() if row.day > site.today]
        assert sorted(found) == planned, f"on {day} November at {clock}"


# Parts of it --------------------------------------------------------------------------------------------------


def dose(
    id: int, due_at: datetime, *, schedule: int | None = 1, settled: bool = False, **more: object
) -> Existing:
    given = {"day": due_at.date(), "at": due_at.time(), "is_settled": settled} | more
    return Existing(id=id, schedule=schedule, due_at=due_at, **given)  # type: ignore[arg-type]


def new(due_at: datetime, *, schedule: int = 1, **more: object) -> Planned:
    day = due_at.date()
    given = {"day": day, "at": due_at.time(), "quantity": Decimal(1), "first": day, "last": day} | more
    return Planned(schedule=schedule, due_at=due_at, **given)  # type: ignore[arg-type]


def replanned(existing, planned, **more):
    return replan(existing, planned, **{"now": NOON, "today": TODAY, "window": WINDOW} | more)


def hours(number: float) -> datetime:
    return NOON + timedelta(hours=number)


def test_a_change_from_tomorrow_leaves_today_as_it_is() -> None:
    today, tomorrow = dose(1, hours(3)), dose(2, hours(27))
    found = replanned([today, tomorrow], [new(hours(5)), new(hours(29))], start=Start.TOMORROW)
    assert [(move.dose, move.due_at) for move in found.moves] == [(tomorrow, hours(29))]
    assert not [*found.removed, *found.created, *found.surplus, *found.extra, *found.counted]


def test_what_was_taken_counts_or_is_taken_again_as_staff_decide() -> None:
    taken, evening = dose(1, hours(-4), settled=True), new(hours(6))
    counted = replanned([taken], [evening])
    assert (counted.counted, counted.extra, counted.created) == ([(taken, evening)], [], [])
    again = replanned([taken], [evening], start=Start.AGAIN)
    assert (again.counted, again.extra, again.created) == ([], [evening], [])


def test_what_was_taken_ahead_of_its_time_counts_also_when_staff_begin_again() -> None:
    ahead, evening = dose(1, hours(2), settled=True), new(hours(6))
    found = replanned([ahead], [evening], start=Start.AGAIN)
    assert (found.counted, found.extra) == ([(ahead, evening)], [])


def test_an_open_dose_for_which_there_is_no_place_stays_if_it_was_due_and_goes_if_it_was_not() -> None:
    due, coming = dose(1, NOON), dose(2, hours(0.5))
    found = replanned([due, coming], [])
    assert (found.surplus, found.removed) == ([due], [coming])


def test_what_has_begun_has_the_first_choice_of_places() -> None:
    begun, fresh = dose(1, hours(1), is_begun=True), dose(2, hours(2))
    found = replanned([begun, fresh], [new(hours(2))])
    assert [move.dose for move in found.moves] == [begun] and found.removed == [fresh]


def test_a_dose_that_the_change_does_not_concern_is_not_made_once_more() -> None:
    found = replanned([], [new(hours(1)), new(hours(2))], others=[(1, hours(1))])
    assert [each.due_at for each in found.created] == [hours(2)]


def test_a_new_dose_at_the_time_of_an_old_one_comes_a_minute_later() -> None:
    """After a journey: the times are equal and the days aren't."""
    taken = dose(1, hours(6), settled=True, day=TODAY - timedelta(days=1))
    found = replanned([taken], [new(hours(6)), new(hours(6) + timedelta(minutes=1))])
    assert [each.due_at for each in found.created] == [
        hours(6) + timedelta(minutes=1), hours(6) + timedelta(minutes=2),
    ]  # fmt: skip


def test_the_nearest_of_the_own_schedule_comes_first() -> None:
    one, other = dose(1, hours(1), schedule=1), dose(2, hours(2), schedule=2)
    found = replanned([one, other], [new(hours(2), schedule=1), new(hours(1), schedule=2)])
    assert {move.dose.id: (move.planned.schedule, move.due_at) for move in found.moves} == {
        1: (1, hours(2)),
        2: (2, hours(1)),
    }


def test_of_an_interval_a_dose_counts_that_is_nearer_than_it() -> None:
    interval = {"elapsed": timedelta(hours=8)}
    taken = dose(1, hours(-7), settled=True)
    near, far = new(hours(0.5), **interval), new(hours(1), **interval)
    assert replanned([taken], [near]).counted == [(taken, near)]
    assert replanned([taken], [far]).created == [far]


def test_on_a_cycle_what_was_taken_on_a_day_with_doses_counts_for_that_day_alone() -> None:
    week = {"first": TODAY - timedelta(days=6), "last": TODAY + timedelta(days=6), "each_day": True}
    taken = dose(1, hours(-28), settled=True)
    yesterday, today = new(hours(-30), **week), new(hours(4), **week)
    assert replanned([taken], [yesterday, today]).created == [today]
    assert replanned([taken], [today]).counted == [(taken, today)]


def test_one_that_is_late_alone_on_its_day_is_due_now_on_the_full_minute() -> None:
    found = replanned([dose(1, hours(1))], [new(hours(-4))], now=NOON.replace(second=30, microsecond=5))
    [move] = found.moves
    assert (move.due_at, move.has_passed) == (NOON, False)


@pytest.mark.parametrize(("ago", "has_passed"), [(1.99, False), (2, True), (4, True)])
def test_one_that_may_not_be_taken_now_may_be_while_its_window_is_open(ago: float, has_passed: bool) -> None:
    # The next one is nearer now than the plan has them apart.
    found = replanned([dose(1, hours(1))], [new(hours(-ago)), new(hours(0.5))], others=[(1, hours(0.5))])
    [move] = found.moves
    assert (move.due_at, move.has_passed) == (hours(-ago), has_passed)


def test_of_several_that_are_late_the_last_alone_may_be_due_now() -> None:
    first, second = dose(1, hours(1)), dose(2, hours(2))
    found = replanned([first, second], [new(hours(-10)), new(hours(-9))])
    assert [
        (move.due_at, move.has_passed) for move in sorted(found.moves, key=lambda each: each.planned.due_at)
    ] == [
        (hours(-10), True),
        (NOON, False),
    ]


def test_what_is_due_already_stays_where_it_is() -> None:
    found = replanned([dose(1, hours(-1))], [new(hours(-2))])
    assert not [*found.moves, *found.surplus, *found.removed, *found.created]


@pytest.mark.parametrize(("taken_at", "due_now"), [(-3, True), (-0.5, False)])
def test_what_was_taken_counts_from_when_it_was_really_taken(taken_at: float, due_now: bool) -> None:
    taken = dose(1, hours(-5), settled=True, taken_at=hours(taken_at))
    found = replanned([taken, dose(2, hours(1))], [new(hours(-5)), new(hours(-3))])
    [move] = found.moves
    assert (move.due_at == NOON) is due_now


# On the minute ------------------------------------------------------------------------------------------------


def test_what_is_planned_for_this_minute_is_neither_made_nor_counted_any_more() -> None:
    taken, minute = dose(1, hours(-1), settled=True), new(NOON)
    assert replanned([], [minute]).created == []
    for start in (Start.COUNTED, Start.AGAIN):
        found = replanned([taken], [minute], start=start)
        assert not [*found.counted, *found.extra, *found.created]


def test_what_was_taken_in_this_minute_is_taken_again_where_staff_say_so() -> None:
    taken, evening = dose(1, NOON, settled=True), new(hours(6))
    assert replanned([taken], [evening], start=Start.AGAIN).extra == [evening]


def test_one_that_was_ahead_and_is_planned_for_this_minute_is_due_in_it() -> None:
    [move] = replanned([dose(1, hours(1))], [new(NOON)]).moves
    assert (move.due_at, move.has_passed) == (NOON, False)


def test_one_that_was_due_and_is_planned_for_this_minute_stays_where_it_is() -> None:
    assert not replanned([dose(1, hours(-0.5))], [new(NOON)]).moves


@pytest.mark.parametrize("due", [-1, 0])
def test_one_that_is_due_has_one_place_and_the_nearest(due: float) -> None:
    found = replanned([dose(1, hours(due))], [new(hours(1)), new(hours(4))])
    assert [move.due_at for move in found.moves] == [hours(1)]
    assert [each.due_at for each in found.created] == [hours(4)]


def test_of_two_that_are_equally_near_the_earlier_has_the_place() -> None:
    earlier, later = dose(2, hours(1)), dose(1, hours(3))
    found = replanned([earlier, later], [new(hours(2))])
    assert ([move.dose for move in found.moves], found.removed) == ([earlier], [later])


@pytest.mark.parametrize("due", [-0.5, 0])
def test_none_is_due_now_beside_one_that_is_due_and_open(due: float) -> None:
    open_one, ahead = dose(1, hours(due)), dose(2, hours(1))
    [move] = replanned([open_one, ahead], [new(hours(-3)), new(hours(due))]).moves
    assert (move.dose, move.due_at, move.has_passed) == (ahead, hours(-3), True)


def test_none_is_due_now_beside_one_that_was_taken_ahead_of_its_time() -> None:
    ahead = dose(1, hours(2), settled=True, taken_at=hours(-0.5))
    [move] = replanned([ahead, dose(2, hours(1))], [new(hours(-3)), new(hours(2))]).moves
    assert (move.due_at, move.has_passed) == (hours(-3), True)


@pytest.mark.parametrize(("next_in", "due_now"), [(2, True), (1.9, False)])
def test_as_far_from_the_next_as_the_plan_has_them_is_far_enough(next_in: float, due_now: bool) -> None:
    planned = [new(hours(-1)), new(hours(next_in)), new(hours(4))]
    there = [(1, hours(next_in)), (1, hours(4))]
    [move] = replanned([dose(1, hours(1))], planned, others=there).moves
    assert (move.due_at == NOON) is due_now


def test_one_that_moves_to_the_time_of_another_comes_a_minute_later_too() -> None:
    taken = dose(1, hours(6), settled=True, day=TODAY - timedelta(days=1))
    [move] = replanned([taken, dose(2, hours(1))], [new(hours(6))]).moves
    assert move.due_at == hours(6) + timedelta(minutes=1)
