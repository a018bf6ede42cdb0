"""The quick replies to messages about doses, and to the weekly question. Found by the engine at start."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from home.models import User
from medications import formats
from medications.models import OPEN_STATES, Dose, WeeklyCheck
from medications.recipients.values import medicine_of
from medications.rules.weekly_question import ANSWER_WITHIN
from medications.selectors.people import Person, people_cared_for, person_of, short_name
from medications.services import answers as doses
from medications.services.ledger import hold_home
from medications.services.weekly_checks import check_answer
from notifications.models import Notification
from notifications.quick_replies import Outcome, Question, QuickReplyType, register
from notifications.texts.formats import clock
from notifications.types import Detail

_ANSWERED = (Dose.State.TAKEN, Dose.State.SKIPPED)


def _answer_each(
    notification: Notification, user: User, now: datetime, answer: Callable[[int], Dose]
) -> Outcome:
    """Answer every open dose of the message; DONE when that changed one."""
    about = Dose.objects.filter(id__in=notification.data["dose_ids"], prescription__ended_at__isnull=True)
    for prescription_id in sorted(set(about.values_list("prescription_id", flat=True))):
        hold_home(prescription_id)
    states = dict(about.order_by("id").values_list("id", "state"))
    done = False
    for dose_id in [dose_id for dose_id, state in states.items() if state in OPEN_STATES]:
        try:
            dose = answer(dose_id)
        except Dose.DoesNotExist:
            # The user no longer cares for this patient.
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


def _week_went(answer: str) -> Callable[[Notification, User, datetime], Outcome]:
    def give(notification: Notification, user: User, now: datetime) -> Outcome:
        data = notification.data
        changed = check_answer(
            patient_id=data["patient_id"],
            week=date.fromisoformat(data["week"]),
            answer=answer,
            user=user,
            now=now,
        )
        if changed is None:
            return Outcome.OVER
        return Outcome.DONE if changed else Outcome.ALREADY

    return give


def _asks_about_week(yes: Any) -> Callable[[Notification, Detail], Question]:
    return lambda notification, detail: Question(_("How did this week go?"), str(yes))


def _asks(own: Any, for_somebody: Any, yes: Any) -> Callable[[Notification, Detail], Question]:
    """The question about one's own medicine, and about that of somebody one cares for."""

    def ask(notification: Notification, detail: Detail) -> Question:
        doses = Dose.objects.filter(id__in=notification.data["dose_ids"]).select_related(
            "patient", "prescription__medicine"
        )
        about = list(doses.order_by("due_at", "id"))
        if not about:
            return Question(_("These doses no longer exist."), str(yes))
        people = people_cared_for(notification.recipient)
        person = person_of(people, about[0].patient_id) or Person(about[0].patient, False)
        words = {"time": clock(about[0].due_at), "name": short_name(person, people)}
        text = (own if person.is_self else for_somebody) % words
        return Question(f"{text} {_medicines(about)}" if detail is Detail.DETAILED else text, str(yes))

    return ask


def _medicines(about: Sequence[Dose]) -> str:
    return formats.medicines([medicine_of(dose.prescription.medicine) for dose in about])


register(
    "medication.dose_due",
    QuickReplyType(
        "taken",
        pgettext_lazy("button", "Taken"),
        gettext_lazy("Noted: taken. Thank you."),
        taken,
        _asks(
            gettext_lazy("Did you take your %(time)s medicine?"),
            gettext_lazy("Did %(name)s take the %(time)s medicine?"),
            gettext_lazy("Yes, taken"),
        ),
        frozenset({"1", "taken", "done", "geneem", "gedoen"}),
    ),
    QuickReplyType(
        "later",
        gettext_lazy("Later"),
        gettext_lazy("We will remind you again in a while."),
        later,
        _asks(
            gettext_lazy("Do you want to be reminded again of your %(time)s medicine?"),
            gettext_lazy("Do you want to be reminded again of the %(time)s medicine for %(name)s?"),
            gettext_lazy("Yes, remind me later"),
        ),
        frozenset({"3", "later"}),
    ),
    QuickReplyType(
        "skipped",
        gettext_lazy("Skip"),
        gettext_lazy("Noted: skipped."),
        skipped,
        _asks(
            gettext_lazy("Do you want to skip your %(time)s medicine?"),
            gettext_lazy("Is %(name)s skipping the %(time)s medicine?"),
            gettext_lazy("Yes, skipped"),
        ),
        frozenset({"2", "skip", "skipped", "slaan oor", "slaanoor", "oorgeslaan"}),
    ),
)

register(
    "medication.weekly_check",
    QuickReplyType(
        "well",
        gettext_lazy("All is well"),
        gettext_lazy("Thank you. We are glad to hear it."),
        _week_went(WeeklyCheck.Answer.WELL),
        _asks_about_week(gettext_lazy("All is well")),
        frozenset({"1", "well", "goed", "alles goed"}),
    ),
    QuickReplyType(
        "call",
        gettext_lazy("Call me"),
        gettext_lazy("Noted. Your clinic sees that you want a call."),
        _week_went(WeeklyCheck.Answer.CALL),
        _asks_about_week(gettext_lazy("Call me")),
        frozenset({"2", "call", "call me", "bel", "bel my"}),
    ),
    within=ANSWER_WITHIN,
)
