"""Deliveries that failed or expired, and how staff try them again."""

from typing import Any

import django_filters
from django.db.models import BooleanField, Case, QuerySet, Value, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.generic import TemplateView
from wagtail.admin import messages
from wagtail.admin.filters import DateRangePickerWidget, WagtailFilterSet
from wagtail.admin.ui.tables import Column, DateColumn, StatusTagColumn, TitleColumn
from wagtail.admin.views.generic import PermissionCheckedMixin, WagtailAdminTemplateMixin
from wagtail.admin.widgets.button import Button, HeaderButton

from notifications.admin.actions import ActionColumn, ActionView, back_to
from notifications.admin.menu import MESSAGES
from notifications.admin.reports.base import ReportView, ReportViewSet, type_choices, type_label
from notifications.admin.reports.messages import channel_label
from notifications.admin.reports.reasons import reason_words
from notifications.channels.receipts import unconfirmed
from notifications.models import Delivery
from notifications.models.delivery import SAYS_WHY
from notifications.scheduling import dead_letters
from notifications.scheduling.dead_letters import revivable
from notifications.scope import limit, limit_in_order

UNDELIVERED = (Delivery.State.FAILED, Delivery.State.EXPIRED)
AT_ONCE = 1000
"""So many are tried again with one press."""
ORDER = ("-finished_at", "-id")


def undelivered(user: Any) -> QuerySet[Delivery]:
    """What this member of staff may know of that didn't get through."""
    rows = Delivery.objects.filter(SAYS_WHY, state__in=UNDELIVERED)
    return limit_in_order(user, rows)


def not_confirmed(user: Any) -> QuerySet[Delivery]:
    """What this member of staff may know of that was sent, and of which nobody has said that it arrived."""
    return limit_in_order(user, Delivery.objects.filter(unconfirmed(now=timezone.now())))


def _words(row: Delivery) -> Any:
    return _("sent, not confirmed") if row.state == Delivery.State.SENT else row.get_state_display()


class DeliveryFilters(WagtailFilterSet):
    event_type = django_filters.ChoiceFilter(
        field_name="notification__event_type", label=gettext_lazy("Type"), choices=type_choices
    )
    state = django_filters.ChoiceFilter(
        label=gettext_lazy("State"),
        choices=[
            *((state.value, state.label) for state in UNDELIVERED),
            (Delivery.State.SENT.value, gettext_lazy("sent, not confirmed")),
        ],
    )
    finished_at = django_filters.DateFromToRangeFilter(
        label=gettext_lazy("Stopped trying"), widget=DateRangePickerWidget
    )

    class Meta:
        model = Delivery
        fields: list[str] = []


class UndeliveredView(ReportView):
    """What was given up last comes first."""

    default_ordering = ORDER
    filterset_class = DeliveryFilters

    def subject_of(self, row: Delivery) -> int | None:
        return row.notification.subject_id

    def get_base_queryset(self) -> QuerySet[Delivery]:
        is_of_sent = self.request.GET.get("state") == Delivery.State.SENT
        rows = (not_confirmed if is_of_sent else undelivered)(self.request.user)
        rows = rows.select_related("notification__recipient")
        rows = rows.defer("body", "notification__body", "notification__data", "notification__routing")
        worth = Case(
            When(revivable(timezone.now()), then=Value(True)),
            default=Value(False),
            output_field=BooleanField(),
        )
        return rows.annotate(worth_trying=worth)

    @cached_property
    def header_buttons(self) -> list[Button]:
        if not self.user_has_permission("change"):
            return []
        address = back_to(self.request, reverse("notification_deliveries:retry_all"))
        return [HeaderButton(_("Try all again…"), url=address, icon_name="rotate")]

    @cached_property
    def columns(self) -> list[Column]:
        columns = [
            TitleColumn(
                "recipient",
                label=_("To"),
                width="20%",
                classname="w-whitespace-nowrap",
                accessor="notification.recipient",
                get_url=lambda row: reverse("notification_messages:detail", args=[row.notification_id]),
            ),
            Column("type", label=_("Type"), accessor=lambda row: type_label(row.notification.event_type)),
            Column("channel", label=_("Channel"), accessor=lambda row: channel_label(row.channel)),
            StatusTagColumn("state", label=_("State"), accessor=_words),
            Column("reason", label=_("Reason"), accessor=reason_words),
            Column("attempts", label=_("Attempts")),
            DateColumn("finished_at", label=_("Stopped trying")),
        ]
        if self.user_has_permission("change"):
            columns.append(
                ActionColumn(
                    "retry",
                    label=_("Try again"),
                    url=lambda row: (
                        reverse("notification_deliveries:retry", args=[row.pk]) if row.worth_trying else ""
                    ),
                    about=lambda row: row.notification.recipient,
                    instead=lambda row: (
                        "" if row.worth_trying or row.state == Delivery.State.SENT else _("no longer applies")
                    ),
                )
            )
        return columns


def tell_retried(request: HttpRequest, count: int) -> None:
    """Say how many are on their way again."""
    if not count:
        messages.warning(request, _("There is nothing left to try again."))
        return
    said = ngettext("%(count)s message is sent again.", "%(count)s messages are sent again.", count)
    messages.success(request, said % {"count": count})


class RetryView(ActionView):
    """Tries one again."""

    model = Delivery

    def act(self, request: HttpRequest, pk: int) -> None:
        visible = limit(request.user, Delivery.objects.all())
        one = get_object_or_404(visible, pk=pk)
        count = dead_letters.retry_deliveries(Delivery.objects.filter(pk=one.pk), now=timezone.now())
        tell_retried(request, count)


class RetryAllView(PermissionCheckedMixin, WagtailAdminTemplateMixin, TemplateView):
    """Tries again all that the list shows with these filters, once its reader has seen how many they are."""

    model = Delivery
    permission_required = "change"
    template_name = "notifications/admin/reports/retry_all.html"
    page_title = gettext_lazy("Try all again")
    header_icon = "rotate"
    index_url_name = ""

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        report = {"url": self.list_url, "label": _("Undelivered messages")}
        return [*self.breadcrumbs_items, report, {"url": "", "label": self.get_page_title()}]

    @cached_property
    def list_url(self) -> str:
        return back_to(self.request, reverse(self.index_url_name))

    def candidates(self) -> QuerySet[Delivery]:
        rows = undelivered(self.request.user).filter(revivable(timezone.now())).order_by(*ORDER)
        filters = DeliveryFilters(self.request.GET, queryset=rows, request=self.request)
        # A filter that can't be read means nobody knows what.
        return filters.qs if filters.is_valid() else rows.none()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        count = self.candidates().count()
        return super().get_context_data(
            count=count,
            at_once=min(count, AT_ONCE),
            limited=count > AT_ONCE,
            list_url=self.list_url,
            **kwargs,
        )

    def post(self, request: HttpRequest) -> HttpResponse:
        ids = set(self.candidates().values_list("pk", flat=True)[:AT_ONCE])
        tell_retried(
            request,
            dead_letters.retry_deliveries(Delivery.objects.filter(id__any_of=ids), now=timezone.now()),
        )
        return redirect(self.list_url)


class UndeliveredViewSet(ReportViewSet):
    name = "notification_deliveries"
    url_prefix = "reports/undelivered"
    model = Delivery
    view_class = UndeliveredView
    icon = "warning"
    menu_label = gettext_lazy("Undelivered messages")
    menu_hook = MESSAGES
    menu_order = 30

    def get_urlpatterns(self) -> list[URLPattern]:
        return [
            *super().get_urlpatterns(),
            path("<int:pk>/retry/", self.construct_view(RetryView), name="retry"),
            path(
                "retry/",
                self.construct_view(RetryAllView, page_title=RetryAllView.page_title, header_icon="rotate"),
                name="retry_all",
            ),
        ]
