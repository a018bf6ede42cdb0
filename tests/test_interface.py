"""Every Python example of docs/interface.md, run as it stands there. What they promise: test_contract.py."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import time_machine

from notifications.pipeline import listeners
from notifications.work import periodic
from tests.factories import ClinicFactory, UserFactory
from tests.medications.factories import DoseScheduleFactory

DOCUMENT = Path(__file__).parent.parent / "docs" / "interface.md"
EXAMPLES = re.findall(r"^```python\n(.*?)^```$", DOCUMENT.read_text(), re.S | re.M)


@pytest.fixture
def rows(db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """What the examples take as given; what they declare is forgotten afterwards."""
    monkeypatch.setattr(periodic, "_declared", dict(periodic._declared))
    monkeypatch.setattr(
        listeners, "_listeners", {name: dict(those) for name, those in listeners._listeners.items()}
    )
    with time_machine.travel(datetime(2026, 11, 22, 8, 0, tzinfo=UTC), tick=False):
        user, schedule = UserFactory(), DoseScheduleFactory()
        yield {
            "user": user,
            "users": [user, UserFactory()],
            "clinic": ClinicFactory(),
            "schedule": schedule,
            "prescription": schedule.prescription,
        }


def test_the_examples_are_found() -> None:
    assert len(EXAMPLES) == DOCUMENT.read_text().count("```python") > 8


@pytest.mark.parametrize("example", EXAMPLES, ids=[re.findall(r"\w+$", each, re.M)[0] for each in EXAMPLES])
def test_an_example_runs_as_it_is_written(example: str, rows: dict[str, Any]) -> None:
    exec(compile(example, DOCUMENT.name, "exec"), rows)  # noqa: S102 - it is our own text
