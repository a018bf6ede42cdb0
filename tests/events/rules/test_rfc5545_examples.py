"""The examples of RFC 5545, section 3.8.5.3, in the zone that it gives them in, across its clock changes."""

from datetime import date, datetime, time

import pytest
from dateutil.rrule import rrulestr

from events.rules.config import parse
from events.rules.recurrence import expand
from tests.events.rules.rfc5545_examples import EXAMPLES
from tests.events.rules.rrule import to_rrule

ZONE = "America/New_York"

each_example = pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.rrule)


def series_of(example):
    return parse({"start_time": "09:00", "end_time": "10:00", **example.config})


@each_example
def test_an_example_gives_exactly_its_dates(example):
    listed = example.listed()
    series = series_of(example)
    # An open example is compared as far as the section lists it, a closed one beyond its end.
    closed = series.count or series.until
    end = date(2010, 12, 31) if closed else listed[-1][0]
    found = expand(series, start=date(1990, 1, 1), end=end, timezone=ZONE)
    assert [(start.date(), start.tzname()) for start, _ in found] == listed
    assert {(start.hour, end.hour) for start, end in found} == {(9, 10)}


@each_example
@pytest.mark.parametrize("written_by", ["us", "the RFC"])
def test_its_rrule_gives_the_same_dates_in_dateutil(example, written_by):
    first = example.listed()[0][0]
    ours = to_rrule(series_of(example), dtstart=first, timezone=ZONE)
    text = ours if written_by == "us" else example.rrule
    # The section's starts are all at 09:00, so that no date depends on a clock that is compared without its zone.
    elsewhere = rrulestr(text, dtstart=datetime.combine(first, time(9)), ignoretz=True)
    expected = [day for day, _ in example.listed()]
    assert [moment.date() for moment in elsewhere[: len(expected)]] == expected
