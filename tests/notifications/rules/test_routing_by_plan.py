"""Channels that follow each other: each decision says its step, and when it comes."""

from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from notifications.rules.plans import Step
from notifications.rules.routing import route
from notifications.types import Decision, EmailTime, Priority, QuietHours, Reason, Wishes
from tests.notifications.rules.examples import event_type

CHANNELS = ("in_app", "email", "push", "sms")
ALL = frozenset({"email", "push", "sms"})
NOON = datetime(2026, 11, 24, 10, tzinfo=UTC)  # 12:00 in Johannesburg
PLAN = (Step("push", 0), Step("email", 15), Step("sms", 30))
NOT_MEANT = event_type(channels={"in_app": True})


def after(minutes: int) -> datetime:
    return NOON + timedelta(minutes=minutes)


def decide(**kwargs: Any) -> dict[str, Decision]:
    decisions = route(
        kwargs.pop("type", event_type()),
        wishes=kwargs.pop("wishes", Wishes()),
        reachable=kwargs.pop("reachable", ALL),
        channels=kwargs.pop("channels", CHANNELS),
        now=NOON,
        plan=kwargs.pop("plan", PLAN),
        **kwargs,
    )
    return {decision.channel: decision for decision in decisions}


def test_each_step_waits_for_the_one_before() -> None:
    found = decide()
    assert found["push"] == Decision("push", True, Reason.DEFAULT, step=0)
    assert found["email"] == Decision("email", True, Reason.DEFAULT, after(15), step=1, minutes=15)
    assert found["sms"] == Decision("sms", True, Reason.PLANNED, after(45), step=2, minutes=30)


@pytest.mark.parametrize("only", ["push", "email", "sms"])
def test_the_first_that_can_be_used_goes_at_once(only: str) -> None:
    decision = decide(reachable={only})[only]
    assert (decision.send, decision.send_at, decision.step) == (True, None, 0)


def test_a_step_that_can_not_be_used_is_not_waited_for() -> None:
    found = decide(reachable={"push", "sms"})
    assert (found["sms"].send_at, found["sms"].step) == (after(30), 1)
    bounced = decide(obstacles={"email": Reason.BOUNCED})
    assert (bounced["email"].step, bounced["sms"].send_at) == (None, after(30))


def test_a_channel_that_the_plan_names_is_on() -> None:
    assert decide(type=NOT_MEANT, reachable={"sms"})["sms"] == Decision("sms", True, Reason.PLANNED, step=0)
    assert decide(type=NOT_MEANT, plan=(), reachable={"sms"})["sms"].reason is Reason.OFF_BY_DEFAULT


def test_but_not_for_who_turned_it_off() -> None:
    off = Wishes(choices=frozenset({("stock", "sms", False)}))
    assert decide(wishes=off)["sms"] == Decision("sms", False, Reason.OFF_BY_CHOICE)
    assert decide(wishes=Wishes(muted=frozenset({"sms"})))["sms"].reason is Reason.CHANNEL_OFF


@pytest.mark.parametrize("obstacle", [Reason.UNVERIFIED, Reason.NO_CONSENT])
def test_and_not_at_an_address_that_is_not_confirmed_or_agreed_to(obstacle: Reason) -> None:
    assert decide(obstacles={"sms": obstacle})["sms"] == Decision("sms", False, obstacle)


def test_what_the_person_turned_on_goes_at_once_beside_the_plan() -> None:
    wishes = Wishes(choices=frozenset({("stock", "sms", True)}))
    found = decide(wishes=wishes)
    assert found["sms"] == Decision("sms", True, Reason.CHOSEN)
    assert [found[name].step for name in ("push", "email")] == [0, 1]


def test_what_the_sender_asked_for_goes_at_once() -> None:
    found = decide(requested=frozenset({"push", "sms"}))
    assert found["push"] == Decision("push", True, Reason.REQUESTED)
    assert found["sms"] == Decision("sms", True, Reason.REQUESTED)


def test_a_channel_that_is_on_and_not_named_comes_last() -> None:
    found = decide(plan=(Step("email", 0),))
    assert (found["email"].send_at, found["push"].send_at) == (None, after(30))
    assert found["sms"].reason is Reason.OFF_BY_DEFAULT


def test_what_is_urgent_waits_half_as_long() -> None:
    found = decide(type=event_type(priority=Priority.URGENT))
    assert (found["email"].minutes, found["email"].send_at) == (8, after(8))


def test_quiet_hours_hold_the_first_and_the_others_follow_it() -> None:
    wishes = Wishes(quiet_hours=QuietHours(time(12), time(13)))
    found = decide(wishes=wishes)
    assert found["push"] == Decision("push", True, Reason.QUIET_HOURS, after(60), step=0)
    assert (found["email"].reason, found["email"].send_at) == (Reason.DEFAULT, after(75))


def test_a_step_that_would_fall_into_the_quiet_hours_waits_for_their_end() -> None:
    wishes = Wishes(quiet_hours=QuietHours(time(12, 10), time(13)))
    found = decide(wishes=wishes)
    assert found["push"].send_at is None
    assert (found["email"].reason, found["email"].send_at) == (Reason.QUIET_HOURS, after(60))
    assert found["sms"].send_at == after(90)


def test_the_e_mail_time_is_looked_for_from_the_time_of_the_step() -> None:
    wishes = Wishes(email_time=EmailTime.AFTERNOON)
    found = decide(wishes=wishes)
    assert (found["email"].reason, found["email"].send_at) == (Reason.EMAIL_TIME, after(120))


@pytest.mark.parametrize(("valid", "due"), [(46, 45), (45, 44), (17, 16), (15, 14)])
def test_a_step_without_time_for_its_minutes_waits_for_the_one_before_to_fail(valid: int, due: int) -> None:
    found = decide(valid_until=after(valid))
    assert found["sms"].send_at == after(due)
    assert (found["sms"].step, found["sms"].minutes) == (2, 30)
    assert found["email"].send_at == after(min(15, valid - 1))


def test_nothing_goes_beyond_its_time() -> None:
    found = decide(valid_until=NOON + timedelta(minutes=1))
    assert found["push"].send
    assert {found[name].reason for name in ("email", "sms")} == {Reason.TOO_LATE}


def test_a_step_that_would_be_too_late_leaves_its_place_to_the_next() -> None:
    wishes = Wishes(email_time=EmailTime.AFTERNOON)
    found = decide(wishes=wishes, valid_until=after(60))
    assert found["email"].reason is Reason.TOO_LATE
    assert (found["sms"].step, found["sms"].send_at) == (1, after(30))


def test_a_repeat_goes_by_free_ways_alone() -> None:
    found = decide(no_stand_in=Reason.REPEATED, paid={"sms"})
    assert found["sms"] == Decision("sms", False, Reason.REPEATED)
    assert found["push"].send
    assert found["email"].send
    chose = Wishes(choices=frozenset({("stock", "sms", True)}))
    assert decide(no_stand_in=Reason.REPEATED, paid={"sms"}, wishes=chose)["sms"].reason is Reason.CHOSEN


def test_what_rings_repeats_nothing_whoever_chose_it() -> None:
    chose = Wishes(choices=frozenset({("stock", "sms", True)}))
    found = decide(no_stand_in=Reason.REPEATED, once={"sms"}, wishes=chose)
    assert found["sms"] == Decision("sms", False, Reason.REPEATED)
    found = decide(no_stand_in=Reason.ASKED_WEEKLY, once={"sms"})
    assert found["sms"].send


def test_two_channels_that_stand_in_follow_each_other() -> None:
    poor = event_type(channels={"in_app": True}, stands_in=frozenset({"sms", "pager"}))
    found = decide(
        type=poor, channels=("in_app", "pager", "sms"), reachable={"sms", "pager"}, plan=(Step("sms", 0),)
    )
    assert found["sms"] == Decision("sms", True, Reason.ONLY_WAY, stands_in=True, step=0)
    assert found["pager"] == Decision(
        "pager", True, Reason.ONLY_WAY, after(30), stands_in=True, step=1, minutes=30
    )


def test_a_pause_stops_all_steps() -> None:
    wishes = Wishes(paused_until=NOON.date() + timedelta(days=2))
    assert {decide(wishes=wishes)[name].reason for name in ALL} == {Reason.PAUSED}
