"""Declaring periodic tasks, as other apps do it."""

from notifications.work.periodic import periodic_task

__all__ = ["periodic_task"]
