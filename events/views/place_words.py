"""An event's places, and a person's own attendance, in words of the active language."""

from typing import Any, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from events.models import HAS_PLACE, Attendance


class Tag(NamedTuple):
    """As components/tag.html takes it."""

    label: str
    kind: str = ""
    icon: str = ""


def free_places(event: Any) -> int | None:
    """How many places are left of an event with its counts; None when there is no limit."""
    return None if event.capacity is None else max(0, event.capacity - event.joined)


def places(event: Any) -> str:
    """As "3 places left", "Full – 2 waiting"; empty when there is no limit."""
    free = free_places(event)
    if free is None:
        return ""
    if free:
        return ngettext("%(count)d place left", "%(count)d places left", free) % {"count": free}
    if event.waiting:
        return _("Full – %(count)d waiting") % {"count": event.waiting}
    return _("Full")


def taken(event: Any) -> str:
    """As "9 of 12 places are taken"."""
    words = ngettext(
        "%(taken)d of %(count)d place is taken", "%(taken)d of %(count)d places are taken", event.capacity
    )
    return words % {"taken": event.joined, "count": event.capacity}


def own_tag(event: Any, turn: int | None, *, is_over: bool) -> Tag | None:
    """The tag for the reader's own attendance; None if there is nothing to say.

    A person who was absent is not reproached with it.
    """
    if event.state == event.State.CANCELLED:
        return Tag(_("Cancelled"), "stop", "cross")
    if event.mine == Attendance.State.ATTENDED:
        return Tag(_("You were there"), "go", "check")
    if event.mine in HAS_PLACE:
        return Tag(_("You had a place")) if is_over else Tag(_("You have a place"), "go", "check")
    if event.mine == Attendance.State.WAITING and not is_over:
        if turn is None:
            return Tag(_("On the waiting list"), "", "clock")
        return Tag(_("On the waiting list, number %(turn)d") % {"turn": turn}, "", "clock")
    return Tag(_("Over")) if is_over else None
