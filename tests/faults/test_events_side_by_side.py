"""Occurrences of clinic events made by two processes at once, after staff have changed some."""

import fcntl
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from events.models import ClinicEvent
from events.services.event import event_cancel
from events.services.generation import generate
from tests.events.changes import event_move
from tests.events.factories import EventSeriesFactory, weekly
from tests.factories import ClinicFactory
from tests.faults.stack import Site, wait_until

NOW = datetime(2026, 11, 23, 6, tzinfo=UTC)
SERIES = 300
IN_FOUR_WEEKS = 8
"""Occurrences of a series on two days of the week."""


def rows() -> list[dict[str, Any]]:
    return list(ClinicEvent.objects.order_by("id").values())


def test_two_processes_make_each_occurrence_once_and_bring_nothing_back(site: Site, tmp_path: Path) -> None:
    clinics = [ClinicFactory() for _ in range(3)]
    series = [
        EventSeriesFactory(clinic=clinics[number % 3], config=weekly(1 + number % 4, 5))
        for number in range(SERIES)
    ]
    generate(now=NOW, series_ids=[each.pk for each in series[::7]])
    moved, cancelled, *_ = series[0].events.order_by("starts_at")
    later = moved.starts_at + timedelta(days=1)
    event_move(event_id=moved.pk, starts_at=later, ends_at=later + timedelta(hours=1), now=NOW)
    event_cancel(event_id=cancelled.pk, now=NOW)
    before = rows()

    gate = tmp_path / "gate"
    with gate.open("w") as shut:
        fcntl.flock(shut, fcntl.LOCK_EX)
        processes = [site.start("generate_events", gate=str(gate), now=NOW.isoformat()) for _ in range(2)]
        wait_until(lambda: len(list(tmp_path.glob("gate.*"))) == 2, what="both stand at the gate")
    wait_until(lambda: None not in [each.poll() for each in processes], what="both have run")

    assert [each.poll() for each in processes] == [0, 0]
    after = rows()
    assert after[: len(before)] == before
    assert Counter(row["series_id"] for row in after) == {each.pk: IN_FOUR_WEEKS for each in series}
    assert len({(row["series_id"], row["original_start"]) for row in after}) == SERIES * IN_FOUR_WEEKS
    assert generate(now=NOW).made == 0
    assert rows() == after
