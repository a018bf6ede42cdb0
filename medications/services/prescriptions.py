"""What follows when a prescription is saved, changed or ended: its doses, its reminders, its messages."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count, Q
from django.utils.translation import gettext_lazy as _

from home.models import User
from medications.models import OPEN_STATES, Dose, Prescription, StockBatch, StopReason
from medications.rules.replanning import Start
from medications.rules.wall_time import instant
from medications.services.dose_rows import drop
from medications.services.expansion import expand_doses
from medications.services.replanning import replace_doses
from notifications import bus


def prescription_announce(*, prescription_id: int, now: datetime) -> None:
    """Make the doses of a new prescription, and tell the people who care for the patient, once."""
    with transaction.atomic():
        expand_doses(now=now, prescriptions=[prescription_id])
        bus.publish(
            "medication.prescribed",
            {"prescription_id": prescription_id},
            dedupe_key=str(prescription_id),
            now=now,
        )


def prescription_changed(*, prescription_id: int, now: datetime, start: Start | None = None) -> None:
    """Bring the doses in line with a prescription whose dates, reminders or schedules were saved.

    Each dose keeps its identity (`medications.rules.replanning`); what was answered or missed stays as it is. Without a
    `start` the plan goes on as was decided before.
    """
    with transaction.atomic():
        if start is not None:
            _begin(prescription_id, start, now)
        replace_doses(prescriptions=[prescription_id], now=now, start=start)
        Dose.objects.filter(
            prescription_id=prescription_id, prescription__reminders_enabled=False, state__in=OPEN_STATES
        ).update(next_reminder_at=None)


def _begin(prescription_id: int, start: Start, now: datetime) -> None:
    prescription = Prescription.objects.select_related("patient__clinic").get(id=prescription_id)
    tomorrow = now.astimezone(ZoneInfo(prescription.patient.zone)).date() + timedelta(days=1)
    plan_from = tomorrow if start == Start.TOMORROW else None
    Prescription.objects.filter(id=prescription_id).update(plan_from=plan_from)


@dataclass(frozen=True, kw_only=True)
class Stop:
    """That staff stop a prescription: after which local day of the patient's, why, and who does."""

    last_day: date
    reason: StopReason
    words: str = ""
    by: User | None = None


@dataclass(frozen=True, kw_only=True)
class StopConsequences:
    """What ends with a prescription: the doses nobody has answered after its end, and what is left at home."""

    doses: int
    reminders: int
    left: Decimal


def stop_consequences(prescription: Prescription, *, last_day: date, now: datetime) -> StopConsequences:
    """What `prescription_stop` would end. ValidationError as there; its patient and clinic are joined. Two queries."""
    ends = _end_of(prescription, last_day, now)
    open_doses = Dose.objects.filter(prescription=prescription, state__in=OPEN_STATES)
    reminded = Q(next_reminder_at__isnull=False)
    found = open_doses.aggregate(
        doses=Count("id", filter=Q(due_at__gt=ends)), reminders=Count("id", filter=reminded)
    )
    usable = StockBatch.objects.filter(
        prescription=prescription, quantity__gt=0, expiry_date__gte=_today(prescription, now)
    )
    left = sum(usable.values_list("quantity", flat=True), Decimal(0))
    return StopConsequences(doses=found["doses"], reminders=found["reminders"], left=left)


def prescription_stop(*, prescription_id: int, stop: Stop, now: datetime) -> bool:
    """Stop a prescription after a day that has begun, and keep why; False when it had ended before.

    ValidationError beside "last_day" for a day that is still ahead, or is before the first; beside "words" where
    another reason is not said.
    """
    if stop.reason == StopReason.OTHER and not stop.words.strip():
        raise ValidationError({"words": _("Write the reason.")})
    with transaction.atomic():
        prescription = Prescription.objects.select_related("patient__clinic").get(id=prescription_id)
        ends = _end_of(prescription, stop.last_day, now)
        ended = prescription_end(prescription_id=prescription_id, now=ends)
        if ended:
            Prescription.objects.filter(id=prescription_id).update(
                stop_reason=stop.reason, stop_words=stop.words.strip(), stopped_by=stop.by
            )
    return ended


def _end_of(prescription: Prescription, last_day: date, now: datetime) -> datetime:
    """The moment at which it ends: now, or the last second of a day that is over."""
    today = _today(prescription, now)
    if last_day > today:
        raise ValidationError(
            {"last_day": _("This day is still ahead. To let it end later, change its last day.")}
        )
    if last_day < min(prescription.start_date, today):
        raise ValidationError({"last_day": _("It only began after this day. Please check the date.")})
    if last_day == today:
        return now
    zone = ZoneInfo(prescription.patient.zone)
    return instant(last_day + timedelta(days=1), time.min, zone) - timedelta(seconds=1)


def _today(prescription: Prescription, now: datetime) -> date:
    return now.astimezone(ZoneInfo(prescription.patient.zone)).date()


def prescription_end(*, prescription_id: int, now: datetime) -> bool:
    """Stop a prescription: no more doses and no more reminders. False when it had ended before."""
    with transaction.atomic():
        ended = Prescription.objects.filter(id=prescription_id, ended_at__isnull=True).update(ended_at=now)
        if ended:
            open_doses = Dose.objects.filter(prescription_id=prescription_id, state__in=OPEN_STATES)
            drop(open_doses.filter(due_at__gt=now))
            open_doses.update(next_reminder_at=None)
    return bool(ended)
