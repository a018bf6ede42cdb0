"""What follows when somebody no longer works at a clinic, in whichever way the role ended (home/staff/receivers.py).

Their rights are those of their roles, which each request reads anew. Here is what would go on without asking: what they
had taken over, what was on its way to them, and where they are signed in.
"""

from collections.abc import Collection
from datetime import datetime

from django.db.models import F

from home.models import CareRole, Conversation, Patient, StaffRole, UserSession
from home.sign_in.session_index import sessions_end
from notifications.channels.push.devices import devices_of
from notifications.services import NotificationService


def has_left(*, user_id: int, clinic_id: int, now: datetime) -> None:
    """Unless they have another role there. Who has none anywhere is signed out everywhere; their browsers show no more
    notices, but of those who care for patients, whose reminders these are.
    """
    roles = StaffRole.objects.filter(user=user_id)
    if roles.filter(clinic=clinic_id).exists():
        return
    conversations_release([user_id], clinic=clinic_id)
    theirs = Patient.objects.filter(clinic=clinic_id, care_roles__user=user_id)
    NotificationService.reader_left(
        user_id=user_id, scope_id=clinic_id, keeps=list(theirs.values_list("pk", flat=True)), now=now
    )
    if roles.exists():
        return
    sessions_end(UserSession.objects.filter(user=user_id))
    if not CareRole.objects.filter(user=user_id).exists():
        devices_of(user_id).delete()


def conversations_release(user_ids: Collection[int], **of: int) -> None:
    """What these people had taken over (of this clinic: `clinic`) is nobody's again, and whoever looks sees that."""
    taken_over = Conversation.objects.filter(assigned_to__in=user_ids, **of)
    taken_over.update(assigned_to=None, version=F("version") + 1)
