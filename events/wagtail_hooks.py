"""The menu and the log actions of the admin."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.viewsets.base import ViewSet

from events.admin.events import EventViewSet
from events.admin.programmes import ProgrammeViewSet
from events.admin.reports.dates import DateViewSet
from events.admin.reports.fullness import FullnessViewSet
from events.admin.series import EventSeriesViewSet
from events.admin.telling_form import PAGES
from events.admin.visits import VisitViewSet
from home.privacy.pages import register_page
from notifications.admin.announcements.pattern import register_pages
from notifications.admin.menu import ORDER, PlaceGroup

register_page("clinic_events", _("the list of who is coming"))
register_page("visits", _("visits"))
register_pages(PAGES)


class EventGroup(PlaceGroup):
    menu_label = _("Events")
    menu_name = "events"
    menu_icon = "calendar-alt"
    menu_order = ORDER["events"]
    submenu_hook = "register_events_menu_item"
    items = (VisitViewSet("visits"), EventViewSet("clinic_events"), EventSeriesViewSet("event_series"))


@hooks.register("register_admin_viewset")
def event_group() -> EventGroup:
    return EventGroup()


@hooks.register("register_admin_viewset")
def others() -> list[ViewSet]:
    return [ProgrammeViewSet("programmes"), DateViewSet(), FullnessViewSet()]


@hooks.register("register_log_actions")
def log_actions(actions: Any) -> None:
    """The actions in the history of an event beside Wagtail's own."""
    actions.register_action("events.cancel", _("Cancel"), _("Cancelled"))
    actions.register_action("events.export", _("Export"), _("Attendance list downloaded"))
    actions.register_action("visits.came", _("Came"), _("Came"))
    actions.register_action("visits.missed", _("Missed"), _("Missed"))
    actions.register_action("visits.undo", _("Undo"), _("Taken back"))
    actions.register_action("visits.move", _("Move the visit"), _("Moved"))
    actions.register_action("visits.cancel", _("Cancel the visit"), _("Cancelled"))
    collected = _("Where medicine is collected, and by whom")
    actions.register_action("visits.collection", collected, collected)
