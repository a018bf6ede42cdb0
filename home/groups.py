"""What nurses and clinic managers may do in the admin. Their staff roles decide on whose rows."""

from collections import defaultdict
from typing import Any

from django.apps import AppConfig, apps
from django.contrib.auth.models import Group, Permission
from django.db.models.signals import post_delete, post_save, pre_delete, pre_save

from home.models import RegionRole, StaffRole, User

NURSES = "Nurses"
MANAGERS = "Clinic managers"
DISTRICT_MANAGERS = "District managers"
"""They see the figures of their district's clinics, and nobody's record."""
GROUP_OF_ROLE: dict[str, str] = {StaffRole.Role.NURSE: NURSES, StaffRole.Role.MANAGER: MANAGERS}

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
    "home.view_staffinvitation",
    "home.add_staffinvitation",
    "home.change_staffinvitation",
    "home.view_erasure",
    "home.add_erasure",
    "home.change_erasure",
    "home.view_import",
    "home.add_import",
    "home.import_by_program",
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
permit("wagtailadmin.access_admin", groups=(DISTRICT_MANAGERS,))
permit("home.view_cliniccount", groups=(MANAGERS, DISTRICT_MANAGERS))


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


def roles_before(sender: type[StaffRole | RegionRole], instance: Any, **kwargs: Any) -> None:
    """Remember who had the role: it may be on its way to somebody else."""
    had = sender.objects.filter(pk=instance.pk).values_list("user_id", flat=True)
    instance.had_by = had.first() if instance.pk else None


def roles_changed(instance: Any, **kwargs: Any) -> None:
    """Keep whoever has the role, and whoever had it, in the groups of their roles."""
    people = [id_ for id_ in (instance.user_id, instance.had_by) if id_]
    for user in User.objects.filter(pk__in=people):
        _set_groups(user)


for _model in (StaffRole, RegionRole):
    for _signal in (pre_save, pre_delete):
        _signal.connect(roles_before, sender=_model, dispatch_uid=f"home.groups.before.{_model.__name__}")
    for _signal in (post_save, post_delete):
        _signal.connect(roles_changed, sender=_model, dispatch_uid=f"home.groups.{_model.__name__}")


def _set_groups(user: User) -> None:
    """Keep a person in exactly the groups of the roles that they have at any clinic or district."""
    names = {GROUP_OF_ROLE[role] for role in user.staff_roles.values_list("role", flat=True)}
    if user.region_roles.exists():
        names.add(DISTRICT_MANAGERS)
    had = set(user.groups.values_list("name", flat=True))
    for name in (NURSES, MANAGERS, DISTRICT_MANAGERS):
        if name in names and name not in had:
            group, _created = Group.objects.get_or_create(name=name)
            user.groups.add(group)
        elif name not in names and name in had:
            user.groups.remove(Group.objects.get(name=name))
