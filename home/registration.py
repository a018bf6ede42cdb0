"""Registering a patient at the desk: the patient, and who is asked for a yes to messages, in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from home.carers import CARERS
from home.invitation.services import Agreed, invitation_create
from home.models import CareRole, Consent, Invitation, Patient, Relation, User
from home.privacy.consents import consents_give
from home.privacy.sentences import REMINDERS
from notifications.languages.listed import DEFAULT
from notifications.phone_numbers import gets_sms
from notifications.selectors.people import language_of


@dataclass(frozen=True, slots=True)
class Asked:
    """Somebody whose number (E.164) is asked for a yes: by a code where they `agreed` at the desk, else by a link."""

    phone: str
    relation: str
    name: tuple[str, str] = ("", "")
    alert_missed: bool = False
    agreed: Agreed | None = None


def patient_register(
    *,
    patient: Patient,
    asked: Sequence[Asked],
    language: str,
    message_language: str = "",
    carers_agreed: Agreed | None,
    by: User,
    now: datetime,
) -> list[Invitation]:
    """Save a new patient and make an invitation for each who is `asked`; `invitation_send` sends them.

    `carers_agreed`: the patient said yes to carers being told. Raises ValidationError, with nothing saved, when
    somebody else has taken the folder or identity number since it was looked at.
    """
    try:
        with transaction.atomic():
            patient.save()
            log(patient, "wagtail.create", user=by)
            made = [
                invitation_create(
                    patient=patient,
                    relation=each.relation,
                    phone=each.phone,
                    invited_by=by,
                    now=now,
                    language=language,
                    message_language=message_language,
                    alert_missed=each.alert_missed,
                    name=each.name,
                    agreed=each.agreed,
                )
                for each in asked
            ]
            if carers_agreed:
                consents_give(
                    patient_id=patient.pk,
                    purposes=[CARERS],
                    how=Consent.How.SPOKEN,
                    language=carers_agreed.language,
                    witness_id=by.pk,
                    now=now,
                )
    except IntegrityError:
        raise taken_meanwhile() from None
    return made


def carer_invite(
    *,
    patient: Patient,
    relation: str,
    email: str = "",
    phone: str = "",
    name: tuple[str, str] = ("", ""),
    alert_missed: bool,
    patient_agrees: bool,
    language: str,
    consent_language: str,
    by: User,
    now: datetime,
) -> Invitation:
    """Make an invitation to care for a patient; of a carer also write down that the patient agrees, where they do.

    `invitation_send` sends it. Raises ValidationError as `invitation_check` does.
    """
    with transaction.atomic():
        made = invitation_create(
            patient=patient,
            relation=relation,
            email=email,
            phone=phone,
            name=name,
            alert_missed=alert_missed,
            language=language,
            invited_by=by,
            now=now,
        )
        if patient_agrees and relation == Relation.CARER:
            consents_give(
                patient_id=patient.pk,
                purposes=[CARERS],
                how=Consent.How.SPOKEN,
                language=consent_language,
                witness_id=by.pk,
                now=now,
            )
    return made


def taken_meanwhile() -> ValidationError:
    """What staff are told where a folder or identity number was free when it was looked at, and is no longer."""
    return ValidationError(
        _("Somebody has just registered a patient with this folder or identity number. Search for it."),
        code="taken",
    )


def number_changed(*, patient: Patient, by: User, now: datetime) -> Invitation | None:
    """Ask the number that a patient has now for a yes; what waited for the number before is withdrawn.

    None where it isn't asked: nothing was agreed to, neither at the desk before nor by the account of their own;
    or no SMS comes there.
    Raises ValidationError, with nothing changed, where the number is asked already for somebody else of this patient.
    """
    waiting = Invitation.objects.filter(
        patient=patient,
        relation=Relation.SELF,
        agreed_at__isnull=False,
        accepted_at__isnull=True,
        declined_at__isnull=True,
        revoked_at__isnull=True,
    ).order_by("-agreed_at")
    with transaction.atomic():
        before = waiting.first()
        waiting.order_by().update(revoked_at=now)
        agreed = None
        if before is not None and before.agreed_at is not None:
            agreed = Agreed(tuple(before.purposes), before.agreed_language, before.agreed_at)
        own = CareRole.objects.filter(patient=patient, relation=Relation.SELF).select_related("user").first()
        if own is not None and own.user.phone == patient.phone and own.user.phone_verified_at:
            return None
        if agreed is None and own is not None:
            standing = Consent.objects.filter(
                user=own.user_id, purpose__in=(REMINDERS, "sms"), withdrawn_at__isnull=True
            )
            if standing.count() == len((REMINDERS, "sms")):
                agreed = Agreed((), DEFAULT, now)
        if agreed is None or not patient.phone or not gets_sms(patient.phone):
            return None
        language = before.language if before else language_of(own.user_id) if own else DEFAULT
        return invitation_create(
            patient=patient,
            relation=Relation.SELF,
            phone=str(patient.phone),
            invited_by=by,
            now=now,
            language=language,
            message_language=before.message_language if before else "",
            agreed=agreed,
        )
