"""The quick replies to reminders of visits. Found by the engine at start."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from events import visit_formats
from events.models import Visit
from events.selectors.visits import visit_of
from events.visits.decide import visit_cancel, visit_confirm
from home.models import User
from notifications.models import Notification
from notifications.quick_replies import Outcome, Question, QuickReplyType, register
from notifications.types import Detail


def coming(notification: Notification, user: User, now: datetime) -> Outcome:
    """The clinic sees that they come."""
    visit = _visit(notification, user)
    if visit is None or not visit.is_planned:
        return Outcome.OVER
    if visit.is_confirmed():
        return Outcome.ALREADY
    visit_confirm(visit_id=visit.pk, now=now)
    return Outcome.DONE


def cannot_come(notification: Notification, user: User, now: datetime) -> Outcome:
    """The visit is cancelled, and the clinic sees by whom."""
    visit = _visit(notification, user)
    if visit is None:
        return Outcome.OVER
    if visit.state == Visit.State.CANCELLED:
        return Outcome.ALREADY
    if not visit.is_planned:
        return Outcome.OVER
    visit_cancel(visit_id=visit.pk, side=Visit.Side.PATIENT, by=user, now=now)
    return Outcome.DONE


def _visit(notification: Notification, user: User) -> Visit | None:
    """The visit of the message, as it is now; None where it isn't of that day, or the user no longer cares for them."""
    visit = visit_of(user, notification.data["visit_id"])
    return visit if visit and f"{visit.day}" == notification.data["day"] else None


def _asks(discreet: Any, detailed: Any, yes: Any) -> Callable[[Notification, Detail], Question]:
    def ask(notification: Notification, detail: Detail) -> Question:
        visit = Visit.objects.filter(pk=notification.data["visit_id"]).first()
        if visit is None:
            return Question(_("This visit no longer exists."), str(yes))
        words = {
            "when": visit_formats.when((visit.day, visit.at)),
            "what": visit_formats.what(visit.kind),
        }
        return Question((detailed if detail is Detail.DETAILED else discreet) % words, str(yes))

    return ask


register(
    "visit.reminder",
    QuickReplyType(
        "coming",
        pgettext_lazy("button", "I’ll come"),
        gettext_lazy("Thank you. The clinic expects you."),
        coming,
        _asks(
            gettext_lazy("Will you come to the clinic on %(when)s?"),
            gettext_lazy("%(what)s on %(when)s: will you come?"),
            gettext_lazy("Yes, I’ll come"),
        ),
        frozenset({"4", "yes", "coming", "ill come", "i will come", "ja", "ek kom"}),
    ),
    QuickReplyType(
        "cannot_come",
        pgettext_lazy("button", "I can’t come"),
        gettext_lazy(
            "Noted, and the clinic knows. Please ask for another day, so that you don’t run out of medicine."
        ),
        cannot_come,
        _asks(
            gettext_lazy("You can’t come to the clinic on %(when)s?"),
            gettext_lazy("%(what)s on %(when)s: you can’t come?"),
            gettext_lazy("No, I can’t come"),
        ),
        frozenset(
            {
                "5",
                "no",
                "cant come",
                "i cant come",
                "cannot come",
                "i cannot come",
                "nee",
                "ek kan nie",
                "kan nie kom nie",
            }
        ),
    ),
)
