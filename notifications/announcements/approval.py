"""What drafts of all kinds have in common that a second person approves of: written, asked about, decided on.

Whoever calls has a transaction open, and the row locked. What is refused is said in words for whoever asked.
"""

from typing import Any, TypeVar

from django.utils.translation import gettext as _
from wagtail.models import TaskState

from notifications.exceptions import NotificationError
from notifications.models import Approved

Draft = TypeVar("Draft", bound=Approved)


class RefusedError(NotificationError):
    """An act that isn't possible (any more), in words for whoever asked for it."""


def locked(model: type[Draft], pk: int) -> Draft:
    """The row, which nobody else has until the transaction ends."""
    row: Draft = model._default_manager.select_for_update().get(pk=pk)
    return row


def write(row: Draft, by: Any, seen: int | None) -> None:
    """Keep a draft, new or changed, whose writer saw the revision `seen`.

    RefusedError where it was changed, asked about or approved meanwhile.
    """
    if row.pk is not None:
        as_it_is = locked(type(row), row.pk)
        check_is_draft(as_it_is)
        check_is_seen(as_it_is, seen)
    row.live, row.author = False, by
    row.save()
    row.save_revision(user=by)


def ask(row: Approved, by: Any) -> None:
    """Ask for a second person's approval."""
    workflow = row.get_workflow()
    if workflow is None:
        raise RefusedError(_("Nothing can be approved here: the workflow of announcements is turned off."))
    if (state := row.current_workflow_state) is not None:
        state.cancel(user=by)  # the one that was sent back
    workflow.start(row, by)


def decide(row: Approved, by: Any, action: str, seen: int | None, **said: str) -> None:
    """Approve of the revision `seen`, or reject it. PermissionDenied for who may not."""
    state: TaskState | None = row.current_workflow_task_state
    if state is None:
        raise RefusedError(_decided_meanwhile())
    if seen is None or {state.revision_id, row.latest_revision_id} != {seen}:
        raise RefusedError(_changed_meanwhile())
    state.task.specific.on_action(state, by, action, **said)


def withdraw(row: Approved, by: Any) -> None:
    """Take the question back, so that it is a draft again."""
    if not row.workflow_in_progress:
        raise RefusedError(_decided_meanwhile())
    row.current_workflow_state.cancel(user=by)


def may_decide(row: Approved, user: Any) -> bool:
    """Whether this person may approve of it now."""
    task = row.current_workflow_task
    return task is not None and bool(task.specific.get_actions(row, user))


def check_is_draft(row: Approved) -> None:
    if row.live:
        raise RefusedError(_("It runs or was sent already, and can't be changed any more."))
    if row.workflow_in_progress:
        raise RefusedError(_("It waits for approval. Take it back first, and then change it."))


def check_is_seen(row: Approved, seen: int | None) -> None:
    if row.latest_revision_id != seen:
        raise RefusedError(_changed_meanwhile())


def _changed_meanwhile() -> str:
    return _("It was changed meanwhile. Please look at it again.")


def _decided_meanwhile() -> str:
    return _("It was decided on or taken back meanwhile. Please look at it again.")
