"""People answer, read, and write."""

from datetime import timedelta
from random import Random

from home.models import CareRole, User
from medications.models import Dose
from medications.services.answers import dose_skip, dose_snooze, dose_take, dose_undo
from notifications.models import InboundMessage, Notification
from notifications.quick_replies import offered
from notifications.replies.reading import message_acknowledge, message_dismiss, message_read
from notifications.replies.reply_links import answer_given
from tests.simulation.acts.kinds import NOTHING, act, carried_out, one
from tests.simulation.outside import PROVIDER
from tests.simulation.scene import Scene

WORDS = ("1", "1", "2", "3", "geneem", "STOP", "START", "HELP", "hello there")


@act(weight=8)
def answer_on_page(scene: Scene, chance: Random) -> str:
    """Somebody says of a dose that it was taken, or skipped, or asks to be reminded, or takes it back."""
    user = User.objects.get(pk=chance.choice(scene.world.users))
    soon, lately = scene.now + timedelta(hours=12), scene.now - timedelta(days=2)
    dose = one(Dose.objects.filter(due_at__range=(lately, soon)), chance)
    if dose is None:
        return NOTHING
    give = chance.choice((dose_take, dose_take, dose_skip, dose_snooze, dose_undo))
    may = CareRole.objects.filter(user=user, patient=dose.patient_id).exists()
    said = carried_out(chance, lambda: give(dose_id=dose.pk, user=user, now=scene.now))
    if not may and Dose.objects.values_list("state", flat=True).get(pk=dose.pk) != dose.state:
        scene.judge.say(f"dose {dose.pk} was answered by {user.pk}, who may not")
    return f"{give.__name__} {dose.pk} by {user.pk}: {said}"


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
def write_sms(scene: Scene, chance: Random) -> str:
    """Somebody writes: an answer, STOP, START, or words."""
    user = one(User.objects.filter(pk__in=scene.world.users, phone__isnull=False), chance)
    if user is None:
        return NOTHING
    text = chance.choice(WORDS)
    received = {"sender": str(user.phone), "text": text, "received_at": scene.now, "due_at": scene.now}
    name = {"provider": PROVIDER, "provider_id": f"in-{InboundMessage.objects.count()}"}
    said = carried_out(chance, lambda: InboundMessage.objects.get_or_create(**name, defaults=received))
    return f"{text!r} from {user.pk}: {said}"


@act(weight=3)
def look_at_message(scene: Scene, chance: Random) -> str:
    """Somebody reads a message of theirs, or puts it away."""
    message = one(Notification.objects.filter(scheduled_status="sent", in_inbox=True), chance)
    if message is None:
        return NOTHING
    look = chance.choice((message_read, message_dismiss, message_acknowledge))
    said = carried_out(
        chance, lambda: look(message_id=message.pk, user_id=message.recipient_id, now=scene.now)
    )
    return f"{look.__name__} {message.pk}: {said}"


def somebody_acts(scene: Scene, chance: Random) -> None:
    """While a message is on its way."""
    chance.choice((answer_on_page, answer_by_link, look_at_message))(scene, chance)
