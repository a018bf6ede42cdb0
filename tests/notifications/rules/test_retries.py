from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.exceptions import ChannelError
from notifications.rules.retries import RetryPolicy

NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)
TRANSIENT = ChannelError("busy", permanent=False)


def seconds(policy=None, *, random=0.5, **kwargs):
    at = (policy or RetryPolicy()).next_attempt(
        **{"failures": 1, "error": TRANSIENT, "now": NOW, "random": random, **kwargs}
    )
    return None if at is None else (at - NOW).total_seconds()


def test_it_waits_longer_after_each_failure_and_then_gives_up():
    assert [seconds(failures=n) for n in range(1, 8)] == [10, 60, 300, 600, 1200, None, None]


def test_a_policy_has_its_own_delays():
    policy = RetryPolicy(delays=(timedelta(seconds=3),), jitter=0)
    assert [seconds(policy, failures=n, random=1) for n in (1, 2)] == [3, None]


@pytest.mark.parametrize(("random", "expected"), [(0, 54), (0.25, 57), (0.5, 60), (1, 66)])
def test_the_delay_varies_by_a_tenth_either_way(random, expected):
    assert seconds(failures=2, random=random) == pytest.approx(expected)


def test_a_permanent_error_ends_it_at_once():
    error = ChannelError("no such number", permanent=True, retry_after=timedelta(seconds=5))
    assert seconds(error=error) is None


@pytest.mark.parametrize(("retry_after", "expected"), [(0, 10), (5, 10), (90, 90), (7200, 7200)])
def test_it_never_returns_before_the_provider_asked(retry_after, expected):
    error = ChannelError("slow down", permanent=False, retry_after=timedelta(seconds=retry_after))
    assert seconds(error=error) == expected


def test_retry_after_does_not_add_attempts():
    error = ChannelError("slow down", permanent=False, retry_after=timedelta(seconds=5))
    assert seconds(failures=6, error=error) is None


@pytest.mark.parametrize(("valid_for", "expected"), [(9, None), (10, None), (11, 10)])
def test_it_gives_up_when_the_next_attempt_would_be_too_late(valid_for, expected):
    assert seconds(valid_until=NOW + timedelta(seconds=valid_for)) == expected


def test_a_delay_is_elapsed_time_also_when_the_clock_changes():
    before = datetime(2026, 3, 29, 1, 55, tzinfo=ZoneInfo("Europe/Berlin"))
    at = RetryPolicy().next_attempt(failures=4, error=TRANSIENT, now=before, random=0.5)
    assert at == datetime(2026, 3, 29, 1, 5, tzinfo=UTC)
    assert at.tzinfo is UTC


@pytest.mark.parametrize("failures", [0, -1])
def test_failures_count_from_one(failures):
    with pytest.raises(ValueError, match=r"^failures counts from 1$"):
        seconds(failures=failures)


@pytest.mark.parametrize(
    ("policy", "words"),
    [
        ({"jitter": -0.1}, "jitter is a share from 0 to 1"),
        ({"jitter": 1.5}, "jitter is a share from 0 to 1"),
        ({"delays": (timedelta(seconds=-1),)}, "a delay can't be negative"),
    ],
)
def test_a_senseless_policy_is_refused(policy, words):
    with pytest.raises(ValueError, match=f"^{words}$"):
        RetryPolicy(**policy)


def test_no_delay_and_one_that_varies_by_all_of_itself_are_possible():
    assert seconds(RetryPolicy(delays=(timedelta(0),), jitter=1)) == 0


def test_an_error_that_says_nothing_may_pass():
    assert seconds(error=OSError("reset")) == 10


@given(
    failures=st.integers(1, 8),
    random=st.floats(0, 1),
    retry_after=st.none() | st.timedeltas(timedelta(0), timedelta(hours=2)),
    valid_for=st.none() | st.timedeltas(timedelta(0), timedelta(hours=2)),
)
def test_an_attempt_is_always_later_in_time_and_after_what_was_asked(
    failures, random, retry_after, valid_for
):
    valid_until = None if valid_for is None else NOW + valid_for
    at = RetryPolicy().next_attempt(
        failures=failures,
        error=ChannelError("busy", permanent=False, retry_after=retry_after),
        now=NOW,
        valid_until=valid_until,
        random=random,
    )
    if at is not None:
        assert at > NOW
        assert at >= NOW + (retry_after or timedelta(0))
        assert valid_until is None or at < valid_until
