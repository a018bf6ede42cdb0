"""An invalid recurring_config is refused with the key that is wrong."""

from datetime import date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.rules.config import TYPES, parse
from events.rules.errors import ConfigError
from events.rules.recurrence import expand

TIMES = {"start_time": "09:00", "end_time": "11:00"}
VALID = {
    "weekly": {"type": "weekly", "weekday": 4, **TIMES},
    "monthly": {"type": "monthly", "month_day": 1, **TIMES},
    "quarterly": {"type": "quarterly", "nth": 2, "weekday": 1, **TIMES},
    "yearly": {"type": "yearly", "month": 3, "month_day": 21, **TIMES},
}
WEEKLY, MONTHLY, NTH, YEARLY = VALID.values()
SINCE = {"start_date": "2026-01-01"}

NO_TIMES = [
    "25:00",
    "24:00",
    "9:00",
    "09:60",
    "0900",
    "09:00\n",
    "09:00:00",
    "٠٩:٠٠",
    "",
    9,
    9.5,
    time(9),
    [],
    True,
]
NO_WEEKDAYS = [7, -1, 1.0, "1", True, False, [], [4], float("nan")]
NO_LISTS = [[], [7], [-1], [1, 1], ["1"], [True], [1, None], [[1]], 1, "01", {"1": 1}, {1}]
NO_COUNTS = [0, -1, 1000, 2.0, float("nan"), float("inf"), "2", True, [2]]
NO_MONTH_DAYS = [0, 32, -2, 1.0, True, "1", [1], float("nan")]
NO_NTHS = [0, 6, -2, 1.0, True, "1", [1]]
NO_MONTHS = [0, 13, -1, 1.0, True, "march"]
NO_DATES = [
    "2026-02-30",
    "2026-13-01",
    "20260101",
    "2026-W01-1",
    "2026-1-1",
    "2026-01-01T00:00",
    "0000-01-01",
    "",
    5,
    True,
    [],
    datetime(2026, 1, 1),
]
NO_FLAGS = [0, 1, "true", "", [], 1.0]

IMPOSSIBLE = [
    *((WEEKLY, "start_time", bad) for bad in NO_TIMES),
    *((WEEKLY, "end_time", bad) for bad in NO_TIMES),
    *((WEEKLY, "weekday", bad) for bad in NO_WEEKDAYS),
    *((NTH, "weekday", bad) for bad in NO_WEEKDAYS),
    *(({"type": "weekly", **TIMES}, "weekdays", bad) for bad in NO_LISTS),
    *((WEEKLY | SINCE, "interval", bad) for bad in NO_COUNTS),
    *((WEEKLY | SINCE, "count", bad) for bad in NO_COUNTS),
    *((MONTHLY, "month_day", bad) for bad in NO_MONTH_DAYS),
    *((NTH, "nth", bad) for bad in NO_NTHS),
    *((YEARLY, "month", bad) for bad in NO_MONTHS),
    *((WEEKLY, "start_date", bad) for bad in NO_DATES),
    *((WEEKLY, "until", bad) for bad in NO_DATES),
    *((WEEKLY, "skip_dates", [bad]) for bad in [*NO_DATES, None]),
    *((WEEKLY, "skip_dates", bad) for bad in ["2026-01-01", {"2026-01-01": 1}, 5, True]),
    *((WEEKLY, "active", bad) for bad in NO_FLAGS),
    *((MONTHLY, "clamp", bad) for bad in NO_FLAGS),
    *((WEEKLY, "skip_public_holidays", bad) for bad in NO_FLAGS),
    *((WEEKLY, "type", bad) for bad in ["daily", "", "Weekly", 5, ["weekly"], {}, True]),
]

TOGETHER = [
    # the config, the key that is refused, why, and because of which other
    (WEEKLY | {"weekdays": [1]}, "weekdays", "not_with", "weekday"),
    (WEEKLY | SINCE | {"until": "2026-02-01", "count": 3}, "count", "not_with", "until"),
    (MONTHLY | {"nth": 1, "weekday": 1}, "nth", "not_with", "month_day"),
    (NTH | {"clamp": True}, "clamp", "not_with", "nth"),
    ({"type": "monthly", "nth": 1, **TIMES}, "nth", "needs", "weekday"),
    (SINCE | {"type": "monthly", "nth": 1, **TIMES}, "nth", "needs", "weekday"),
    ({"type": "monthly", "weekday": 1, **TIMES}, "weekday", "needs", "nth / month_day"),
    (SINCE | {"type": "monthly", "weekday": 1, **TIMES}, "weekday", "needs", "nth / month_day"),
    (WEEKLY | {"interval": 2}, "interval", "needs", "start_date"),
    (WEEKLY | {"count": 2}, "count", "needs", "start_date"),
    (WEEKLY | SINCE | {"until": "2025-12-31"}, "until", "before_start", None),
    (YEARLY | {"month": 2, "month_day": 30}, "month_day", "never", None),
    (YEARLY | {"month": 6, "month_day": 31}, "month_day", "never", None),
    (YEARLY | {"month": 6, "month_day": 31, "weekday": 1}, "month_day", "never", None),
    ({"type": "yearly", "month": 4, "start_date": "2026-01-31", **TIMES}, "month_day", "never", None),
    ({"type": "weekly", **TIMES}, "weekday", "missing", None),
    ({"type": "monthly", **TIMES}, "month_day", "missing", None),
    ({"type": "quarterly", **TIMES}, "month_day", "missing", None),
    ({"type": "yearly", "month_day": 1, **TIMES}, "month", "missing", None),
    ({"type": "yearly", "month": 1, **TIMES}, "month_day", "missing", None),
    (TIMES, "type", "missing", None),
    ({"type": "weekly", "weekday": 1, "end_time": "11:00"}, "start_time", "missing", None),
    ({"type": "weekly", "weekday": 1, "start_time": "11:00"}, "end_time", "missing", None),
]

OF_ANOTHER_TYPE = [
    ("weekly", "month_day", 1),
    ("weekly", "clamp", True),
    ("weekly", "nth", 1),
    ("weekly", "month", 1),
    ("monthly", "weekdays", [1]),
    ("monthly", "month", 1),
    ("quarterly", "weekdays", [1]),
    ("quarterly", "month", 1),
    ("yearly", "weekdays", [1]),
]


def refusal(config):
    with pytest.raises(ConfigError) as refused:
        parse(config)
    assert refused.value.params["key"] == refused.value.key
    assert str(refused.value).startswith(f"{refused.value.key}: ")
    return refused.value


def test_every_type_has_a_valid_config_here():
    assert tuple(parse(config).type for config in VALID.values()) == TYPES


@pytest.mark.parametrize(("config", "key", "bad"), IMPOSSIBLE)
def test_an_impossible_value_is_refused_with_its_key(config, key, bad):
    assert refusal({**config, key: bad}).key == key


@pytest.mark.parametrize(("config", "key", "code", "other"), TOGETHER)
def test_keys_that_contradict_or_lack_each_other_are_refused(config, key, code, other):
    error = refusal(config)
    assert (error.key, error.code, error.params.get("other")) == (key, code, other)


@pytest.mark.parametrize(
    ("config", "sentence"),
    [
        (WEEKLY | {"type": "daily"}, "type: this must be one of weekly, monthly, quarterly, yearly."),
        (WEEKLY | SINCE | {"interval": 0}, "interval: this must be a whole number from 1 to 999."),
        (YEARLY | {"month": 13}, "month: this must be a whole number from 1 to 12."),
        (
            MONTHLY | {"month_day": 32},
            "month_day: this must be a whole number from 1 to 31, or -1 for the last.",
        ),
        (NTH | {"nth": 6}, "nth: this must be a whole number from 1 to 5, or -1 for the last."),
    ],
)
def test_what_would_do_is_said(config, sentence):
    assert str(refusal(config)) == sentence


@pytest.mark.parametrize(("kind", "key", "value"), OF_ANOTHER_TYPE)
def test_a_key_of_another_type_is_refused(kind, key, value):
    error = refusal({**VALID[kind], key: value})
    assert (error.key, error.code, error.params["type"]) == (key, "not_for_type", kind)


@pytest.mark.parametrize(
    ("key", "shown"), [("weekdy", "weekdy"), ("x" * 99, "x" * 40), ("", ""), (None, "NoneType")]
)
def test_an_unknown_key_is_refused_by_name(key, shown):
    error = refusal({**WEEKLY, key: 1})
    assert (error.key, error.code) == (shown, "unknown")


def test_a_number_of_more_digits_than_python_turns_into_text_is_refused():
    huge = 10**5000
    assert refusal({**WEEKLY, "weekday": huge}).key == "weekday"
    assert refusal({**WEEKLY, **SINCE, "interval": huge}).key == "interval"
    assert refusal({**WEEKLY, huge: 1}).key == "int"


@pytest.mark.parametrize("config", [None, [], "weekly", 5, True, [("type", "weekly")]])
def test_a_config_that_is_no_mapping_is_refused(config):
    assert refusal(config).key == "recurring_config"


@pytest.mark.parametrize("timezone", ["Africa/Joburg", "", "../etc/passwd", "\0", "x" * 999])
def test_an_unknown_zone_is_refused(timezone):
    with pytest.raises(ConfigError) as refused:
        expand(WEEKLY, start=date(2026, 1, 1), end=date(2026, 1, 2), timezone=timezone)
    assert refused.value.key == "timezone"


def test_a_key_that_is_null_counts_as_absent():
    optional = [
        "active",
        "weekdays",
        "interval",
        "month_day",
        "start_date",
        "until",
        "count",
        "skip_dates",
        "nope",
    ]
    assert parse({**WEEKLY, **dict.fromkeys(optional)}) == parse(WEEKLY)


def test_dates_are_taken_as_dates_or_as_text():
    as_text = {**WEEKLY, "start_date": "2026-01-01", "until": "2026-03-01", "skip_dates": ["2026-01-02"]}
    as_dates = {
        **WEEKLY,
        "start_date": date(2026, 1, 1),
        "until": date(2026, 3, 1),
        "skip_dates": (date(2026, 1, 2),),
    }
    assert parse(as_text) == parse(as_dates)


def test_an_until_on_the_first_day_is_allowed():
    config = parse({**WEEKLY, "start_date": "2026-01-02", "until": "2026-01-02"})
    assert config.start_date == config.until


def test_a_series_of_one_date_is_allowed():
    assert parse({**WEEKLY, **SINCE, "count": 1}).count == 1


def test_29_february_is_a_day_that_february_has():
    assert parse({**YEARLY, "month": 2, "month_day": 29}).month_day == 29


@pytest.mark.parametrize(
    ("absent", "taken"),
    [
        ({"type": "weekly"}, {"weekdays": (2,)}),
        ({"type": "monthly"}, {"month_day": 29}),
        ({"type": "quarterly", "clamp": True}, {"month_day": 29, "clamp": True}),
        ({"type": "yearly"}, {"month": 5, "month_day": 29}),
        ({"type": "yearly", "month": 3}, {"month": 3, "month_day": 29}),
        ({"type": "yearly", "nth": -1, "weekday": 0}, {"month": 5, "nth": -1, "month_day": None}),
    ],
)
def test_a_day_that_is_not_named_is_that_of_the_start_date(absent, taken):
    config = parse({**absent, **TIMES, "start_date": "2030-05-29"})  # a Wednesday
    assert {key: getattr(config, key) for key in taken} == taken


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["09:00", *TYPES]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
KEYS = st.sampled_from(
    [
        *(
            "type",
            "start_time",
            "end_time",
            "active",
            "weekday",
            "weekdays",
            "interval",
            "month_day",
            "clamp",
            "nth",
        ),
        *("month", "start_date", "until", "count", "skip_dates", "skip_public_holidays"),
    ]
)
SMALL = st.integers(-2, 40) | st.lists(st.integers(-1, 7), max_size=4) | st.booleans()
DATES = st.dates().map(date.isoformat) | st.sampled_from(["0001-01-01", "9999-12-31"])


@given(
    config=st.sampled_from([*VALID.values(), WEEKLY | SINCE, YEARLY | SINCE]),
    changes=st.dictionaries(KEYS | st.text(max_size=5), JSON | SMALL | DATES | st.lists(DATES, max_size=3)),
    timezone=st.sampled_from(["Africa/Johannesburg", "America/New_York", "Pacific/Kiritimati"]),
    start=st.dates() | st.sampled_from([date.min, date.max]),
    length=st.integers(0, 60),
)
def test_any_json_is_expanded_or_refused_and_never_fails_otherwise(config, changes, timezone, start, length):
    end = date.fromordinal(min(start.toordinal() + length, date.max.toordinal()))
    try:
        expand({**config, **changes}, start=start, end=end, timezone=timezone)
    except ConfigError:
        return


@given(config=JSON)
def test_json_of_any_shape_is_refused(config):
    with pytest.raises(ConfigError):
        parse(config)


EACH = {"start_time": "09:00", "end_time": "10:30", "active": True, "interval": 1}
FULL = {
    "type": "yearly", "start_time": "09:00", "end_time": "10:30", "active": False, "weekday": 2, "nth": -1, "month": 3,
    "interval": 2, "start_date": "2026-01-05", "until": "2031-12-31",
    "skip_dates": ["2027-03-31", "2028-03-29"], "skip_public_holidays": True,
}  # fmt: skip


@pytest.mark.parametrize(
    "config",
    [
        FULL,
        {**FULL, "count": 7} | {"until": None},
        {
            "type": "weekly",
            "start_time": "09:00",
            "end_time": "10:30",
            "active": True,
            "weekdays": [1, 4],
            "interval": 1,
        },
        {
            "type": "monthly",
            "start_time": "09:00",
            "end_time": "10:30",
            "active": True,
            "interval": 1,
            "month_day": 31,
            "clamp": True,
        },
    ],
)
def test_a_pattern_is_written_as_it_was_read_without_what_has_no_effect(config):
    given = {name: value for name, value in config.items() if value is not None}
    assert parse(given).as_json() == given
