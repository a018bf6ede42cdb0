"""At which ages and intervals a vaccination is due, counts, and is no longer given."""

from datetime import timedelta

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
        _(
            "No clinician has signed this table yet. Compare it with your copy of the schedule. The nurse decides."
        ),
        _(
            "A dose given before its age, or too soon after the one before, does not count. It is given again."
        ),
        _(
            "A dose given late counts. The next one follows after its interval, and the series is not begun again."
        ),
        _("Past its last age a vaccine is not given any more, and nobody is asked to come for it."),
        _(
            "A child who begins late may need fewer doses. Then the table has a line for the age at the first dose."
        ),
    ]


def _tables() -> list[Table]:
    names = dict(Vaccine.objects.values_list("code", "name"))
    columns = [
        _("Vaccine"),
        _("Dose"),
        _("Due at"),
        _("Counts from"),
        _("At least after the dose before"),
        _("No longer given from"),
    ]
    return [
        Table(
            _("The ages"),
            columns,
            [
                _row(course, dose, names.get(course.vaccine, course.vaccine))
                for course in COURSES
                for dose in course.doses
            ],
        ),
        Table(
            _("Examples: rotavirus, which is dangerous when it is begun late"),
            [_("The child is"), _("Dose 1 was given"), _("Dose 1"), _("Dose 2")],
            [_example(each) for each in EXAMPLES],
        ),
    ]


def _row(course: Course, dose: TableDose, name: str) -> list[str]:
    return [
        _begun(course, name),
        which(dose.dose_number),
        _age(dose.age),
        _age(dose.first_age),
        "–" if dose is course.doses[0] else _span(dose.interval),
        _age(dose.until) if dose.until else "–",
    ]


def _begun(course: Course, name: str) -> str:
    """The vaccine, and of one with several courses for which child this one is."""
    if course.starts_before:
        return _("%(vaccine)s, begun before %(age)s") % {"vaccine": name, "age": _span(course.starts_before)}
    if any(each.starts_before for each in COURSES if each.vaccine == course.vaccine):
        return _("%(vaccine)s, begun later") % {"vaccine": name}
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
        _("at %(age)s") % {"age": _old(given)} if given is not None else _("not yet"),
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
