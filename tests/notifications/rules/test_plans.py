"""One way after the other: in which order, how long each waits, and when none follows."""

from datetime import datetime, timedelta

import pytest

from notifications.rules.examples.plans import EXAMPLES, NOW, PLAN, Example
from notifications.rules.plans import (
    AFTER_A_SLOW_ONE,
    IN_HAND,
    LONGEST,
    UNNAMED,
    Progress,
    Stage,
    Step,
    Turn,
    held_back,
    in_order,
    minutes_of,
    read,
    usual,
)
from notifications.types import Priority, Reason
from tests.notifications.rules.examples import event_type

PUSH, EMAIL, SMS = Step("push", 0), Step("email", 15), Step("sms", 30)


def ago(minutes: float) -> datetime:
    return NOW - timedelta(minutes=minutes)


def turn(step: int = 1, minutes: int = 15, *, planned: datetime = NOW, due_at: datetime = NOW) -> Turn:
    return Turn(step, minutes, planned, due_at)


def verdict(*others: Progress, own: Turn | None = None, seen: bool = False) -> Reason | datetime | None:
    return held_back(own or turn(), others, seen=seen, now=NOW)


# Plans ----------------------------------------------------------------------------------------------------


def test_the_usual_plan_has_the_free_channels_that_are_on_by_default() -> None:
    assert usual(event_type()) == (PUSH, EMAIL)
    assert usual(event_type(channels={"in_app": True, "email": False, "push": True, "sms": True})) == (PUSH,)


def test_a_stored_plan_is_read() -> None:
    assert read([["push", 0], ["email", 15]]) == (PUSH, EMAIL)
    assert read([]) == ()
    assert read([["sms", LONGEST]]) == (Step("sms", LONGEST),)


@pytest.mark.parametrize(
    "stored",
    [
        None,
        7,
        "push",
        {"push": 0},
        [["push"]],
        [["push", 0, 1]],
        [[1, 0]],
        [["push", "0"]],
        [["push", True]],
        [["push", -1]],
        [["push", LONGEST + 1]],
    ],
)
def test_what_is_no_plan_is_refused(stored: object) -> None:
    with pytest.raises(ValueError, match="is no plan"):
        read(stored)


def test_channels_that_are_not_in_use_are_passed_over_and_those_not_named_come_last() -> None:
    plan = (Step("pager", 5), PUSH, SMS, Step("push", 60))
    assert list(in_order(plan, ("email", "push", "sms"))) == [PUSH, SMS, Step("email", UNNAMED)]


@pytest.mark.parametrize(
    ("priority", "minutes", "waited"),
    [(Priority.HIGH, 15, 15), (Priority.URGENT, 15, 8), (Priority.URGENT, 30, 15), (Priority.URGENT, 1, 1)],
)
def test_what_is_urgent_waits_half_as_long(priority: Priority, minutes: int, waited: int) -> None:
    assert minutes_of(Step("sms", minutes), priority) == waited


# Turns ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("example", EXAMPLES)
def test_what_becomes_of_a_step_when_it_is_due(example: Example) -> None:
    """By the examples that the page for staff says in words."""
    own = Turn(example.step, PLAN[example.step].minutes, NOW, NOW)
    assert held_back(own, example.others, seen=example.seen, now=NOW) == example.outcome


def test_minutes_count_from_the_step_before_and_from_no_other() -> None:
    others = (Progress(0, Stage.SENT, ago(1)), Progress(1, Stage.OVER))
    assert verdict(*others, own=turn(2, 30)) is None


@pytest.mark.parametrize("step", [0, 1, 2])
def test_nothing_follows_when_its_reader_has_seen_it(step: int) -> None:
    assert verdict(own=turn(step), seen=True) is Reason.REACHED


@pytest.mark.parametrize("step", [0, 2, None])
def test_nothing_follows_when_it_arrived_by_any_other_way(step: int | None) -> None:
    assert verdict(Progress(step, Stage.ARRIVED, ago(1))) is Reason.REACHED


def test_that_it_was_sent_beside_the_plan_has_reached_nobody() -> None:
    assert verdict(Progress(None, Stage.SENT, ago(1)), Progress(None, Stage.IN_HAND)) is None


def test_one_that_is_being_sent_is_waited_for() -> None:
    first = verdict(Progress(1, Stage.IN_HAND), own=turn(0, 0))
    second = verdict(Progress(0, Stage.IN_HAND), own=turn(1))
    assert isinstance(first, datetime)
    assert isinstance(second, datetime)
    assert NOW < first < second, "two that find each other don't look again together"
    assert (first, second) == (NOW + IN_HAND, NOW + 2 * IN_HAND)


def test_one_that_nobody_tried_is_waited_for_a_little_longer_and_once() -> None:
    untried = Progress(0, Stage.WAITING)
    late = verdict(untried)
    assert late == NOW + AFTER_A_SLOW_ONE
    assert verdict(untried, own=turn(due_at=late)) is None


def test_after_an_outage_the_first_step_has_the_start() -> None:
    own = turn(planned=ago(120), due_at=ago(120))
    assert verdict(Progress(0, Stage.WAITING), own=own) == NOW + AFTER_A_SLOW_ONE


def test_one_whose_place_was_taken_is_not_sent_any_more() -> None:
    assert verdict(Progress(1, Stage.SENT, ago(1)), own=turn(0, 0)) is Reason.OVERTAKEN
    assert verdict(Progress(1, Stage.RETRYING), own=turn(0, 0)) is None


def test_a_step_that_is_put_off_puts_off_what_follows_it() -> None:
    put_off = Progress(1, Stage.WAITING, turn_at=NOW + timedelta(minutes=3))
    assert verdict(put_off, own=turn(2, 30)) == NOW + timedelta(minutes=33)
    assert verdict(put_off, own=turn(0, 0)) is None
    assert verdict(put_off._replace(turn_at=NOW), own=turn(2, 30)) == NOW + AFTER_A_SLOW_ONE


@pytest.mark.parametrize(("ends", "looks"), [(20, 19), (3.5, 3)])
def test_however_late_it_looks_again_before_it_is_too_late(ends: float, looks: float) -> None:
    put_off = Progress(1, Stage.WAITING, turn_at=NOW + timedelta(minutes=3))
    own = turn(2, 30)._replace(ends=NOW + timedelta(minutes=ends))
    assert verdict(put_off, own=own) == NOW + timedelta(minutes=looks)


@pytest.mark.parametrize(
    ("ends", "outcome"), [(15, Reason.OVERTAKEN), (15.1, NOW + timedelta(minutes=15)), (9, Reason.OVERTAKEN)]
)
def test_one_whose_turn_comes_when_it_is_too_late_is_never_sent(ends: float, outcome: object) -> None:
    own = turn()._replace(ends=NOW + timedelta(minutes=ends))
    assert verdict(Progress(0, Stage.SENT, NOW), own=own) == outcome
