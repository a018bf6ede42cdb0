"""What staff say to many people at once, from its first draft until it is sent or stopped."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.models import DraftStateMixin, RevisionMixin, Task, TaskState, Workflow, WorkflowMixin

from notifications import audiences
from notifications.models.event_record import EventRecord
from notifications.models.notification import PriorityChoices
from notifications.types import Priority

WORKFLOW = "Announcements"
"""The name of the workflow that they go through, in the database of each site."""
PERMISSION = "notifications.schedule_notification"


class Approved(WorkflowMixin, DraftStateMixin, RevisionMixin, models.Model):
    """What a second person approves of before anybody is told: a draft, and `live` once it is handed over.

    Its last revision and its row say the same for as long as it is a draft.
    """

    within = models.JSONField(_("where"), default=dict, blank=True)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("by"),
    )
    """Who wrote what it says now."""
    created_at = models.DateTimeField(_("created"), default=timezone.now)

    class Meta:
        abstract = True

    def get_workflow(self) -> Workflow | None:
        return Workflow.objects.filter(name=WORKFLOW, active=True).first()


class Announcement(Approved):
    """Words in each language of pages, for audiences and those of them that the filters choose, within one limit.

    To hand it over publishes its last revision; what is told then is the copy in its publication (`event_record`), and
    nothing of it changes any more. `at` is empty for at once. A template is never sent: others begin with its words.

    One that has a `pattern` (a `recurring_config`) is told on each of its dates from `begun_at` on. It has no
    publication itself: each date is a copy that has, which is `of` it for a local `day`.
    """

    title = models.JSONField(_("title"))
    message = models.JSONField(_("message"))
    audiences = models.JSONField(_("to"), default=list)
    filters = models.JSONField(_("only"), default=dict, blank=True)
    priority = models.PositiveSmallIntegerField(
        _("priority"), choices=PriorityChoices, default=Priority.NORMAL
    )
    at = models.DateTimeField(_("date and time"), null=True, blank=True)
    pattern = models.JSONField(_("dates"), null=True, blank=True)
    begun_at = models.DateTimeField(_("begun"), null=True, blank=True)
    of = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="dates", db_index=False
    )  # what is unique about it begins with it
    day = models.DateField(_("day"), null=True, blank=True)
    is_template = models.BooleanField(_("template"), default=False)
    event_record = models.OneToOneField(
        EventRecord,
        on_delete=models.DO_NOTHING,  # docs/decisions/0004: records may go before what came of them
        null=True,
        blank=True,
        db_constraint=False,
        related_name="+",
    )
    stopped_at = models.DateTimeField(_("stopped"), null=True, blank=True)
    stopped_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    delete_at = models.DateTimeField()

    class Meta:
        verbose_name = _("announcement")
        verbose_name_plural = _("announcements")
        default_permissions = ("publish",)
        constraints = [
            models.CheckConstraint(
                condition=Q(is_template=False) | Q(event_record__isnull=True),
                name="announcement_not_of_template",
            ),
            models.UniqueConstraint(fields=["of", "day"], name="announcement_once_a_day"),
        ]
        indexes = [
            models.Index(
                fields=["id"],
                condition=Q(begun_at__isnull=False, stopped_at__isnull=True),
                name="announcement_recurring",
            ),
        ]

    def __str__(self) -> str:
        # Logs keep this, and what an announcement says may name somebody.
        return gettext("Announcement %(number)s") % {"number": self.pk}


def may_address(user: Any, within: Mapping[str, Any]) -> bool:
    """Whether this person may speak to the people within this limit."""
    if not user.has_perm(PERMISSION):
        return False
    return any(each.limit == within for each in audiences.scopes_for(user))


class SecondPersonTask(Task):
    """Somebody else who may address the same people approves of what one person wrote."""

    class Meta:
        verbose_name = _("approval by a second person")
        verbose_name_plural = _("approvals by a second person")

    def get_actions(self, obj: Any, user: Any) -> Sequence[tuple[str, Any, bool]]:
        """Both for who neither asked for it nor wrote it; nothing for others."""
        state = obj.current_workflow_state
        if state is None or user.pk in (state.requested_by_id, obj.author_id):
            return []
        if not may_address(user, obj.within):
            return []
        return [("reject", _("Send it back"), True), ("approve", _("Approve"), False)]

    def on_action(self, task_state: TaskState, user: Any, action_name: str, **kwargs: Any) -> None:
        """PermissionDenied for who may not."""
        announcement = task_state.workflow_state.content_object
        if action_name not in [name for name, _label, _needs_words in self.get_actions(announcement, user)]:
            raise PermissionDenied
        super().on_action(task_state, user, action_name, **kwargs)

    @classmethod
    def get_description(cls) -> str:
        return gettext("Whoever may address the same people, and didn't write it, can approve this task")
