"""Properties of every rule, zone and range."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from medications.rules import doses
from medications.rules.errors import RuleError

ZONES = st.sampled_from(["Europe/London", "America/New_York", "Africa/Johannesburg", "Australia/Lord_Howe"])
# Each change of a clock in these zones in 2026, and days around them, more often than other days.
CHANGES = [
    date(2026, 3, 8),
    date(2026, 3, 29),
    date(2026, 4, 5),
    date(2026, 10, 4),
    date(2026, 10, 25),
    date(2026, 11, 1),
]
DAYS = st.one_of(
    st.dates(date(2025, 1, 1), date(2027, 12, 31)),
    st.builds(
        lambda day, off: day + timedelta(days=off),
        st.sampled_from(CHANGES),
        st.integers(-2, 2),
    ),
)
TIMES = st.lists(
    st.one_of(
        st.sampled_from(
            [
                "01:30",
                "02:00",
                "02:15",
                "02:30",
                "03:30",
                "00:00",
                "23:59",
                "morning",
                "bedtime",
            ]
        ),
        st.times().map(lambda at: at.strftime("%H:%M")),
    ),
    min_size=1,
    max_size=5,
    unique=True,
)
QUANTITIES = st.sampled_from(["1", "0.5", "2", "1.25"])
COUNTS = st.integers(1, 10)


def rules(draw_kind=None):
    common = {"quantity": QUANTITIES, "times": TIMES}
    start = DAYS.map(date.isoformat)
    kinds = {
        "times": st.fixed_dictionaries(
            {"kind": st.just("times"), **common},
            optional={
                "start_date": start,
                "weekdays": st.lists(st.integers(0, 6), min_size=1, unique=True),
            },
        ),
        "every_n_days": st.fixed_dictionaries(
            {
                "kind": st.just("every_n_days"),
                **common,
                "n": COUNTS,
                "start_date": start,
            }
        ),
        "cycle": st.fixed_dictionaries(
            {
                "kind": st.just("cycle"),
                **common,
                "on": COUNTS,
                "off": COUNTS,
                "start_date": start,
            }
        ),
        "taper": st.fixed_dictionaries(
            {
                "kind": st.just("taper"),
                "times": TIMES,
                "start_date": start,
                "steps": st.lists(
                    st.fixed_dictionaries({"quantity": QUANTITIES, "days": COUNTS}),
                    min_size=1,
                    max_size=4,
                ),
            }
        ),
        "interval": st.fixed_dictionaries(
            {
                "kind": st.just("interval"),
                "quantity": QUANTITIES,
                "hours": st.sampled_from([0.5, 1, 6, 7, 24, 36]),
                "first": st.datetimes(datetime(2025, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)).map(
                    datetime.isoformat
                ),
            }
        ),
    }
    return kinds[draw_kind] if draw_kind else st.one_of(*kinds.values())


def matches(rule, day):
    """The quantity of each dose on a day, or None: slowly, from the first day."""
    start = date.fromisoformat(rule.get("start_date", "2000-01-01"))
    if day < start:
        return None
    if rule["kind"] == "times":
        return rule["quantity"] if day.weekday() in rule.get("weekdays", range(7)) else None
    pattern = {
        "every_n_days": lambda: [rule["quantity"]] + [None] * (rule["n"] - 1),
        "cycle": lambda: [rule["quantity"]] * rule["on"] + [None] * rule["off"],
        "taper": lambda: [step["quantity"] for step in rule["steps"] for _ in range(step["days"])],
    }[rule["kind"]]()
    number = (day - start).days
    if rule["kind"] == "taper":
        return pattern[number] if number < len(pattern) else None
    return pattern[number % len(pattern)]


@given(
    rule=st.one_of(*(rules(kind) for kind in ("times", "every_n_days", "cycle", "taper"))),
    zone=ZONES,
    start=DAYS,
    length=st.integers(0, 20),
)
def test_every_wall_time_comes_exactly_once_on_every_matching_date(rule, zone, start, length):
    tz = ZoneInfo(zone)
    expected = {}
    for number in range(length + 1):
        day = start + timedelta(days=number)
        quantity = matches(rule, day)
        for name in rule["times"] if quantity else ():
            at = time.fromisoformat({"morning": "08:00", "bedtime": "22:00"}.get(name, name))
            seen = instants_showing(day, at, tz)
            expected[seen] = expected.get(seen, 0) + Decimal(quantity)
    found = doses.expand(rule, start=start, end=start + timedelta(days=length), timezone=zone)
    assert found == sorted(expected.items())


def instants_showing(day, at, tz):
    """The first instant with this local time, tried one by one; in a gap, the one after it."""
    naive = datetime.combine(day, at)
    candidates = [naive.replace(tzinfo=UTC) + timedelta(minutes=30 * step) for step in range(-28, 29)]
    shown = [moment for moment in candidates if moment.astimezone(tz).replace(tzinfo=None) == naive]
    if shown:
        return min(shown)
    midnight = datetime.combine(day, time.min, tzinfo=tz).astimezone(UTC)
    return midnight + (naive - datetime.combine(day, time.min))


@given(
    rule=rules(),
    zone=ZONES,
    start=DAYS,
    first=st.integers(0, 10),
    second=st.integers(0, 10),
)
def test_ranges_that_follow_each_other_give_what_the_whole_gives(rule, zone, start, first, second):
    middle = start + timedelta(days=first)
    end = middle + timedelta(days=1 + second)
    parts = doses.expand(rule, start=start, end=middle, timezone=zone) + doses.expand(
        rule, start=middle + timedelta(days=1), end=end, timezone=zone
    )
    assert parts == doses.expand(rule, start=start, end=end, timezone=zone)


@given(rule=rules("interval"), zone=ZONES, start=DAYS, length=st.integers(0, 10))
def test_an_interval_has_every_step_whose_local_date_is_in_the_range(rule, zone, start, length):
    end = start + timedelta(days=length)
    due_at = datetime.fromisoformat(rule["first"])
    expected = []
    while due_at.astimezone(ZoneInfo(zone)).date() <= end:
        if due_at.astimezone(ZoneInfo(zone)).date() >= start:
            expected.append((due_at, Decimal(rule["quantity"])))
        due_at += timedelta(hours=rule["hours"])
    assert doses.expand(rule, start=start, end=end, timezone=zone) == expected


@given(rule=rules(), zone=ZONES, start=DAYS, length=st.integers(0, 20))
def test_due_times_are_in_order_and_none_comes_twice(rule, zone, start, length):
    due = [at for at, _ in doses.expand(rule, start=start, end=start + timedelta(days=length), timezone=zone)]
    assert all(earlier < later for earlier, later in pairwise(due))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(
    rule=rules(),
    key=st.sampled_from(["times", "n", "on", "steps", "hours", "first", "quantity", "kind", "end_date"]),
    value=JSON,
)
def test_any_json_is_expanded_or_refused_and_never_fails_otherwise(rule, key, value):
    try:
        doses.expand(
            {**rule, key: value},
            start=date(2026, 1, 1),
            end=date(2026, 1, 3),
            timezone="Europe/London",
        )
    except RuleError:
        return
