"""Reads: what becomes of the doses of prescriptions whose plans changed."""

import logging
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from medications import options
from medications.models import OPEN_STATES, Dose, DoseSchedule, Prescription
from medications.rules.errors import RuleError
from medications.rules.plan import Layout, Plan, lay_out_around, looks_back, reaches
from medications.rules.replanning import Existing, Replanned, Start, replan

logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Change:
    """What becomes of one prescription's doses. `rows` are those it has, by id."""

    prescription: Prescription
    layout: Layout
    outcome: Replanned
    rows: Mapping[int, Dose]


def plan_of(prescription: Prescription, rules: Mapping[int, Mapping[str, object]]) -> Plan:
    """What the prescription says with these rules; none at all when it has ended, is silent, or the patient isn't in
    care. Patient and clinic are joined.
    """
    patient = prescription.patient
    has_none = prescription.ended_at is not None or prescription.is_silent or not patient.is_in_care
    return Plan(
        start_date=prescription.start_date,
        end_date=prescription.end_date,
        timezone=patient.zone,
        slots=patient.slots,
        rules={} if has_none else rules,
    )


def changes(
    ids: Sequence[int], *, now: datetime, start: Start | None = None, for_update: bool = False
) -> list[Change]:
    """What becomes of the doses of these prescriptions under their plans as they are stored. Three queries.

    A prescription that can't be planned is logged and left out.
    """
    rules: dict[int, dict[int, Mapping[str, object]]] = defaultdict(dict)
    for schedule in DoseSchedule.objects.filter(prescription_id__in=ids).order_by("id"):
        rules[schedule.prescription_id][schedule.id] = schedule.rule
    prescriptions = Prescription.objects.filter(id__in=ids).select_related("patient__clinic").order_by("id")
    plans = [(each, plan) for each in prescriptions if (plan := _plan(each, rules[each.pk])) is not None]
    rows = doses_around([plan for _each, plan in plans], ids, now=now, for_update=for_update)
    found = []
    for prescription, plan in plans:
        try:
            found.append(change(prescription, plan, rows[prescription.pk], now=now, start=start))
        except Exception:
            _log(prescription.pk)
    return found


def doses_around(
    plans: Iterable[Plan], ids: Collection[int], *, now: datetime, for_update: bool = False
) -> Mapping[int, list[Dose]]:
    """The doses by prescription that a change of these plans may concern. One query."""
    days = max((looks_back(plan) for plan in plans), default=0)
    back = timedelta(days=days + 1)  # since now is at some hour of today
    doses = Dose.objects.filter(
        prescription_id__in=ids, due_at__gt=now - back, kind=Dose.Kind.PLANNED
    ).exclude(state=Dose.State.WITHDRAWN)
    if for_update:
        doses = doses.select_for_update()
    rows: dict[int, list[Dose]] = defaultdict(list)
    for dose in doses.order_by("due_at", "patient_id", "id"):
        rows[dose.prescription_id].append(dose)
    return rows


def change(
    prescription: Prescription, plan: Plan, rows: Iterable[Dose], *, now: datetime, start: Start | None
) -> Change:
    """What becomes of these doses of one prescription under this plan; without a `start` as was decided before."""
    zone = ZoneInfo(plan.timezone)
    today = now.astimezone(zone).date()
    if start is None:
        waits = prescription.plan_from is not None and prescription.plan_from > today
        start = Start.TOMORROW if waits else Start.COUNTED
    by_id = {dose.pk: dose for dose in rows}
    existing = [_existing(dose, zone) for dose in by_id.values()]
    own = [dose for dose in existing if not by_id[dose.id].is_extra]
    layout = _laid_out(plan, today)
    log_refused(layout.refused)
    concerned = [dose for dose in own if dose.day >= layout.begins and dose.schedule not in layout.refused]
    ids = {dose.id for dose in concerned}
    outcome = replan(
        concerned,
        layout.planned,
        now=now,
        today=today,
        window=options.missed_window(),
        start=start,
        others=[(dose.schedule, dose.due_at) for dose in existing if dose.id not in ids],
    )
    return Change(prescription=prescription, layout=layout, outcome=outcome, rows=by_id)


def log_refused(refused: Mapping[int, RuleError]) -> None:
    """Say which schedules can't be expanded, and why; by their ids."""
    for schedule, error in refused.items():
        logger.error(
            "The dose schedule %(schedule)s can't be expanded.", {"schedule": schedule}, exc_info=error
        )


def _plan(prescription: Prescription, rules: Mapping[int, Mapping[str, object]]) -> Plan | None:
    try:
        return plan_of(prescription, rules)
    except Exception:
        _log(prescription.pk)
    return None


def _log(prescription_id: int) -> None:
    logger.exception(
        "The doses of prescription %(prescription)s can't be planned.", {"prescription": prescription_id}
    )


def _laid_out(plan: Plan, today: date) -> Layout:
    days = options.horizon_days()
    return lay_out_around(
        plan,
        begins=today - timedelta(days=looks_back(plan)),
        until={
            schedule: today + timedelta(days=max(days, reach)) for schedule, reach in reaches(plan).items()
        },
    )


def _existing(dose: Dose, zone: ZoneInfo) -> Existing:
    day, at = dose.wall(zone)
    is_settled = dose.state not in OPEN_STATES or dose.state == Dose.State.MISSED
    return Existing(
        id=dose.pk,
        schedule=dose.schedule_id,
        due_at=dose.due_at,
        day=day,
        at=at,
        is_settled=is_settled,
        taken_at=dose.was_taken_at,
        is_begun=dose.reminders_sent > 0,
    )
