"""The demo's conversations: what people wrote waits to be answered."""

from home.models import Conversation, Patient
from notifications.models import InboundMessage


def load_conversation(sms: InboundMessage, patient: Patient, *, is_urgent: bool = False) -> None:
    """That this was written about this patient, and nobody has answered it."""
    Conversation.objects.create(
        clinic_id=patient.clinic_id,
        patient=patient,
        user=sms.user,
        channel=sms.channel,
        is_urgent=is_urgent,
        opened_at=sms.received_at,
        last_at=sms.received_at,
        last_text=sms,
    )
