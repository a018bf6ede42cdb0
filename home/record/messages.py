"""The messages about a patient, and what people wrote back, in one order of time."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Prefetch, Q

from home.models import CareRole, Patient
from notifications.models import Delivery, InboundMessage, Notification

LATEST = 8


@dataclass(frozen=True, slots=True)
class Entry:
    """A message with its deliveries, or an SMS that came in."""

    at: datetime
    row: Notification | InboundMessage
    deliveries: Sequence[Delivery] = ()


def latest_messages(patient: Patient, *, limit: int = LATEST) -> list[Entry]:
    """The latest about this patient, oldest of them first. Three queries, by the index of their clinic and subject.

    The patient's clinic decides: a message belongs to where its patient is treated. What their people wrote to it
    without saying about whom may be about this patient too.
    """
    about = {"scope_id": patient.clinic_id, "subject_id": patient.pk}
    outside = Delivery.objects.order_by("channel")
    messages = Notification.objects.filter(**about).select_related("recipient")
    sent = messages.prefetch_related(Prefetch("deliveries", queryset=outside)).order_by("-id")[:limit]
    people = CareRole.objects.filter(patient=patient).values("user_id")
    perhaps = Q(scope_id=patient.clinic_id, subject_id__isnull=True, user__in=people)
    theirs = InboundMessage.objects.filter(Q(**about) | perhaps).select_related("user")
    written = theirs.order_by("-id")[:limit]
    entries = [_message(each) for each in sent]
    entries += [Entry(each.received_at, each) for each in written]
    return _in_order(entries)[-limit:]


def _message(message: Notification) -> Entry:
    at = message.sent_at or message.scheduled_at
    return Entry(at, message, list(message.deliveries.all()))


def _in_order(entries: Collection[Entry]) -> list[Entry]:
    return sorted(entries, key=lambda entry: entry.at)
