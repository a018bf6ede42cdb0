"""What visits, calls and clubs give to the manager's page. Found with it."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from events.dashboard_figures import CALLS, CLUBS, VISITS
from events.models import Attendance, Visit
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

_CAME, _MISSED = Visit.State.ATTENDED, Visit.State.MISSED
_HERE, _NOT_HERE = Attendance.State.ATTENDED, Attendance.State.NO_SHOW


def _visits(month: Month) -> MonthShown | None:
    found = month.total(VISITS)
    decided = found[_CAME] + found[_MISSED]
    if not found:
        return None
    return MonthShown(
        [
            Line("kept", _("Visits that were kept"), found[_CAME], decided),
            Line("missed", _("missed"), found[_MISSED], decided),
            Line("moved", _("moved to another day"), found[Visit.State.MOVED]),
            Line("cancelled", _("cancelled"), found[Visit.State.CANCELLED]),
        ],
        DayLines(
            _("Visits day by day"),
            _("came"),
            _("missed"),
            [
                DayLine(day, numbers[_CAME], numbers[_MISSED])
                for day, numbers in month.by_day(VISITS, month.first)
            ],
        ),
    )


def _reminded(month: Month) -> MonthShown | None:
    found = month.total(VISITS)
    with_one = {state: found[f"{state}.reminded"] for state in (_CAME, _MISSED)}
    without = {state: found[state] - with_one[state] for state in with_one}
    lines = [
        Line(name, label, numbers[_CAME], sum(numbers.values()))
        for name, label, numbers in (
            ("with", _("with a reminder"), with_one),
            ("without", _("without a reminder"), without),
        )
    ]
    if not any(line.whole for line in lines):
        return None
    return MonthShown(lines, note=_("A reminder counts if it left the clinic, or was read in the inbox."))


def _calls(month: Month) -> MonthShown | None:
    found = month.total(CALLS)
    if not found["calls"]:
        return None
    return MonthShown(
        [
            Line("came", _("Patients who came after a call"), found["came"], found["patients"]),
            Line("calls", _("calls"), found["calls"]),
        ],
        note=_("To a visit within 15 days. Who was called on several days counts for each of them."),
    )


def _clubs(month: Month) -> MonthShown | None:
    found = month.total(CLUBS)
    if not found["events"]:
        return None
    known = found[_HERE] + found[_NOT_HERE]
    return MonthShown(
        [
            Line("attended", _("People who were there"), found[_HERE], known),
            Line("no_show", _("did not come"), found[_NOT_HERE], known),
            Line("joined", _("of whom nobody noted whether they came"), found[Attendance.State.JOINED]),
            Line("waiting", _("on the waiting list to the end"), found[Attendance.State.WAITING]),
            Line("events", _("clubs and clinic days"), found["events"]),
        ]
    )


register_month_figure(MonthFigure("visits", Part.CARE, 30, gettext_lazy("Visits"), (VISITS,), _visits))
register_month_figure(
    MonthFigure("clubs", Part.CARE, 40, gettext_lazy("Clubs and clinic days"), (CLUBS,), _clubs)
)
register_month_figure(
    MonthFigure(
        "reminded",
        Part.REMINDING,
        20,
        gettext_lazy("Visits that were kept, with and without a reminder"),
        (VISITS,),
        _reminded,
    )
)
register_month_figure(
    MonthFigure(
        "calls", Part.REMINDING, 30, gettext_lazy("Who came within 15 days of a call"), (CALLS,), _calls
    )
)
