"""When work that failed is tried again."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Waits `delays[0]` after the first failure, `delays[1]` after the second, and gives up after the last.

    Each delay varies by up to `jitter` of itself either way, so that what failed together doesn't return
    together.
    """

    delays: tuple[timedelta, ...] = (
        timedelta(seconds=10),
        timedelta(seconds=60),
        timedelta(minutes=5),
        timedelta(minutes=10),
        timedelta(minutes=20),
    )
    jitter: float = 0.1

    def __post_init__(self) -> None:
        if any(delay < timedelta(0) for delay in self.delays):
            raise ValueError("a delay can't be negative")
        if not 0 <= self.jitter <= 1:
            raise ValueError("jitter is a share from 0 to 1")

    def next_attempt(
        self,
        *,
        failures: int,
        error: Exception,
        now: datetime,
        valid_until: datetime | None = None,
        random: float,
    ) -> datetime | None:
        """When to try again (aware, in UTC); None is to give up.

        `failures` counts this one too, so it is at least 1. `random` is from 0 to 1. An error may say that it is
        `permanent`, or how long to wait at least (`retry_after`); nothing is tried at or after `valid_until`.
        """
        if failures < 1:
            raise ValueError("failures counts from 1")
        if getattr(error, "permanent", False) or failures > len(self.delays):
            return None
        delay = self.delays[failures - 1] * (1 + self.jitter * (2 * random - 1))
        if (retry_after := getattr(error, "retry_after", None)) is not None:
            delay = max(delay, retry_after)
        at = now.astimezone(UTC) + delay
        if valid_until is not None and at >= valid_until:
            return None
        return at
