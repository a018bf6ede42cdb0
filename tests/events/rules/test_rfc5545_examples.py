"""The examples of RFC 5545, section 3.8.5.3, in the zone that it gives them in, across its clock changes."""

from datetime import date, datetime, timedelta

import pytest
from dateutil.rrule import rrulestr

from events.rules.errors import NotExpressibleError
from events.rules.recurrence import expand
from events.rules.rfc5545 import from_rrule, to_rrule
from tests.events.rules.rfc5545_examples import EXAMPLES

ZONE = "America/New_York"
EXPRESSIBLE = [example for example in EXAMPLES if not example.refused]
OTHERS = [example for example in EXAMPLES if example.refused]


def by_rule(examples):
    return pytest.mark.parametrize("example", examples, ids=lambda example: example.rrule)


def series_of(example):
    dtstart = datetime.fromisoformat(example.dtstart)
    return from_rrule(example.rrule, dtstart=dtstart, dtend=dtstart + timedelta(hours=1), timezone=ZONE)


def test_the_table_has_every_example_of_the_section():
    # 39 titles, of which three (January, five weeks, 20 minutes) come with two rules each.
    assert len({example.title for example in EXAMPLES}) == 39
    assert len({(example.dtstart, example.rrule) for example in EXAMPLES}) == len(EXAMPLES) == 42
    assert len(EXPRESSIBLE) == 14
    assert all(example.dates and not example.because for example in EXPRESSIBLE)
    assert all(example.because and not example.dates for example in OTHERS)


@by_rule(EXPRESSIBLE)
def test_an_example_gives_exactly_its_dates(example):
    listed = example.listed()
    series = series_of(example)
    # An open example is compared as far as the section lists it, a closed one beyond its end.
    closed = series.count or series.until
    end = date(2010, 12, 31) if closed else listed[-1][0]
    found = expand(series, start=date(1990, 1, 1), end=end, timezone=ZONE)
    assert [(start.date(), start.tzname()) for start, _ in found] == listed
    assert {(start.hour, end.hour) for start, end in found} == {(9, 10)}


@by_rule(EXPRESSIBLE)
def test_the_rule_that_we_write_for_an_example_gives_the_same_dates_elsewhere(example):
    dtstart = datetime.fromisoformat(example.dtstart)
    text = to_rrule(series_of(example), dtstart=dtstart.date(), timezone=ZONE)
    # The section's starts are all at 09:00, so that no date depends on a clock that is compared without its zone.
    elsewhere = rrulestr(text, dtstart=dtstart, ignoretz=True)
    expected = [day for day, _ in example.listed()]
    assert [moment.date() for moment in elsewhere[: len(expected)]] == expected


@by_rule(OTHERS)
def test_an_example_that_no_pattern_says_is_refused_with_its_part(example):
    with pytest.raises(NotExpressibleError) as refused:
        series_of(example)
    assert (refused.value.key, refused.value.code) == (example.refused, "no_pattern")
