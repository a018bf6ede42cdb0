"""Invitations to work at a clinic: managers make and send them; the person who gets one accepts or declines.

None of these asks whether the address has an account, but for what its owner calls: managers get the same answer, after
the same work, for every address (docs/decisions/0138).
"""

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from home.models import Clinic, StaffInvitation, StaffRole, User
from home.staff.message import staff_invitation_message
from home.staff.roles import check_manages
from home.transactional.message import send
from notifications.exceptions import ChannelError
from notifications.preferences.settings import preferences_update

SENT_AGAIN, WITHDRAWN = "home.staff_invitation_sent", "home.staff_invitation_withdrawn"
"""The entries in the log of changes, beside Wagtail's own."""


def staff_invite(
    *, clinic: Clinic, role: str, email: str, language: str, invited_by: User, now: datetime
) -> StaffInvitation:
    """Make an invitation; `staff_invitation_send` sends it. In capital letters or small, an address is the same.

    Raises ValidationError where this person doesn't manage the clinic (any more), the address is that of somebody who
    has the role there already, or an invitation to it has no answer yet.
    """
    address = email.strip().lower()
    try:
        with transaction.atomic():
            check_manages(invited_by, clinic.pk)
            if StaffRole.objects.filter(clinic=clinic, role=role, user__email=address).exists():
                said = _("Whoever signs in with this address already has this role there.")
                raise ValidationError({"email": ValidationError(said, code="has_role")})
            return StaffInvitation.objects.create(
                clinic=clinic,
                role=role,
                email=address,
                language=language,
                digest=StaffInvitation.digest_of(secrets.token_urlsafe()),
                invited_by=invited_by,
                created_at=now,
                expires_at=now + StaffInvitation.LIFE,
            )
    except IntegrityError:
        said = _(
            "An invitation from this clinic to this address has no answer yet. Send it again, or withdraw it first, on "
            "the page of invitations."
        )
        raise ValidationError({"email": ValidationError(said, code="open")}) from None


def staff_invitation_send(*, invitation_id: int, now: datetime) -> StaffInvitation:
    """Send it with a new link, and return its row with the result. Earlier links stop working.

    Waits for the mail server. One that was answered or withdrawn is left as it is; one that has expired works again.
    """
    token = secrets.token_urlsafe(16)
    with transaction.atomic():
        invitation = StaffInvitation.objects.select_for_update(of=("self",)).get(pk=invitation_id)
        if invitation.is_over:
            return invitation
        invitation.digest = StaffInvitation.digest_of(token)
        invitation.expires_at = now + StaffInvitation.LIFE
        invitation.sent_at, invitation.error = None, ""
        invitation.save(update_fields=["digest", "expires_at", "sent_at", "error"])
    with translation.override(invitation.language):
        path = reverse("staff_invitation:accept", args=[token])
    try:
        send(staff_invitation_message(invitation, path))
    except ChannelError as error:
        invitation.error = str(error)[:1000]
    else:
        invitation.sent_at = now
    # Unless somebody else has sent it again meanwhile.
    StaffInvitation.objects.filter(pk=invitation.pk, digest=invitation.digest).update(
        sent_at=invitation.sent_at, error=invitation.error
    )
    return invitation


def staff_invitation_withdraw(*, invitation_id: int, by: User, now: datetime) -> bool:
    """Its link stops working; False when it was answered or withdrawn before."""
    with transaction.atomic():
        withdrawn = bool(_unanswered(invitation_id).update(revoked_at=now))
        if withdrawn:
            log(StaffInvitation.objects.get(pk=invitation_id), WITHDRAWN, user=by)
    return withdrawn


def staff_invitation_decline(*, invitation_id: int, digest: str, now: datetime) -> bool:
    """As whoever opened its link may, and the link stops working; False when it no longer did."""
    opened = _unanswered(invitation_id).filter(digest=digest, expires_at__gt=now)
    return bool(opened.update(declined_at=now))


def staff_invitation_accept(
    *, invitation_id: int, digest: str, user: User | None, profile: Mapping[str, Any], now: datetime
) -> User:
    """`user`, whose address it was sent to, gets the role; or a new person with this `profile` does.

    `profile` has first_name, last_name, language and password. Opening the link has verified the address. Raises
    ValidationError when it isn't open any more, or the address isn't this person's any more.
    """
    try:
        with transaction.atomic():
            invitation = (
                StaffInvitation.objects.select_for_update(of=("self",))
                .select_related("clinic")
                .get(pk=invitation_id)
            )
            if not invitation.is_open(now) or invitation.digest != digest:
                raise ValidationError(_("This invitation no longer works."), code="closed")
            person = _new_person(invitation, profile, now) if user is None else _owner(invitation, user)
            User.objects.filter(pk=person.pk, email_verified_at=None).update(email_verified_at=now)
            role, is_new = StaffRole.objects.get_or_create(
                clinic=invitation.clinic, user=person, role=invitation.role
            )
            if is_new:
                log(role, "wagtail.create", user=person)
            invitation.accepted_at, invitation.accepted_by = now, person
            invitation.save(update_fields=["accepted_at", "accepted_by"])
    except IntegrityError:
        raise ValidationError(
            _("Somebody has an account with this address by now. Sign in, and open the link again."),
            code="taken",
        ) from None
    return person


def _unanswered(invitation_id: int) -> QuerySet[StaffInvitation]:
    return StaffInvitation.objects.filter(
        pk=invitation_id, accepted_at=None, declined_at=None, revoked_at=None
    )


def _owner(invitation: StaffInvitation, user: User) -> User:
    """Read anew: the address may have been changed, or the account turned off, since the page was opened."""
    person = User.objects.filter(pk=user.pk, is_active=True).first()
    if person is None or person.email != invitation.email:
        raise ValidationError(_("This invitation went to another address."), code="other")
    return person


def _new_person(invitation: StaffInvitation, profile: Mapping[str, Any], now: datetime) -> User:
    person = User.objects.create_user(
        email=invitation.email,
        password=profile["password"],
        first_name=profile["first_name"],
        last_name=profile["last_name"],
        date_joined=now,
    )
    preferences_update(user_id=person.pk, changes={"language": profile["language"]}, now=now)
    return person
