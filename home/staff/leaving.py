"""What follows when somebody no longer works at a clinic, in whichever way the role ended.

Their rights are those of their roles, which each request reads anew. Here is what would go on without asking: what they
had taken over, what was on its way to them, and where they are signed in.
"""

from collections.abc import Collection
from typing import Any

from django.db.models import F
from django.db.models.signals import post_delete, post_save, pre_save
from django.dispatch import receiver
from django.utils import timezone

from home.models import CareRole, Conversation, Patient, StaffRole, User, UserSession
from home.sign_in.session_index import sessions_end
from notifications.channels.push.devices import devices_of
from notifications.services import NotificationService


@receiver(pre_save, sender=StaffRole, dispatch_uid="home.staff.leaving.before")
def role_before(instance: StaffRole, raw: bool, **kwargs: Any) -> None:
    """Remember who worked where: a role may be on its way to another person or clinic."""
    before = StaffRole.objects.filter(pk=instance.pk) if instance.pk and not raw else StaffRole.objects.none()
    instance.was = before.values_list("user_id", "clinic_id").first()


@receiver(post_save, sender=StaffRole, dispatch_uid="home.staff.leaving.moved")
def role_moved(instance: StaffRole, raw: bool, **kwargs: Any) -> None:
    if instance.was and instance.was != (instance.user_id, instance.clinic_id):
        has_left(*instance.was)


@receiver(post_delete, sender=StaffRole, dispatch_uid="home.staff.leaving.ended")
def role_ended(instance: StaffRole, **kwargs: Any) -> None:
    has_left(instance.user_id, instance.clinic_id)


@receiver(post_save, sender=User, dispatch_uid="home.staff.leaving.turned_off")
def account_turned_off(
    instance: User, raw: bool, update_fields: Collection[str] | None, **kwargs: Any
) -> None:
    """Their roles stay, in case the account is turned on again; what they had taken over waits for somebody else."""
    if not raw and not instance.is_active and (update_fields is None or "is_active" in update_fields):
        conversations_release([instance.pk])


def conversations_release(user_ids: Collection[int], **of: int) -> None:
    """What these people had taken over (of this clinic: `clinic`) is nobody's again, and whoever looks sees that."""
    taken_over = Conversation.objects.filter(assigned_to__in=user_ids, **of)
    taken_over.update(assigned_to=None, version=F("version") + 1)


def has_left(user_id: int, clinic_id: int) -> None:
    """Unless they have another role there. Who has none anywhere is signed out everywhere; their browsers show no more
    notices, but of those who care for patients, whose reminders these are.
    """
    roles = StaffRole.objects.filter(user=user_id)
    if roles.filter(clinic=clinic_id).exists():
        return
    conversations_release([user_id], clinic=clinic_id)
    theirs = Patient.objects.filter(clinic=clinic_id, care_roles__user=user_id)
    NotificationService.reader_left(
        user_id=user_id,
        scope_id=clinic_id,
        keeps=list(theirs.values_list("pk", flat=True)),
        now=timezone.now(),
    )
    if roles.exists():
        return
    sessions_end(UserSession.objects.filter(user=user_id))
    if not CareRole.objects.filter(user=user_id).exists():
        devices_of(user_id).delete()
