from medications.services.messages import send_medication_reminder

__all__ = ["send_medication_reminder"]
