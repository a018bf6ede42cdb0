"""When and how much, as a person says it: "1 tablet at 08:00 and 20:00". In the active language."""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal

from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from medications import formats
from medications.models import Prescription
from medications.rules import doses
from medications.rules.dose_kinds.as_needed import AsNeededRule
from medications.rules.dose_kinds.cycle import CycleRule
from medications.rules.dose_kinds.every_n_days import EveryNDaysRule
from medications.rules.dose_kinds.interval import IntervalRule
from medications.rules.dose_kinds.taper import TaperRule
from medications.rules.dose_kinds.times import TimesRule
from medications.rules.dose_rule import DoseRule, WallTimeRule
from medications.rules.errors import RuleError
from medications.rules.wall_time import slot_times
from notifications.texts.formats import listed, number
from notifications.web.moments import dated

_EVERY_DAY = 7


def how_and_when(prescription: Prescription, *, today: date) -> list[str]:
    """A sentence for each schedule, with the instructions in the last. Its schedules and its patient are joined."""
    lines = [_line(schedule.rule, prescription, today) for schedule in prescription.schedules.all()]
    if not lines:
        return [prescription.instructions] if prescription.instructions else []
    lines[-1] = ", ".join(filter(None, (lines[-1], prescription.instructions)))
    return lines


def _line(rule: Mapping[str, object], prescription: Prescription, today: date) -> str:
    try:
        parsed = doses.parse(rule)
        words = rule_words(parsed, prescription.medicine.form, prescription.patient.slots)
    except RuleError:
        return _("as your clinic told you")
    return ", ".join(filter(None, (words, _from_until(parsed, prescription, today))))


def rule_words(rule: DoseRule, form: str, slots: Mapping[str, str]) -> str:
    """How much of a medicine of this form, and when; nothing of the first and the last day."""
    if isinstance(rule, IntervalRule):
        return _("%(quantity)s every %(time)s") % {
            "quantity": formats.quantity(rule.quantity, form),
            "time": length_words(rule.hours),
        }
    if isinstance(rule, AsNeededRule):
        return _("%(quantity)s when needed, at least %(time)s apart, at most %(times)s a day") % {
            "quantity": formats.quantity(rule.quantity, form),
            "time": length_words(rule.min_hours),
            "times": rule.max_per_day,
        }
    if isinstance(rule, TaperRule):
        steps = [_step(step.quantity, step.days, form) for step in rule.steps]
        return _("at %(times)s: %(steps)s") % {
            "times": _times(rule, slots),
            "steps": _(", then ").join(steps),
        }
    if isinstance(rule, TimesRule | EveryNDaysRule | CycleRule):
        at = _("%(quantity)s at %(times)s") % {
            "quantity": formats.quantity(rule.quantity, form),
            "times": _times(rule, slots),
        }
        return ", ".join(filter(None, (at, _days(rule))))
    raise RuleError("kind", "kind: there are no words for this.")


def _days(rule: TimesRule | EveryNDaysRule | CycleRule) -> str:
    """On which days, if not on all."""
    if isinstance(rule, EveryNDaysRule):
        if rule.n == 1:
            return ""
        return _("every second day") if rule.n == 2 else _("every %(days)d days") % {"days": rule.n}
    if isinstance(rule, CycleRule):
        return _("for %(on)s, then %(off)s without") % {
            "on": day_count(rule.on),
            "off": day_count(rule.off),
        }
    if len(rule.weekdays) == _EVERY_DAY:
        return ""
    return _("on %(days)s") % {"days": listed([str(WEEKDAYS[day]) for day in sorted(rule.weekdays)])}


def _step(quantity: Decimal, days: int, form: str) -> str:
    return _("%(quantity)s for %(days)s") % {
        "quantity": formats.quantity(quantity, form),
        "days": day_count(days),
    }


def day_count(days: int) -> str:
    """As "1 day", "10 days"."""
    return ngettext("%(count)d day", "%(count)d days", days) % {"count": days}


def length_words(time: timedelta) -> str:
    """As "8 hours", "1.5 hours", "30 minutes"."""
    minutes = time // timedelta(minutes=1)
    if minutes < 60:
        return ngettext("%(count)s minute", "%(count)s minutes", minutes) % {"count": minutes}
    hours = (Decimal(minutes) / 60).quantize(Decimal("0.01"))
    return ngettext("%(count)s hour", "%(count)s hours", 1 if hours == 1 else 2) % {"count": number(hours)}


def _times(rule: WallTimeRule, slots: Mapping[str, str]) -> str:
    named = slot_times(slots)
    return listed(sorted(named[at].strftime("%H:%M") if at in named else at for at in rule.times))


def _from_until(rule: DoseRule, prescription: Prescription, today: date) -> str:
    """The first day, if it is still ahead, and the last day, if there is one."""
    begins = max(prescription.start_date, rule.start_date or prescription.start_date)
    ends = min(filter(None, (prescription.end_date, rule.end_date)), default=None)
    parts = []
    if begins > today:
        parts.append(_("from %(day)s") % {"day": dated(begins, "j F", today=today)})
    if ends:
        parts.append(_("until %(day)s") % {"day": dated(ends, "j F", today=today)})
    return " ".join(parts)
