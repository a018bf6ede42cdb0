"""Who leaves a clinic: by a role that ends, moves to another clinic or person, or by an account that is turned off."""

from collections.abc import Collection
from typing import Any

from django.db.models.signals import post_delete, post_save, pre_save
from django.dispatch import receiver
from django.utils import timezone

from home.models import StaffRole, User
from home.staff.leaving import conversations_release, has_left


@receiver(pre_save, sender=StaffRole, dispatch_uid="home.staff.receivers.before")
def role_before(instance: StaffRole, raw: bool, **kwargs: Any) -> None:
    """Remember who worked where: a role may be on its way to another person or clinic."""
    before = StaffRole.objects.filter(pk=instance.pk) if instance.pk and not raw else StaffRole.objects.none()
    instance.was = before.values_list("user_id", "clinic_id").first()


@receiver(post_save, sender=StaffRole, dispatch_uid="home.staff.receivers.moved")
def role_moved(instance: StaffRole, raw: bool, **kwargs: Any) -> None:
    if instance.was and instance.was != (instance.user_id, instance.clinic_id):
        user_id, clinic_id = instance.was
        has_left(user_id=user_id, clinic_id=clinic_id, now=timezone.now())


@receiver(post_delete, sender=StaffRole, dispatch_uid="home.staff.receivers.ended")
def role_ended(instance: StaffRole, **kwargs: Any) -> None:
    has_left(user_id=instance.user_id, clinic_id=instance.clinic_id, now=timezone.now())


@receiver(post_save, sender=User, dispatch_uid="home.staff.receivers.turned_off")
def account_turned_off(
    instance: User, raw: bool, update_fields: Collection[str] | None, **kwargs: Any
) -> None:
    """Their roles stay, in case the account is turned on again; what they had taken over waits for somebody else."""
    if not raw and not instance.is_active and (update_fields is None or "is_active" in update_fields):
        conversations_release([instance.pk])
