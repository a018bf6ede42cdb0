"""The menu and the log actions of the admin."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from wagtail import hooks

from events.admin.events import EventViewSet
from events.admin.series import EventSeriesViewSet
from home.privacy.pages import register_page
from notifications.admin.menu import ORDER, PlaceGroup

register_page("clinic_events", _("the list of who is coming"))


class EventGroup(PlaceGroup):
    menu_label = _("Events")
    menu_name = "events"
    menu_icon = "calendar-alt"
    menu_order = ORDER["events"]
    submenu_hook = "register_events_menu_item"
    items = (EventViewSet("clinic_events"), EventSeriesViewSet("event_series"))


@hooks.register("register_admin_viewset")
def event_group() -> EventGroup:
    return EventGroup()


@hooks.register("register_log_actions")
def log_actions(actions: Any) -> None:
    """The actions in the history of an event beside Wagtail's own."""
    actions.register_action("events.cancel", _("Cancel"), _("Cancelled"))
    actions.register_action("events.export", _("Export"), _("Attendance list downloaded"))
