"""Reads: whose roles and invitations a manager sees, and when people were last here."""

from collections.abc import Collection
from datetime import datetime

from allauth.mfa.models import Authenticator
from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, OuterRef, QuerySet

from home.models import StaffInvitation, StaffRole, User, UserSession
from home.selectors import clinics_managed_by
from home.sign_in.session_life import life_of


def roles_managed_by(user: User | AnonymousUser) -> QuerySet[StaffRole]:
    """The roles at the clinics that this person manages; `has_second_step` says whether one is set up."""
    steps = Authenticator.objects.filter(user=OuterRef("user")).exclude(
        type=Authenticator.Type.RECOVERY_CODES
    )
    rows = StaffRole.objects.filter(clinic__in=clinics_managed_by(user))
    return rows.annotate(has_second_step=Exists(steps)).select_related("user", "clinic")


def invitations_managed_by(user: User | AnonymousUser) -> QuerySet[StaffInvitation]:
    """The invitations to the clinics that this person manages, newest first."""
    rows = StaffInvitation.objects.filter(clinic__in=clinics_managed_by(user))
    return rows.select_related("clinic", "invited_by")


def invitation_of(token: str) -> StaffInvitation | None:
    """The invitation of this link, open or not."""
    rows = StaffInvitation.objects.select_related("clinic", "invited_by")
    return rows.filter(digest=StaffInvitation.digest_of(token)).first()


def last_seen(people: Collection[User]) -> dict[int, datetime]:
    """When each of them last did something here, to the minute; without those who never did. One query."""
    seen = {each.pk: each.last_login for each in people if each.last_login}
    sessions = UserSession.objects.filter(user__in=[each.pk for each in people]).select_related("session")
    for row in sessions:
        if life := life_of(row.session.get_decoded()):
            seen[row.user_id] = max(seen.get(row.user_id, life.seen_at), life.seen_at)
    return seen
