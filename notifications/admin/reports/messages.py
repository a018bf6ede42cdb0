"""The log of messages, and one message with all that became of it."""

from datetime import datetime
from typing import Any

import django_filters
from django import forms
from django.db.models import Prefetch, QuerySet
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.utils.html import format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.generic import TemplateView
from wagtail.admin.filters import DateRangePickerWidget
from wagtail.admin.ui.tables import Column, DateColumn, StatusTagColumn, TitleColumn
from wagtail.admin.views.generic import PermissionCheckedMixin, WagtailAdminTemplateMixin

from notifications.admin.menu import MESSAGES
from notifications.admin.reports.base import ReportView, ReportViewSet, TypeFilters, type_label
from notifications.admin.reports.reasons import REASONS, reason_words
from notifications.channels import registry as channels
from notifications.channels.receipts import is_unconfirmed
from notifications.languages.listed import label
from notifications.models import Delivery, Notification
from notifications.scope import limit_in_order
from notifications.selectors.languages import wanted_language
from notifications.signals import list_shown, message_shown
from notifications.types import IN_APP, Reason


def channel_label(name: str) -> str:
    if name == IN_APP:
        return _("Inbox")
    channel = channels.outside().get(name)
    return str(channel.label) if channel else name


def address_words(delivery: Delivery) -> str:
    channel = channels.outside().get(delivery.channel)
    return channel.address_words(delivery.address, delivery.provider_id) if channel else delivery.address


def visible_messages(user: Any) -> QuerySet[Notification]:
    """The messages that this member of staff may see, with their recipients and deliveries."""
    deliveries = Delivery.objects.defer("subject", "body").order_by("channel")
    messages = Notification.objects.select_related("recipient")
    return limit_in_order(user, messages).prefetch_related(Prefetch("deliveries", queryset=deliveries))


class MessageFilters(TypeFilters):
    scheduled_status = django_filters.ChoiceFilter(
        label=gettext_lazy("Status"), choices=Notification.Status.choices
    )
    created_at = django_filters.DateFromToRangeFilter(
        label=gettext_lazy("Created"), widget=DateRangePickerWidget
    )

    about = django_filters.NumberFilter(
        label=gettext_lazy("About one person"), field_name="subject_id", widget=forms.HiddenInput
    )
    """Filled by links from elsewhere, and taken out again like any other filter."""

    class Meta:
        model = Notification
        fields: list[str] = []


class ChannelsColumn(Column):
    """In one cell, what became of the message in each channel."""

    def get_value(self, instance: Notification) -> str:
        states = [
            (channel_label(each.channel), each.get_state_display()) for each in instance.deliveries.all()
        ]
        if instance.in_inbox and instance.sent_at:
            seen = (
                _("acknowledged")
                if instance.acknowledged_at
                else _("read")
                if instance.read_at
                else _("unread")
            )
            states.insert(0, (channel_label(IN_APP), seen))
        return format_html_join(" · ", "{}: {}", states)


class MessageLogView(ReportView):
    filterset_class = MessageFilters

    def get_base_queryset(self) -> QuerySet[Notification]:
        return visible_messages(self.request.user).defer("body", "data", "routing")

    def get_context_data(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(*args, **kwargs)
        if self.request.GET.get("about") and not self.is_export:
            subjects = {self.subject_of(row) for row in context["object_list"]} - {None}
            list_shown.send(type(self), request=self.request, subject_ids=subjects)
        return context

    @cached_property
    def columns(self) -> list[Column]:
        return [
            TitleColumn(
                "recipient",
                label=_("To"),
                width="20%",
                classname="w-whitespace-nowrap",
                get_url=lambda message: reverse("notification_messages:detail", args=[message.pk]),
            ),
            Column("type", label=_("Type"), accessor=lambda message: type_label(message.event_type)),
            DateColumn("created_at", label=_("Created")),
            StatusTagColumn(
                "status",
                label=_("Status"),
                accessor="get_scheduled_status_display",
                primary=lambda message: message.scheduled_status == Notification.Status.SENT,
            ),
            ChannelsColumn("channels", label=_("Channels")),
        ]


class MessageDetailView(PermissionCheckedMixin, WagtailAdminTemplateMixin, TemplateView):
    """One message in the words it was sent in, and why it went where it went."""

    model = Notification
    permission_required = "view"
    template_name = "notifications/admin/reports/message.html"
    page_title = gettext_lazy("Message")
    header_icon = "mail"
    index_url_name = ""

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        log = {"url": reverse(self.index_url_name), "label": _("Message log")}
        return [*self.breadcrumbs_items, log, {"url": "", "label": self.get_page_title()}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        message = get_object_or_404(visible_messages(self.request.user), pk=self.kwargs["pk"])
        message_shown.send(type(self), request=self.request, message=message)
        return super().get_context_data(
            message=message,
            language=label(message.language),
            wanted=label(wanted) if (wanted := wanted_language(message.routing)) else "",
            type_label=type_label(message.event_type),
            decisions=[_decision(decision) for decision in message.routing],
            deliveries=[
                (
                    channel_label(delivery.channel),
                    address_words(delivery),
                    delivery,
                    _became(delivery, timezone.now()),
                    reason_words(delivery),
                )
                for delivery in message.deliveries.all()
            ],
            **kwargs,
        )


def _decision(decision: dict[str, Any]) -> dict[str, Any]:
    send_at = decision.get("send_at")
    return {
        "channel": channel_label(decision["channel"]),
        "send": decision["send"],
        "reason": REASONS[Reason(decision["reason"])],
        "until": datetime.fromisoformat(send_at) if send_at else None,
        "turn": _turn(decision) if decision.get("step") else "",
    }


def _turn(decision: dict[str, Any]) -> str:
    minutes = decision["minutes"]
    said = ngettext(
        "step %(step)s, %(minutes)s minute after the one before, if the person has not read it by then",
        "step %(step)s, %(minutes)s minutes after the one before, if the person has not read it by then",
        minutes,
    )
    return said % {"step": decision["step"] + 1, "minutes": minutes}


def _became(delivery: Delivery, now: datetime) -> list[str]:
    """What became of it and when, to the second; of its attempts the last one."""

    def at(moment: datetime) -> str:
        return date_format(timezone.localtime(moment), "j F Y H:i:s")

    if delivery.sent_at:
        told = {"time": at(delivery.sent_at), "provider": delivery.provider or "–"}
        arrived, read = delivery.delivered_at, delivery.read_at
        return [
            _("sent by %(provider)s at %(time)s") % told,
            *([_("delivered at %(time)s") % {"time": at(arrived)}] if arrived else []),
            *([_("read at %(time)s") % {"time": at(read)}] if read else []),
            *(
                [_("the provider has not confirmed that it arrived")]
                if is_unconfirmed(delivery, now=now)
                else []
            ),
        ]
    if delivery.finished_at:
        return [_("stopped trying at %(time)s") % {"time": at(delivery.finished_at)}]
    if delivery.state == Delivery.State.RETRY:
        return [_("will be tried again at %(time)s") % {"time": at(delivery.due_at)}]
    return [_("due at %(time)s") % {"time": at(delivery.due_at)}]


class MessageLogViewSet(ReportViewSet):
    name = "notification_messages"
    url_prefix = "reports/messages"
    model = Notification
    view_class = MessageLogView
    icon = "mail"
    menu_label = gettext_lazy("Message log")
    menu_hook = MESSAGES
    menu_order = 20

    def get_urlpatterns(self) -> list[URLPattern]:
        detail = path(
            "<int:pk>/", self.construct_view(MessageDetailView, page_title=_("Message")), name="detail"
        )
        return [*super().get_urlpatterns(), detail]
