"""Invitations: staff make and send them; the person who gets one accepts it or declines.

None of these asks whether the address has an account, but for the two that its owner calls: staff get the same answer,
after the same time, for every address (docs/decisions/0076).
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F, Q, QuerySet
from django.urls import reverse
from django.utils import translation
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from home.carers import CARERS
from home.contact_verification.contacts import address_confirm
from home.invitation.message import invitation_message
from home.models import CareRole, Consent, Invitation, Patient, Relation, User
from home.privacy.consents import consents_give, undecided
from home.privacy.sentences import REMINDERS, reading_language
from home.selectors import person_at
from home.transactional.codes import new_code
from home.transactional.message import send
from notifications.exceptions import ChannelError
from notifications.languages.listed import DEFAULT
from notifications.phone_numbers import as_phone
from notifications.preferences.settings import preferences_update


@dataclass(frozen=True, slots=True)
class Agreed:
    """To what somebody agreed at the desk, in which language it was read out, and when."""

    purposes: tuple[str, ...]
    language: str
    at: datetime


def invitation_create(
    *,
    patient: Patient,
    relation: str,
    email: str = "",
    phone: str = "",
    invited_by: User | None,
    now: datetime,
    language: str = DEFAULT,
    message_language: str = "",
    alert_missed: bool = False,
    name: tuple[str, str] = ("", ""),
    agreed: Agreed | None = None,
) -> Invitation:
    """Make an invitation to one of the two addresses; `invitation_send` sends it. `name` is of who is invited.

    Who `agreed` at the desk gets a code there, and proves by it, or by answering YES, that the number is theirs.
    Raises ValidationError as `invitation_check` does.
    """
    with transaction.atomic():
        Patient.objects.select_for_update().get(pk=patient.pk)
        invitation_check(
            patient=patient,
            relation=relation,
            email=email,
            phone=phone,
            now=now,
            is_by_code=agreed is not None,
        )
        return Invitation.objects.create(
            patient=patient,
            relation=relation,
            alert_missed=alert_missed,
            email=email.lower() or None,
            phone=as_phone(phone) if phone else None,
            language=language,
            message_language=message_language,
            digest=Invitation.digest_of(secrets.token_urlsafe()),
            first_name=name[0],
            last_name=name[1],
            purposes=list(agreed.purposes) if agreed else [],
            agreed_language=agreed.language if agreed else DEFAULT,
            agreed_at=agreed.at if agreed else None,
            invited_by=invited_by,
            created_at=now,
            expires_at=now + Invitation.LIFE,
        )


def invitation_check(
    *,
    patient: Patient,
    relation: str,
    now: datetime,
    email: str = "",
    phone: str = "",
    is_by_code: bool = False,
) -> None:
    """Raises ValidationError when the patient has the one account of their own that there can be (which gets another
    number by a code), or an open invitation went to that address.
    """
    roles = CareRole.objects.filter(patient=patient, relation=Relation.SELF)
    if relation == Relation.SELF and not is_by_code and roles.exists():
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
        code = new_code() if invitation.is_by_code else ""
        if code:
            invitation.code_digest = Invitation.digest_of_code(invitation.pk, code)
            invitation.code_expires_at, invitation.code_failures = now + Invitation.CODE_LIFE, 0
        invitation.save()
        # Who has an account here keeps it, and the number becomes that account's: nothing for a link to set up.
        with_link = not code or not own_account(invitation)
    with translation.override(invitation.language):
        path = reverse("invitation:accept", args=[token]) if with_link else ""
    try:
        send(invitation_message(invitation, path, code=code))
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
    opened = _unanswered(invitation_id).filter(Q(digest=digest) | Q(card_digest=digest), expires_at__gt=now)
    return bool(opened.update(declined_at=now))


def invitation_accept(
    *, invitation_id: int, digest: str, user: User | None, profile: Mapping[str, Any], now: datetime
) -> User:
    """Accept an invitation: `user`, whose address it was sent to, or a new person of this `profile` gets the role.

    `profile` has first_name, last_name, language, and password, which may be empty. Opening the link has verified
    the address, unless it is that of a card, which was handed over at the desk. Raises ValidationError when it isn't
    open any more, or somebody else has the role by now.
    """
    try:
        with transaction.atomic():
            invitation = (
                Invitation.objects.select_for_update(of=("self",))
                .select_related("patient")
                .get(pk=invitation_id)
            )
            by_card = invitation.card_digest == digest
            is_its_link = by_card or invitation.digest == digest
            if not invitation.is_open(now) or not is_its_link or invitation.patient.deceased_on:
                raise ValidationError(_("This invitation no longer works."), code="closed")
            if user is None:
                user = _new_person(invitation, profile, now, is_verified=not by_card)
            if not by_card:
                _verify_address(user, invitation, now)
            _link(invitation, user, now)
            consents_give(
                user_id=user.pk,
                purposes=undecided(user.pk, invitation_purposes(invitation)),
                how=Consent.How.SITE,
                language=reading_language(),
                now=now,
            )
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


def number_confirm(*, invitation_id: int, code: str, now: datetime) -> User:
    """The code that went to a number came back, read aloud at the desk: link its owner as was agreed there.

    Raises ValidationError for a wrong code, for one that is over after so many tries or so much time, and where the
    number can't be used; nothing but the count of tries has changed then.
    """
    waiting = _unanswered(invitation_id).filter(
        code_digest__gt="", code_expires_at__gt=now, code_failures__lt=Invitation.CODE_TRIES
    )
    # Counted before it is looked at, so that no two tries at one moment count as one.
    if not waiting.update(code_failures=F("code_failures") + 1):
        raise ValidationError(_("This code no longer works. Send another one."), code="over")
    invitation = Invitation.objects.get(pk=invitation_id)
    digits = "".join(each for each in code if each.isdecimal())
    if not constant_time_compare(invitation.code_digest, Invitation.digest_of_code(invitation.pk, digits)):
        left = Invitation.CODE_TRIES - invitation.code_failures
        raise ValidationError(
            ngettext(
                "This is not the code. It can be tried %(count)d more time.",
                "This is not the code. It can be tried %(count)d more times.",
                left,
            )
            % {"count": left}
            if left > 0
            else _("This is not the code, and it no longer works. Send another one."),
            code="wrong",
        )
    return number_agreed(invitation_id=invitation_id, now=now)


def number_agreed(*, invitation_id: int, now: datetime) -> User:
    """The owner of a number said yes to what was agreed at the desk: makes or links their account, verifies the number,
    and writes the consents of then.

    A patient who has an account already has this number from now on. Where the number's owner is another patient, they
    share it: the owner becomes a carer, who isn't told of missed doses, and of the rest once the patient agrees to it.
    Raises ValidationError when it was answered before, or the number can't be used.
    """
    try:
        with transaction.atomic():
            rows = Invitation.objects.select_for_update(of=("self",)).select_related("patient")
            invitation = rows.get(pk=invitation_id)
            if not invitation.is_by_code or not invitation.is_open(now) or invitation.patient.deceased_on:
                raise ValidationError(_("This invitation no longer works."), code="closed")
            user = _owner(invitation, now)
            _verify_address(user, invitation, now)
            _link(invitation, user, now)
    except IntegrityError:
        raise ValidationError(
            _("This number can’t be used: somebody else has taken it meanwhile."), code="taken"
        ) from None
    return user


def number_waiting(number: str, *, now: datetime) -> QuerySet[Invitation]:
    """The open invitations of this number (E.164) that were agreed to at a desk and sent, the last asked first."""
    return Invitation.objects.filter(
        phone=number,
        agreed_at__isnull=False,
        sent_at__isnull=False,
        expires_at__gt=now,
        accepted_at__isnull=True,
        declined_at__isnull=True,
        revoked_at__isnull=True,
    ).order_by("-sent_at", "-pk")


def _owner(invitation: Invitation, now: datetime) -> User:
    """Whose number it is: the account that has it, the patient's own that gets it, or a new one."""
    user = person_at(str(invitation.phone))
    own = own_account(invitation)
    if user is not None:
        if not user.is_active:
            raise ValidationError(_("This number can’t be used. Ask head office."), code="inactive")
        return user
    if own is not None:
        address_confirm(user_id=own.pk, kind="phone", address=str(invitation.phone), now=now)
        return own
    patient = invitation.patient
    is_self = invitation.relation == Relation.SELF
    profile = {
        "first_name": patient.first_name if is_self else invitation.first_name,
        "last_name": patient.last_name if is_self else invitation.last_name,
        "language": invitation.language,
        "password": "",
    }
    return _new_person(invitation, profile, now)


def own_account(invitation: Invitation) -> User | None:
    """The account that the patient has of their own, where it is they who are invited."""
    if invitation.relation != Relation.SELF:
        return None
    roles = CareRole.objects.filter(patient=invitation.patient_id, relation=Relation.SELF)
    role = roles.select_related("user").first()
    return role.user if role else None


def _link(invitation: Invitation, user: User, now: datetime) -> None:
    """Give the person the role, write what was agreed at the desk, and close the invitation."""
    relation, alert_missed = invitation.relation, invitation.alert_missed
    if invitation.is_by_code and relation == Relation.SELF and _is_another(invitation, user):
        relation, alert_missed = Relation.CARER, False
    CareRole.objects.get_or_create(
        patient=invitation.patient,
        user=user,
        defaults={"relation": relation, "alert_missed": alert_missed},
    )
    if invitation.agreed_at is not None:
        _write_agreed(invitation, user, relation)
    invitation.accepted_at, invitation.accepted_by, invitation.card_digest = now, user, None
    invitation.save(update_fields=["accepted_at", "accepted_by", "card_digest"])


def _is_another(invitation: Invitation, user: User) -> bool:
    """Whether this person is another patient, or another account is this patient's own."""
    roles = CareRole.objects.filter(relation=Relation.SELF)
    return roles.filter(
        Q(user=user) & ~Q(patient=invitation.patient_id) | Q(patient=invitation.patient_id) & ~Q(user=user)
    ).exists()


def _write_agreed(invitation: Invitation, user: User, relation: str) -> None:
    """The consents, as of when they were given. One that the person has ended since stays ended.

    Of somebody else than the patient only what they have never said yes or no to: they weren't asked as themselves.
    That carers are told is the patient's to say: it is written only where it was said.
    """
    assert invitation.agreed_at is not None  # noqa: S101 - the caller looked
    since = Consent.objects.filter(withdrawn_at__gt=invitation.agreed_at)
    ended = {*since.filter(user=user).values_list("purpose", flat=True)}
    purposes = [each for each in invitation.purposes if each != CARERS and each not in ended]
    if relation != Relation.SELF:
        purposes = undecided(user.pk, purposes)
    given: dict[str, Any] = {
        "how": Consent.How.SPOKEN,
        "language": invitation.agreed_language,
        "witness_id": invitation.invited_by_id,
        "now": invitation.agreed_at,
    }
    consents_give(user_id=user.pk, purposes=purposes, **given)
    if (
        CARERS in invitation.purposes
        and not since.filter(patient=invitation.patient_id, purpose=CARERS).exists()
    ):
        consents_give(patient_id=invitation.patient_id, purposes=[CARERS], **given)


def _new_person(
    invitation: Invitation, profile: Mapping[str, Any], now: datetime, *, is_verified: bool = True
) -> User:
    unverified = {} if is_verified else {"email_verified_at": None, "phone_verified_at": None}
    person = User.objects.create_user(
        email=invitation.email,
        phone=str(invitation.phone) if invitation.phone else None,
        password=profile["password"] or None,
        first_name=profile["first_name"],
        last_name=profile["last_name"],
        date_joined=now,
        **unverified,
    )
    languages = {"language": profile["language"], "message_language": invitation.message_language}
    preferences_update(user_id=person.pk, changes=languages, now=now)
    return person


def _verify_address(user: User, invitation: Invitation, now: datetime) -> None:
    field = "email_verified_at" if invitation.email else "phone_verified_at"
    User.objects.filter(pk=user.pk, **{f"{field}__isnull": True}).update(**{field: now})
