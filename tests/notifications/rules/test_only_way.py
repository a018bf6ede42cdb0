"""A channel that is off by default stands in where nothing else reaches the person."""

from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from notifications.rules.routing import route
from notifications.types import Decision, QuietHours, Reason, Wishes
from tests.notifications.rules.examples import event_type

CHANNELS = ("in_app", "email", "push", "sms")
ALL = frozenset({"email", "push", "sms"})
NOON = datetime(2026, 11, 24, 10, tzinfo=UTC)
TYPE = event_type(clinical=True, stands_in=frozenset({"sms"}))


def by_sms(*, reachable: frozenset[str] = frozenset({"sms"}), **kwargs: Any) -> Decision:
    decisions = route(
        kwargs.pop("type", TYPE),
        wishes=kwargs.pop("wishes", Wishes()),
        reachable=reachable,
        channels=CHANNELS,
        now=NOON,
        **kwargs,
    )
    return decisions[-1]


def test_who_has_only_a_number_is_reached_by_it() -> None:
    assert by_sms() == Decision("sms", True, Reason.ONLY_WAY, stands_in=True, step=0)


def test_it_follows_what_somebody_opted_into() -> None:
    decisions = route(
        TYPE,
        wishes=Wishes(),
        reachable={"sms", "whatsapp"},
        channels=(*CHANNELS, "whatsapp"),
        now=NOON,
    )
    found = {each.channel: each for each in decisions}
    assert (found["whatsapp"].step, found["whatsapp"].send_at) == (0, None)
    assert (found["sms"].reason, found["sms"].step) == (Reason.ONLY_WAY, 1)
    assert found["sms"].send_at == NOON + timedelta(minutes=30)


@pytest.mark.parametrize("other", ["email", "push"])
def test_who_has_another_way_is_not(other: str) -> None:
    assert by_sms(reachable=frozenset({"sms", other})) == Decision("sms", False, Reason.OFF_BY_DEFAULT)


@pytest.mark.parametrize(
    "obstacle", [Reason.UNVERIFIED, Reason.NO_CONSENT, Reason.BOUNCED, Reason.COMPLAINED]
)
def test_a_way_that_is_barred_is_none(obstacle: Reason) -> None:
    found = by_sms(reachable=frozenset({"sms", "email"}), obstacles={"email": obstacle})
    assert found == Decision("sms", True, Reason.ONLY_WAY, stands_in=True, step=0)


def test_a_channel_that_the_person_turned_off_is_no_way() -> None:
    wishes = Wishes(muted=frozenset({"email"}))
    assert by_sms(reachable=frozenset({"sms", "email"}), wishes=wishes).reason is Reason.ONLY_WAY


def test_who_agreed_to_no_reminders_still_has_their_other_way() -> None:
    event = event_type(stands_in=frozenset({"sms"}))
    obstacles = dict.fromkeys(("email", "sms"), Reason.NO_CONSENT_TREATMENT)
    assert by_sms(type=event, obstacles=obstacles, reachable=ALL).reason is Reason.OFF_BY_DEFAULT


@pytest.mark.parametrize(
    ("wishes", "reason"),
    [
        (Wishes(choices=frozenset({("stock", "sms", False)})), Reason.OFF_BY_CHOICE),
        (Wishes(muted=frozenset({"sms"})), Reason.CHANNEL_OFF),
    ],
)
def test_the_persons_own_no_wins(wishes: Wishes, reason: Reason) -> None:
    assert by_sms(wishes=wishes) == Decision("sms", False, reason)


@pytest.mark.parametrize("clinical", [True, False])
@pytest.mark.parametrize("obstacle", [Reason.UNVERIFIED, Reason.NO_CONSENT])
def test_a_number_that_is_not_confirmed_or_agreed_to_is_not_used(obstacle: Reason, *, clinical: bool) -> None:
    event = event_type(clinical=clinical, stands_in=frozenset({"sms"}))
    assert by_sms(type=event, obstacles={"sms": obstacle}) == Decision("sms", False, obstacle)


def test_without_consent_to_be_reminded_nothing_clinical_goes() -> None:
    reason = Reason.NO_CONSENT_TREATMENT
    assert by_sms(obstacles={"sms": reason}) == Decision("sms", False, reason)


def test_who_has_no_number_is_told_so() -> None:
    assert by_sms(reachable=frozenset()) == Decision("sms", False, Reason.NO_ADDRESS)


def test_types_that_do_not_say_so_stay_off() -> None:
    assert by_sms(type=event_type()) == Decision("sms", False, Reason.OFF_BY_DEFAULT)


def test_a_direct_send_keeps_to_its_channels() -> None:
    assert by_sms(requested=frozenset({"email"})) == Decision("sms", False, Reason.NOT_REQUESTED)


def test_a_repeat_is_not_carried_unless_the_person_chose_the_channel() -> None:
    assert by_sms(no_stand_in=Reason.REPEATED) == Decision("sms", False, Reason.REPEATED)
    chose = Wishes(choices=frozenset({("stock", "sms", True)}))
    assert by_sms(no_stand_in=Reason.REPEATED, wishes=chose) == Decision("sms", True, Reason.CHOSEN)


def test_quiet_hours_hold_it_and_it_still_stands_in() -> None:
    found = by_sms(wishes=Wishes(quiet_hours=QuietHours(time(12), time(13))))
    assert (found.send, found.reason, found.stands_in) == (True, Reason.QUIET_HOURS, True)
