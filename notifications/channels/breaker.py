"""Which providers are in trouble, known to all processes, and when one is tried again."""

import logging
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from django.db.models import F
from django.db.models.functions import Coalesce

from notifications.channels.gateways import REST
from notifications.models import SmsProvider

logger = logging.getLogger(__name__)


def down(names: Iterable[str]) -> dict[str, SmsProvider]:
    """Those of these providers that are in trouble. One query."""
    rows = SmsProvider.objects.filter(name__in=list(names), down_since__isnull=False)
    return {row.name: row for row in rows}


def in_order(names: Iterable[str], failing: Mapping[str, SmsProvider], *, now: datetime) -> list[str]:
    """In which order to try them: those that work as they stand, then those that are left alone, as a last resort.

    One in trouble whose time has come stands where it did, for this caller alone: its message tries it.
    """
    names = list(names)
    alone = [name for name in names if name in failing and not may_try(failing[name], now)]
    return [*(name for name in names if name not in alone), *alone]


def may_try(row: SmsProvider, now: datetime) -> bool:
    """Whether its time has come; then it is this caller who tries it, and nobody else for a while."""
    if row.probe_at is not None and row.probe_at > now:
        return False
    mine = SmsProvider.objects.filter(pk=row.pk, probe_at=row.probe_at)
    return bool(mine.update(probe_at=now + REST))


def mark_down(name: str, *, reason: str, rest: timedelta, now: datetime) -> None:
    """Leave this provider alone for so long; `reason` names nobody."""
    row, _made = SmsProvider.objects.get_or_create(name=name)
    if row.down_since is None:
        logger.error("Provider %(provider)s is down: %(reason)s", {"provider": name, "reason": reason})
    SmsProvider.objects.filter(pk=row.pk).update(
        down_since=Coalesce(F("down_since"), now), probe_at=now + rest, reason=reason[:300]
    )


def mark_well(name: str) -> None:
    """It took a message again."""
    if SmsProvider.objects.filter(name=name, down_since__isnull=False).update(
        down_since=None, probe_at=None, reason=""
    ):
        logger.warning("Provider %(provider)s is back.", {"provider": name})
