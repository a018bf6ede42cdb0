"""Messages for a later time, as other programs schedule them."""

from notifications.scheduling.scheduler import NotificationScheduler

__all__ = ["NotificationScheduler"]
