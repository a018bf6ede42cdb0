"""Quiet hours, by the examples that the page for staff says in words. Clock changes are in test_routing.py."""

import pytest

from notifications.rules.examples.quiet_hours import EXAMPLES, Example
from notifications.rules.quiet_hours import quiet_until


@pytest.mark.parametrize("example", EXAMPLES)
def test_a_message_waits_until_they_end(example: Example) -> None:
    assert quiet_until(example.quiet, example.zone, example.ready) == example.until
