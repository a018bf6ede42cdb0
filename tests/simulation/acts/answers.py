"""People answer, read, and write."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from random import Random
from typing import Any

from django.db.models import QuerySet

from home.models import CareRole, User
from medications.models import Dose
from medications.services.answers import dose_skip, dose_snooze, dose_take, dose_undo
from notifications.models import Delivery, EventRecord, InboundMessage, Notification
from notifications.quick_replies import offered
from notifications.replies.reading import message_acknowledge, message_dismiss, message_read
from notifications.replies.reply_links import answer_given
from tests.simulation.acts.kinds import NOTHING, act, carried_out, one, one_or
from tests.simulation.outside import PROVIDER
from tests.simulation.scene import Scene

WORDS = ("1", "1", "2", "3", "geneem", "STOP", "START", "HELP", "hello there")


@act(weight=8)
def answer_on_page(scene: Scene, chance: Random) -> str:
    """Somebody says of a dose that it was taken, or skipped, or asks to be reminded, or takes it back."""
    soon, lately = scene.now + timedelta(hours=12), scene.now - timedelta(days=2)
    doses = Dose.objects.filter(due_at__range=(lately, soon))
    known = chance.choice((doses.filter(pk__in=told_now()), doses.exclude(answered_at=None)))
    dose = one_or(known, doses, chance)
    if dose is None:
        return NOTHING
    everybody, theirs = scene.world.users, cared_for_by(dose.patient_id)
    user = User.objects.get(pk=chance.choice(theirs if chance.random() < 0.7 else everybody))
    said = [_answer(scene, chance, dose, user)]
    while chance.random() < 0.4:  # and changes their mind
        dose.refresh_from_db()
        said.append(_answer(scene, chance, dose, user))
    return f"dose {dose.pk} by {user.pk}: {', '.join(said)}"


def _answer(scene: Scene, chance: Random, dose: Dose, user: User) -> str:
    first: Sequence[Callable[..., Dose]] = (dose_take, dose_take, dose_skip, dose_snooze, dose_take)
    later: Sequence[Callable[..., Dose]] = (dose_undo, dose_undo, dose_snooze, dose_snooze, dose_take)
    give = chance.choice(later if dose.answered_at else first)
    said = carried_out(chance, lambda: give(dose_id=dose.pk, user=user, now=scene.now))
    may = CareRole.objects.filter(user=user, patient=dose.patient_id).exists()
    if not may and Dose.objects.values_list("state", flat=True).get(pk=dose.pk) != dose.state:
        scene.judge.say(f"dose {dose.pk} was answered by {user.pk}, who may not")
    return f"{give.__name__} {said}"


@act(weight=5)
def answer_by_link(scene: Scene, chance: Random) -> str:
    """Somebody follows the link in a mail, or taps on the button of a push message; maybe twice, maybe late."""
    asked = list(Notification.objects.filter(event_type="medication.dose_due").order_by("-id")[:6])
    if not asked:
        return NOTHING
    message = chance.choice(asked)
    option = chance.choice(offered(message))
    said = carried_out(chance, lambda: answer_given(token=option.token, now=scene.now))
    return f"{option.name} to message {message.pk}: {said}"


@act(weight=5)
def write(scene: Scene, chance: Random) -> str:
    """Somebody writes, by SMS or in WhatsApp: an answer, STOP, START, or words; or taps on a button there."""
    user = one(User.objects.filter(pk__in=scene.world.users, phone__isnull=False), chance)
    if user is None:
        return NOTHING
    text = chance.choice(WORDS)
    received: dict[str, Any] = {
        "sender": str(user.phone),
        "text": text,
        "received_at": scene.now,
        "due_at": scene.now,
    }
    name = {"provider": PROVIDER, "provider_id": f"in-{InboundMessage.objects.count()}"}
    if chance.random() < 0.4:
        sent = [each for each in scene.outside.taken if each.channel == "whatsapp"][-4:]
        received |= {"channel": "whatsapp"}
        if sent and chance.random() < 0.7:
            about = chance.choice(sent)
            received |= {"in_reply_to": about.provider_id, "sender": about.message.address, "button": "taken"}
    said = carried_out(chance, lambda: InboundMessage.objects.get_or_create(**name, defaults=received))
    return f"{text!r} from {received['sender']} by {received.get('channel', 'sms')}: {said}"


@act(weight=3)
def look_at_message(scene: Scene, chance: Random) -> str:
    """Somebody reads a message of theirs, or puts it away."""
    messages = Notification.objects.filter(scheduled_status="sent", in_inbox=True)
    known = chance.choice((on_their_way(), on_their_way().exclude(lease_owner="")))
    message = one_or(messages.filter(pk__in=known.values("notification")), messages, chance)
    if message is None:
        return NOTHING
    look = chance.choice((message_read, message_dismiss, message_acknowledge))
    said = carried_out(
        chance, lambda: look(message_id=message.pk, user_id=message.recipient_id, now=scene.now)
    )
    return f"{look.__name__} {message.pk}: {said}"


def on_their_way() -> QuerySet[Delivery]:
    """What isn't sent yet, or is just being sent, or was in the hands of a consumer that died."""
    return Delivery.objects.filter(finished_at=None)


def told_now() -> set[int]:
    """The doses about which a message is on its way, or about to be written."""
    known = [
        *on_their_way().order_by("pk").values_list("notification__data", flat=True),
        *EventRecord.objects.filter(finished_at=None).order_by("pk").values_list("payload", flat=True),
    ]
    return {dose_id for data in known for dose_id in data.get("dose_ids", ())}


def cared_for_by(patient_id: int) -> list[int]:
    """The people who care for a patient."""
    return list(CareRole.objects.filter(patient=patient_id).order_by("pk").values_list("user_id", flat=True))
