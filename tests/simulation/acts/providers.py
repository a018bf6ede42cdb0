"""Providers say what became of messages."""

from datetime import timedelta
from random import Random

from notifications.channels.receipts import Outcome, Receipt, note
from notifications.channels.voice import outcome
from notifications.preferences.settings import preferences_update
from notifications.quick_replies import offered
from notifications.replies.reading import message_read
from notifications.replies.reply_links import answer_given
from tests.simulation.acts.kinds import NOTHING, act, carried_out
from tests.simulation.outside import PROVIDER, TELLING
from tests.simulation.scene import Scene


@act(weight=4)
def receipt_comes(scene: Scene, chance: Random) -> str:
    """A receipt comes: late, again, in any order, and true or not."""
    taken = [each for each in scene.outside.taken if each.channel in TELLING][-8:]
    if not taken:
        return NOTHING
    about = chance.choice(taken)
    became = chance.choice(list(Outcome))
    receipt = Receipt(about.provider_id, became, "as it said", chance.choice((None, timedelta(minutes=2))))
    scene.judge.receipt(about, became)
    said = carried_out(chance, lambda: note(about.channel, PROVIDER, receipt, now=scene.now))
    return f"{became} of {about.provider_id}: {said}"


@act(weight=3)
def call_goes_on(scene: Scene, chance: Random) -> str:
    """Whoever is called hears a message, answers it, or wants no more calls; or the call ends. Maybe again, or late."""
    taken = [each for each in scene.outside.taken if each.channel == "voice"][-4:]
    if not taken:
        return NOTHING
    about = chance.choice(taken)
    rows = outcome.placed(PROVIDER, about.provider_id)
    if not rows or chance.random() < 0.4:
        scene.judge.receipt(about, Outcome.FAILED)
        said = carried_out(
            chance, lambda: outcome.ended(PROVIDER, about.provider_id, "hung up", now=scene.now)
        )
        return f"the call {about.provider_id} is over: {said}"
    row = chance.choice(rows)
    told, key = row.notification, chance.choice(("hear", "answer", "stop"))

    def hear() -> None:
        outcome.heard(row, PROVIDER, about.provider_id, now=scene.now)
        message_read(message_id=told.pk, user_id=told.recipient_id, now=scene.now)

    def answer() -> None:
        hear()
        options = offered(told)
        if options:
            answer_given(token=chance.choice(options).token, now=scene.now)

    def stop() -> None:
        changes = {"voice_enabled": False}
        preferences_update(user_id=told.recipient_id, changes=changes, now=scene.now, how="voice")

    said = carried_out(chance, {"hear": hear, "answer": answer, "stop": stop}[key])
    return f"{key} in the call {about.provider_id} about message {told.pk}: {said}"
