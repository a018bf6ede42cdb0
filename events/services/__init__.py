from events.services.series import create_recurring_event

__all__ = ["create_recurring_event"]
