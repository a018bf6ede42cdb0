"""People change what they want, and what they agree to."""

from datetime import timedelta
from random import Random
from typing import Any

from django.db.models import Q

from home.models import CareRole, Consent
from home.privacy.consents import consents_give, consents_withdraw
from medications.models import Prescription
from notifications.models import Delivery
from notifications.preferences.choices import choice_set
from notifications.preferences.settings import preferences_update
from tests.simulation.acts.answers import on_their_way
from tests.simulation.acts.kinds import act, carried_out, one
from tests.simulation.outside import NAMES
from tests.simulation.scene import Scene
from tests.simulation.world import CATEGORIES, preferences

SWITCHES = ("email_enabled", "sms_enabled", "push_enabled", "whatsapp_enabled")


@act(weight=4)
def change_wishes(scene: Scene, chance: Random) -> str:
    """Somebody has another language, lives elsewhere, has other quiet hours, or turns a channel off or on."""
    user_id = chance.choice(scene.world.users)
    drawn = preferences(chance) | {name: chance.random() < 0.7 for name in SWITCHES}
    drawn["paused_until"] = chance.choice((None, (scene.now + timedelta(days=2)).date()))
    names = chance.sample(sorted(drawn), chance.randint(1, 3))
    changes = {name: drawn[name] for name in names}
    for prescription in Prescription.objects.filter(patient__care_roles__user=user_id):
        scene.judge.moved(prescription.pk)
    said = carried_out(
        chance,
        lambda: preferences_update(user_id=user_id, changes=changes, now=scene.now),
    )
    words = ", ".join(f"{name}={value}" for name, value in changes.items())
    return f"{words} of {user_id}: {said}"


@act(weight=2)
def choose_channel(scene: Scene, chance: Random) -> str:
    """Somebody chooses a channel for a category, or chooses it away."""
    user_id, about = chance.choice(scene.world.users), chance.choice(CATEGORIES)
    channel, on = chance.choice(NAMES), chance.random() < 0.5
    if (waits := _waits(chance)) is not None:
        user_id, about, channel = waits.notification.recipient_id, waits.notification.category, waits.channel
    said = carried_out(chance, lambda: choice_set(user_id=user_id, about=about, channel=channel, on=on))
    return f"{channel} {'on' if on else 'off'} for {about} of {user_id}: {said}"


@act(weight=2)
def change_consent(scene: Scene, chance: Random) -> str:
    """Somebody agrees to something, or no longer; or a patient to carers being told."""
    if chance.random() < 0.3:
        owner: dict[str, Any] = {"patient_id": chance.choice(scene.world.patients)}
        purpose = "carers"
    else:
        owner = {"user_id": chance.choice(scene.world.users)}
        purpose = chance.choice((*NAMES, "reminders"))
        if (waits := _waits(chance)) is not None:
            owner = {"user_id": waits.notification.recipient_id}
            purpose = chance.choice((waits.channel, "reminders"))
    if chance.random() < 0.5:
        given: dict[str, Any] = {
            "purposes": [purpose],
            "how": Consent.How.SITE,
            "language": "en",
            "now": scene.now,
            **owner,
        }
        return f"{owner} agrees to {purpose}: {carried_out(chance, lambda: consents_give(**given))}"
    ended: dict[str, Any] = {"purposes": [purpose], "how": Consent.Ended.SITE, "now": scene.now, **owner}
    return f"{owner} agrees to {purpose} no longer: {carried_out(chance, lambda: consents_withdraw(**ended))}"


def _waits(chance: Random) -> Delivery | None:
    """As often as not something that is on its way, to whose reader it then matters."""
    waiting = on_their_way().filter(channel__in=NAMES).select_related("notification")
    if chance.random() < 0.5 or (found := one(waiting, chance)) is None:
        return None
    return waiting.get(pk=found.pk)


@act(weight=1)
def change_alert(scene: Scene, chance: Random) -> str:
    """A carer wants to hear of missed doses, or no longer."""
    roles = CareRole.objects.filter(~Q(relation="self"))
    ids = list(roles.order_by("pk").values_list("pk", flat=True))
    if not ids:
        return "nobody cares for others"
    pk = chance.choice(ids)
    alerted = chance.random() < 0.5
    said = carried_out(chance, lambda: CareRole.objects.filter(pk=pk).update(alert_missed=alerted))
    return f"role {pk} is {'' if alerted else 'not '}told of missed doses: {said}"
