"""Who may see and do what with whose messages. What is not theirs to see is not there."""

from collections.abc import Set
from typing import Any

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.db.models import QuerySet
from django.http import Http404
from django.utils.translation import gettext as _

from notifications import scope
from notifications.exceptions import ScheduleError, UnknownRecipientsError
from notifications.models import Notification
from notifications.types import About

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


def about_recipients(user: Any, user_ids: Set[int], subject_id: int | None) -> dict[int, About]:
    """What a message of this user to each of these people is about: this subject, if one is given. One query.

    Raises UnknownRecipientsError if there is somebody to whom they may not write, or not about that subject; and
    ScheduleError if it has to be said whom it is about.
    """
    found = scope.about(user, user_ids, subject_id=subject_id)
    if not found.keys() >= user_ids:
        # As for people who don't exist: who may not know of a person must not learn it here.
        raise UnknownRecipientsError({"recipients": [_("Some of these people don't exist.")]})
    about = {user_id: each for user_id, each in found.items() if each is not None}
    if len(about) < len(found):
        said = _("Some of these people belong to several of your clinics. Say which patient it is about.")
        raise ScheduleError({"about": [said]})
    return about


def _found(messages: QuerySet[Notification], message_id: int) -> Notification:
    found = messages.filter(pk=message_id).first()
    if found is None:
        raise Http404
    return found
