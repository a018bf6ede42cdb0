"""What the engine adds to the admin."""

from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.utils.translation import gettext_lazy
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.admin.viewsets.base import ViewSet
from wagtail.snippets.action_menu import ActionMenuItem, PublishMenuItem
from wagtail.snippets.models import register_snippet

from notifications.admin.announcements.viewset import AnnouncementViewSet
from notifications.admin.announcements.workflow_mail import leave_out_announcements
from notifications.admin.dashboard import MessagesPanel
from notifications.admin.database_panel import DatabasePanel
from notifications.admin.menu import messages_place
from notifications.admin.message_series.views import MessageSeriesViewSet
from notifications.admin.periodic_tasks import PeriodicTaskViewSet
from notifications.admin.prices import MessagePriceViewSet
from notifications.admin.reports.addresses import SuppressionsViewSet
from notifications.admin.reports.costs import SpendingViewSet
from notifications.admin.reports.deliveries import UndeliveredViewSet
from notifications.admin.reports.inbound import InboundMessageViewSet
from notifications.admin.reports.messages import MessageLogViewSet
from notifications.admin.reports.publications import FailedPublicationsViewSet, PlannedPublicationsViewSet
from notifications.admin.reports.scheduled import ScheduledMessagesViewSet
from notifications.admin.routing_plans.views import RoutingPlanViewSet
from notifications.admin.rule_pages.page import register_rule_page
from notifications.admin.rule_pages.plans import PLANS
from notifications.admin.rule_pages.quiet_hours import QUIET_HOURS
from notifications.admin.short_text_length import ShortTextLengthView
from notifications.admin.templates import TemplateViewSet
from notifications.admin.voice_clips import VoiceClipViewSet
from notifications.admin.whatsapp_templates import WhatsAppTemplateViewSet
from notifications.admin.widget_starts import replace_scripts

replace_scripts()
leave_out_announcements()
register_snippet(TemplateViewSet)
register_rule_page(QUIET_HOURS)
register_rule_page(PLANS)


@hooks.register("register_admin_viewset")
def viewsets() -> list[ViewSet]:
    return [
        AnnouncementViewSet(),
        MessageSeriesViewSet(),
        MessageLogViewSet(),
        ScheduledMessagesViewSet(),
        UndeliveredViewSet(),
        InboundMessageViewSet(),
        SuppressionsViewSet(),
        FailedPublicationsViewSet(),
        PlannedPublicationsViewSet(),
        SpendingViewSet(),
        MessagePriceViewSet(),
        PeriodicTaskViewSet(),
        RoutingPlanViewSet(),
        WhatsAppTemplateViewSet(),
        VoiceClipViewSet(),
    ]


@hooks.register("register_admin_urls")
def addresses() -> list[URLPattern]:
    return [path("short-text-length/", ShortTextLengthView.as_view(), name="short_text_length")]


@hooks.register("construct_snippet_action_menu")
def publish_first(items: list[ActionMenuItem], request: HttpRequest, context: dict[str, Any]) -> None:
    """Whoever may publish a text finds that as the button; a draft is saved from the menu beside it. The first item is
    the button.
    """
    items.sort(key=lambda item: item.name != PublishMenuItem.name)


@hooks.register("register_admin_menu_item")
def messages_of_the_clinic() -> MenuItem:
    return messages_place(gettext_lazy("Messages"))


@hooks.register("insert_global_admin_js")
def dates_as_they_were_typed() -> str:
    return format_html('<script src="{}"></script>', static("js/admin-dates.js"))


@hooks.register("insert_global_admin_js")
def starts_of_widgets() -> str:
    return format_html('<script src="{}"></script>', static("js/admin-starts.js"))


@hooks.register("construct_homepage_panels")
def messages_panel(request: HttpRequest, panels: list[Any]) -> None:
    panels += [MessagesPanel(), DatabasePanel()]
