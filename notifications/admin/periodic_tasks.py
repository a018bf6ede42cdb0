"""The periodic tasks, for staff to watch and to change. Which ones there are is decided by the code."""

from functools import cached_property
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.ui.tables import BooleanColumn, Column, DateColumn, StatusTagColumn, TitleColumn
from wagtail.admin.views.generic import EditView, IndexView
from wagtail.permission_policies import ModelPermissionPolicy
from wagtail.permissions import register_permission_policy

from notifications.admin.export import ExportingViewSet
from notifications.admin.periodic_form import PERIODIC_FORM
from notifications.admin.periodic_runs import RunNowView, RunsView, run_now_column
from notifications.admin.usual_times import in_words
from notifications.models import PeriodicRun, PeriodicTask
from notifications.web.moments import shown_moment
from notifications.work import periodic


class ChangeOnlyPolicy(ModelPermissionPolicy):
    """Nobody adds or deletes a task, not even a superuser: it would come back, or do nothing."""

    def user_has_permission(self, user: Any, action: str) -> bool:
        return action in ("view", "change") and super().user_has_permission(user, action)

    def user_has_any_permission(self, user: Any, actions: Any) -> bool:
        return any(self.user_has_permission(user, action) for action in actions)


register_permission_policy(PeriodicTask, ChangeOnlyPolicy(PeriodicTask))


class PeriodicTaskIndexView(IndexView):
    def get_base_queryset(self) -> QuerySet[PeriodicTask]:
        runs = PeriodicRun.objects.filter(task=OuterRef("pk")).order_by("-slot")
        return PeriodicTask.objects.annotate(
            **{f"last_{name}": Subquery(runs.values(name)[:1]) for name in ("state", "result", "error")},
            last_run=Subquery(runs.values("slot")[:1]),
        )

    @cached_property
    def columns(self) -> list[Column]:
        now = timezone.now()
        columns = [
            TitleColumn(
                "name",
                label=_("Name"),
                accessor=lambda task: periodic.label(task.name),
                width="20%",
                get_url=lambda task: reverse("periodic_tasks:runs", args=[task.pk]),
            ),
            Column("when", label=_("When"), accessor=lambda task: in_words(task.cron)),
            BooleanColumn("enabled", label=_("On")),
            Column(
                "next",
                label=_("Next run"),
                accessor=lambda task: shown_moment(periodic.next_run(task, now), now=now),
            ),
            DateColumn("last_run", label=_("Last run")),
            StatusTagColumn(
                "last_state",
                label=_("State"),
                accessor=lambda task: PeriodicRun.State(task.last_state).label if task.last_state else "",
                primary=lambda task: task.last_state == PeriodicRun.State.DONE,
            ),
            Column("said", label=_("What it did"), accessor=lambda task: task.last_error or task.last_result),
        ]
        return [*columns, run_now_column()] if self.user_has_permission("change") else columns


class PeriodicTaskEditView(EditView):
    def get_page_subtitle(self) -> str:
        return periodic.label(self.object.name)

    def get_success_message(self) -> str:
        return _("“%(task)s” is saved.") % {"task": periodic.label(self.object.name)}


class PeriodicTaskViewSet(ExportingViewSet):
    model = PeriodicTask
    name = "periodic_tasks"
    icon = "time"
    menu_label = gettext_lazy("Periodic tasks")
    add_to_settings_menu = True
    copy_view_enabled = False
    index_view_class = PeriodicTaskIndexView
    edit_view_class = PeriodicTaskEditView
    index_results_template_name = "notifications/admin/results.html"
    list_per_page = 50
    ordering = ["name"]
    search_backend_name = None
    edit_handler = PERIODIC_FORM

    def get_urlpatterns(self) -> list[URLPattern]:
        runs = {
            "index_url_name": self.get_url_name("runs"),
            "index_results_url_name": self.get_url_name("runs_results"),
        }
        return [
            *super().get_urlpatterns(),
            path("<int:pk>/runs/", self.construct_view(RunsView, **runs), name="runs"),
            path(
                "<int:pk>/runs/results/",
                self.construct_view(RunsView, results_only=True, **runs),
                name="runs_results",
            ),
            path("<int:pk>/run/", self.construct_view(RunNowView), name="run"),
        ]
