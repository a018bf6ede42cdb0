"""How a series recurs, as a person says it: "Every second Tuesday, 10:00 to 11:30". In the active language."""

from collections.abc import Iterator
from datetime import date

from django.utils.dates import MONTHS, WEEKDAYS
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, npgettext, pgettext, pgettext_lazy

from events.rules.config import RecurringConfig
from events.rules.pattern import fewest_days
from events.rules.public_holidays import public_holiday
from events.rules.recurrence import is_skipped
from notifications.texts.formats import day as in_words
from notifications.texts.formats import listed

NTHS = {
    1: pgettext_lazy("nth weekday", "first"),
    2: pgettext_lazy("nth weekday", "second"),
    3: pgettext_lazy("nth weekday", "third"),
    4: pgettext_lazy("nth weekday", "fourth"),
    5: pgettext_lazy("nth weekday", "fifth"),
    -1: pgettext_lazy("nth weekday", "last"),
}
MOST_DATES = 3
"""At most so many skipped dates are listed; of more only the number is given."""

_QUARTERS = 3
_LAST = -1
_FEBRUARY = 2
_OBSERVED = " (observed)"
_HOLIDAYS = {
    "New Year's Day": gettext_lazy("New Year’s Day"),
    "Human Rights Day": gettext_lazy("Human Rights Day"),
    "Good Friday": gettext_lazy("Good Friday"),
    "Family Day": gettext_lazy("Family Day"),
    "Freedom Day": gettext_lazy("Freedom Day"),
    "Workers' Day": gettext_lazy("Workers’ Day"),
    "Youth Day": gettext_lazy("Youth Day"),
    "National Women's Day": gettext_lazy("National Women’s Day"),
    "Heritage Day": gettext_lazy("Heritage Day"),
    "Day of Reconciliation": gettext_lazy("Day of Reconciliation"),
    "Christmas Day": gettext_lazy("Christmas Day"),
    "Day of Goodwill": gettext_lazy("Day of Goodwill"),
}


def pattern_words(config: RecurringConfig) -> str:
    """The whole of a pattern, as "Every second Tuesday, 10:00 to 11:30, from 24 November 2026, 8 times"."""
    parts = [how_often(config), times(config), *_range(config), *_left_out(config)]
    words = capfirst(", ".join(parts))
    return words if config.active else _("%(pattern)s (no more events are created)") % {"pattern": words}


def dates_words(config: RecurringConfig) -> str:
    """A pattern of something that has no length, as "every Tuesday, 10:00, from 24 November 2026"."""
    return ", ".join([how_often(config), f"{config.start_time:%H:%M}", *_range(config), *_left_out(config)])


def how_often(config: RecurringConfig) -> str:
    """The days alone, as "every month on the last Friday"."""
    if config.type == "weekly":
        return _weekly(config)
    pattern = {"often": _often(config), "day": _day(config)}
    words = _("%(often)s on %(day)s") % pattern
    if remark := _remark(config):
        words = _("%(pattern)s (%(remark)s)") % {"pattern": words, "remark": remark}
    return words


def times(config: RecurringConfig) -> str:
    """As "10:00 to 11:30" or "22:00 to 02:00 the next day"."""
    said = {"start": f"{config.start_time:%H:%M}", "end": f"{config.end_time:%H:%M}"}
    if config.end_time <= config.start_time:
        return _("%(start)s to %(end)s the next day") % said
    return _("%(start)s to %(end)s") % said


def holiday_name(day: date) -> str:
    """The name of a public holiday; of a declared one as the `holidays` package has it. Empty for other days."""
    name = public_holiday(day)
    plain = name.removesuffix(_OBSERVED)
    words = str(_HOLIDAYS.get(plain, plain))
    return words if plain == name else _("%(holiday)s (observed)") % {"holiday": words}


def left_out_words(config: RecurringConfig, day: date) -> str:
    """Why there is nothing on this date of the pattern; empty where there is something."""
    if not is_skipped(config, day):
        return ""
    if day in config.skip_dates:
        return _("left out")
    return _("left out: %(holiday)s") % {"holiday": holiday_name(day)}


def _weekly(config: RecurringConfig) -> str:
    days = listed([str(WEEKDAYS[day]) for day in config.weekdays])
    if config.interval == 1:
        return (
            _("every day") if len(config.weekdays) == len(WEEKDAYS) else _("every %(days)s") % {"days": days}
        )
    if config.interval == 2 and len(config.weekdays) == 1:
        return _("every second %(day)s") % {"day": days}
    return _("%(often)s on %(day)s") % {"often": _often(config), "day": days}


def _often(config: RecurringConfig) -> str:
    count = config.interval
    match config.type:
        case "weekly":
            words = ngettext("every %(count)s week", "every %(count)s weeks", count)
            second, one = _("every second week"), _("every week")
        case "monthly":
            words = ngettext("every %(count)s month", "every %(count)s months", count)
            second, one = _("every second month"), _("every month")
        case "quarterly":
            words = ngettext("every %(count)s quarter", "every %(count)s quarters", count)
            second, one = _("every second quarter"), _("every quarter")
        case _:
            words = ngettext("every %(count)s year", "every %(count)s years", count)
            second, one = _("every second year"), _("every year")
    return {1: one, 2: second}.get(count, words % {"count": count})


def _day(config: RecurringConfig) -> str:
    """Which day of a month, or of the year."""
    weekday = str(WEEKDAYS[config.weekdays[0]]) if config.weekdays else ""
    if config.nth is not None:
        said = _("the %(nth)s %(weekday)s") % {"nth": NTHS[config.nth], "weekday": weekday}
        return _of_month(said, config.month)
    if config.month_day == _LAST or _is_always_the_last(config):
        day = _of_month(_("the last day"), config.month)
    elif config.month is None:
        day = _("day %(number)s") % {"number": config.month_day}
    else:
        day = _("%(number)s %(month)s") % {"number": config.month_day, "month": MONTHS[config.month]}
    return (
        _("the first %(weekday)s on or after %(day)s") % {"weekday": weekday, "day": day} if weekday else day
    )


def _of_month(day: str, month: int | None) -> str:
    return _("%(day)s of %(month)s") % {"day": day, "month": MONTHS[month]} if month else day


def _is_always_the_last(config: RecurringConfig) -> bool:
    """Whether the day is clamped in every year, as 31 April."""
    longest = 29 if config.month == _FEBRUARY else fewest_days(config.month)
    return config.month is not None and config.clamp and (config.month_day or 0) > longest


def _remark(config: RecurringConfig) -> str:
    """What the day leaves open: the months of a quarter, and what happens in months without that day."""
    remarks = []
    if config.type == "quarterly" and config.interval == 1:
        first = (config.start_date.month if config.start_date else 1) - 1
        months = sorted((first + _QUARTERS * number) % 12 for number in range(4))
        remarks.append(listed([str(MONTHS[month + 1]) for month in months]))
    if config.nth == 5:
        remarks.append(_("only where there is a fifth"))
    elif (config.month_day or 0) > fewest_days(config.month) and not _is_always_the_last(config):
        if config.month == _FEBRUARY:
            remarks.append(_("otherwise on the 28th") if config.clamp else _("leap years only"))
        else:
            remarks.append(
                _("in a shorter month the last day") if config.clamp else _("not in shorter months")
            )
    return "; ".join(remarks)


def _range(config: RecurringConfig) -> Iterator[str]:
    if config.start_date:
        yield _("from %(day)s") % {"day": in_words(config.start_date)}
    if config.until:
        yield _("until %(day)s") % {"day": in_words(config.until)}
    if config.count:
        yield npgettext("occurrences", "%(count)s time", "%(count)s times", config.count) % {
            "count": config.count
        }


def _left_out(config: RecurringConfig) -> Iterator[str]:
    if config.skip_public_holidays:
        yield _("not on public holidays")
    number = len(config.skip_dates)
    if number > MOST_DATES:
        yield ngettext("without %(count)s date", "without %(count)s dates", number) % {"count": number}
    elif number:
        days = listed([in_words(day) for day in sorted(config.skip_dates)])
        yield pgettext("dates left out", "not on %(days)s") % {"days": days}
