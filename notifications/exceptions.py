"""Everything the engine raises on purpose."""

from collections.abc import Mapping, Sequence
from datetime import timedelta


class NotificationError(Exception):
    """The root of the engine's errors. Each says itself whether trying again makes sense, and when at the earliest."""

    permanent: bool = False
    retry_after: timedelta | None = None


class EventTypeError(NotificationError, ValueError):
    """An event type is declared wrongly, twice, or not at all."""

    permanent = True


class PayloadError(NotificationError, ValueError):
    """A publication's payload doesn't fit its event type."""


class TemplateTextError(NotificationError, ValueError):
    """A text has something that isn't a permitted placeholder."""


class ChannelError(NotificationError):
    """A channel couldn't send. `may_have_it` names the provider that may have sent it all the same, and will say so."""

    def __init__(
        self,
        message: str,
        *,
        permanent: bool,
        retry_after: timedelta | None = None,
        may_have_it: str = "",
    ) -> None:
        super().__init__(message)
        self.permanent = permanent
        self.retry_after = retry_after
        self.may_have_it = may_have_it


class UnreadableError(ChannelError):
    """What was to be sent is encrypted with a key that is missing, which may be put back."""

    def __init__(self, what: str) -> None:
        super().__init__(f"{what} can't be read: its key is missing.", permanent=False)


class ScheduleError(NotificationError, ValueError):
    """What was to be scheduled is malformed; `errors` says by field what is wrong, in the reader's language."""

    def __init__(self, errors: Mapping[str, Sequence[str]]) -> None:
        super().__init__("; ".join(f"{field}: {' '.join(said)}" for field, said in errors.items()))
        self.errors = {field: [str(each) for each in said] for field, said in errors.items()}


class MessageError(NotificationError, ValueError):
    """What was to be sent is malformed; it says what."""


class PeriodicTaskError(NotificationError, ValueError):
    """There is no such periodic task, or it can't be turned off."""


class KeyUsedError(NotificationError, ValueError):
    """An idempotency key came again with another request than the first."""

    permanent = True


class UnknownRecipientsError(ScheduleError):
    """Somebody whom it is for doesn't exist, or not for whoever asks."""
