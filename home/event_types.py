"""The event types of this app: what happens in conversations. Found by the engine at start."""

from django.utils.translation import gettext_lazy as _

from home.conversations import event_texts, recipients
from notifications.registry import register
from notifications.types import IN_APP, Category, EventType, Param, Priority

_CLINIC = Param("clinic", _("the clinic"), "Khayelitsha Clinic", recipients.clinic_name)
_CHANNELS = {IN_APP: True, "email": True, "push": True}

register(
    EventType(
        name="conversation.reply",
        label=_("A nurse answered"),
        category=Category.SYSTEM,
        payload={"answer_id": int},
        params=(
            # Discreet, for it is what the nurse wants to be read there.
            Param("message", _("what the nurse wrote"), "You may come on Friday.", discreet=True),
            _CLINIC,
        ),
        texts=event_texts.REPLY,
        recipients=recipients.reply_recipients,
        still_relevant=recipients.while_they_live,
        channels=_CHANNELS,
        priority=Priority.HIGH,
        time_critical=True,
    )
)

register(
    EventType(
        name="conversation.read",
        label=_("A nurse read what somebody wrote"),
        category=Category.SYSTEM,
        payload={"conversation_id": int},
        params=(_CLINIC,),
        texts=event_texts.READ,
        recipients=recipients.read_recipients,
        still_relevant=recipients.while_they_live,
        channels=_CHANNELS,
    )
)

register(
    EventType(
        name="conversation.urgent",
        label=_("Somebody wrote of an emergency"),
        category=Category.SYSTEM,
        payload={"conversation_id": int},
        params=(_CLINIC,),
        texts=event_texts.URGENT,
        recipients=recipients.urgent_recipients,
        still_relevant=recipients.still_urgent,
        channels=_CHANNELS,
        stands_in=frozenset({"sms"}),
        priority=Priority.URGENT,
        time_critical=True,
    )
)
