"""Access to one event: a person may open the events of `events.selectors.events.visible_to`."""

from django.urls import reverse

from events.selectors.events import event_for
from notifications.web.access import of_their_own


def _page(event_id: int) -> str:
    return reverse("events:event", args=[event_id])


visible_event = of_their_own(event_for, page=_page)
"""Passes the view the event of that id, as `event_for` gives it: `@visible_event("GET")`."""
