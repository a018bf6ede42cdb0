"""A patient's medicines with their stock, for the page that staff have of the patient."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Max
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from home.models import Patient
from home.record.next_visits import EarlierDate, NextVisit, dates_before, next_visits
from medications import formats
from medications.models import Medicine, Prescription, StockMovement
from medications.presentation.schedule_words import how_and_when
from medications.presentation.stock_words import Tag, stock_tag
from medications.selectors.outlook import Outlook, outlooks
from medications.selectors.people import Person
from notifications.texts.formats import weekday_day
from notifications.web.moments import dated

MOST = 20
MOST_ENDED = 3
MOST_DATES = 3
_COLLECTED = (StockMovement.Kind.RECEIVED, StockMovement.Kind.HANDED_OUT)


@dataclass(frozen=True, slots=True)
class MedicineLine:
    """One medicine that is taken now, or from a later day on."""

    prescription: Prescription
    how: list[str]
    chip: Tag
    left: str
    collected: str


@dataclass(frozen=True, slots=True)
class Gap:
    """That the stock ends before somebody comes again, and the dates that could be offered instead."""

    sentence: str
    dates: list[tuple[str, EarlierDate]]


def record_medicines(
    person: Person, active: Sequence[Prescription], ended: Sequence[Prescription], *, now: datetime
) -> Mapping[str, Any]:
    """The values of `medications/admin/record_medicines.html`. At most 12 queries, and those of the calendar."""
    today = person.today(now)
    shown = active[:MOST]
    supplies = outlooks(active, now=now)
    collected = _collected([each.pk for each in shown])
    return {
        "medicines": [
            _line(each, supplies.get(each.pk), collected.get(each.pk), today, person) for each in shown
        ],
        "more": len(active) - len(shown),
        "ended": [(each, _ended(each, today, person)) for each in ended[:MOST_ENDED]],
        "gap": _gap(person.patient, list(supplies.values()), today),
    }


def _line(
    prescription: Prescription,
    outlook: Outlook | None,
    collected: datetime | None,
    today: date,
    person: Person,
) -> MedicineLine:
    left = formats.quantity(outlook.supply.quantity, prescription.medicine.form) if outlook else ""
    on = ""
    if collected:
        on = dated(collected.astimezone(person.zone).date(), "j M", today=today)
    return MedicineLine(
        prescription=prescription,
        how=how_and_when(prescription, today=today),
        chip=_chip(outlook, today),
        left=left,
        collected=on,
    )


def _chip(outlook: Outlook | None, today: date) -> Tag:
    if outlook is None:
        return Tag(_("nothing counted yet"), "plain")
    if outlook.is_out and not outlook.supply.quantity:
        return Tag(pgettext("stock at home", "out"), "stop")
    if outlook.is_low and outlook.days_left and outlook.run_out_on:
        return Tag(_("runs out %(day)s") % {"day": dated(outlook.run_out_on, "D j M", today=today)}, "sun")
    tag = stock_tag(outlook)
    return Tag(tag.label, tag.kind or "plain")


def _collected(prescription_ids: Sequence[int]) -> dict[int, datetime]:
    """When something was last collected of each. One query."""
    rows = StockMovement.objects.filter(
        batch__prescription__in=prescription_ids, kind__in=_COLLECTED, quantity__gt=0
    )
    return dict(rows.values_list("batch__prescription_id").annotate(last=Max("at")).order_by())


def _ended(prescription: Prescription, today: date, person: Person) -> str:
    """As "stopped on 21 Nov: Side effects (dizzy), by Sister Dlamini"."""
    if prescription.ended_at is None:
        return _("until %(day)s") % {"day": dated(prescription.end_date or today, "j M", today=today)}
    day = dated(prescription.ended_at.astimezone(person.zone).date(), "j M", today=today)
    said = _("stopped on %(day)s") % {"day": day}
    why = ": ".join(filter(None, (prescription.get_stop_reason_display(), prescription.stop_words)))
    by = prescription.stopped_by.get_full_name() if prescription.stopped_by else ""
    return " · ".join(filter(None, (said, why, by)))


def _gap(patient: Patient, supplies: Sequence[Outlook], today: date) -> Gap | None:
    """What ends first, where that is before the next visit; without a visit, where it is soon."""
    ending = [each for each in supplies if each.run_out_on]
    if not ending:
        return None
    first = min(ending, key=lambda each: (each.run_out_on, each.prescription.pk))
    ends_on = first.run_out_on or today
    visit = next_visits([patient.pk], today).get(patient.pk)
    if (visit and visit.day <= ends_on) or (visit is None and not first.is_low):
        return None
    dates = dates_before(patient, today, ends_on)[:MOST_DATES]
    return Gap(
        _sentence(patient, first, visit, ends_on),
        [(weekday_day(each.day), each) for each in dates],
    )


def _sentence(patient: Patient, first: Outlook, visit: NextVisit | None, ends_on: date) -> str:
    tablets = first.prescription.medicine.form == Medicine.Form.TABLET
    if visit is None:
        words = {
            ("f", True): _("Her tablets end on %(day)s, and no visit is planned."),
            ("f", False): _("Her medicine ends on %(day)s, and no visit is planned."),
            ("m", True): _("His tablets end on %(day)s, and no visit is planned."),
            ("m", False): _("His medicine ends on %(day)s, and no visit is planned."),
        }
        unknown = {
            True: _("The tablets end on %(day)s, and no visit is planned."),
            False: _("The medicine ends on %(day)s, and no visit is planned."),
        }
        return words.get((patient.sex, tablets), unknown[tablets]) % {"day": weekday_day(ends_on)}
    days = (visit.day - ends_on).days
    said = {
        ("f", True): ngettext(
            "Her tablets end %(days)d day before her next visit.",
            "Her tablets end %(days)d days before her next visit.",
            days,
        ),
        ("f", False): ngettext(
            "Her medicine ends %(days)d day before her next visit.",
            "Her medicine ends %(days)d days before her next visit.",
            days,
        ),
        ("m", True): ngettext(
            "His tablets end %(days)d day before his next visit.",
            "His tablets end %(days)d days before his next visit.",
            days,
        ),
        ("m", False): ngettext(
            "His medicine ends %(days)d day before his next visit.",
            "His medicine ends %(days)d days before his next visit.",
            days,
        ),
    }
    unsaid = {
        True: ngettext(
            "The tablets end %(days)d day before the next visit.",
            "The tablets end %(days)d days before the next visit.",
            days,
        ),
        False: ngettext(
            "The medicine ends %(days)d day before the next visit.",
            "The medicine ends %(days)d days before the next visit.",
            days,
        ),
    }
    return said.get((patient.sex, tablets), unsaid[tablets]) % {"days": days}
