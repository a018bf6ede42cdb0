"""What patients and messages give to the manager's page. Found with it."""

from datetime import timedelta
from decimal import Decimal

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

_SENT, _DELIVERED, _FAILED = Delivery.State.SENT, Delivery.State.DELIVERED, Delivery.State.FAILED
_EXPIRED, _CANCELLED = Delivery.State.EXPIRED, Delivery.State.CANCELLED


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
    lines = []
    for channel in sorted({name.partition(".")[0] for name in found}):
        sums = {state: found[f"{channel}.{state}"] for state in (*Delivery.State.values, WAITING)}
        every = sum(sums.values())
        words = {
            _SENT: _("%(channel)s: sent, no word since"),
            _DELIVERED: _("%(channel)s: arrived"),
            _FAILED: _("%(channel)s: failed"),
            _EXPIRED: _("%(channel)s: came too late to be sent"),
            _CANCELLED: _("%(channel)s: not needed any more"),
            WAITING: _("%(channel)s: still waiting"),
        }
        named = channel_label(channel)
        lines += [
            Line(f"{channel}_{state}", said % {"channel": named}, sums[state], every)
            for state, said in words.items()
            if sums[state]
        ]
    out = {f"{channel}.{state}" for channel in _channels(found) for state in THROUGH}
    return MonthShown(
        lines,
        DayLines(
            _("Messages that left in the last 14 days"),
            _("sent or arrived"),
            _("failed, too late, not needed or waiting"),
            [
                DayLine(day, done, sum(numbers.values()) - done)
                for day, numbers in days
                for done in [sum(count for name, count in numbers.items() if name in out)]
            ],
        ),
    )


def _channels(found: dict[str, int]) -> set[str]:
    return {name.partition(".")[0] for name in found}


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
