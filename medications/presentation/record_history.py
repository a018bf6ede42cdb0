"""The lines that this app gives to a patient's history: what was prescribed, changed, stopped, and stock at home."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.contenttypes.models import ContentType
from django.db.models import DecimalField, OuterRef, Subquery, Sum
from django.utils.translation import gettext as _
from wagtail.models import ModelLogEntry

from home.models import User
from home.record.history import HistoryLine, register_history
from home.record.sections import Reading
from medications import formats
from medications.models import NOTED, Medicine, Prescription, StockMovement
from notifications.texts.formats import day as day_in_words
from notifications.texts.formats import number

Kind = StockMovement.Kind


def _name(user: User | None) -> str:
    return str(user) if user else ""


def _with_last_day(words: str, ended_at: datetime, done: datetime, zone: ZoneInfo) -> str:
    """With the last day where it isn't the one on which it was done."""
    last = ended_at.astimezone(zone).date()
    if last == done.astimezone(zone).date():
        return words
    return _("%(words)s, last day %(day)s") % {"words": words, "day": day_in_words(last)}


@register_history
def prescriptions(reading: Reading, before: datetime, limit: int) -> Iterable[HistoryLine]:
    """What was prescribed, changed and stopped: when it was done, which may be after the last day. Three queries."""
    if not reading.user.has_perm("medications.view_prescription"):
        return
    rows = Prescription.objects.filter(patient=reading.patient).select_related(
        "medicine", "prescriber", "stopped_by"
    )
    every = {str(row.pk): row for row in rows}
    log = ModelLogEntry.objects.filter(
        content_type=ContentType.objects.get_for_model(Prescription), object_id__in=every
    )
    stops = log.filter(action="medications.stop").order_by("timestamp")
    stopped = dict(stops.values_list("object_id", "timestamp"))
    for key, row in every.items():
        values = {"medicine": row.medicine, "reason": row.get_stop_reason_display()}
        if row.created_at < before:
            yield HistoryLine(row.created_at, _name(row.prescriber), _("prescribed %(medicine)s") % values)
        if row.ended_at and (done := stopped.get(key, row.ended_at)) < before:
            words = _("stopped %(medicine)s (%(reason)s)") if row.stop_reason else _("stopped %(medicine)s")
            words = _with_last_day(words % values, row.ended_at, done, ZoneInfo(reading.patient.zone))
            yield HistoryLine(done, _name(row.stopped_by), words)
    entries = log.filter(action="wagtail.edit", timestamp__lt=before)
    for entry in entries.select_related("user").order_by("-timestamp")[:limit]:
        values = {"medicine": every[entry.object_id].medicine}
        yield HistoryLine(
            entry.timestamp, _name(entry.user), _("changed the prescription of %(medicine)s") % values
        )


@register_history
def stock_at_home(reading: Reading, before: datetime, limit: int) -> Iterable[HistoryLine]:
    """What was handed out, counted, corrected and written off, a line for each pack; not what was taken. One query."""
    if not reading.user.has_perm("medications.view_prescription"):
        return
    until = StockMovement.objects.filter(batch=OuterRef("batch"), id__lte=OuterRef("id")).order_by()
    there = until.values("batch").annotate(sum=Sum("quantity")).values("sum")
    rows: Any = StockMovement.objects.filter(
        prescription__patient=reading.patient, kind__in=NOTED, batch__isnull=False, at__lt=before
    ).annotate(after=Subquery(there, output_field=DecimalField(max_digits=12, decimal_places=3)))
    for row in rows.select_related("by", "prescription__medicine").order_by("-at", "-id")[:limit]:
        yield HistoryLine(row.at, _name(row.by), _moved(row, row.prescription.medicine, row.after))


def _moved(row: StockMovement, medicine: Medicine, after: Decimal) -> str:
    values = {
        "medicine": medicine,
        "amount": formats.amount((abs(row.quantity), medicine.form)),
        "before": number(after - row.quantity),
        "after": number(after),
        "why": row.why,
    }
    words = {
        Kind.HANDED_OUT: _("handed out: %(medicine)s, %(amount)s"),
        Kind.RECEIVED: _("received: %(medicine)s, %(amount)s"),
        Kind.COUNTED: _("counted: %(medicine)s, %(before)s → %(after)s"),
        Kind.CORRECTED: _("corrected: %(medicine)s, %(before)s → %(after)s"),
        Kind.WASTED: _("written off: %(medicine)s, %(amount)s"),
    }[Kind(row.kind)] % values
    return _("%(words)s (%(why)s)") % {"words": words, "why": row.why} if row.why else words
