"""Who may see which event: those of `events.selectors.visible_to`, and nobody else."""

from django.urls import reverse

from events.selectors import event_for
from notifications.inbox.access import of_their_own


def _page(event_id: int) -> str:
    return reverse("events:event", args=[event_id])


visible_event = of_their_own(event_for, page=_page)
"""Hands the view the event of that id, as `event_for` gives it: `@visible_event("GET")`."""
