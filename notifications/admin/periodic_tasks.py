"""When the periodic tasks run, for staff to change. Which ones there are is decided by the code."""

from datetime import UTC, datetime
from functools import cached_property
from typing import Any
from zoneinfo import available_timezones

from cronsim import CronSim, CronSimError
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import OuterRef, QuerySet, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.panels import FieldPanel, FieldRowPanel, ObjectList
from wagtail.admin.ui.tables import BooleanColumn, Column, DateColumn, StatusTagColumn
from wagtail.admin.views.generic import IndexView
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.permission_policies import ModelPermissionPolicy
from wagtail.permissions import register_permission_policy

from notifications.models import PeriodicRun, PeriodicTask


class ChangeOnlyPolicy(ModelPermissionPolicy):
    """Nobody adds or deletes a task, not even a superuser: it would come back, or do nothing."""

    def user_has_permission(self, user: Any, action: str) -> bool:
        return action in ("view", "change") and super().user_has_permission(user, action)

    def user_has_any_permission(self, user: Any, actions: Any) -> bool:
        return any(self.user_has_permission(user, action) for action in actions)


register_permission_policy(PeriodicTask, ChangeOnlyPolicy(PeriodicTask))


class PeriodicTaskForm(WagtailAdminModelForm):
    timezone = forms.ChoiceField(
        label=gettext_lazy("Time zone"),
        choices=lambda: [(name, name) for name in sorted(available_timezones())],
    )

    def clean_cron(self) -> str:
        fields = self.cleaned_data["cron"].split()
        cron = " ".join(fields)
        if len(fields) > 5:
            # The library would take a sixth for seconds, but slots are whole minutes.
            raise ValidationError(_("These are too many: give five fields."), code="cron")
        try:
            next(CronSim(cron, datetime.now(UTC)))
        except CronSimError as error:
            raise ValidationError(
                _("These are not times: %(error)s. An example is “0 9 * * *”, daily at 09:00."),
                code="cron",
                params={"error": error},
            ) from error
        except StopIteration:
            raise ValidationError(_("These times never come."), code="cron") from None
        return cron

    def save(self, commit: bool = True) -> PeriodicTask:
        # What would have been missed by the new times, before they were there, is not made up for.
        if self.has_changed():
            self.instance.last_slot = timezone.now()
        return super().save(commit)


class PeriodicTaskIndexView(IndexView):
    def get_base_queryset(self) -> QuerySet[PeriodicTask]:
        runs = PeriodicRun.objects.filter(task=OuterRef("pk")).order_by("-slot")
        return PeriodicTask.objects.annotate(
            **{f"last_{name}": Subquery(runs.values(name)[:1]) for name in ("state", "result", "error")},
            last_run=Subquery(runs.values("slot")[:1]),
        )

    @cached_property
    def columns(self) -> list[Column]:
        return [
            self._get_title_column("name"),
            Column("when", label=_("When"), accessor=lambda task: explain(task.cron)),
            Column("timezone", label=_("Time zone")),
            BooleanColumn("enabled", label=_("On")),
            DateColumn("last_run", label=_("Last run")),
            StatusTagColumn(
                "last_state",
                label=_("State"),
                accessor=lambda task: PeriodicRun.State(task.last_state).label if task.last_state else "",
                primary=lambda task: task.last_state == PeriodicRun.State.DONE,
            ),
            Column("said", label=_("What it did"), accessor=lambda task: task.last_error or task.last_result),
        ]


class PeriodicTaskViewSet(ModelViewSet):
    model = PeriodicTask
    name = "periodic_tasks"
    icon = "time"
    menu_label = gettext_lazy("Periodic tasks")
    add_to_settings_menu = True
    copy_view_enabled = False
    index_view_class = PeriodicTaskIndexView
    list_export: list[str] = []
    ordering = ["name"]
    search_backend_name = None
    edit_handler = ObjectList(
        [
            FieldPanel("name", read_only=True),
            FieldPanel("enabled"),
            FieldRowPanel(
                [
                    FieldPanel(
                        "cron",
                        help_text=gettext_lazy(
                            "Minute, hour, day of the month, month, day of the week. “*/5 * * * *” is every five "
                            "minutes, “0 9 * * *” daily at 09:00, “0 2 * * 1” on Mondays at 02:00."
                        ),
                    ),
                    FieldPanel("timezone"),
                ]
            ),
        ],
        base_form_class=PeriodicTaskForm,
    )


def explain(cron: str) -> str:
    """Times in words, “At 02:00 on Monday”; as they are written when they can't be read."""
    try:
        return CronSim(cron, datetime.now(UTC)).explain()
    except CronSimError:
        return cron
