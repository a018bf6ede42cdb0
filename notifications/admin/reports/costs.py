"""What messages cost: by month, clinic, category and channel, from sums that stay when the messages are deleted."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import django_filters
from django.db.models import QuerySet, Sum
from django.utils import timezone
from django.utils.dateformat import format as date_format
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column

from notifications.admin.reports.bars import bars
from notifications.admin.reports.base import ReportView, ReportViewSet
from notifications.admin.reports.messages import channel_label
from notifications.budgets import budgets_of
from notifications.models import Spending
from notifications.models.spending import NOBODYS
from notifications.places import places_of, written_by
from notifications.rules.prices import month_of
from notifications.selectors.spending import spent
from notifications.texts.formats import rand

MONTHS = 12
"""Of the plot and its table."""


def visible(user: Any) -> QuerySet[Spending]:
    """What the clinics spent that this person manages; of head office everything."""
    rows = Spending.objects.all()
    if user.is_active and user.is_superuser:
        return rows
    return rows.filter(scope_id__in=[scope_id for scope_id in written_by(user) if scope_id is not None])


def month_words(month: date) -> str:
    return date_format(month, "F Y")


def _months(request: Any) -> list[tuple[str, str]]:
    months = visible(request.user).order_by("-month").values_list("month", flat=True).distinct()
    return [(month.isoformat(), month_words(month)) for month in months]


class SpendingFilters(WagtailFilterSet):
    month = django_filters.ChoiceFilter(label=gettext_lazy("Month"))
    category = django_filters.ChoiceFilter(
        label=gettext_lazy("About"), choices=Spending._meta.get_field("category").choices
    )

    class Meta:
        model = Spending
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.filters["month"].extra["choices"] = _months(self.request)


class SpendingView(ReportView):
    """The newest month first. Above the list the last months are drawn, and how far the budgets of this one go."""

    default_ordering = ("-month", "scope_id", "category")
    filterset_class = SpendingFilters
    template_name = "notifications/admin/reports/costs.html"

    def get_base_queryset(self) -> QuerySet[Spending]:
        return visible(self.request.user)

    @cached_property
    def clinics(self) -> dict[int, str]:
        named = {place.scope_id: place.label for place in places_of(self.request.user)}
        return {NOBODYS: _("Head office"), **named}

    @cached_property
    def columns(self) -> list[Column]:
        return [
            Column("month", label=_("Month"), accessor=lambda row: month_words(row.month)),
            Column("clinic", label=_("Clinic"), accessor=lambda row: self.clinics.get(row.scope_id, "")),
            Column("category", label=_("About"), accessor="get_category_display"),
            Column("channel", label=_("Channel"), accessor=lambda row: channel_label(row.channel)),
            Column("messages", label=_("Messages")),
            Column("parts", label=_("Parts")),
            Column("cost", label=_("Cost (rand)"), accessor=lambda row: row.cost.quantize(Decimal("0.01"))),
            Column("unpriced", label=_("Without a price")),
        ]

    def get_context_data(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(*args, **kwargs)
        if not self.is_export and not self.results_only:
            context["months"] = self.months()
            context["budgets"] = self.budgets()
        return context

    def months(self) -> list[dict[str, Any]]:
        """The last months that cost anything, the oldest first, each with its bar. One query."""
        rows = visible(self.request.user).order_by("-month").values_list("month")
        totals = list(rows.annotate(messages=Sum("messages"), parts=Sum("parts"), cost=Sum("cost"))[:MONTHS])[
            ::-1
        ]
        drawn = bars([cost for _month, _messages, _parts, cost in totals])
        return [
            {
                "name": month_words(month),
                "short": date_format(month, "M"),
                "messages": messages,
                "parts": parts,
                "cost": rand(cost),
                "bar": bar,
            }
            for (month, messages, parts, cost), bar in zip(totals, drawn, strict=True)
        ]

    def budgets(self) -> list[dict[str, Any]]:
        """How much of each budget is used this month. Two queries."""
        now = timezone.now()
        limited = {
            scope_id: budget
            for scope_id, budget in budgets_of(self._managed()).items()
            if scope_id is not None and budget.amount is not None
        }
        used = spent({scope_id: month_of(now, budget.zone) for scope_id, budget in limited.items()})
        return [
            {
                "clinic": self.clinics.get(scope_id, ""),
                "used": rand(used[scope_id]),
                "of": rand(budget.amount or Decimal(0)),
            }
            for scope_id, budget in limited.items()
        ]

    def _managed(self) -> Sequence[int]:
        return [scope_id for scope_id in written_by(self.request.user) if scope_id is not None]


class SpendingViewSet(ReportViewSet):
    name = "notification_costs"
    url_prefix = "reports/costs"
    model = Spending
    view_class = SpendingView
    icon = "chart"
    menu_label = gettext_lazy("What messages cost")
    menu_order = 60
