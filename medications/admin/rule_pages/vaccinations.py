"""At which ages and intervals a vaccination is due, counts, and is no longer given."""

from datetime import timedelta
from itertools import pairwise

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from medications.models import Vaccine
from medications.presentation.schedule_words import day_count
from medications.presentation.vaccination_card import which
from medications.rules.examples.vaccinations import EXAMPLES, Example
from medications.rules.spans import Span
from medications.rules.vaccinations import State
from medications.rules.vaccine_table import COURSES, Course, TableDose
from notifications.admin.rule_pages.page import RulePage, Table

_STATES = {
    State.GIVEN: gettext_lazy("given"),
    State.DUE: gettext_lazy("due today"),
    State.OVERDUE: gettext_lazy("overdue: can be given today"),
    State.UPCOMING: gettext_lazy("due later"),
    State.NO_LONGER: gettext_lazy("no longer given"),
    State.NOT_NEEDED: gettext_lazy("not needed"),
}


def _says() -> list[str]:
    return [
        _("No clinician has signed this table yet. If your copy of the schedule says otherwise, go by that."),
        _("The nurse decides."),
        _("A dose does not count if the child was too young, or if it came too soon after the dose before."),
        _("One day too early is too early. The website then asks for the dose again, at the right age."),
        _(
            "Count the shortest wait from the dose that was too early. After a first dose that was too "
            "early it is %(wait)s."
        )
        % {"wait": _span(COURSES[0].doses[0].interval)},
        _("A dose given late counts. Do not start from the beginning again."),
        _("The next dose is due at the age in the table, or after the shortest wait if that is later."),
        _(
            "From the age in the last column on, the vaccine is not given, and nobody is asked to come for it."
        ),
        _("If it was given all the same, it stays on the card and counts."),
        _("A child who begins late may need fewer doses."),
        _("Look at the lines for the age at which this child had, or will have, the first dose that counts."),
    ]


def _tables() -> list[Table]:
    names = dict(Vaccine.objects.values_list("code", "name"))
    columns = [
        _("Vaccine"),
        _("Dose"),
        _("The child’s age when it is due"),
        _("Counts from the age of"),
        _("Shortest wait after the dose before"),
        _("Not given any more from the age of"),
    ]
    return [
        Table(
            _("The ages"),
            columns,
            [
                _row(course, before, dose, names.get(course.vaccine, course.vaccine))
                for before, course in pairwise((None, *COURSES))
                if course
                for dose in course.doses
            ],
        ),
        Table(
            _(
                "Examples: rotavirus. Begun at 20 weeks or later it is one dose, and from 24 weeks on none is given"
            ),
            [_("Age of the child today"), _("Age at dose 1"), _("Dose 1"), _("Dose 2")],
            [_example(each) for each in EXAMPLES],
        ),
    ]


def _row(course: Course, before: Course | None, dose: TableDose, name: str) -> list[str]:
    is_first = dose is course.doses[0]
    late = before.starts_before if before and before.vaccine == course.vaccine else None
    if late is None:
        due, counts = _age(dose.age), _age(dose.first_age)
    else:
        # Whoever begins so late has the ages of these doses behind them (a test).
        counts = _("any age")
        due = (
            _("at the next visit")
            if is_first
            else _("%(wait)s after the dose before") % {"wait": _span(dose.interval)}
        )
    return [
        _begun(name, late, course.starts_before),
        which(dose.dose_number),
        due,
        counts,
        _("none") if is_first else _span(dose.interval),
        _age(dose.until) if dose.until else _("no upper age"),
    ]


def _begun(name: str, since: Span | None, before: Span | None) -> str:
    """The vaccine, and of one with several courses for which child this one is."""
    vaccine = {"vaccine": name}
    if since and before:
        return _("%(vaccine)s, first dose at %(since)s or later, but before %(age)s") % {
            **vaccine,
            "since": _span(since),
            "age": _span(before),
        }
    if since:
        return _("%(vaccine)s, first dose at %(age)s or later") % {**vaccine, "age": _span(since)}
    if before:
        return _("%(vaccine)s, first dose before %(age)s") % {**vaccine, "age": _span(before)}
    return name


def _age(span: Span) -> str:
    return _span(span) if span != Span() else _("birth")


def _span(span: Span) -> str:
    if span.weeks:
        return _weeks(span.weeks)
    years, months = divmod(span.months, 12)
    if years > 1 and not months:
        return ngettext("%(count)d year", "%(count)d years", years) % {"count": years}
    return ngettext("%(count)d month", "%(count)d months", span.months) % {"count": span.months}


def _weeks(weeks: int) -> str:
    return ngettext("%(count)d week", "%(count)d weeks", weeks) % {"count": weeks}


def _example(example: Example) -> list[str]:
    given = example.first_given
    return [
        _old(example.age),
        _old(given) if given is not None else _("not yet"),
        *[str(_STATES[state]) for state in example.states],
    ]


def _old(age: timedelta) -> str:
    weeks, days = divmod(age.days, 7)
    if not days:
        return _weeks(weeks)
    return _("%(weeks)s and %(days)s") % {"weeks": _weeks(weeks), "days": day_count(days)}


VACCINATIONS = RulePage(
    name="vaccination-ages", title=gettext_lazy("Ages for vaccinations"), order=50, says=_says, tables=_tables
)
