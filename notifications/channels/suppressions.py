"""Addresses that nothing is sent to, because it came back or was unwanted; and trying them again."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth import get_user_model
from django.db import transaction

from notifications.models import Suppression
from notifications.rules.routing import EMAIL
from notifications.types import Reason

STALE = timedelta(days=2)
"""A report older than this counts no more: whoever reports tries again for some hours."""
AHEAD = timedelta(minutes=5)
"""How far another machine's clock may be ahead of ours."""


@dataclass(frozen=True, slots=True)
class Report:
    """That mail to an address came back for good (BOUNCED) or was marked as unwanted (COMPLAINED).

    `id` is the reporter's own, the same when it is reported again. `at` is aware.
    """

    id: str | None
    address: str
    reason: Reason
    at: datetime


def problem_report(report: Report, *, now: datetime) -> bool:
    """Send nothing to that address any more; whether that is new.

    Nothing changes for an address of nobody, a report that came before, one that is too old, or one of a time before
    its owner had the address tried again.
    """
    address = report.address.strip().lower()
    if not now - STALE < report.at < now + AHEAD or not _is_somebodys(address):
        return False
    with transaction.atomic():
        if report.id and Suppression.objects.filter(report=report.id).exists():
            return False
        problem, is_new = Suppression.objects.get_or_create(
            channel=EMAIL,
            address=address,
            defaults={"reason": report.reason, "since": report.at, "report": report.id},
        )
        if is_new:
            return True
        return bool(
            Suppression.objects.filter(pk=problem.pk, cleared_at__lt=report.at).update(
                reason=report.reason, since=report.at, report=report.id, cleared_at=None
            )
        )


def problem_of(user_id: int) -> Suppression | None:
    """What is wrong with this person's e-mail address; None when nothing is, or they have none."""
    mine = get_user_model()._default_manager.filter(pk=user_id, email__isnull=False).values("email")
    return Suppression.objects.filter(channel=EMAIL, address__in=mine, cleared_at=None).first()


def address_retry(*, user_id: int, now: datetime) -> bool:
    """Send to this person's address again, since they say that it works; whether anything was wrong with it."""
    problem = problem_of(user_id)
    if problem is None:
        return False
    return bool(Suppression.objects.filter(pk=problem.pk, cleared_at=None).update(cleared_at=now))


def _is_somebodys(address: str) -> bool:
    return get_user_model()._default_manager.filter(email=address).exists()
