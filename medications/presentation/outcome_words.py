"""What became of doses, in words: "2 taken, 1 missed". In the active language."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from medications import formats
from medications.models import Medicine
from medications.rules.adherence import Counts, DoseOutcome, Outcome, count
from medications.selectors.adherence import Covered
from notifications.web.moments import dated

_WORDS = {
    Outcome.TAKEN: gettext_lazy("taken"),
    Outcome.PART: gettext_lazy("taken in part"),
    Outcome.SKIPPED: gettext_lazy("skipped"),
    Outcome.MISSED: gettext_lazy("missed"),
    Outcome.UNANSWERED: gettext_lazy("unanswered"),
    Outcome.AHEAD: gettext_lazy("to take"),
}


def outcome_word(outcome: Outcome) -> str:
    """As "taken", "taken in part"."""
    return str(_WORDS[outcome])


def unit_word(medicine: Medicine) -> str:
    """As "tablet". Not `get_form_display`, which translates all forms to find one."""
    return str(Medicine.Form(medicine.form).label)


def counts_words(counts: Counts) -> str:
    """As "40 taken, 2 of them in part, 1 skipped, 2 missed, 3 unanswered"; what there is none of is left out."""
    parts = [
        (counts.taken, _("%(count)d taken")),
        (counts.part, _("%(count)d of them in part")),
        (counts.skipped, _("%(count)d skipped")),
        (counts.missed, _("%(count)d missed")),
        (counts.unanswered, _("%(count)d unanswered")),
        (counts.as_needed, _("%(count)d taken besides the plan")),
        (counts.ahead, _("%(count)d still to come")),
    ]
    words = [text % {"count": number} for number, text in parts if number]
    return ", ".join(words) or _("no doses")


def day_words(outcomes: Sequence[DoseOutcome], form: str) -> str:
    """As `counts_words`, with the amount behind it where it isn't what was planned, or had no plan."""
    words = counts_words(count(outcomes))
    unusual = [each for each in outcomes if each.as_needed or each.outcome == Outcome.PART]
    if not unusual:
        return words
    taken = sum((each.taken for each in outcomes), Decimal(0))
    return f"{words} ({formats.quantity(taken, form)})"


def covered_words(covered: Covered) -> str:
    """As "By our count, there was enough medicine on 92 of 100 days."."""
    words = _("By our count, there was enough medicine on %(days)s of %(of)s days.")
    return words % {"days": covered.days, "of": covered.of}


def period_words(covered: Covered, *, today: date) -> str:
    """As "From 17 August to 24 November: 92% of the days."; rounded down, so that 100% is all of them."""
    return _("From %(start)s to %(end)s: %(percent)s%% of the days.") % {
        "start": dated(covered.start, "j F", today=today),
        "end": dated(covered.end, "j F", today=today),
        "percent": int(covered.pdc * 100),
    }
