"""Which of our patterns the parts of an RRULE say."""

from calendar import monthrange
from datetime import date

from events.rules.errors import ConfigError, NotExpressibleError
from events.rules.rrule_parts import RRuleParts

SHORTEST_MONTH = 28

_A_COMMON_YEAR = 2023
_NTHS = (1, 2, 3, 4, 5, -1)


def shortest(month: int | None) -> int:
    """How many days that month has at least, or any month has."""
    return monthrange(_A_COMMON_YEAR, month)[1] if month else SHORTEST_MONTH


def pattern_of(parts: RRuleParts, start: date) -> dict[str, object]:
    """`type` and the keys of the day, as the parts say it; a day that they don't name is that of DTSTART."""
    match parts.text("FREQ"):
        case "DAILY":
            return _daily(parts)
        case "WEEKLY":
            return _weekly(parts, start)
        case "MONTHLY":
            parts.only("BYDAY", "BYMONTHDAY", "BYSETPOS")
            return {"type": "monthly", **_day_of_month(parts, start, shortest=SHORTEST_MONTH)}
        case "YEARLY":
            return _yearly(parts, start)
        case "HOURLY" | "MINUTELY" | "SECONDLY":
            raise NotExpressibleError("FREQ", "no_pattern")
        case _:
            raise ConfigError("FREQ", "rrule")


def _daily(parts: RRuleParts) -> dict[str, object]:
    """Every day is every day of the week; every other day is no pattern of ours."""
    parts.only("BYDAY")
    if parts.whole("INTERVAL") not in (None, 1):
        raise NotExpressibleError("INTERVAL", "no_pattern")
    return {"type": "weekly", "weekdays": _weekdays(parts) or list(range(7))}


def _weekly(parts: RRuleParts, start: date) -> dict[str, object]:
    parts.only("BYDAY")
    weekdays = _weekdays(parts) or [start.weekday()]
    # Only where it parts the days otherwise than Monday does can another first day of the week make a difference.
    before = [weekday < parts.week_start() for weekday in weekdays]
    if parts.whole("INTERVAL") not in (None, 1) and any(before) and not all(before):
        raise NotExpressibleError("WKST", "no_pattern")
    return {"type": "weekly", "weekdays": weekdays}


def _weekdays(parts: RRuleParts) -> list[int]:
    if any(nth for nth, _ in parts.days()):
        raise ConfigError("BYDAY", "rrule")
    return sorted({weekday for _, weekday in parts.days()})


def _yearly(parts: RRuleParts, start: date) -> dict[str, object]:
    parts.only("BYDAY", "BYMONTHDAY", "BYMONTH", "BYSETPOS")
    months = parts.wholes("BYMONTH")
    if len(months) > 1:
        raise NotExpressibleError("BYMONTH", "no_pattern")
    if not months:
        # Without a month these are days of the whole year, or of each month.
        for name in ("BYDAY", "BYMONTHDAY"):
            if name in parts:
                raise NotExpressibleError(name, "no_pattern")
        months = [start.month]
    if not 1 <= months[0] <= 12:
        raise ConfigError("BYMONTH", "rrule")
    return {
        "type": "yearly",
        "month": months[0],
        **_day_of_month(parts, start, shortest=shortest(months[0])),
    }


def _day_of_month(parts: RRuleParts, start: date, *, shortest: int) -> dict[str, object]:
    """`month_day`, `clamp`, `nth` and `weekday`; `shortest` is the least number of days of the months meant."""
    weekdays, month_days, positions = parts.days(), parts.wholes("BYMONTHDAY"), parts.wholes("BYSETPOS")
    if weekdays:
        return _weekday_of_month(weekdays, month_days, positions, shortest=shortest)
    if positions:
        if not month_days:
            raise ConfigError("BYSETPOS", "rrule")
        if positions != [-1] or month_days != list(range(SHORTEST_MONTH, month_days[-1] + 1)):
            raise NotExpressibleError("BYSETPOS", "no_pattern")
        return {"month_day": month_days[-1], "clamp": True}
    if not month_days:
        return {"month_day": start.day}
    if len(month_days) > 1 or month_days[0] < -1:
        raise NotExpressibleError("BYMONTHDAY", "no_pattern")
    return {"month_day": month_days[0]}


def _weekday_of_month(
    weekdays: list[tuple[int | None, int]], month_days: list[int], positions: list[int], *, shortest: int
) -> dict[str, object]:
    nth, weekday = weekdays[0]
    if len(weekdays) > 1:
        raise NotExpressibleError("BYDAY", "no_pattern")
    if month_days:
        first, last = month_days[0], month_days[-1]
        if nth or positions or first < 1 or last > shortest or month_days != list(range(first, first + 7)):
            raise NotExpressibleError("BYMONTHDAY", "no_pattern")
        return {"weekday": weekday, "month_day": first}
    if nth is None and len(positions) == 1:
        nth, positions = positions[0], []
    if nth not in _NTHS or positions:
        raise NotExpressibleError("BYDAY", "no_pattern")
    return {"weekday": weekday, "nth": nth}
