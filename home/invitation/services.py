"""Invitations: staff make and send them; the person who gets one accepts it or declines.

None of these asks whether the address has an account, but for the two that its owner calls: staff get the same answer,
after the same time, for every address (docs/decisions/0076).
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

from home.invitation.message import invitation_message
from home.models import CareRole, Consent, Invitation, Patient, Relation, User
from home.privacy.consents import consents_give, undecided
from home.privacy.sentences import REMINDERS, reading_language
from home.transactional.message import send
from notifications.exceptions import ChannelError
from notifications.phone_numbers import as_phone
from notifications.preferences.settings import preferences_update


def invitation_create(
    *,
    patient: Patient,
    relation: str,
    email: str = "",
    phone: str = "",
    invited_by: User | None,
    now: datetime,
    language: str = "en",
    alert_missed: bool = False,
) -> Invitation:
    """Make an invitation to one of the two addresses; `invitation_send` sends it.

    Raises ValidationError as `invitation_check` does.
    """
    with transaction.atomic():
        Patient.objects.select_for_update().get(pk=patient.pk)
        invitation_check(patient=patient, relation=relation, email=email, phone=phone, now=now)
        return Invitation.objects.create(
            patient=patient,
            relation=relation,
            alert_missed=alert_missed,
            email=email.lower() or None,
            phone=as_phone(phone) if phone else None,
            language=language,
            digest=Invitation.digest_of(secrets.token_urlsafe()),
            invited_by=invited_by,
            created_at=now,
            expires_at=now + Invitation.LIFE,
        )


def invitation_check(
    *, patient: Patient, relation: str, now: datetime, email: str = "", phone: str = ""
) -> None:
    """Raises ValidationError when the patient has the one account of their own that there can be, or an open
    invitation went to that address.
    """
    roles = CareRole.objects.filter(patient=patient, relation=Relation.SELF)
    if relation == Relation.SELF and roles.exists():
        raise ValidationError(
            {"relation": _("This patient already has their own account.")}, code="care_role_one_self"
        )
    number = as_phone(phone) if phone else None
    address = {"email": email.lower()} if email else {"phone": number}
    if any(each.is_open(now) for each in Invitation.objects.filter(patient=patient, **address)):
        raise ValidationError(
            _("An invitation for this patient has already been sent there. You can send it again."),
            code="open",
        )


def invitation_send(*, invitation_id: int, now: datetime) -> Invitation:
    """Send an invitation with a new link, and return its row with the result. Earlier links stop working.

    Waits for the channel's providers. One that was answered or revoked is left as it is; one that has expired is
    valid again.
    """
    token = secrets.token_urlsafe(16)
    with transaction.atomic():
        invitation = Invitation.objects.select_for_update().select_related("patient").get(pk=invitation_id)
        if invitation.is_over:
            return invitation
        invitation.digest = Invitation.digest_of(token)
        invitation.expires_at = now + Invitation.LIFE
        invitation.sent_at, invitation.error = None, ""
        invitation.save(update_fields=["digest", "expires_at", "sent_at", "error"])
    with translation.override(invitation.language):
        path = reverse("invitation:accept", args=[token])
    try:
        send(invitation_message(invitation, path))
    except ChannelError as error:
        invitation.error = str(error)[:1000]
    else:
        invitation.sent_at = now
    # Unless somebody else has sent it again meanwhile.
    Invitation.objects.filter(pk=invitation.pk, digest=invitation.digest).update(
        sent_at=invitation.sent_at, error=invitation.error
    )
    return invitation


def invitation_revoke(*, invitation_id: int, now: datetime) -> bool:
    """Revoke an invitation: its link stops working. False when it was answered or revoked before."""
    return bool(_unanswered(invitation_id).update(revoked_at=now))


def invitation_decline(*, invitation_id: int, digest: str, now: datetime) -> bool:
    """Decline an invitation, as whoever opened its link may; False when that link no longer worked.

    Nobody is linked, and the link stops working.
    """
    opened = _unanswered(invitation_id).filter(digest=digest, expires_at__gt=now)
    return bool(opened.update(declined_at=now))


def invitation_accept(
    *, invitation_id: int, digest: str, user: User | None, profile: Mapping[str, Any], now: datetime
) -> User:
    """Accept an invitation: `user`, whose address it was sent to, or a new person of this `profile` gets the role.

    `profile` has first_name, last_name, language, and password, which may be empty. Opening the link has verified
    the address. Raises ValidationError when it isn't open any more, or somebody else has the role by now.
    """
    try:
        with transaction.atomic():
            invitation = (
                Invitation.objects.select_for_update(of=("self",))
                .select_related("patient")
                .get(pk=invitation_id)
            )
            if not invitation.is_open(now) or invitation.digest != digest or invitation.patient.deceased_on:
                raise ValidationError(_("This invitation no longer works."), code="closed")
            if user is None:
                user = _new_person(invitation, profile, now)
            _verify_address(user, invitation, now)
            CareRole.objects.get_or_create(
                patient=invitation.patient,
                user=user,
                defaults={"relation": invitation.relation, "alert_missed": invitation.alert_missed},
            )
            consents_give(
                user_id=user.pk,
                purposes=undecided(user.pk, invitation_purposes(invitation)),
                how=Consent.How.SITE,
                language=reading_language(),
                now=now,
            )
            invitation.accepted_at, invitation.accepted_by = now, user
            invitation.save(update_fields=["accepted_at", "accepted_by"])
    except IntegrityError:
        raise ValidationError(
            _("Somebody else has already accepted this invitation. Ask your clinic to put it right."),
            code="taken",
        ) from None
    return user


def invitation_purposes(invitation: Invitation) -> tuple[str, str]:
    """What somebody agrees to who accepts: reminders, by the channel of the address; the page says so in words."""
    return REMINDERS, "email" if invitation.email else "sms"


def _unanswered(invitation_id: int) -> QuerySet[Invitation]:
    return Invitation.objects.filter(
        pk=invitation_id, accepted_at__isnull=True, declined_at__isnull=True, revoked_at__isnull=True
    )


def _new_person(invitation: Invitation, profile: Mapping[str, Any], now: datetime) -> User:
    person = User.objects.create_user(
        email=invitation.email,
        phone=str(invitation.phone) if invitation.phone else None,
        password=profile["password"] or None,
        first_name=profile["first_name"],
        last_name=profile["last_name"],
        date_joined=now,
    )
    preferences_update(user_id=person.pk, changes={"language": profile["language"]}, now=now)
    return person


def _verify_address(user: User, invitation: Invitation, now: datetime) -> None:
    field = "email_verified_at" if invitation.email else "phone_verified_at"
    User.objects.filter(pk=user.pk, **{f"{field}__isnull": True}).update(**{field: now})
