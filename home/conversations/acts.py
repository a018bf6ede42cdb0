"""What nurses do in a conversation. Nobody does anything to one that has changed since they saw it."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, QuerySet

from home.conversations.threads import texts_of
from home.models import Clinic, Conversation, ConversationAnswer, Patient, User
from notifications import bus
from notifications.models import InboundMessage

State = Conversation.State
REPLY, READ = "conversation.reply", "conversation.read"
ANSWERS_WITHIN = timedelta(minutes=5)
"""Whoever gets an answer so soon after a nurse read isn't told before that that she did."""


class ChangedError(Exception):
    """They wrote again, or a colleague did something, since this was shown. Nothing is done."""


class NobodysNumberError(Exception):
    """It comes from a number that isn't confirmed: nothing is sent there."""


def conversation_read(*, conversation: Conversation, now: datetime) -> bool:
    """Note that a nurse reads it, and tell its person so unless they have an answer soon (`ANSWERS_WITHIN`); False
    where it was read since it opened.
    """
    with transaction.atomic():
        unread = Conversation.objects.filter(pk=conversation.pk, state=State.OPEN, read_at__isnull=True)
        if not unread.update(read_at=now):
            return False
        if conversation.user_id:
            bus.publish(
                READ,
                {"conversation_id": conversation.pk},
                dedupe_key=_reading(conversation),
                at=now + ANSWERS_WITHIN,
                now=now,
            )
    return True


def conversation_answer(
    *, conversation: Conversation, text: str, by: User, seen: int, now: datetime
) -> ConversationAnswer:
    """Send this to its person, as the version that was `seen`. An answer opens what was closed, and takes it over: what
    several clinics could read is from then on this one's.

    Raises ChangedError, and NobodysNumberError.
    """
    if conversation.user_id is None:
        raise NobodysNumberError(conversation.pk)
    with transaction.atomic():
        _change(
            conversation,
            seen,
            state=State.OPEN,
            closed_at=None,
            is_waiting=False,
            is_urgent=False,
            assigned_to=by,
        )
        if conversation.clinic_id and conversation.patient_id is None:
            _take(texts_of(conversation), conversation, conversation.clinic_id, None, now)
        answer = ConversationAnswer.objects.create(
            conversation=conversation, by=by, at=now, channel=conversation.channel, text=text
        )
        bus.publish(REPLY, {"answer_id": answer.pk}, dedupe_key=str(answer.pk), now=now)
        bus.withdraw(READ, _reading(conversation), now=now)
    return answer


def conversation_close(*, conversation: Conversation, seen: int, now: datetime) -> None:
    """Nothing is left to do. Raises ChangedError."""
    _change(conversation, seen, state=State.CLOSED, closed_at=now, is_waiting=False)


def conversation_assign(*, conversation: Conversation, to: User, seen: int) -> None:
    """Hand it over to a colleague. The caller checks that they work at its clinic. Raises ChangedError."""
    _change(conversation, seen, assigned_to=to)


def conversation_give(*, conversation: Conversation, to: Clinic, seen: int, now: datetime) -> int:
    """Hand it over to another clinic, which sees what was written since it opened; the id that it has there. The caller
    checks that this clinic treats somebody for whom its person cares. Raises ChangedError.
    """
    theirs = Patient.objects.filter(clinic=to, erased_at__isnull=True)
    ids = list(theirs.filter(care_roles__user_id=conversation.user_id).values_list("pk", flat=True)[:2])
    patient_id = ids[0] if len(ids) == 1 else None
    return _move(conversation, seen, clinic_id=to.pk, patient_id=patient_id, now=now)


def conversation_is_about(*, conversation: Conversation, patient: Patient, seen: int, now: datetime) -> int:
    """Say whose it is: from then on it is a conversation about this patient; the id that it has then. Raises
    ChangedError.
    """
    return _move(conversation, seen, clinic_id=patient.clinic_id, patient_id=patient.pk, now=now)


def _reading(conversation: Conversation) -> str:
    """That it was read, once for each time that it opens."""
    return f"{conversation.pk}:{conversation.opened_at:%Y%m%d%H%M%S%f}"


def _change(conversation: Conversation, seen: int, **changes: object) -> None:
    """All of it in one statement, so of two who saw the same one is too late."""
    mine = Conversation.objects.filter(pk=conversation.pk, version=seen)
    if not mine.update(version=F("version") + 1, **changes):
        raise ChangedError(conversation.pk)


def _move(
    conversation: Conversation, seen: int, *, clinic_id: int, patient_id: int | None, now: datetime
) -> int:
    """Make it one about this patient, or of this clinic, with what was written since it opened. Where its person has
    such a conversation already, that one goes on.
    """
    with transaction.atomic():
        _change(conversation, seen, assigned_to=None)
        written = texts_of(conversation).filter(received_at__gte=conversation.opened_at)
        _take(written, conversation, clinic_id, patient_id, now)
        there = _other_one(conversation, clinic_id, patient_id)
        if there is None:
            Conversation.objects.filter(pk=conversation.pk).update(clinic=clinic_id, patient=patient_id)
            return conversation.pk
        Conversation.objects.filter(pk=there.pk).update(
            state=State.OPEN,
            closed_at=None,
            is_waiting=True,
            is_urgent=conversation.is_urgent,
            opened_at=conversation.opened_at,
            last_at=conversation.last_at,
            last_text=conversation.last_text_id,
            channel=conversation.channel,
            version=F("version") + 1,
        )
        conversation.answers.update(conversation=there)
        conversation.delete()
    return there.pk


def _take(
    texts: QuerySet[InboundMessage],
    conversation: Conversation,
    clinic_id: int,
    patient_id: int | None,
    now: datetime,
) -> None:
    """From now on these texts are about this patient of this clinic; others who could read them no longer do."""
    ids = list(texts.values_list("pk", flat=True))
    InboundMessage.objects.filter(pk__in=ids).update(scope_id=clinic_id, subject_id=patient_id)
    others = Conversation.objects.filter(last_text__in=ids).exclude(pk=conversation.pk)
    others.update(
        last_text=None, state=State.CLOSED, closed_at=now, is_waiting=False, version=F("version") + 1
    )


def _other_one(conversation: Conversation, clinic_id: int, patient_id: int | None) -> Conversation | None:
    """What there is of the same person about the same."""
    if conversation.user_id is None:
        return None
    others = Conversation.objects.filter(user=conversation.user_id, patient=patient_id).exclude(
        pk=conversation.pk
    )
    return others.first() if patient_id else others.filter(clinic=clinic_id).first()
