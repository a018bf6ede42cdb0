"""Wagtail's mail about workflows is not for announcements: it is in one language, and goes to all of head office."""

from collections.abc import Callable
from typing import Any

from wagtail.admin import signal_handlers
from wagtail.models import WorkflowState
from wagtail.signals import workflow_approved, workflow_rejected, workflow_submitted

from notifications.models import Announcement

_MAIL = (
    (
        workflow_submitted,
        signal_handlers.workflow_submission_email_notifier,
        "workflow_state_submitted_email_notification",
    ),
    (
        workflow_approved,
        signal_handlers.workflow_approval_email_notifier,
        "workflow_state_approved_email_notification",
    ),
    (
        workflow_rejected,
        signal_handlers.workflow_rejection_email_notifier,
        "workflow_state_rejected_email_notification",
    ),
)


def leave_out_announcements() -> None:
    """Let Wagtail send mail about all other workflows. Call it once its own receivers are connected."""
    for signal, notifier, uid in _MAIL:
        signal.disconnect(sender=WorkflowState, dispatch_uid=uid)
        signal.connect(_of_others(notifier), sender=WorkflowState, dispatch_uid=uid, weak=False)


def _of_others(notifier: Callable[..., Any]) -> Callable[..., Any]:
    def receive(instance: WorkflowState, **kwargs: Any) -> Any:
        if not isinstance(instance.content_object, Announcement):
            return notifier(instance=instance, **kwargs)
        return None

    return receive
