"""Who may see and do what with whose messages. What is not theirs to see is not there."""

from collections.abc import Collection
from typing import Any

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib.auth import get_user_model
from django.db.models import QuerySet
from django.http import Http404
from django.utils.translation import gettext as _

from notifications import scope
from notifications.exceptions import UnknownRecipientsError
from notifications.models import Notification

MAY_SCHEDULE = "notifications.schedule_notification"


def lacks_second_step(user: Any) -> bool:
    """Whether this is staff who must have a second factor and has none."""
    return (
        settings.STAFF_MFA_REQUIRED
        and user.has_perm("wagtailadmin.access_admin")
        and not is_mfa_enabled(user)
    )


def acts_for_others(user: Any) -> bool:
    """Whether this person may schedule, see and cancel messages of other people at all."""
    return user.has_perm(MAY_SCHEDULE) and not lacks_second_step(user)


def own(user: Any, message_id: int) -> Notification:
    """A message of this person's, whether it has come or still waits; Http404."""
    return _found(Notification.objects.filter(recipient_id=user.pk), message_id)


def in_reach(user: Any, message_id: int) -> Notification:
    """One of their own, or of somebody for whom they may act; Http404."""
    reach = Notification.objects.filter(recipient_id=user.pk)
    if acts_for_others(user):
        reach = reach | scope.limit(user, Notification.objects.all())
    return _found(reach, message_id)


def check_recipients(user: Any, user_ids: Collection[int]) -> None:
    """Raises UnknownRecipientsError if one of these people exists, but not for this user. Two queries."""
    people: QuerySet[Any] = get_user_model()._default_manager.filter(pk__any_of=user_ids)
    known = set(people.values_list("pk", flat=True))
    if known - set(scope.limit(user, people, recipient="pk").values_list("pk", flat=True)):
        raise UnknownRecipientsError({"recipients": [_("Some of these people don't exist.")]})


def _found(messages: QuerySet[Notification], message_id: int) -> Notification:
    found = messages.filter(pk=message_id).first()
    if found is None:
        raise Http404
    return found
