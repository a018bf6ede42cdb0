"""Erasures: asked for by a person or on their word, decided by a manager who sees the plan, carried out as one act."""

import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from home.models import CareRole, Erasure, Patient, RegionRole, Relation, StaffRole, User
from home.privacy.erasure_message import erased_message
from home.selectors import managers_of
from home.transactional.queue import enqueue
from notifications.privacy import Effect, Person, steps
from notifications.rules.retries import RetryPolicy
from notifications.selectors.people import language_of
from notifications.services import NotificationService
from notifications.work.leases import Claim, claim
from notifications.work.wakeups import wake_on_commit

logger = logging.getLogger(__name__)

CARRY_OUT_ERASURES = "carry_out_erasures"
_RETRIES = RetryPolicy((timedelta(minutes=1), timedelta(minutes=10)), jitter=0)
State = Erasure.State
OPEN = (State.ASKED, State.ACCEPTED, State.FAILED)
"""While it is so, nobody can ask for the same again."""


_REFUSED = (
    gettext_lazy("Your request to be erased was refused"),
    gettext_lazy(
        "Your clinic says why:\n\n%(reason)s\n\nYou can talk to your clinic about it, or complain to the Information "
        "Regulator."
    ),
)
_DONE = (
    gettext_lazy("The erasure that you asked for is done"),
    gettext_lazy("The name is gone, and there will be no more messages about it."),
)


@dataclass(frozen=True, slots=True)
class PlanLine:
    """What becomes of one kind of rows, and of how many."""

    words: str
    effect: Effect
    number: int


@dataclass(frozen=True, slots=True)
class ErasurePlan:
    """What an erasure will do. `account` is the one that goes, None if there is none or it stays.

    `stays` are the words why an account stays; `left_alone` are other patients whom nobody would care for any more.
    """

    account: User | None
    stays: str
    left_alone: Sequence[Patient]
    lines: Sequence[PlanLine]


def erasure_ask(
    *,
    asked_by: User,
    now: datetime,
    patient: Patient | None = None,
    user: User | None = None,
    in_their_words: str = "",
) -> Erasure:
    """Ask that a patient's record go, with the patient's account if there is one and nothing else needs it; or that an
    account go that has no record.

    The caller checks that `asked_by` may ask. The clinic's managers are told. Raises ValidationError when the same was
    asked for before and is still open, or when the account is one of staff.
    """
    user = user if patient is None else _account_of(patient)
    if patient is None and (user is None or _is_staff(user)):
        raise ValidationError(
            _("This is the account of somebody who works here. Their role ends first."), code="staff"
        )
    try:
        with transaction.atomic():
            erasure = Erasure.objects.create(
                patient=patient,
                user=user,
                asked_at=now,
                asked_by=asked_by,
                in_their_words=in_their_words,
                due_at=now,
            )
            _tell_managers(erasure, but=asked_by)
    except IntegrityError:
        raise ValidationError(_("This was asked for before and is not decided yet."), code="open") from None
    return erasure


def erasure_withdraw(*, erasure_id: int, asked_by: User, now: datetime) -> bool:
    """Take back what this person asked for; False once it is decided."""
    rows = Erasure.objects.filter(pk=erasure_id, asked_by=asked_by, state=State.ASKED)
    return bool(rows.update(state=State.WITHDRAWN, finished_at=now))


def erasure_plan(erasure: Erasure, *, now: datetime) -> ErasurePlan:
    """What would happen now: all steps are rehearsed in a transaction that is rolled back (docs/decisions/0082)."""
    person = person_of(erasure)
    with transaction.atomic():
        lines = [PlanLine(str(step.words), step.effect, step.rehearse()) for step in steps(person, now)]
        transaction.set_rollback(True)
    account = User.objects.filter(pk=person.user_id).first() if person.user_id else None
    return ErasurePlan(account, _why_it_stays(erasure, person), _left_alone(erasure, person), _added(lines))


def erasure_accept(*, erasure_id: int, by: User, now: datetime) -> bool:
    """Have it carried out; False when somebody else decided before. One that failed is tried again."""
    with transaction.atomic():
        rows = Erasure.objects.filter(pk=erasure_id, state__in=(State.ASKED, State.FAILED))
        accepted = rows.update(
            state=State.ACCEPTED,
            decided_at=now,
            decided_by=by,
            due_at=now,
            finished_at=None,
            failures=0,
            crashes=0,
            error="",
            reason="",
        )
        if accepted:
            wake_on_commit(CARRY_OUT_ERASURES)
    return bool(accepted)


def erasure_refuse(*, erasure_id: int, by: User, reason: str, now: datetime) -> bool:
    """Refuse it, and tell whoever asked why; False when somebody else decided before."""
    with transaction.atomic():
        rows = Erasure.objects.filter(pk=erasure_id, state=State.ASKED)
        refused = rows.update(
            state=State.REFUSED, decided_at=now, decided_by=by, refusal=reason, finished_at=now
        )
        erasure = Erasure.objects.select_related("asked_by").get(pk=erasure_id)
        if refused:
            _tell_who_asked(erasure, *_REFUSED, reason=reason)
    return bool(refused)


def carry_out_next_erasure(*, now: datetime) -> bool:
    """Carry out the next one that was accepted; False when none waits. One that fails is tried three times."""
    taken = claim(Erasure, now=now, limit=1, state=State.ACCEPTED)
    if not taken:
        return False
    erasure = Erasure.objects.select_related("patient", "user", "asked_by").get(pk=taken.ids[0])
    try:
        with taken.kept():
            _carry_out(erasure, taken, now)
    except Exception as error:
        # Not the error itself, which may quote what was to be forgotten.
        logger.error(
            "Erasure %(erasure)s failed: %(kind)s.", {"erasure": erasure.pk, "kind": type(error).__name__}
        )
        failure = ErasureFailedError(type(error).__name__)
        taken.fail(failure, _RETRIES, failures=erasure.failures)
    return True


class ErasureFailedError(Exception):
    """An erasure could not be carried out; nothing of it was."""

    permanent = False


def person_of(erasure: Erasure) -> Person:
    """Whose data goes: the record, and the account unless it is needed for something else."""
    patient_ids = () if erasure.patient_id is None else (erasure.patient_id,)
    account = erasure.user if erasure.patient_id is None else _account_of(erasure.patient)
    if account is None or _is_staff(account):
        return Person(patient_ids=patient_ids)
    if erasure.patient_id is not None and _cares_for_others(account, erasure.patient_id):
        return Person(patient_ids=patient_ids)
    return Person(account.pk, patient_ids)


def _carry_out(erasure: Erasure, taken: Claim, now: datetime) -> None:
    """One transaction: all of it is done, or nothing is and the next worker begins anew."""
    with transaction.atomic():
        person = person_of(erasure)
        account = User.objects.filter(pk=person.user_id).first() if person.user_id else None
        goodbye = erased_message(account, language=language_of(account.pk)) if account else None
        done: Counter[str] = Counter()
        for step in steps(person, now):
            done[step.effect.value] += step.carry_out()
        if not taken.finish(state=State.DONE, done=dict(done), error=""):
            raise ErasureFailedError("Another worker has it.")
        if goodbye:
            transaction.on_commit(lambda: enqueue(goodbye))
        if erasure.asked_by_id != person.user_id:
            _tell_who_asked(erasure, *_DONE)


def _account_of(patient: Patient | None) -> User | None:
    return User.objects.filter(care_roles__patient=patient, care_roles__relation=Relation.SELF).first()


def _is_staff(user: User) -> bool:
    has_rights = user.is_superuser or user.is_staff
    return has_rights or any(role.objects.filter(user=user).exists() for role in (StaffRole, RegionRole))


def _cares_for_others(user: User, patient_id: int) -> bool:
    return CareRole.objects.filter(user=user).exclude(patient_id=patient_id).exists()


def _why_it_stays(erasure: Erasure, person: Person) -> str:
    patient = erasure.patient
    account = _account_of(patient) if patient else None
    if patient is None or account is None or person.user_id is not None:
        return ""
    if _is_staff(account):
        return _("This person works here, so their account stays. It goes when their role has ended.")
    others = CareRole.objects.filter(user=account).exclude(patient=patient).select_related("patient")
    names = ", ".join(str(each.patient) for each in others)
    return _(
        "This person cares for others (%(names)s), so their account stays, with their name and addresses."
    ) % {"names": names}


def _left_alone(erasure: Erasure, person: Person) -> list[Patient]:
    """Patients whose only carer goes with the account."""
    if person.user_id is None:
        return []
    others = CareRole.objects.filter(patient=OuterRef("pk"), user__is_active=True).exclude(
        user=person.user_id
    )
    cared_for = Patient.objects.filter(care_roles__user=person.user_id).exclude(pk__in=person.patient_ids)
    return list(cared_for.filter(~Exists(others)))


def _added(lines: Sequence[PlanLine]) -> list[PlanLine]:
    """A line for each kind, in their order, without those of which there is nothing."""
    numbers: dict[tuple[str, Effect], int] = {}
    for line in lines:
        key = (line.words, line.effect)
        numbers[key] = numbers.get(key, 0) + line.number
    return [PlanLine(words, effect, number) for (words, effect), number in numbers.items() if number]


def _tell_managers(erasure: Erasure, *, but: User) -> None:
    """Without a name: it may be read on a lock screen. Head office is told where no clinic has a manager for it."""
    managed = managers_of(clinics_concerned(erasure))
    ids = {each for managers in managed.values() for each in managers}
    deciding = (
        User.objects.filter(pk__in=ids) if ids else User.objects.filter(is_superuser=True, is_active=True)
    )
    by_language: dict[str, list[User]] = {}
    for manager in deciding.exclude(pk=but.pk).order_by("pk"):
        by_language.setdefault(language_of(manager.pk), []).append(manager)
    for language, managers in by_language.items():
        with translation.override(language):
            NotificationService.send(
                users=managers,
                title=_("Somebody asks to be erased"),
                message=_(
                    "A person of your clinic asks that their data be erased. Decide on it under “Erasures”."
                ),
            )


def _tell_who_asked(erasure: Erasure, title: Any, message: Any, **values: str) -> None:
    """In the inbox of whoever asked on their own page; staff, who asked on somebody's word, see it in their list."""
    person = erasure.asked_by
    if person is None or _is_staff(person):
        return
    with translation.override(language_of(person.pk)):
        NotificationService.send(
            users=[person], title=str(title), message=str(message) % values, path="/my-data/"
        )


def clinics_concerned(erasure: Erasure) -> list[Any]:
    """The clinics whose managers decide: that of the patient; for an account alone, those of the patients cared for."""
    if erasure.patient is not None:
        return [erasure.patient.clinic_id]
    roles = CareRole.objects.filter(user=erasure.user_id)
    return list(roles.order_by().values_list("patient__clinic_id", flat=True).distinct())
