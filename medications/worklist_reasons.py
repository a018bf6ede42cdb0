"""Why a patient needs a call, by doses, stock and vaccinations."""

from collections.abc import Collection, Iterator, Mapping
from datetime import date, datetime
from typing import Any

from django.utils import dateformat
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from home.selectors import patients_here
from home.worklist.reasons import Finding, WorklistReason, register_worklist_reason
from medications.models import VaccinationRecord, Vaccine
from medications.presentation.vaccination_card import which
from medications.rules.missed_days import WINDOW
from medications.selectors.missed import who_missed
from medications.selectors.overdue import overdue_for_the_nurse
from medications.selectors.people import local_day
from medications.selectors.run_outs import who_runs_out
from medications.selectors.weekly_checks import call_words, needs_call
from notifications.languages.listed import PAGES, active

_Facts = Mapping[str, Any]


def _missed(clinic_ids: Collection[int], now: datetime) -> Iterator[Finding]:
    for patient_id, missed in who_missed(clinic_ids, now=now).items():
        yield Finding(patient_id, missed.since, {"days": missed.days})


def _missed_words(facts: _Facts) -> str:
    return ngettext("Missed %(days)d of %(of)d days", "Missed %(days)d of %(of)d days", facts["days"]) % {
        "days": facts["days"],
        "of": WINDOW,
    }


def _ran_out(clinic_ids: Collection[int], now: datetime) -> Iterator[Finding]:
    for patient_id, ends in who_runs_out(clinic_ids, now=now).items():
        facts = {
            "day": ends.day.isoformat(),
            "over": ends.is_over,
            "visit": ends.visit.isoformat() if ends.visit else "",
        }
        yield Finding(patient_id, ends.day if ends.is_over else None, facts)


def _ran_out_words(facts: _Facts) -> str:
    day = _short_day(facts["day"])
    return _("Ran out %(day)s") % {"day": day} if facts["over"] else _("Runs out %(day)s") % {"day": day}


def _ran_out_detail(facts: _Facts) -> str:
    if not facts["visit"]:
        return _("no visit is planned")
    days = (date.fromisoformat(facts["visit"]) - date.fromisoformat(facts["day"])).days
    return ngettext(
        "next visit %(day)s: %(days)d day too late", "next visit %(day)s: %(days)d days too late", days
    ) % {"day": _short_day(facts["visit"]), "days": days}


def _overdue(clinic_ids: Collection[int], now: datetime) -> Iterator[Finding]:
    """The one that has waited longest, and how many more there are. Four queries."""
    ids = overdue_for_the_nurse(patients_here(clinic_ids), now=now)
    rows = VaccinationRecord.objects.filter(pk__any_of=ids).select_related("vaccine", "patient__clinic")
    first: dict[int, VaccinationRecord] = {}
    more: dict[int, int] = {}
    for record in rows.order_by("next_due_date", "id"):
        more[record.patient_id] = more.get(record.patient_id, -1) + 1
        first.setdefault(record.patient_id, record)
    for patient_id, record in first.items():
        since = record.next_due_date or local_day(record.patient, now)
        facts = {
            "days": (local_day(record.patient, now) - since).days,
            **{language: _name(record.vaccine, language) for language in PAGES},
            "dose": record.dose_number,
            "more": more[patient_id],
        }
        yield Finding(patient_id, since, facts)


def _overdue_words(facts: _Facts) -> str:
    return ngettext(
        "Vaccination overdue %(days)d day", "Vaccination overdue %(days)d days", facts["days"]
    ) % {"days": facts["days"]}


def _overdue_detail(facts: _Facts) -> str:
    said = f"{facts[active()]}, {which(facts['dose'])}"
    if not facts["more"]:
        return said
    more = ngettext("and %(count)d more", "and %(count)d more", facts["more"]) % {"count": facts["more"]}
    return f"{said}, {more}"


def _name(vaccine: Vaccine, language: str) -> str:
    return getattr(vaccine, f"name_{language}") or vaccine.name


def _short_day(iso: str) -> str:
    """As "Thu 26 Nov"."""
    return dateformat.format(date.fromisoformat(iso), "D j M")


register_worklist_reason(
    WorklistReason("doses_missed", gettext_lazy("Missed doses"), 60, _missed, _missed_words)
)
register_worklist_reason(
    WorklistReason("ran_out", gettext_lazy("Ran out"), 65, _ran_out, _ran_out_words, _ran_out_detail)
)
register_worklist_reason(
    WorklistReason(
        "vaccination_overdue",
        gettext_lazy("Vaccination overdue"),
        40,
        _overdue,
        _overdue_words,
        _overdue_detail,
    )
)
register_worklist_reason(
    WorklistReason("weekly_check", gettext_lazy("Weekly question"), 60, needs_call, call_words)
)
