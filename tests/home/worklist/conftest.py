"""One reason that finds whom a test names, in the place of all others."""

from collections.abc import Collection, Iterable
from datetime import UTC, datetime

import pytest

from home.worklist import reasons
from home.worklist.reasons import Finding, WorklistReason, register_worklist_reason

NOW = datetime(2026, 11, 24, 8, tzinfo=UTC)
"""A Tuesday, ten in the morning at the clinics."""


class Finder:
    """Registers reasons that find what is put into `found`, by their names."""

    def __init__(self) -> None:
        self.found: dict[str, list[Finding]] = {}
        self.breaks: set[str] = set()

    def reason(self, name: str, pressing: int = 50) -> None:
        self.found[name] = []

        def select(clinic_ids: Collection[int], now: datetime) -> Iterable[Finding]:
            if name in self.breaks:
                raise ZeroDivisionError(name)
            return self.found[name]

        register_worklist_reason(
            WorklistReason(
                name,
                name.replace("_", " ").capitalize(),
                pressing,
                select,
                words=lambda facts: f"{name.replace('_', ' ').capitalize()} {facts.get('days', '')}".strip(),
            )
        )


@pytest.fixture
def finder(monkeypatch: pytest.MonkeyPatch) -> Finder:
    monkeypatch.setattr(reasons, "_reasons", {})
    found = Finder()
    found.reason("visit_missed")
    return found
