"""Giving and withdrawing consent. A row is added, and ended once; nothing else of it ever changes."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet

from home.carers import CARERS
from home.models import Consent
from home.privacy.sentences import current_version
from notifications.languages.listed import DEFAULT
from notifications.models import NotificationPreferences
from notifications.preferences.settings import preferences_update
from notifications.selectors.people import SWITCHES


def consents_give(
    *,
    purposes: Collection[str],
    how: str,
    language: str,
    now: datetime,
    user_id: int | None = None,
    patient_id: int | None = None,
    witness_id: int | None = None,
    renew: bool = True,
) -> list[str]:
    """Record that a person (`user_id`), or a patient (`patient_id`), agreed to these sentences as they are now; the
    purposes that are new.

    What stands in the same words stays as it is. With `renew`, what was carried over from before consents were
    recorded, or stands in older words, is ended and given anew. A channel that the person had turned off is on again.
    """
    with transaction.atomic():
        standing = consents_of(user_id=user_id, patient_id=patient_id).filter(purpose__in=purposes)
        outdated: list[int] = []
        stands: set[str] = set()
        for row in standing.select_for_update():
            is_current = row.version == current_version(row.purpose)
            if renew and not is_current:
                outdated.append(row.pk)
            else:
                stands.add(row.purpose)
        Consent.objects.filter(pk__in=outdated).update(
            withdrawn_at=now, withdrawn_how=Consent.Ended.RENEWED, withdrawn_by=witness_id
        )
        new = [purpose for purpose in purposes if purpose not in stands]
        _write([(user_id, patient_id, purpose) for purpose in new], how, language, witness_id, now)
        if user_id is not None:
            _turn_on(user_id, new, now)
    return new


def undecided(user_id: int | None, purposes: Collection[str]) -> list[str]:
    """Those of these purposes on which a person has never said yes or no; of somebody new all of them. One query."""
    decided = (
        set(Consent.objects.filter(user_id=user_id).values_list("purpose", flat=True)) if user_id else set()
    )
    return [purpose for purpose in purposes if purpose not in decided]


def consents_withdraw(
    *,
    purposes: Collection[str],
    how: str,
    now: datetime,
    user_id: int | None = None,
    patient_id: int | None = None,
    by_id: int | None = None,
    reason: str = "",
) -> int:
    """End what stands of these; how many. Doing it twice is harmless."""
    standing = consents_of(user_id=user_id, patient_id=patient_id).filter(purpose__in=purposes)
    return standing.update(withdrawn_at=now, withdrawn_how=how, withdrawn_by=by_id, reason=reason)


def consents_of(*, user_id: int | None = None, patient_id: int | None = None) -> QuerySet[Consent]:
    """What stands of a person's own consents, or of a patient's."""
    owner = Q(user_id=user_id) if user_id is not None else Q(patient_id=patient_id)
    return Consent.objects.filter(owner, withdrawn_at__isnull=True)


def consents_for_all(
    *,
    user_ids: Collection[int],
    patient_ids: Collection[int] = (),
    purposes: Collection[str],
    how: str,
    now: datetime,
    language: str = DEFAULT,
    witness_id: int | None = None,
) -> None:
    """Consents of many people to all of these purposes, and of patients that carers are told; what stands stays."""
    of_people = [(user_id, None, purpose) for user_id in user_ids for purpose in purposes]
    of_patients = [(None, patient_id, CARERS) for patient_id in patient_ids]
    _write([*of_people, *of_patients], how, language, witness_id, now)


def _write(
    rows: Collection[tuple[int | None, int | None, str]],
    how: str,
    language: str,
    witness_id: int | None,
    now: datetime,
) -> None:
    """Each is of a person or of a patient, and a purpose. Whoever agrees twice in the same moment has agreed once."""
    Consent.objects.bulk_create(
        [
            Consent(
                user_id=user_id,
                patient_id=patient_id,
                purpose=purpose,
                version=current_version(purpose),
                language=language,
                how=how,
                witness_id=witness_id,
                given_at=now,
            )
            for user_id, patient_id, purpose in rows
        ],
        2000,
        ignore_conflicts=True,
    )


def _turn_on(user_id: int, purposes: Collection[str], now: datetime) -> None:
    """Who says yes to a channel wants it on."""
    switches = {SWITCHES[purpose] for purpose in purposes if purpose in SWITCHES}
    found = NotificationPreferences.objects.filter(user_id=user_id).first() if switches else None
    row = found or NotificationPreferences(user_id=user_id)
    off = {switch: True for switch in switches if not getattr(row, switch)}
    if off:
        preferences_update(user_id=user_id, changes=off, now=now)
