"""What follows in sessions and tokens from what people do with their ways in, and others with their rights."""

from dataclasses import replace
from typing import Any

from allauth.account.internal.flows.login import record_authentication
from allauth.account.signals import authentication_step_completed
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added, authenticator_reset
from django.db.models.signals import m2m_changed, post_delete, pre_save
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone

from home.models import StaffRole, User, UserSession
from home.sign_in.session_index import sessions_end
from home.sign_in.session_life import life_keep, life_of
from notifications.api.tokens import tokens_end


@receiver([authenticator_added, authenticator_reset], dispatch_uid="home.sign_in.receivers.authenticator")
def second_step_set_up(request: HttpRequest, user: User, authenticator: Authenticator, **kwargs: Any) -> None:
    record_authentication(request, user, "mfa", id=authenticator.pk, type=authenticator.type)


@receiver(authentication_step_completed, dispatch_uid="home.sign_in.receivers.unlocked")
def unlocked(request: HttpRequest, reauthenticated: bool = False, **kwargs: Any) -> None:
    """Whoever shows that it is they opens the lock."""
    life = life_of(request.session)
    if reauthenticated and life:
        life_keep(request.session, replace(life, seen_at=timezone.now()))


_RIGHTS = ("password", "is_active", "is_superuser")


@receiver(pre_save, sender=User, dispatch_uid="home.sign_in.receivers.user")
def user_saved(instance: User, raw: bool, update_fields: frozenset[str] | None, **kwargs: Any) -> None:
    """With another password, other rights, or none, the tokens of before end; of a deactivated person all sessions too,
    so that none of them comes back with the account. A new password ends the others by itself.
    """
    if (
        raw
        or instance.pk is None
        or (update_fields is not None and not set(update_fields).intersection(_RIGHTS))
    ):
        return
    before = User.objects.filter(pk=instance.pk).only(*_RIGHTS).first()
    if before is None or all(getattr(before, name) == getattr(instance, name) for name in _RIGHTS):
        return
    tokens_end([instance.pk])
    if not instance.is_active:
        sessions_end(UserSession.objects.filter(user_id=instance.pk))


@receiver(pre_save, sender=StaffRole, dispatch_uid="home.sign_in.receivers.role_saved")
def role_saved(instance: StaffRole, raw: bool, **kwargs: Any) -> None:
    """Given to somebody, moved to another person or clinic, or made another: for those before and after."""
    before = None if raw or instance.pk is None else StaffRole.objects.filter(pk=instance.pk).first()
    if before is None or _right(before) != _right(instance):
        tokens_end({instance.user_id, before.user_id if before else instance.user_id})


@receiver(post_delete, sender=StaffRole, dispatch_uid="home.sign_in.receivers.role_ended")
def role_ended(instance: StaffRole, **kwargs: Any) -> None:
    tokens_end([instance.user_id])


@receiver(m2m_changed, sender=User.groups.through, dispatch_uid="home.sign_in.receivers.groups")
def groups_changed(instance: Any, action: str, reverse: bool, pk_set: set[int] | None, **kwargs: Any) -> None:
    """The groups that Wagtail's pages of users give and take; `reverse` where a group is given its people."""
    if action in ("post_add", "post_remove") and pk_set:
        tokens_end(pk_set if reverse else [instance.pk])


def _right(role: StaffRole) -> tuple[int, int, str]:
    return role.user_id, role.clinic_id, role.role
