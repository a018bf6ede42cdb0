"""Whatever plans, journeys and answers follow each other: each period has its number of doses, and none is lost."""

import itertools
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.medications.rules.replanned import Site

ZONES = [
    "Africa/Johannesburg",
    "Europe/London",
    "America/New_York",
    "Asia/Tokyo",
    "Pacific/Kiritimati",
    "Pacific/Pago_Pago",
    "Australia/Lord_Howe",
]
# The clocks change in London on 25 October 2026, in New York on 1 November, on Lord Howe on 4 October.
BEGINS = [
    datetime(2026, 10, 3, 5, tzinfo=UTC),
    datetime(2026, 10, 24, 5, tzinfo=UTC),
    datetime(2026, 11, 24, 6, tzinfo=UTC),
]
TIMES = st.lists(
    st.sampled_from(["01:30", "02:30", "06:00", "08:00", "09:00", "14:00", "18:00", "20:00", "22:00"]),
    min_size=1, max_size=4, unique=True,
)  # fmt: skip
DAILY = TIMES.map(lambda times: {"kind": "times", "times": times, "quantity": "1"})
WEEKDAYS = st.builds(
    lambda times, days: {"kind": "times", "times": times[:2], "quantity": "1", "weekdays": days},
    TIMES,
    st.lists(st.integers(0, 6), min_size=1, max_size=4, unique=True),
)
EVERY_N = st.builds(
    lambda times, n, start: {
        "kind": "every_n_days", "times": times[:1], "quantity": "1", "n": n, "start_date": f"2026-09-{start}",
    },
    TIMES, st.integers(2, 5), st.integers(10, 20),
)  # fmt: skip
STEPS = st.tuples(
    st.integers(0, 60 * 60),  # minutes until the change
    st.sampled_from(ZONES),
    st.lists(st.sampled_from(["taken", "skipped", "missed", "open"]), min_size=1, max_size=5),
    st.booleans(),  # whether the next dose is taken ahead of its time
)


def each_change(rules: list[Any], steps: list[Any], begin: datetime):
    """Goes through the changes; gives what there was before and after each."""
    site = Site(now=begin, zone=ZONES[0])
    site.change([rules[0]])
    for number, (minutes, zone, answers, one_ahead) in enumerate(steps, 1):
        site.now += timedelta(minutes=minutes)
        site.settle(answers, one_ahead=one_ahead)
        site.zone = zone
        before = dict(site.rows)
        layout, outcome = site.change([rules[number % len(rules)]])
        yield site, before, layout, outcome, rules[number % len(rules)]


ANY_RULES = st.lists(st.one_of(DAILY, WEEKDAYS, EVERY_N), min_size=1, max_size=3)
ANY_STEPS = st.lists(STEPS, min_size=1, max_size=4)
BEGIN = st.sampled_from(BEGINS)


@settings(max_examples=60, deadline=None)
@given(rules=ANY_RULES, steps=ANY_STEPS, begin=BEGIN)
def test_nothing_that_was_answered_changes_and_nothing_that_was_due_vanishes(rules, steps, begin):
    for site, before, _layout, _outcome, _rule in each_change(rules, steps, begin):
        for row in before.values():
            if row.is_settled:
                assert site.rows[row.id] == row
            elif row.due_at <= site.now:
                assert row.id in site.rows


@settings(max_examples=60, deadline=None)
@given(rules=ANY_RULES, steps=ANY_STEPS, begin=BEGIN)
def test_no_schedule_has_two_doses_at_one_time(rules, steps, begin):
    for site, _before, _layout, _outcome, _rule in each_change(rules, steps, begin):
        assert max(Counter((row.schedule, row.due_at) for row in site.rows.values()).values(), default=1) == 1


@settings(max_examples=60, deadline=None)
@given(rules=ANY_RULES, steps=ANY_STEPS, begin=BEGIN)
@example(  # what was taken counted for the day before yesterday, then for tomorrow
    rules=[
        {"kind": "times", "times": ["08:00", "14:00"], "quantity": "1", "weekdays": [0, 1, 2, 5]},
        {"kind": "every_n_days", "times": ["08:00"], "quantity": "1", "n": 2, "start_date": "2026-09-10"},
    ],
    steps=[(300, "Pacific/Kiritimati", ["taken"], False)],
    begin=BEGINS[0],
)
@example(  # one that was taken ahead, of a local day that was over after the journey
    rules=[{"kind": "times", "times": ["01:30", "02:30", "14:00"], "quantity": "1"}],
    steps=[
        (150, "Pacific/Pago_Pago", ["taken"], False),
        (150, "Africa/Johannesburg", ["taken"], True),
        (0, "Pacific/Kiritimati", ["taken"], False),
    ],
    begin=BEGINS[0],
)
def test_the_same_plan_again_changes_nothing(rules, steps, begin):
    for site, _before, _layout, _outcome, rule in each_change(rules, steps, begin):
        after = dict(site.rows)
        _again, outcome = site.change([rule])
        assert site.rows == after
        assert not [*outcome.removed, *outcome.created]


def period(rule: dict[str, Any], day: date) -> Any:
    """The period of a day, by the book: the week of chosen weekdays, else the day."""
    chosen = rule.get("weekdays", range(7))
    return day.isocalendar()[:2] if len(chosen) < 7 else day


@settings(max_examples=100, deadline=None)
@given(rules=st.lists(st.one_of(DAILY, WEEKDAYS), min_size=1, max_size=3), steps=ANY_STEPS, begin=BEGIN)
def test_each_period_has_its_number_of_doses(rules, steps, begin):
    for site, before, layout, _outcome, rule in each_change(rules, steps, begin):
        planned = Counter(period(rule, each.day) for each in layout.planned)
        done = Counter(
            period(rule, row.day) for row in before.values() if row.is_settled or row.due_at <= site.now
        )
        found = Counter(period(rule, row.day) for row in site.rows.values())
        late = Counter(period(rule, each.day) for each in layout.planned if each.due_at <= site.now)
        for each in planned:
            if each < period(rule, site.today):
                continue
            assert found[each] <= max(planned[each], done[each])
            # What can't be made any more is what was never there and whose time has passed.
            assert found[each] >= max(planned[each] - late[each], done[each])
            if not late[each]:
                assert found[each] == max(planned[each], done[each])


@settings(max_examples=60, deadline=None)
@given(rules=st.lists(EVERY_N, min_size=1, max_size=3), steps=ANY_STEPS, begin=BEGIN)
def test_of_every_n_days_none_ahead_is_nearer_to_the_next_than_the_plan_allows(rules, steps, begin):
    for site, _before, _layout, _outcome, rule in each_change(rules, steps, begin):
        ahead = sorted(row.day for row in site.rows.values() if row.due_at > site.now and not row.is_settled)
        for earlier, later in itertools.pairwise(ahead):
            assert (later - earlier).days >= rule["n"]
        # Half a period at the least lies between what was done and what comes, as walls showed both.
        walls = [
            (datetime.combine(row.day, row.at), row.is_settled, row.due_at > site.now)
            for row in site.rows.values()
        ]
        done = [wall for wall, is_settled, is_ahead in walls if is_settled and not is_ahead]
        coming = [wall for wall, is_settled, is_ahead in walls if is_ahead and not is_settled]
        if done and coming:
            assert (min(coming) - max(done)) * 2 >= timedelta(days=rule["n"])


@settings(max_examples=60, deadline=None)
@given(times=TIMES, moment=st.integers(0, 24 * 60), step=st.sampled_from(ZONES), begin=BEGIN)
def test_one_due_now_after_a_journey_is_as_far_from_the_days_others_as_they_are(times, moment, step, begin):
    rule = {"kind": "times", "times": times, "quantity": "1"}
    site = Site(now=begin, zone="Africa/Johannesburg")
    site.change([rule])
    site.now, site.zone = begin + timedelta(minutes=moment), step
    _layout, outcome = site.change([rule])
    now = [move for move in outcome.moves if move.due_at <= site.now and not move.has_passed]
    assert len(now) <= 1 or len(times) == 1
    for move in now:
        day = [row for row in site.rows.values() if row.day == move.planned.day and row.due_at > site.now]
        clock = sorted(datetime.fromisoformat(f"2026-01-01T{each}") for each in times)
        gap = min((later - earlier for earlier, later in itertools.pairwise(clock)), default=timedelta(0))
        # An hour less on the day on which clocks change.
        assert all(row.due_at - move.due_at >= gap - timedelta(hours=1) for row in day)
