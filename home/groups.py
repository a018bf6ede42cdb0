"""What nurses and clinic managers may do in the admin. Their staff roles decide on whose rows."""

from collections import defaultdict
from typing import Any

from django.apps import AppConfig, apps
from django.contrib.auth.models import Group, Permission
from django.db.models.signals import post_delete, post_save, pre_delete, pre_save
from django.dispatch import receiver

from home.models import StaffRole, User

NURSES = "Nurses"
MANAGERS = "Clinic managers"
GROUP_OF_ROLE = {StaffRole.Role.NURSE: NURSES, StaffRole.Role.MANAGER: MANAGERS}

_permitted: dict[str, set[str]] = defaultdict(set)


def permit(*permissions: str, groups: tuple[str, ...] = (NURSES, MANAGERS)) -> None:
    """Let these groups do this ("app.codename") after the next migrate or start. Call it in `AppConfig.ready`."""
    for group in groups:
        _permitted[group].update(permissions)


permit(
    "wagtailadmin.access_admin",
    "home.view_clinic",
    "home.view_patient",
    "home.add_patient",
    "home.change_patient",
    "home.view_invitation",
    "home.add_invitation",
    "home.change_invitation",
    "home.view_consent",
    "home.add_consent",
    "home.change_consent",
    "home.view_transfer",
    "home.change_transfer",
    "home.view_worklistentry",
    "home.add_followup",
    "home.view_conversation",
    "home.change_conversation",
    "notifications.view_notificationtemplate",
    "notifications.view_notification",
    "notifications.view_delivery",
    "notifications.change_delivery",
    "notifications.view_inboundmessage",
    "notifications.view_suppression",
)
permit(
    "home.change_clinic",
    "home.view_accessrecord",
    "home.delete_patient",
    "home.view_staffrole",
    "home.add_staffrole",
    "home.change_staffrole",
    "home.delete_staffrole",
    "home.view_erasure",
    "home.add_erasure",
    "home.change_erasure",
    "notifications.add_notificationtemplate",
    "notifications.change_notificationtemplate",
    "notifications.publish_notificationtemplate",
    "notifications.lock_notificationtemplate",
    "notifications.unlock_notificationtemplate",
    "notifications.schedule_notification",
    "notifications.publish_announcement",
    "notifications.publish_messageseries",
    "notifications.view_spending",
    groups=(MANAGERS,),
)


def migrated(sender: AppConfig, **kwargs: Any) -> None:
    """After the last app of a migrate: by then every app's permissions are there."""
    if sender is [config for config in apps.get_app_configs() if config.models_module][-1]:
        give_permissions()


def give_permissions() -> None:
    """Make the groups and give them what exists of their permissions; what an administrator added stays."""
    known = {
        f"{app}.{codename}": pk
        for app, codename, pk in Permission.objects.values_list("content_type__app_label", "codename", "pk")
    }
    for name, wanted in _permitted.items():
        group, _created = Group.objects.get_or_create(name=name)
        group.permissions.add(*(known[permission] for permission in wanted if permission in known))


@receiver([pre_save, pre_delete], sender=StaffRole, dispatch_uid="home.groups.staff_role_before")
def staff_role_before(instance: StaffRole, **kwargs: Any) -> None:
    """Remember who had the role: it may be on its way to somebody else."""
    had = StaffRole.objects.filter(pk=instance.pk).values_list("user_id", flat=True)
    instance.had_by = had.first() if instance.pk else None


@receiver([post_save, post_delete], sender=StaffRole, dispatch_uid="home.groups.staff_role")
def staff_role_changed(instance: StaffRole, **kwargs: Any) -> None:
    """Keep whoever has the role, and whoever had it, in the groups of their roles."""
    people = [id_ for id_ in (instance.user_id, instance.had_by) if id_]
    for user in User.objects.filter(pk__in=people):
        _set_groups(user)


def _set_groups(user: User) -> None:
    """Keep a person in exactly the groups of the roles that they have at any clinic."""
    roles = set(user.staff_roles.values_list("role", flat=True))
    had = set(user.groups.values_list("name", flat=True))
    for role, name in GROUP_OF_ROLE.items():
        if role in roles and name not in had:
            group, _created = Group.objects.get_or_create(name=name)
            user.groups.add(group)
        elif role not in roles and name in had:
            user.groups.remove(Group.objects.get(name=name))
