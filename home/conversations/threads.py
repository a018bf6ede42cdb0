"""Reads: whose conversations staff see, and what was said in one, in time order. A constant number of queries."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.models import AnonymousUser
from django.db.models import Prefetch, Q, QuerySet

from home.models import CareRole, Clinic, Conversation, ConversationAnswer, Patient, StaffRole, User
from home.patient_search import patients_found
from home.selectors import clinics_known, patients_visible_to_staff
from notifications import gate
from notifications.channels import registry as channels
from notifications.models import Delivery, InboundMessage, Notification
from notifications.selectors.people import people
from notifications.types import Reason

LATEST, MOST_MEANT = 60, 20
SENT_BESIDE, SENT_BEFORE = 6, timedelta(days=3)
"""So many of what the site sent by itself since so long before it opened stand among what was said; the others are on
the patient's page.
"""
ANSWER = "conversation_answer"
_JOINED = ("clinic", "patient__clinic", "user", "assigned_to", "last_text")


@dataclass(frozen=True, slots=True)
class Turn:
    """What was said: by them (`row` is an InboundMessage), by a nurse (a ConversationAnswer, with the message that
    carries it, once there is one), or by the site.
    """

    at: datetime
    row: InboundMessage | ConversationAnswer | Notification
    message: Notification | None = None


def conversations_of_staff(user: User | AnonymousUser) -> QuerySet[Conversation]:
    """Those of the clinics where this person works, without who was erased; head office sees all."""
    rows = Conversation.objects.filter(Q(patient__isnull=True) | Q(patient__erased_at__isnull=True))
    if not (user.is_active and user.is_superuser):
        rows = rows.filter(clinic__in=clinics_known(user))
    return rows.select_related(*_JOINED)


def waiting_conversations(user: User | AnonymousUser) -> QuerySet[Conversation]:
    """Those of them that nobody answered."""
    return conversations_of_staff(user).filter(state=Conversation.State.OPEN, is_waiting=True)


def open_about(patient: Patient) -> QuerySet[Conversation]:
    """The open ones about this patient, or perhaps about them, what cannot wait first."""
    people = CareRole.objects.filter(patient=patient).values("user_id")
    perhaps = Q(patient__isnull=True, clinic=patient.clinic_id, user__in=people)
    rows = Conversation.objects.filter(Q(patient=patient) | perhaps, state=Conversation.State.OPEN)
    return rows.select_related("user").order_by("-is_urgent", "last_at")


def texts_of(row: Conversation) -> QuerySet[InboundMessage]:
    """What they wrote in it."""
    theirs = Q(user_id=row.user_id) if row.user_id else Q(user__isnull=True, sender=row.number)
    about = Q(scope_id=row.clinic_id, subject_id=row.patient_id)
    if row.patient_id is None:
        about |= Q(scope_id__isnull=True, subject_id__isnull=True)
    return InboundMessage.objects.filter(theirs & about)


def turns_of(row: Conversation, *, limit: int = LATEST) -> list[Turn]:
    """The latest of what was said, the oldest of it first. Six queries at most."""
    texts = texts_of(row).select_related("user").order_by("-received_at", "-pk")[:limit]
    answers = row.answers.select_related("by").order_by("-at", "-pk")[:limit]
    sent = _messages(row) if row.user_id else Notification.objects.none()
    carried = {each.related_object_id: each for each in sent.filter(related_object_type=ANSWER)[:limit]}
    turns = [Turn(each.received_at, each) for each in reversed(texts)]
    turns += [Turn(each.at, each, carried.get(each.pk)) for each in reversed(answers)]
    lately = sent.filter(sent_at__gte=row.opened_at - SENT_BEFORE).exclude(related_object_type=ANSWER)
    turns += [Turn(each.sent_at or each.scheduled_at, each) for each in reversed(lately[:SENT_BESIDE])]
    return sorted(turns, key=lambda turn: (turn.at, isinstance(turn.row, Notification)))[-limit:]


def _messages(row: Conversation) -> QuerySet[Notification]:
    """What they were sent about the same, the latest first."""
    about = {"scope_id": row.clinic_id, "subject_id": row.patient_id}
    outside = Delivery.objects.order_by("channel")
    sent = Notification.objects.filter(recipient_id=row.user_id, **about).select_related("recipient")
    return sent.prefetch_related(Prefetch("deliveries", queryset=outside)).order_by("-id")


def patients_meant(row: Conversation, user: User) -> Sequence[Patient]:
    """Whom this may be about, of the patients that this member of staff may see: those for whom its person cares, or
    who have its number.
    """
    if row.user_id:
        theirs = CareRole.objects.filter(user=row.user_id).values("patient_id")
        found = patients_visible_to_staff(user).filter(pk__in=theirs)
    else:
        found = patients_found(user, row.number)
    return list(found.select_related("clinic").order_by("first_name", "last_name", "pk")[:MOST_MEANT])


def colleagues(row: Conversation, user: User) -> QuerySet[User]:
    """Who else works at its clinic."""
    there = StaffRole.objects.filter(clinic=row.clinic_id).values("user_id")
    others = User.objects.filter(pk__in=there, is_active=True).exclude(pk=user.pk)
    return others.order_by("first_name", "last_name", "pk")


def clinics_to_give_to(row: Conversation, user: User) -> QuerySet[Clinic]:
    """The other clinics that treat somebody for whom its person cares; of a number that is nobody's head office says
    where it belongs.
    """
    others = Clinic.objects.exclude(pk=row.clinic_id or 0).order_by("name", "pk")
    if row.user_id:
        patients = Patient.objects.filter(care_roles__user_id=row.user_id, erased_at__isnull=True)
        return others.filter(pk__in=patients.values("clinic_id"))
    return others if user.is_superuser else others.none()


@dataclass(frozen=True, slots=True)
class Way:
    """How an answer comes to somebody: by this channel and the inbox, or why by the inbox alone."""

    channel: str
    obstacle: Reason | None = None


def way_to(row: Conversation) -> Way | None:
    """None where nobody has this number: nothing about a patient is sent there. Three queries at most."""
    if row.user_id is None or not row.user or not row.user.is_active:
        return None
    channel = channels.outside().get(row.channel)
    if channel is None or not channel.addresses([row.user_id]):
        return Way(row.channel, Reason.NO_ADDRESS)
    person = people([row.user_id]).get(row.user_id)
    if person is None or row.channel in person.wishes.muted:
        return Way(row.channel, Reason.CHANNEL_OFF)
    if gate.not_agreed(row.user_id, [row.channel]):
        return Way(row.channel, Reason.NO_CONSENT)
    return Way(row.channel, channel.obstacles([row.user_id]).get(row.user_id))
