"""A place in an inbox, newest first, that stays the same place when messages come and go."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import cast

from django.db.models import Q, QuerySet

from notifications.models import Notification

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def to_token(moment: datetime) -> str:
    """An aware moment in whole microseconds, for an address."""
    return str((moment - _EPOCH) // timedelta(microseconds=1))


def from_token(token: str) -> datetime:
    """The moment again, in UTC. ValueError when it is none."""
    try:
        return _EPOCH + timedelta(microseconds=int(token))
    except OverflowError:
        raise ValueError(token) from None


@dataclass(frozen=True, slots=True)
class Cursor:
    """The place of one message."""

    sent_at: datetime
    id: int

    @classmethod
    def of(cls, message: Notification) -> "Cursor":
        return cls(cast("datetime", message.sent_at), message.pk)  # what has come, came at some time

    @classmethod
    def parse(cls, text: str) -> "Cursor":
        """The reverse of `str`; ValueError when it isn't one."""
        moment, _, id_ = text.partition("-")
        return cls(from_token(moment), int(id_))

    def __str__(self) -> str:
        return f"{to_token(self.sent_at)}-{self.id}"

    def older(self, messages: QuerySet[Notification]) -> QuerySet[Notification]:
        """Those after this place. The first condition is what the index is entered by."""
        return messages.filter(sent_at__lte=self.sent_at).filter(
            Q(sent_at__lt=self.sent_at) | Q(id__lt=self.id)
        )

    def newer(self, messages: QuerySet[Notification]) -> QuerySet[Notification]:
        """Those before this place."""
        return messages.filter(sent_at__gte=self.sent_at).filter(
            Q(sent_at__gt=self.sent_at) | Q(id__gt=self.id)
        )
