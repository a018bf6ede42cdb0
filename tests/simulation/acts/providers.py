"""Providers say what became of messages."""

from datetime import timedelta
from random import Random

from notifications.channels.receipts import Outcome, Receipt, note
from tests.simulation.acts.kinds import NOTHING, act, carried_out
from tests.simulation.outside import PROVIDER
from tests.simulation.scene import Scene


@act(weight=4)
def receipt_comes(scene: Scene, chance: Random) -> str:
    """A receipt comes: late, again, in any order, and true or not."""
    taken = [each for each in scene.outside.taken if each.channel == "sms"][-8:]
    if not taken:
        return NOTHING
    about = chance.choice(taken)
    outcome = chance.choice(list(Outcome))
    receipt = Receipt(about.provider_id, outcome, "as it said", chance.choice((None, timedelta(minutes=2))))
    scene.judge.receipt(about, outcome)
    said = carried_out(chance, lambda: note(about.channel, PROVIDER, receipt, now=scene.now))
    return f"{outcome} of {about.provider_id}: {said}"
