"""Who may see which message: its reader, and nobody else."""

from typing import Any

from django.urls import reverse

from notifications.models import Notification
from notifications.selectors.inbox import received
from notifications.web.access import of_their_own


def _message_for(user: Any, message_id: int) -> Notification | None:
    return received(user.pk).filter(pk=message_id).first()


def _page(message_id: int) -> str:
    return reverse("notifications:message", args=[message_id])


own_message = of_their_own(_message_for, page=_page)
"""Hands the view the message of that id: `@own_message("GET")`."""
