"""The clock of the run is the one that was asked for, and goes on."""

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from django.utils import timezone

from tests.clock import parse_moment


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2028-02-29T12:00", datetime(2028, 2, 29, 10, tzinfo=UTC)),  # on the wall in Johannesburg
        ("2027-03-28T00:30Z", datetime(2027, 3, 28, 0, 30, tzinfo=UTC)),
        ("2026-10-25T01:30+01:00", datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
    ],
)
def test_a_moment_is_on_the_wall_of_the_site_unless_it_says_where(text: str, moment: datetime) -> None:
    assert parse_moment(text) == moment


def test_the_run_lives_then(pytestconfig: pytest.Config, tmp_path: Path) -> None:
    asked: datetime | None = pytestconfig.getoption("--clock")
    (tmp_path / "now").touch()
    machine = datetime.fromtimestamp((tmp_path / "now").stat().st_mtime, UTC)
    begun = asked or machine - timedelta(minutes=1)
    assert begun <= timezone.now() <= begun + timedelta(hours=2)


def test_the_time_goes_on_and_comes_back_after_a_journey() -> None:
    before = time.time()
    with time_machine.travel("1999-12-31T23:59Z", tick=False):
        assert timezone.now().year == 1999
    assert before < time.time() < before + 60
