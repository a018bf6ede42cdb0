"""What a person does in the settings, in a browser's notices or by SMS is a consent or its withdrawal."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.dispatch import receiver
from django.http import HttpRequest

from home.models import Consent, Patient
from home.privacy.access_log import Kind, note
from home.privacy.consents import consents_give, consents_withdraw, undecided
from home.privacy.gate import is_asked
from home.privacy.sentences import REMINDERS
from notifications.models import Notification
from notifications.selectors.people import language_of
from notifications.signals import channel_switched, list_exported, list_shown, message_shown
from notifications.types import OPT_IN


@receiver(channel_switched, dispatch_uid="home.privacy.receivers.channel")
def channel_was_switched(
    user_id: int, channel: str, on: bool, how: str, now: datetime, **kwargs: Any
) -> None:
    """`how` is one of `Consent.How`. Of people who aren't asked there is nothing to record.

    Whoever asks for messages by writing to us asks to be reminded, unless they have said before whether they want that.
    """
    if not on:
        consents_withdraw(user_id=user_id, purposes=[channel], how=how, by_id=user_id, now=now)
    elif (asked := is_asked(user_id)) or channel in OPT_IN:
        wrote = how in (Consent.How.SMS, Consent.How.WHATSAPP)
        also = undecided(user_id, [REMINDERS]) if asked and wrote else []
        consents_give(
            user_id=user_id,
            purposes=[channel, *also],
            how=Consent.How(how),
            language=language_of(user_id),
            now=now,
            renew=False,
        )


@receiver(message_shown, dispatch_uid="home.privacy.receivers.message_shown")
def message_was_shown(request: HttpRequest, message: Notification, **kwargs: Any) -> None:
    """It says something of the patient whom it is about, if it is about one who is still there."""
    note(request, Patient.objects.filter(pk=message.subject_id).values_list("pk", flat=True))


@receiver(list_exported, dispatch_uid="home.privacy.receivers.list_exported")
def list_was_exported(request: HttpRequest, subject_ids: Collection[int], **kwargs: Any) -> None:
    """A file of messages says something of each patient whom they are about and who is still there."""
    known = Patient.objects.filter(pk__any_of=subject_ids)
    note(request, known.values_list("pk", flat=True), Kind.EXPORTED)


@receiver(list_shown, dispatch_uid="home.privacy.receivers.list_shown")
def list_was_shown(request: HttpRequest, subject_ids: Collection[int], **kwargs: Any) -> None:
    """As `message_was_shown`, in a list."""
    known = Patient.objects.filter(pk__any_of=subject_ids)
    note(request, known.values_list("pk", flat=True), Kind.LISTED)
