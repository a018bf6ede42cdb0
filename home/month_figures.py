"""What patients and messages give to the manager's page. Found with it."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from home.dashboard.counts import total
from home.dashboard.month import (
    DayLine,
    DayLines,
    Line,
    Month,
    MonthFigure,
    MonthShown,
    Part,
    register_month_figure,
)
from home.dashboard_figures import DELIVERIES, OVERDUE, PATIENTS
from home.reach.figures import NO_LANGUAGE
from notifications.admin.reports.messages import channel_label
from notifications.languages.listed import label
from notifications.models import Delivery
from notifications.selectors.figures import THROUGH, WAITING
from notifications.texts.formats import number

_STATES: dict[str, Any] = {
    Delivery.State.SENT: gettext_lazy("%(channel)s: sent, no word since"),
    Delivery.State.DELIVERED: gettext_lazy("%(channel)s: arrived"),
    Delivery.State.FAILED: gettext_lazy("%(channel)s: failed"),
    Delivery.State.EXPIRED: gettext_lazy("%(channel)s: came too late to be sent"),
    Delivery.State.CANCELLED: gettext_lazy("%(channel)s: not needed any more"),
    WAITING: gettext_lazy("%(channel)s: still waiting"),
}


def _patients(month: Month) -> MonthShown | None:
    stands = month.stands(PATIENTS)
    found = total(stands)
    if not stands:
        return None
    every = found["all"]
    lines = [
        Line("reached", _("Patients who are reached"), found["reached"], every),
        Line("not_reached", _("Patients whom nothing reaches"), every - found["reached"], every),
    ]
    for name in sorted(found):
        kind, _dot, what = name.partition(".")
        if kind == "by":
            words = _("reached by %(channel)s") % {"channel": channel_label(what)}
            lines.append(Line(f"by_{what}", words, found[name], every))
    for name in sorted(found):
        kind, _dot, what = name.partition(".")
        if kind == "in" and "." not in what:
            language = _("nobody to write to") if what == NO_LANGUAGE else label(what)
            words = _("reached, of: %(language)s") % {"language": language}
            lines.append(Line(f"in_{what}", words, found[f"{name}.reached"], found[name], sensitive=True))
    return MonthShown(
        lines,
        note=_(
            "As it was counted last in the month. Who is reached by several channels counts for each of them. "
            "The language is that of the first person who is written to."
        ),
    )


def _deliveries(month: Month) -> MonthShown | None:
    days = month.by_day(DELIVERIES, month.fortnight)
    found = total(numbers for _day, numbers in days)
    if not found:
        return None
    channels = sorted({name.partition(".")[0] for name in found})
    out = {f"{channel}.{state}" for channel in channels for state in THROUGH}
    day_by_day = [
        DayLine(day, done, sum(numbers.values()) - done)
        for day, numbers in days
        for done in [sum(count for name, count in numbers.items() if name in out)]
    ]
    gone = sum(day.done for day in day_by_day)
    lines = [Line("out", _("Messages that left"), gone, sum(found.values()))]
    for channel in channels:
        sums = {state: found[f"{channel}.{state}"] for state in _STATES}
        lines += [
            Line(
                f"{channel}_{state}",
                said % {"channel": channel_label(channel)},
                sums[state],
                sum(sums.values()),
            )
            for state, said in _STATES.items()
            if sums[state]
        ]
    return MonthShown(
        lines,
        DayLines(
            _("Messages of each day"),
            _("sent or arrived"),
            _("failed, too late, not needed or waiting"),
            day_by_day,
        ),
    )


def _overdue(month: Month) -> MonthShown | None:
    stands = month.stands(OVERDUE)
    if not month.is_running or not stands:
        return None
    oldest = timedelta(minutes=max(each["minutes"] for each in stands))
    found = sum(each["number"] for each in stands)
    note = _("No message waits that should be out.")
    if found:
        minutes = int(oldest.total_seconds() // 60)
        waits = ngettext(
            "The oldest waits for %(count)s minute.", "The oldest waits for %(count)s minutes.", minutes
        )
        note = waits % {"count": number(minutes)}
    return MonthShown([Line("overdue", _("Messages that should be out by now"), found)], note=note)


def _costs(month: Month) -> MonthShown | None:
    sums: dict[str, Decimal] = {}
    for (clinic_id, channel), cost in month.costs.items():
        if clinic_id in month.clinic_ids:
            sums[channel] = sums.get(channel, Decimal(0)) + cost
    if not sums:
        return None
    every = sum(sums.values(), Decimal(0))
    return MonthShown(
        [
            Line("cost", _("What messages cost"), every),
            *(Line(f"cost_{name}", channel_label(name), sums[name]) for name in sorted(sums)),
        ]
    )


register_month_figure(
    MonthFigure(
        "patients", Part.CARE, 10, gettext_lazy("Patients, and who is reached"), (PATIENTS,), _patients
    )
)
register_month_figure(
    MonthFigure(
        "deliveries",
        Part.MESSAGES,
        10,
        gettext_lazy("Messages of the last 14 days"),
        (DELIVERIES,),
        _deliveries,
    )
)
register_month_figure(
    MonthFigure("overdue", Part.MESSAGES, 20, gettext_lazy("Messages that wait"), (OVERDUE,), _overdue)
)
register_month_figure(MonthFigure("cost", Part.MESSAGES, 30, gettext_lazy("What messages cost"), (), _costs))
