"""Properties of every series, zone and range."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import holidays
from dateutil.relativedelta import relativedelta
from dateutil.relativedelta import weekday as weekday_of
from dateutil.rrule import MONTHLY, WEEKLY, YEARLY, rrule, rrulestr
from hypothesis import assume, given
from hypothesis import strategies as st

from events.rules.config import parse
from events.rules.recurrence import expand
from tests.events.rules.rrule import NoRRuleError, to_rrule

ZONES = st.sampled_from(
    ["Africa/Johannesburg", "Europe/London", "America/New_York", "Australia/Lord_Howe", "America/Nuuk"]
)
DAYS = st.dates(date(2019, 1, 1), date(2033, 12, 31))
TIMES = st.sampled_from(["00:00", "01:30", "02:00", "02:30", "09:00", "22:00", "23:30"]) | st.times().map(
    lambda at: at.strftime("%H:%M")
)
WEEKDAY = st.integers(0, 6)
NTH = st.sampled_from([1, 2, 3, 4, 5, -1])
MONTH_DAY = st.sampled_from([1, 7, 22, 23, 28, 29, 30, 31, -1]) | st.integers(1, 31)
HOLIDAYS = set(holidays.country_holidays("ZA", years=range(2014, 2040)))


@st.composite
def configs(draw):
    kind = draw(st.sampled_from(["weekly", "monthly", "quarterly", "yearly"]))
    config = {"type": kind, "start_time": draw(TIMES), "end_time": draw(TIMES)}
    if draw(st.integers(0, 3)):
        start_date = draw(DAYS)
        config |= {"start_date": start_date.isoformat(), "interval": draw(st.integers(1, 6))}
        last = draw(st.sampled_from(["until", "count", None]))
        if last == "until":
            config["until"] = (start_date + timedelta(days=draw(st.integers(0, 3000)))).isoformat()
        elif last:
            config["count"] = draw(st.integers(1, 40))
    if kind == "weekly":
        config["weekdays"] = draw(st.lists(WEEKDAY, min_size=1, unique=True))
    elif draw(st.booleans()):
        config |= {"nth": draw(NTH), "weekday": draw(WEEKDAY)}
    else:
        config |= {"month_day": draw(MONTH_DAY), "clamp": draw(st.booleans())}
        config |= draw(st.sampled_from([{}, {"weekday": draw(WEEKDAY)}]))
    if kind == "yearly":
        config["month"] = draw(st.integers(1, 12))
        longest = {2: 29, 4: 30, 6: 30, 9: 30, 11: 30}.get(config["month"], 31)
        config |= {} if config.get("clamp") else {"month_day": min(config.get("month_day", 1), longest)}
        if "nth" in config:
            del config["month_day"]
    config["skip_dates"] = [day.isoformat() for day in draw(st.lists(DAYS, max_size=3))]
    config["skip_public_holidays"] = draw(st.booleans())
    return config


def by_rrule(config, start, end):
    """The dates of a series: dateutil's, from its first day, with weekdays on or after a day by relativedelta."""
    since = datetime.fromisoformat(config.get("start_date", "2015-01-01"))
    frequency, step, first = {
        "weekly": (WEEKLY, relativedelta(weeks=1), since - timedelta(days=since.weekday())),
        "monthly": (MONTHLY, relativedelta(months=1), since.replace(day=1)),
        "quarterly": (MONTHLY, relativedelta(months=3), since.replace(day=1)),
        "yearly": (YEARLY, relativedelta(years=1), since.replace(month=1, day=1)),
    }[config["type"]]
    interval = config.get("interval", 1)
    more = {"bymonth": config["month"]} if "month" in config else {}
    if config["type"] == "weekly":
        more["byweekday"] = config["weekdays"]
    elif "nth" in config:
        more["byweekday"] = weekday_of(config["weekday"], config["nth"])
    elif config["clamp"] and config["month_day"] > 28:
        more |= {"bymonthday": range(28, config["month_day"] + 1), "bysetpos": -1}
    else:
        more["bymonthday"] = config["month_day"]
    days = [
        moment.date()
        for moment in rrule(
            frequency,
            # A period early, in step: the month before start_date may pass its weekday on to that of start_date.
            dtstart=first - interval * step,
            interval=interval * (step.months or 1),
            until=datetime.combine(end, time.max),
            **more,
        )
    ]
    if "month_day" in config and "weekday" in config:
        days = [day + relativedelta(weekday=weekday_of(config["weekday"], 1)) for day in days]
    days = [day for day in days if day >= since.date()][: config.get("count")]
    skipped = set(map(date.fromisoformat, config["skip_dates"]))
    if config["skip_public_holidays"]:
        skipped |= HOLIDAYS
    last = min(end, date.fromisoformat(config.get("until", "9999-12-31")))
    return [day for day in days if start <= day <= last and day not in skipped]


def nominal(occurrences, config):
    """The dates of the starts; a start that a gap moved past midnight belongs to the day before."""
    at = time.fromisoformat(config["start_time"])
    return [
        start.date() if start.time() >= at else start.date() - timedelta(days=1) for start, _ in occurrences
    ]


@given(config=configs(), zone=ZONES, start=DAYS, length=st.integers(0, 800))
def test_it_gives_the_dates_that_rrule_gives_from_the_first_day(config, zone, start, length):
    end = start + timedelta(days=length)
    assert nominal(expand(config, start, end, zone), config) == by_rrule(config, start, end)


@given(config=configs(), zone=ZONES, start=DAYS, first=st.integers(0, 200), second=st.integers(0, 200))
def test_ranges_that_follow_each_other_give_what_the_whole_gives(config, zone, start, first, second):
    middle = start + timedelta(days=first)
    end = middle + timedelta(days=1 + second)
    parts = expand(config, start, middle, zone) + expand(config, middle + timedelta(days=1), end, zone)
    assert parts == expand(config, start, end, zone)


@given(config=configs(), zone=ZONES, start=DAYS)
def test_starts_are_in_order_and_each_ends_after_it_starts_within_a_day_and_a_clock_change(
    config, zone, start
):
    found = [
        (begins.astimezone(UTC), ends.astimezone(UTC))
        for begins, ends in expand(config, start, start + timedelta(days=400), zone)
    ]
    assert all(earlier[0] < later[0] for earlier, later in pairwise(found))
    assert all(timedelta(0) < ends - begins <= timedelta(hours=25) for begins, ends in found)


@given(config=configs(), zone=ZONES, start=DAYS)
def test_every_time_is_one_that_the_wall_shows(config, zone, start):
    for moment in sum(expand(config, start, start + timedelta(days=400), zone), ()):
        assert moment.astimezone(UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None) == moment.replace(
            tzinfo=None
        )
        assert moment.fold == 0


@given(config=configs())
def test_a_pattern_survives_json(config):
    parsed = parse(config)
    assert parse(parsed.as_json()) == parsed


@given(config=configs(), start=DAYS)
def test_its_rrule_gives_the_same_dates(config, start):
    zone = "Africa/Johannesburg"
    series = parse(config | {"skip_dates": [], "skip_public_holidays": False})
    end = start + timedelta(days=1500)
    found = expand(series, start, end, zone)
    assume(found)
    dtstart, dtend = found[0]
    late = "weekday" in config and config.get("month_day", 1) not in range(1, 23)
    try:
        text = to_rrule(series, dtstart=dtstart.date(), timezone=zone)
    except NoRRuleError:
        assert late
        return
    elsewhere = rrulestr(text, dtstart=dtstart).between(
        dtstart, datetime.combine(end, time.max, dtend.tzinfo), inc=True
    )
    assert elsewhere == [begins for begins, _ in found]
