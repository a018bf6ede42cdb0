"""`recurring_config`: how a series of clinic events recurs, read from its keys and values.

| type | its keys, beside those of every type |
|---|---|
| weekly | `weekday` or `weekdays` |
| monthly, quarterly | `month_day`, with `clamp` and `weekday`; or `nth` with `weekday` |
| yearly | the same, and `month` |

Every type has `start_time` and `end_time`, which it must have, and `active`, `interval`, `start_date`, `until`,
`count`, `skip_dates` and `skip_public_holidays`. A key whose value is None counts as absent. A day or month that
isn't named is that of `start_date`, as RFC 5545 3.8.5.3 takes it from DTSTART.
"""

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, time

from events.rules.config_values import ConfigValues
from events.rules.errors import ConfigError

TYPES = ("weekly", "monthly", "quarterly", "yearly")
MOST = 999  # of an interval and of a count: more than a clinic plans, and a limit to the cost of a count

_A_LEAP_YEAR = 2024
_EVERY_TYPE = frozenset(
    {
        "type",
        "start_time",
        "end_time",
        "active",
        "weekday",
        "interval",
        "start_date",
        "until",
        "count",
        "skip_dates",
        "skip_public_holidays",
    }
)
_BY_MONTH = _EVERY_TYPE | {"month_day", "clamp", "nth"}
_KEYS = {
    "weekly": _EVERY_TYPE | {"weekdays"},
    "monthly": _BY_MONTH,
    "quarterly": _BY_MONTH,
    "yearly": _BY_MONTH | {"month"},
}
_ALL_KEYS = frozenset().union(*_KEYS.values())


@dataclass(frozen=True, kw_only=True)
class RecurringConfig:
    """How a series recurs. `parse` makes a valid one, with the defaults of absent keys.

    A weekly series has one or more `weekdays`, in the order of the week. The others have one `month_day`, with
    at most one weekday, or `nth` with exactly one. `month` is None unless the series is yearly.
    """

    type: str
    start_time: time
    end_time: time
    active: bool = True
    weekdays: tuple[int, ...] = ()
    interval: int = 1
    month_day: int | None = None
    clamp: bool = False
    nth: int | None = None
    month: int | None = None
    start_date: date | None = None
    until: date | None = None
    count: int | None = None
    skip_dates: frozenset[date] = frozenset()
    skip_public_holidays: bool = False

    def as_json(self) -> dict[str, object]:
        """The recurring_config that `parse` reads as this, in values of JSON. Keys without effect are left out."""
        weekdays: object = list(self.weekdays) if self.type == "weekly" else next(iter(self.weekdays), None)
        values = {
            "type": self.type,
            "start_time": self.start_time.isoformat("minutes"),
            "end_time": self.end_time.isoformat("minutes"),
            "active": self.active,
            "weekdays" if self.type == "weekly" else "weekday": weekdays,
            "interval": self.interval,
            "month_day": self.month_day,
            "clamp": self.clamp or None,
            "nth": self.nth,
            "month": self.month,
            "start_date": self.start_date and self.start_date.isoformat(),
            "until": self.until and self.until.isoformat(),
            "count": self.count,
            "skip_dates": sorted(day.isoformat() for day in self.skip_dates) or None,
            "skip_public_holidays": self.skip_public_holidays or None,
        }
        return {name: value for name, value in values.items() if value is not None}


def parse(recurring_config: Mapping[str, object]) -> RecurringConfig:
    """The pattern as a value. ConfigError names the key that is unknown, missing or invalid."""
    if not isinstance(recurring_config, Mapping):
        raise ConfigError("recurring_config", "mapping")
    values = ConfigValues(recurring_config)
    kind = values.choice("type", TYPES)
    for name in values.names():
        if name not in _KEYS[kind]:
            known = name in _ALL_KEYS
            raise ConfigError(name, "not_for_type", type=kind) if known else ConfigError(name, "unknown")
    start_date = values.day("start_date")
    month = values.whole("month", least=1, most=12)
    if kind == "yearly" and month is None:
        month = _of_start(start_date, "month").month
    config = RecurringConfig(
        type=kind,
        start_time=values.time("start_time"),
        end_time=values.time("end_time"),
        active=values.flag("active", default=True),
        weekdays=values.weekdays(),
        interval=values.whole("interval", least=1, most=MOST) or 1,
        month_day=values.whole_or_last("month_day", most=31),
        clamp=values.flag("clamp", default=False),
        nth=values.whole_or_last("nth", most=5),
        month=month,
        start_date=start_date,
        until=values.day("until"),
        count=values.whole("count", least=1, most=MOST),
        skip_dates=values.days("skip_dates"),
        skip_public_holidays=values.flag("skip_public_holidays", default=False),
    )
    _refuse_an_impossible_range(config)
    return _with_weekdays(config) if kind == "weekly" else _with_day(config)


def _of_start(start_date: date | None, key: str) -> date:
    """The day that a key is taken from when it is absent."""
    if start_date is None:
        raise ConfigError(key, "missing")
    return start_date


def _refuse_an_impossible_range(config: RecurringConfig) -> None:
    if config.until and config.count:
        raise ConfigError("count", "not_with", other="until")
    if config.start_date is None:
        # Without start_date it is open which weeks are every second, and which occurrence is the first.
        if config.interval > 1:
            raise ConfigError("interval", "needs", other="start_date")
        if config.count:
            raise ConfigError("count", "needs", other="start_date")
    elif config.until and config.until < config.start_date:
        raise ConfigError("until", "before_start")


def _with_weekdays(config: RecurringConfig) -> RecurringConfig:
    if config.weekdays:
        return config
    return replace(config, weekdays=(_of_start(config.start_date, "weekday").weekday(),))


def _with_day(config: RecurringConfig) -> RecurringConfig:
    if config.nth is not None:
        if config.month_day is not None:
            raise ConfigError("nth", "not_with", other="month_day")
        if config.clamp:
            raise ConfigError("clamp", "not_with", other="nth")
        if not config.weekdays:
            raise ConfigError("nth", "needs", other="weekday")
        return config
    day = config.month_day
    if day is None:
        if config.weekdays:
            raise ConfigError("weekday", "needs", other="nth / month_day")
        day = _of_start(config.start_date, "month_day").day
    if config.month and not config.clamp and day > monthrange(_A_LEAP_YEAR, config.month)[1]:
        raise ConfigError("month_day", "never")
    return replace(config, month_day=day)
