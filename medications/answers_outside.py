"""How a dose is answered from a message about it, wherever that is read. Found by the engine at start."""

from collections.abc import Callable
from datetime import datetime

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from home.models import User
from medications.models import OPEN_STATES, Dose
from medications.services import answers as doses
from notifications.answers import AnswerType, Outcome, register
from notifications.models import Notification

_ANSWERED = (Dose.State.TAKEN, Dose.State.SKIPPED)


def _answer_each(
    notification: Notification, user: User, now: datetime, answer: Callable[[int], Dose]
) -> Outcome:
    """Answer every dose of the message that is still open; DONE when that changed one."""
    about = Dose.objects.filter(id__in=notification.data["dose_ids"], prescription__ended_at__isnull=True)
    states = dict(about.order_by("id").values_list("id", "state"))
    done = False
    for dose_id in [dose_id for dose_id, state in states.items() if state in OPEN_STATES]:
        try:
            dose = answer(dose_id)
        except Dose.DoesNotExist:
            # The user cares for this patient no longer.
            return Outcome.OVER
        done = done or dose.state in _ANSWERED or bool(dose.next_reminder_at and dose.next_reminder_at > now)
    if done:
        return Outcome.DONE
    return Outcome.ALREADY if set(states.values()) & set(_ANSWERED) else Outcome.OVER


def taken(notification: Notification, user: User, now: datetime) -> Outcome:
    """All doses of the message that are still open are taken."""
    return _answer_each(
        notification, user, now, lambda dose_id: doses.dose_take(dose_id=dose_id, user=user, now=now)
    )


def later(notification: Notification, user: User, now: datetime) -> Outcome:
    """All doses of the message that can still be reminded of are reminded of again."""
    return _answer_each(
        notification, user, now, lambda dose_id: doses.dose_snooze(dose_id=dose_id, user=user, now=now)
    )


def skipped(notification: Notification, user: User, now: datetime) -> Outcome:
    """All doses of the message that are still open are skipped, without a reason."""
    return _answer_each(
        notification, user, now, lambda dose_id: doses.dose_skip(dose_id=dose_id, user=user, now=now)
    )


register(
    "medication.dose_due",
    AnswerType("taken", pgettext_lazy("button", "Taken"), _("Noted: taken. Thank you."), taken),
    AnswerType("later", _("Later"), _("We will remind you again in a while."), later),
    AnswerType("skipped", _("Skip"), _("Noted: skipped."), skipped),
)
