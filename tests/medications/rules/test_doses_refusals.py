"""What is no rule is refused, and the message names the field."""

from datetime import UTC, date, datetime

import pytest

from medications.rules import doses
from medications.rules.dose_kinds import KINDS
from medications.rules.errors import RuleError

VALID = {
    "times": {"kind": "times", "times": ["08:00"], "quantity": "1"},
    "every_n_days": {
        "kind": "every_n_days",
        "n": 2,
        "times": ["08:00"],
        "quantity": "1",
        "start_date": "2026-01-01",
    },
    "cycle": {
        "kind": "cycle",
        "on": 21,
        "off": 7,
        "times": ["08:00"],
        "quantity": "1",
        "start_date": "2026-01-01",
    },
    "taper": {
        "kind": "taper",
        "steps": [{"quantity": "1", "days": 1}],
        "times": ["08:00"],
        "start_date": "2026-01-01",
    },
    "interval": {
        "kind": "interval",
        "hours": 8,
        "first": "2026-01-01T08:00:00+02:00",
        "quantity": "1",
    },
    "as_needed": {
        "kind": "as_needed",
        "min_hours": 4,
        "max_per_day": 4,
        "quantity": "1",
    },
}

BAD_COUNTS = [0, -1, 1.0, "1", True, [1]]
BAD_HOURS = [
    0,
    -1,
    "8",
    True,
    0.001,
    1e-9,
    8761,
    1e308,
    float("nan"),
    float("inf"),
    [8],
]
BAD_QUANTITIES = [
    "0",
    "0.0",
    "-1",
    "",
    " 1",
    "1\n",
    "1e3",
    "NaN",
    "Infinity",
    "1/2",
    "٣",
    "1234567",
    "0.0001",
    1,
    0.5,
]
BAD_DATES = [
    "2026-02-30",
    "20260101",
    "2026-W01-1",
    "2026-1-1",
    "",
    5,
    "2026-01-01T00:00",
    datetime(2026, 1, 1),
]
BAD_TIMES = [
    [],
    "08:00",
    [8],
    [["08:00"]],
    ["8:00"],
    ["24:00"],
    ["08:60"],
    ["08:00\n"],
    ["noon"],
    ["08:00", "08:00"],
    ["morning", "morning"],
]
BAD_WEEKDAYS = [[], [7], [-1], ["0"], [True], [1, 1], 3]
BAD_FIRSTS = [
    "2026-01-01T08:00:00",
    datetime(2026, 1, 1),
    "soon",
    5,
    "0001-01-01T00:00:00+02:00",
]
BAD_STEPS = [
    [],
    {},
    ["1"],
    [{"quantity": "1"}],
    [{"days": 1}],
    [{"quantity": "0", "days": 1}],
    [{"quantity": "1", "days": 0}],
    [{"quantity": "1", "days": 1, "times": ["08:00"]}],
]

IMPOSSIBLE = [
    *(("times", "times", bad) for bad in BAD_TIMES),
    *(("times", "weekdays", bad) for bad in BAD_WEEKDAYS),
    *(("times", "quantity", bad) for bad in BAD_QUANTITIES),
    *(("times", "start_date", bad) for bad in BAD_DATES),
    *(("times", "end_date", bad) for bad in BAD_DATES),
    *(("every_n_days", "n", bad) for bad in BAD_COUNTS),
    *(("cycle", "on", bad) for bad in BAD_COUNTS),
    *(("cycle", "off", bad) for bad in BAD_COUNTS),
    *(("taper", "steps", bad) for bad in BAD_STEPS),
    *(("taper", "quantity", bad) for bad in BAD_QUANTITIES),
    *(("interval", "hours", bad) for bad in BAD_HOURS),
    *(("interval", "first", bad) for bad in BAD_FIRSTS),
    *(("as_needed", "min_hours", bad) for bad in BAD_HOURS),
    *(("as_needed", "max_per_day", bad) for bad in BAD_COUNTS),
]
OPTIONAL = {"start_date", "end_date", "weekdays"}
REQUIRED = [(kind, key) for kind, rule in VALID.items() for key in rule]


def refusal(rule):
    with pytest.raises(RuleError) as refused:
        doses.parse(rule)
    assert refused.value.field in str(refused.value)
    assert str(refused.value) == refused.value.message % refused.value.params
    return refused.value


def test_every_kind_has_a_valid_rule_here():
    assert {kind: doses.parse(rule).kind for kind, rule in VALID.items()} == {kind: kind for kind in KINDS}


@pytest.mark.parametrize(("kind", "field", "bad"), IMPOSSIBLE)
def test_an_impossible_value_is_refused_by_name(kind, field, bad):
    assert refusal({**VALID[kind], field: bad}).field == field


@pytest.mark.parametrize(("kind", "key"), REQUIRED)
def test_a_missing_key_is_refused_by_name(kind, key):
    assert refusal({name: value for name, value in VALID[kind].items() if name != key}).field == key


@pytest.mark.parametrize("kind", VALID)
def test_an_unknown_key_is_refused_by_name(kind):
    assert refusal({**VALID[kind], "tims": ["08:00"]}).field == "tims"


@pytest.mark.parametrize(
    ("kind", "key"),
    [("every_n_days", "weekdays"), ("interval", "times"), ("times", "n")],
)
def test_a_key_of_another_kind_is_refused(kind, key):
    assert refusal({**VALID[kind], key: 1}).field == key


@pytest.mark.parametrize("kind", ["weekly", "", 5, ["times"], {}])
def test_an_unknown_kind_is_refused(kind):
    assert refusal({"kind": kind}).field == "kind"


@pytest.mark.parametrize("rule", [[], "times", None, 5])
def test_a_rule_that_is_not_a_mapping_is_refused(rule):
    assert refusal(rule).field == "rule"


def test_an_end_before_the_start_is_refused():
    rule = {**VALID["times"], "start_date": "2026-01-02", "end_date": "2026-01-01"}
    assert refusal(rule).field == "end_date"


def test_a_rule_of_one_day_is_allowed():
    rule = doses.parse({**VALID["times"], "start_date": "2026-01-02", "end_date": "2026-01-02"})
    assert rule.start_date == rule.end_date == date(2026, 1, 2)


def test_optional_keys_may_be_null():
    assert doses.parse({**VALID["times"], **dict.fromkeys(OPTIONAL)}) == doses.parse(VALID["times"])


def test_python_dates_are_taken_like_their_text():
    as_text = {**VALID["interval"], "start_date": "2026-01-01"}
    as_value = {
        **as_text,
        "start_date": date(2026, 1, 1),
        "first": datetime(2026, 1, 1, 6, tzinfo=UTC),
    }
    assert doses.parse(as_value) == doses.parse(as_text)


@pytest.mark.parametrize(
    ("field", "more"),
    [
        ("timezone", {"timezone": "Africa/Joburg"}),
        ("timezone", {"timezone": "../etc/passwd"}),
        ("timezone", {"timezone": ""}),
        ("slots", {"slots": {"noon": "12:00"}}),
        ("slots", {"slots": {"morning": "8 am"}}),
    ],
)
def test_an_unknown_zone_or_slot_is_refused(field, more):
    window = {
        "start": date(2026, 1, 1),
        "end": date(2026, 1, 2),
        "timezone": "Europe/London",
    }
    with pytest.raises(RuleError) as refused:
        doses.expand(VALID["times"], **{**window, **more})
    assert refused.value.field == field


@pytest.mark.parametrize(
    ("kind", "more", "words"),
    [
        (
            "times",
            {"kind": "x"},
            "kind: this must be one of as_needed, cycle, every_n_days, interval, taper, times.",
        ),
        ("times", {"colour": "blue"}, "colour: a rule of this kind has no such key."),
        ("times", {"x" * 41: 1}, f"{'x' * 40}: a rule of this kind has no such key."),
        ("interval", {"first": "9999-12-31T23:59:59-23:59"}, "first: the date is out of range."),
        ("times", {"kind": 7}, "kind: this must be text."),
        ("times", {"quantity": None}, "quantity: this is missing."),
        ("times", {"quantity": "half"}, 'quantity: this must be a positive decimal as text, such as "0.5".'),
        (
            "times",
            {"times": ["8"]},
            "times: each must be HH:MM or a slot (morning, afternoon, evening, bedtime).",
        ),
        ("times", {"times": []}, "times: this must be a list that is not empty."),
        ("times", {"times": ["08:00", "08:00"]}, "times: 08:00 is there twice."),
        ("times", {"weekdays": [7]}, "weekdays: each must be from 0 (Monday) to 6 (Sunday)."),
        ("times", {"weekdays": [1, 1]}, "weekdays: 1 is there twice."),
        ("times", {"start_date": "1 May"}, "start_date: this must be a date, YYYY-MM-DD."),
        ("cycle", {"end_date": "2025-12-31"}, "end_date: this must not be before start_date."),
        ("cycle", {"on": 0}, "on: this must be a whole number, at least 1."),
        ("interval", {"hours": 0}, "hours: this must be more than 0 hours and at most a year."),
        ("interval", {"hours": 8784.5}, "hours: this must be more than 0 hours and at most a year."),
        ("interval", {"hours": 0.333}, "hours: this must be a whole number of minutes."),
        ("interval", {"first": "soon"}, "first: this must be a date and time with an offset."),
        ("interval", {"first": "2026-05-01T08:00"}, "first: the date and time must have an offset."),
        ("taper", {"steps": [7]}, "steps: number 1 must be a quantity and a number of days."),
        (
            "taper",
            {"steps": [{"quantity": "1", "days": 1}, {"quantity": "1", "days": 0}]},
            "steps: days of number 2 is not possible.",
        ),
        ("taper", {"steps": [{"quantity": "1", "days": 1, "x": 1}]}, "steps: x of number 1 is not possible."),
    ],
)
def test_what_is_wrong_is_said_in_words(kind, more, words):
    found = refusal({**VALID[kind], **more})
    assert str(found) == words
    assert words.startswith(f"{found.field}: ")


def test_the_longest_interval_is_a_year():
    assert doses.parse({**VALID["interval"], "hours": 365 * 24}).hours.days == 365


@pytest.mark.parametrize("kind", VALID)
def test_each_kind_has_its_first_and_its_last_day(kind):
    rule = doses.parse({**VALID[kind], "start_date": "2026-01-01", "end_date": "2026-12-31"})
    assert (rule.start_date, rule.end_date) == (date(2026, 1, 1), date(2026, 12, 31))


def test_so_is_what_is_wrong_with_a_zone_or_a_slot():
    def said(**more):
        window = {"start": date(2026, 1, 1), "end": date(2026, 1, 2), "timezone": "Europe/London", **more}
        with pytest.raises(RuleError) as refused:
            doses.expand(VALID["times"], **window)
        return str(refused.value)

    assert said(timezone="Mars/Olympus") == "timezone: there is no time zone Mars/Olympus."
    assert said(timezone="x" * 50) == f"timezone: there is no time zone {'x' * 40}."
    assert said(slots={"noon": "12:00"}) == "slots: there is no slot noon."
    assert said(slots={"morning": "8 am"}) == "slots: the time of morning must be HH:MM."
    with pytest.raises(RuleError) as refused:
        doses.parse(["times"])
    assert str(refused.value) == "rule: this must be a set of keys and values."
