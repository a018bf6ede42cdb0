"""What went wrong on the way to people, what they wrote back, and what is still to be sent: for staff's reports."""

from datetime import datetime, timedelta

from django.utils.translation import gettext, override

from home.conversations.demo import load_conversation
from home.conversations.texts import received
from home.models import Clinic, Patient, Relation, User
from notifications.models import Delivery, InboundMessage, Suppression
from notifications.scheduling.scheduler import NotificationScheduler
from notifications.selectors.people import language_of
from notifications.types import About

_PROVIDER = "file"
_TITLE = "The clinic closes early"
_TEXT = "We close at 12:00 on that day. Please collect your medicine before then."
_SMS = (
    ("Johannes", "1", InboundMessage.Interpretation.ANSWER),
    ("Zanele", "Can I come on Friday instead?", InboundMessage.Interpretation.UNKNOWN_WORDS),
)
"""Who wrote what, and how it was understood; newest first."""


def fill_reports(clinic: Clinic, *, now: datetime) -> None:
    """An SMS that failed, an address whose mail comes back, two SMS received and a message for next week."""
    people = {user.first_name: user for user in User.objects.filter(care_roles__patient__clinic=clinic)}
    _fail_last_sms(people["Zanele"])
    Suppression.objects.create(
        channel="email",
        address=str(people["Ruan"].email),
        reason=Suppression.Kind.BOUNCED,
        since=now - timedelta(days=2),
    )
    _receive(people, clinic, now)
    NotificationScheduler().schedule_notification(
        recipients=[people["Thandi"].pk, people["Sipho"].pk],
        title=_TITLE,
        message=_TEXT,
        scheduled_at=now + timedelta(days=6),
        about={people[name].pk: About(clinic.pk) for name in ("Thandi", "Sipho")},
    )


def _fail_last_sms(user: User) -> None:
    last = Delivery.objects.filter(channel="sms", notification__recipient=user).order_by("-sent_at").first()
    if last is not None:
        last.state = Delivery.State.FAILED
        last.failures, last.sent_at, last.provider = 1, None, ""
        last.error = "The number can't be reached: UserInBlacklist"
        last.save()


def _receive(people: dict[str, User], clinic: Clinic, now: datetime) -> None:
    for hours, (name, text, interpretation) in enumerate(_SMS, start=1):
        at, user = now - timedelta(hours=hours), people[name]
        patient = Patient.objects.get(care_roles__user=user, care_roles__relation=Relation.SELF)
        row = InboundMessage.objects.create(
            provider=_PROVIDER,
            provider_id=f"demo-{hours}",
            sender=str(user.phone),
            user=user,
            text=text,
            received_at=at,
            due_at=at,
            finished_at=at,
            attempts=1,
            state=InboundMessage.State.DONE,
            interpretation=interpretation,
            scope_id=clinic.pk,
            subject_id=patient.pk,
            reply=_reply(interpretation, language_of(user.pk)),
        )
        if interpretation == InboundMessage.Interpretation.UNKNOWN_WORDS:
            load_conversation(row, patient)


def _reply(interpretation: str, language: str) -> str:
    with override(language):
        if interpretation == InboundMessage.Interpretation.ANSWER:
            return gettext("Noted: taken. Thank you.")
        return received()
