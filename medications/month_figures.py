"""What doses and shelves give to the manager's page. Found with it."""

from itertools import pairwise

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
from medications.dashboard_figures import ANSWERED, DOSES, SHELVES
from medications.models import Dose
from medications.selectors.figures import EXPIRY_DAYS, SUPPLY_DAYS
from notifications.admin.reports.messages import channel_label

_TAKEN, _SKIPPED, _AHEAD = Dose.State.TAKEN, Dose.State.SKIPPED, Dose.State.SCHEDULED


def _doses(month: Month) -> MonthShown | None:
    found = month.total(DOSES)
    # What is still ahead today, or was never asked about, is neither answered nor missed.
    found.pop(_AHEAD, None)
    planned = sum(found.values())
    if not planned:
        return None
    answered = found[_TAKEN] + found[_SKIPPED]
    return MonthShown(
        [
            Line("answered", _("Doses that were answered"), answered, planned),
            Line("taken", _("taken"), found[_TAKEN], planned),
            Line("skipped", _("skipped"), found[_SKIPPED], planned),
            Line("missed", _("missed"), found[Dose.State.MISSED], planned),
            Line("unanswered", _("without an answer yet"), found[Dose.State.UNANSWERED], planned),
        ],
        DayLines(
            _("Doses day by day"),
            _("answered"),
            _("missed or without an answer"),
            [
                DayLine(day, done, sum(numbers.values()) - numbers[_AHEAD] - done)
                for day, numbers in month.by_day(DOSES, month.first)
                for done in [numbers[_TAKEN] + numbers[_SKIPPED]]
            ],
        ),
    )


def _answered(month: Month) -> MonthShown | None:
    found = month.total(ANSWERED)
    channels = sorted(name for name in found if "." not in name)
    if not channels:
        return None
    lines = [Line(name, channel_label(name), found[f"{name}.answered"], found[name]) for name in channels]
    answered = sum(found[f"{name}.answered"] for name in channels)
    lines.insert(0, Line("all", _("All ways together"), answered, sum(found[name] for name in channels)))
    return MonthShown(
        lines,
        note=_(
            "Of the doses of which people were reminded this way, those that were answered within an hour after it."
        ),
    )


def _shelves(month: Month) -> MonthShown | None:
    found = total(month.stands(SHELVES))
    words = {
        "days_0": _("nothing left"),
        **{
            f"days_{until}": _("at least %(from)s and less than %(until)s days")
            % {"from": max(since, 1), "until": until}
            for since, until in pairwise(SUPPLY_DAYS)
        },
        "longer": _("%(days)s days or more") % {"days": SUPPLY_DAYS[-1]},
        "unused": _("nobody is to take any"),
    }
    every = sum(found[name] for name in words)
    if not every:
        return None
    lines = [Line("low", _("Medicines that are low on the shelf"), found["low"], every)]
    lines += [Line(name, said, found[name], every) for name, said in words.items()]
    for days in EXPIRY_DAYS:
        said = ngettext(
            "batches that expire within %(days)d day", "batches that expire within %(days)d days", days
        )
        lines.append(Line(f"expiring_{days}", said % {"days": days}, found[f"expiring_{days}"]))
    return MonthShown(lines, note=_("As it was counted last in the month, by what patients are to take."))


register_month_figure(MonthFigure("doses", Part.CARE, 20, gettext_lazy("Doses"), (DOSES,), _doses))
register_month_figure(
    MonthFigure(
        "answered",
        Part.REMINDING,
        10,
        gettext_lazy("Doses that were answered within an hour of a reminder"),
        (ANSWERED,),
        _answered,
    )
)
register_month_figure(
    MonthFigure("shelves", Part.STOCK, 10, gettext_lazy("Days of supply on the shelf"), (SHELVES,), _shelves)
)
