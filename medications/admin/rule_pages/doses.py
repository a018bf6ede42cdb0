"""What becomes of doses when a plan changes or its patient travels."""

from collections.abc import Iterable
from datetime import date

from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from medications import options
from medications.admin.plan_words import DAYS
from medications.models import Dose
from medications.presentation.schedule_words import length_words, rule_words
from medications.rules.doses import parse
from medications.rules.examples.replanning import CHANGES, JOURNEYS, Example, Rule, Seen
from notifications.admin.rule_pages.page import RulePage, Table

_OPEN = "open"


def _says() -> list[str]:
    return [
        _("Before you save, you see what happens to the doses of today and the next %(days)d days.")
        % {"days": DAYS},
        _(
            "You also see how long after the last dose that was taken the next one comes. Check that this "
            "is safe."
        ),
        _("You are warned if the next dose comes much sooner or much later than usual."),
        _(
            "If today’s dose was missed and you then change the time, it stays missed. The new time begins "
            "tomorrow."
        ),
        _("If the patient must take the missed dose today, choose “%(choice)s” before you save.")
        % {"choice": _("From now on, and also once more today")},
        _("A dose is missed if neither the patient nor a carer answers within %(time)s of its time.")
        % {"time": length_words(options.missed_window())},
        _("If they still answer later, that answer counts."),
        _("Skipped means that the patient said no. Missed means that nobody answered."),
        _(
            "If you change only the time, it is still one dose for that day. Nobody is asked to take it twice."
        ),
        _("A dose that was taken or skipped today counts for today."),
        _("A weekly dose counts for its week, Monday to Sunday."),
        _(
            "Careful: if it was taken on Sunday and you move it to Monday, the website asks for it the next day."
        ),
        _("You are warned of that before you save. Do not save if it is not safe."),
        _(
            "A dose that is not answered and not missed moves to its new time. Ask first whether it was taken."
        ),
        _("If that time has passed, the patient is asked to take the dose now."),
        _("We go by the time of the place that is set for the patient."),
        _(
            "In Lesotho, Eswatini, Botswana, Namibia, Zimbabwe, Malawi and Mozambique nothing changes: "
            "clocks show the same time as here."
        ),
    ]


def _tables() -> list[Table]:
    before = [_("The plan was"), _("So far")]
    changed = [*before, _("The change"), _("The doses of those days after the change")]
    travelled = [*before, _("The journey"), _("The doses of those days, on the clock there")]
    return [
        Table(_("When the plan changes"), changed, _rows(CHANGES)),
        Table(_("When the patient travels"), travelled, _rows(JOURNEYS)),
    ]


def _rows(examples: Iterable[Example]) -> list[list[str]]:
    return [[_plan(each.before), _seen(each.answered), _change(each), _seen(each.doses)] for each in examples]


def _plan(rules: tuple[Rule, ...]) -> str:
    return " ".join(_line(rule) for rule in rules)


def _line(rule: Rule) -> str:
    words = rule_words(parse(rule), "tablet", {})
    is_daily = rule["kind"] == "times" and "weekdays" not in rule
    return _("%(how)s, every day") % {"how": words} if is_daily else words


def _seen(doses: tuple[Seen, ...]) -> str:
    """A line for each dose."""
    lines = [
        _("%(day)s at %(time)s: %(state)s.")
        % {"day": _day(each.day), "time": each.at, "state": _state(each.state)}
        for each in doses
    ]
    return "\n".join(lines) or _("Nothing is answered yet.")


def _state(state: str) -> str:
    return _("reminded, not answered yet") if state == _OPEN else str(Dose.State(state).label)


def _day(number: int) -> str:
    return str(WEEKDAYS[date(2026, 11, number).weekday()])


def _change(example: Example) -> str:
    day, time = example.now
    when = {"day": _day(day), "time": time}
    if example.after:
        return _("On %(day)s at %(time)s it becomes: %(plan)s.") % {**when, "plan": _plan(example.after)}
    return _("On %(day)s at %(time)s, by the clock at home, the patient arrives in %(place)s.") % {
        **when,
        "place": _place(example.zone),
    }


def _place(zone: str) -> str:
    return zone.rpartition("/")[2].replace("_", " ")


DOSES = RulePage(
    name="doses", title=gettext_lazy("When the time of a dose changes"), order=30, says=_says, tables=_tables
)
