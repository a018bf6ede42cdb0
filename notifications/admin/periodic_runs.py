"""One periodic task: when it ran, what came of it, and a button that runs it now."""

from functools import cached_property
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin import messages
from wagtail.admin.filters import DateRangePickerWidget, WagtailFilterSet
from wagtail.admin.ui.tables import Column, DateColumn, StatusTagColumn
from wagtail.admin.widgets.button import Button, HeaderButton

from notifications.admin.actions import ActionColumn, ActionView
from notifications.admin.reports.base import ReportView
from notifications.admin.reports.reasons import reason_words
from notifications.admin.usual_times import in_words
from notifications.models import PeriodicRun, PeriodicTask
from notifications.web.moments import shown_moment
from notifications.work import periodic

MISSED = {
    "run": gettext_lazy("It runs once, as soon as it can."),
    "skip": gettext_lazy("It is skipped, and recorded as skipped."),
}


def run_now_column() -> ActionColumn:
    return ActionColumn(
        "run",
        label=_("Run now"),
        url=lambda task: reverse("periodic_tasks:run", args=[task.pk]) if periodic.find(task.name) else "",
        about=lambda task: periodic.label(task.name),
    )


class RunFilters(WagtailFilterSet):
    state = django_filters.ChoiceFilter(label=gettext_lazy("State"), choices=PeriodicRun.State.choices)
    slot = django_filters.DateFromToRangeFilter(label=gettext_lazy("When"), widget=DateRangePickerWidget)

    class Meta:
        model = PeriodicRun
        fields: list[str] = []


class RunsView(ReportView):
    """A task's runs, the latest first; they are kept for a week."""

    model = PeriodicTask
    template_name = "notifications/admin/periodic_task.html"
    filterset_class = RunFilters
    default_ordering = "-slot"
    verbose_name_plural = PeriodicRun._meta.verbose_name_plural

    @cached_property
    def task(self) -> PeriodicTask:
        return get_object_or_404(PeriodicTask, pk=self.kwargs["pk"])

    def get_index_url(self) -> str:
        return reverse(self.index_url_name, args=[self.kwargs["pk"]])

    def get_index_results_url(self) -> str:
        return reverse(self.index_results_url_name, args=[self.kwargs["pk"]])

    def get_page_title(self) -> str:
        return periodic.label(self.task.name)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        tasks = {"url": reverse("periodic_tasks:index"), "label": _("Periodic tasks")}
        return [*self.breadcrumbs_items, tasks, {"url": "", "label": self.get_page_title()}]

    @cached_property
    def header_buttons(self) -> list[Button]:
        if not self.user_has_permission("change"):
            return []
        address = reverse("periodic_tasks:edit", args=[self.task.pk])
        return [HeaderButton(_("Change"), url=address, icon_name="edit")]

    def get_base_queryset(self) -> QuerySet[PeriodicRun]:
        return PeriodicRun.objects.filter(task=self.task)

    @cached_property
    def columns(self) -> list[Column]:
        return [
            Column(
                "slot",
                label=_("When"),
                accessor=lambda run: shown_moment(run.slot, now=timezone.now()),
                width="15%",
            ),
            StatusTagColumn(
                "state",
                label=_("State"),
                accessor="get_state_display",
                primary=lambda run: run.state == PeriodicRun.State.DONE,
            ),
            Column("said", label=_("What it did"), accessor=lambda run: reason_words(run) or run.result),
            Column("attempts", label=_("Attempts")),
            DateColumn("finished_at", label=_("Finished")),
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        if self.results_only:
            return context
        declared = periodic.find(self.task.name)
        return context | {
            "task": self.task,
            "when": in_words(self.task.cron),
            "next_run": shown_moment(periodic.next_run(self.task, timezone.now()), now=timezone.now()),
            "declared": declared,
            "missed": MISSED[declared.missed] if declared else "",
            "may_run": declared is not None and self.user_has_permission("change"),
        }


class RunNowView(ActionView):
    """Puts one run into the queue."""

    model = PeriodicTask

    def act(self, request: HttpRequest, pk: int) -> None:
        task = get_object_or_404(PeriodicTask, pk=pk)
        if periodic.find(task.name) is None:
            messages.error(request, _("This task no longer exists."))
        elif periodic.run_now(task.pk, now=timezone.now()):
            said = _("“%(task)s” is about to run. Load this page again to see what it did.")
            messages.success(request, said % {"task": periodic.label(task.name)})
        else:
            said = _("“%(task)s” is already about to run.")
            messages.warning(request, said % {"task": periodic.label(task.name)})
