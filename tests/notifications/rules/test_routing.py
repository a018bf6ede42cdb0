from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from notifications.rules.plans import Step
from notifications.rules.quiet_hours import quiet_until
from notifications.rules.routing import is_paused, route, strongest
from notifications.types import Category, Decision, EmailTime, Priority, QuietHours, Reason, Wishes
from tests.notifications.rules.examples import event_type

CHANNELS = ("in_app", "email", "sms")
REACHABLE = frozenset({"email", "sms"})
NIGHT = QuietHours(time(22), time(7))
NOON = datetime(2026, 11, 24, 10, tzinfo=UTC)  # 12:00 in Johannesburg
LATE = datetime(2026, 11, 24, 21, tzinfo=UTC)  # 23:00 in Johannesburg
SEVEN = datetime(2026, 11, 25, 5, tzinfo=UTC)  # 07:00 the next morning


def off(*pairs):
    return frozenset((category, channel, False) for category, channel in pairs)


def decide(channel, *, type=None, wishes=None, now=NOON, reachable=REACHABLE, **kwargs):
    decisions = route(
        type or event_type(),
        wishes=wishes or Wishes(),
        reachable=reachable,
        channels=CHANNELS,
        now=now,
        **kwargs,
    )
    # In which order channels follow each other: test_routing_by_plan.py.
    return replace(dict(zip(CHANNELS, decisions, strict=True))[channel], step=None)


def test_it_decides_for_each_channel_in_the_order_given():
    decisions = route(
        event_type(), wishes=Wishes(), reachable=REACHABLE, channels=("in_app", "sms", "email"), now=NOON
    )
    assert decisions == (
        Decision("in_app", True, Reason.DEFAULT),
        Decision("sms", False, Reason.OFF_BY_DEFAULT),
        Decision("email", True, Reason.DEFAULT, step=0),
    )


@pytest.mark.parametrize(
    ("choices", "send", "reason"),
    [
        ({("stock", "email", False), ("stock.low", "email", True)}, True, Reason.CHOSEN),
        ({("stock", "email", True), ("stock.low", "email", False)}, False, Reason.OFF_BY_CHOICE),
        ({("stock.low", "email", False)}, False, Reason.OFF_BY_CHOICE),
        ({("stock", "email", False), ("stock.high", "email", True)}, False, Reason.OFF_BY_CHOICE),
        ({("stock.low", "sms", False)}, True, Reason.DEFAULT),
    ],
)
def test_a_choice_for_the_type_goes_before_that_for_its_category(choices, send, reason):
    decision = decide("email", wishes=Wishes(choices=frozenset(choices)))
    assert (decision.send, decision.reason) == (send, reason)


def test_what_is_clinical_stays_in_the_inbox_whatever_is_chosen_for_its_type():
    wishes = Wishes(choices=off(("stock.low", "in_app")))
    assert decide("in_app", type=event_type(clinical=True), wishes=wishes).reason == Reason.ALWAYS


CHOSEN_SMS = frozenset({("stock", "sms", True)})


@pytest.mark.parametrize(
    ("channel", "type_changes", "choices", "reachable", "requested", "send", "reason"),
    [
        ("email", {}, frozenset(), REACHABLE, None, True, Reason.DEFAULT),
        ("sms", {}, frozenset(), REACHABLE, None, False, Reason.OFF_BY_DEFAULT),
        ("sms", {"channels": {}}, frozenset(), REACHABLE, None, False, Reason.OFF_BY_DEFAULT),
        ("sms", {}, CHOSEN_SMS, REACHABLE, None, True, Reason.CHOSEN),
        ("sms", {}, frozenset({("event", "sms", True)}), REACHABLE, None, False, Reason.OFF_BY_DEFAULT),
        ("email", {}, off(("stock", "email")), REACHABLE, None, False, Reason.OFF_BY_CHOICE),
        ("email", {}, off((Category.STOCK, "email")), REACHABLE, None, False, Reason.OFF_BY_CHOICE),
        ("email", {}, off(("event", "email")), REACHABLE, None, True, Reason.DEFAULT),
        ("email", {"clinical": True}, off(("stock", "email")), REACHABLE, None, False, Reason.OFF_BY_CHOICE),
        ("email", {}, frozenset(), frozenset({"sms"}), None, False, Reason.NO_ADDRESS),
        ("sms", {}, CHOSEN_SMS, frozenset(), None, False, Reason.NO_ADDRESS),
        ("sms", {}, off(("stock", "sms")), frozenset(), None, False, Reason.OFF_BY_CHOICE),
        ("in_app", {}, frozenset(), frozenset(), None, True, Reason.DEFAULT),
        ("in_app", {}, off(("stock", "in_app")), frozenset(), None, False, Reason.OFF_BY_CHOICE),
        ("in_app", {"clinical": True}, off(("stock", "in_app")), frozenset(), None, True, Reason.ALWAYS),
        ("in_app", {"clinical": True, "channels": {}}, frozenset(), frozenset(), None, True, Reason.ALWAYS),
        ("in_app", {"channels": {}}, frozenset(), frozenset(), None, False, Reason.OFF_BY_DEFAULT),
        ("email", {}, frozenset(), REACHABLE, {"sms"}, False, Reason.NOT_REQUESTED),
        ("sms", {}, frozenset(), REACHABLE, {"sms"}, True, Reason.REQUESTED),
        ("sms", {}, CHOSEN_SMS, REACHABLE, {"sms"}, True, Reason.REQUESTED),
        ("sms", {}, off(("stock", "sms")), REACHABLE, {"sms"}, False, Reason.OFF_BY_CHOICE),
        ("sms", {}, frozenset(), frozenset(), {"sms"}, False, Reason.NO_ADDRESS),
        ("in_app", {}, off(("stock", "in_app")), frozenset(), {"in_app"}, False, Reason.OFF_BY_CHOICE),
        (
            "in_app",
            {"clinical": True},
            off(("stock", "in_app")),
            frozenset(),
            {"in_app"},
            True,
            Reason.REQUESTED,
        ),
        ("in_app", {"clinical": True}, frozenset(), frozenset(), {"sms"}, False, Reason.NOT_REQUESTED),
        ("in_app", {}, frozenset(), frozenset(), set(), False, Reason.NOT_REQUESTED),
    ],
)
def test_a_choice_wins_over_a_request_and_a_default(
    channel, type_changes, choices, reachable, requested, send, reason
):
    decision = decide(
        channel,
        type=event_type(**type_changes),
        wishes=Wishes(choices=choices),
        reachable=reachable,
        requested=requested,
    )
    assert decision == Decision(channel, send, reason)


@pytest.mark.parametrize("valid_until", [NOON, NOON - timedelta(seconds=1)])
def test_what_expired_already_goes_nowhere(valid_until):
    decisions = route(
        event_type(clinical=True, priority=Priority.URGENT),
        wishes=Wishes(choices=off(("stock", "sms"))),
        reachable=frozenset(),
        channels=CHANNELS,
        now=NOON,
        valid_until=valid_until,
        requested=("sms",),
    )
    assert decisions == tuple(Decision(channel, False, Reason.EXPIRED) for channel in CHANNELS)


def test_expiry_is_a_moment_also_when_the_clock_goes_back():
    berlin = ZoneInfo("Europe/Berlin")
    now = datetime(2026, 10, 25, 2, 40, tzinfo=berlin)
    valid_until = datetime(2026, 10, 25, 2, 10, fold=1, tzinfo=berlin)  # half an hour later
    assert decide("email", now=now, valid_until=valid_until).reason == Reason.DEFAULT


@pytest.mark.parametrize(
    ("wishes", "now", "reason", "send_at"),
    [
        (Wishes(quiet_hours=NIGHT), LATE, Reason.QUIET_HOURS, SEVEN),
        (Wishes(quiet_hours=NIGHT), SEVEN - timedelta(microseconds=1), Reason.QUIET_HOURS, SEVEN),
        (Wishes(quiet_hours=NIGHT), SEVEN, Reason.DEFAULT, None),
        (Wishes(quiet_hours=NIGHT), NOON, Reason.DEFAULT, None),
        (
            Wishes(quiet_hours=NIGHT, choices=frozenset({("stock", "email", True)})),
            LATE,
            Reason.QUIET_HOURS,
            SEVEN,
        ),
        (Wishes(quiet_hours=QuietHours(time(23), time(23))), LATE, Reason.DEFAULT, None),
        (
            Wishes(quiet_hours=QuietHours(time(12), time(13))),
            NOON,
            Reason.QUIET_HOURS,
            NOON + timedelta(hours=1),
        ),
        (Wishes(email_time=EmailTime.AFTERNOON), NOON, Reason.EMAIL_TIME, NOON + timedelta(hours=2)),
        (Wishes(email_time=EmailTime.EVENING), NOON, Reason.EMAIL_TIME, NOON + timedelta(hours=8)),
        (Wishes(email_time=EmailTime.MORNING), NOON, Reason.EMAIL_TIME, NOON + timedelta(hours=20)),
        (Wishes(email_time=EmailTime.MORNING), NOON - timedelta(hours=4), Reason.DEFAULT, None),
        # In quiet hours now, but the e-mail time is later than their end.
        (
            Wishes(quiet_hours=NIGHT, email_time=EmailTime.MORNING),
            LATE,
            Reason.EMAIL_TIME,
            NOON + timedelta(hours=20),
        ),
        # The e-mail time is in quiet hours: to their end.
        (
            Wishes(quiet_hours=QuietHours(time(22), time(9)), email_time=EmailTime.MORNING),
            LATE,
            Reason.QUIET_HOURS,
            NOON + timedelta(hours=21),
        ),
        (
            Wishes(quiet_hours=QuietHours(time(19), time(7)), email_time=EmailTime.EVENING),
            NOON,
            Reason.QUIET_HOURS,
            SEVEN,
        ),
        # That end is this day's turn, for what comes up after the e-mail time too.
        (
            Wishes(quiet_hours=QuietHours(time(19), time(7)), email_time=EmailTime.EVENING),
            LATE,
            Reason.QUIET_HOURS,
            SEVEN,
        ),
        (
            Wishes(quiet_hours=QuietHours(time(19), time(7)), email_time=EmailTime.EVENING),
            SEVEN,
            Reason.DEFAULT,
            None,
        ),
    ],
)
def test_it_holds_email_until_quiet_hours_end_or_the_email_time_comes(wishes, now, reason, send_at):
    assert decide("email", wishes=wishes, now=now) == Decision("email", True, reason, send_at)


def test_the_email_time_moves_over_a_day_that_a_zone_skips():
    # Apia had no 30 December 2011; all but the first quarter of each day is quiet.
    quiet_hours = QuietHours(time(0, 15), time(0))
    wishes = Wishes(timezone="Pacific/Apia", quiet_hours=quiet_hours, email_time=EmailTime.MORNING)
    now = datetime(2011, 12, 30, 9, 59, tzinfo=UTC)
    end = now + timedelta(minutes=1)
    assert decide("email", wishes=wishes, now=now) == Decision("email", True, Reason.QUIET_HOURS, end)
    assert decide("email", wishes=wishes, now=end) == Decision("email", True, Reason.DEFAULT)


def test_the_email_time_holds_email_alone():
    wishes = Wishes(email_time=EmailTime.EVENING, choices=CHOSEN_SMS)
    assert decide("sms", wishes=wishes) == Decision("sms", True, Reason.CHOSEN)


def test_quiet_hours_hold_every_outside_channel_but_never_the_inbox():
    wishes = Wishes(quiet_hours=NIGHT, choices=CHOSEN_SMS)
    assert decide("sms", wishes=wishes, now=LATE) == Decision("sms", True, Reason.QUIET_HOURS, SEVEN)
    assert decide("in_app", wishes=wishes, now=LATE) == Decision("in_app", True, Reason.DEFAULT)


def test_a_requested_channel_is_held_too():
    decision = decide("sms", wishes=Wishes(quiet_hours=NIGHT), now=LATE, requested=["sms"])
    assert decision == Decision("sms", True, Reason.QUIET_HOURS, SEVEN)


@pytest.mark.parametrize(
    "asked", [{"wishes": Wishes(quiet_hours=NIGHT, choices=CHOSEN_SMS)}, {"requested": ["sms"]}]
)
def test_what_was_chosen_or_asked_for_is_not_sent_either_beyond_its_time(asked):
    asked = {"wishes": Wishes(quiet_hours=NIGHT), **asked}
    assert decide("sms", now=LATE, valid_until=SEVEN, **asked) == Decision("sms", False, Reason.TOO_LATE)


@pytest.mark.parametrize(
    ("valid_until", "expected"),
    [
        (SEVEN + timedelta(microseconds=1), Decision("email", True, Reason.QUIET_HOURS, SEVEN)),
        (SEVEN, Decision("email", False, Reason.TOO_LATE)),
        (LATE + timedelta(minutes=1), Decision("email", False, Reason.TOO_LATE)),
    ],
)
def test_what_would_expire_while_it_is_held_is_not_sent(valid_until, expected):
    assert decide("email", wishes=Wishes(quiet_hours=NIGHT), now=LATE, valid_until=valid_until) == expected


@pytest.mark.parametrize(
    ("timezone", "quiet", "now", "end"),
    [
        # Berlin, 29 March 2026: 02:00 to 03:00 is skipped. 02:30 with the offset before it is 01:30 UTC.
        ("Europe/Berlin", (22, 0, 2, 30), "2026-03-28T23:00Z", "2026-03-29T01:30Z"),
        ("Europe/Berlin", (22, 0, 2, 30), "2026-03-29T01:15Z", "2026-03-29T01:30Z"),
        ("Europe/Berlin", (22, 0, 2, 30), "2026-03-29T01:30Z", None),
        ("Europe/Berlin", (22, 0, 7, 0), "2026-03-28T23:00Z", "2026-03-29T05:00Z"),
        # 25 October 2026: 02:00 to 03:00 comes twice.
        ("Europe/Berlin", (22, 0, 7, 0), "2026-10-24T21:00Z", "2026-10-25T06:00Z"),
        ("Europe/Berlin", (22, 0, 2, 30), "2026-10-24T23:45Z", "2026-10-25T01:30Z"),
        ("Europe/Berlin", (2, 30, 7, 0), "2026-10-25T01:10Z", "2026-10-25T06:00Z"),
        # No quiet hours at all, also when their one time comes twice.
        ("Europe/Berlin", (2, 30, 2, 30), "2026-10-25T01:10Z", None),
        # One night's end, late for the skipped hour, falls into the next night.
        ("Europe/Berlin", (3, 15, 2, 30), "2026-03-28T12:00Z", "2026-03-30T00:30Z"),
        # Santiago, 6 September 2026: midnight itself is skipped.
        ("America/Santiago", (20, 0, 0, 0), "2026-09-06T02:00Z", "2026-09-06T04:00Z"),
        # Apia had no 30 December 2011.
        ("Pacific/Apia", (22, 0, 6, 0), "2011-12-30T15:00Z", "2011-12-30T16:00Z"),
    ],
)
def test_quiet_hours_end_on_the_persons_wall(timezone, quiet, now, end):
    quiet_hours = QuietHours(time(*quiet[:2]), time(*quiet[2:]))
    until = quiet_until(quiet_hours, timezone, datetime.fromisoformat(now))
    assert until == (end and datetime.fromisoformat(end))


ZONES = st.sampled_from(
    [
        "Africa/Johannesburg",
        "Africa/Cairo",
        "America/New_York",
        "America/Santiago",
        "America/St_Johns",
        "Asia/Kathmandu",
        "Australia/Lord_Howe",
        "Europe/Berlin",
        "Europe/Dublin",
        "Pacific/Apia",
        "Pacific/Chatham",
    ]
)
# Clock changes are at night: most walls and moments are near one.
WALLS = st.one_of(st.times(), st.builds(time, st.integers(0, 4), st.sampled_from([0, 15, 30, 59])))
QUIET = st.none() | st.builds(QuietHours, WALLS, WALLS)
CHANGES = st.sampled_from(
    [
        datetime(2011, 12, 30, 10, tzinfo=UTC),  # Apia skips a day
        datetime(2026, 3, 8, 7, tzinfo=UTC),  # New York
        datetime(2026, 3, 29, 1, tzinfo=UTC),  # Berlin, Dublin
        datetime(2026, 4, 4, 15, tzinfo=UTC),  # Lord Howe, half an hour; Chatham
        datetime(2026, 4, 23, 22, tzinfo=UTC),  # Cairo
        datetime(2026, 9, 6, 4, tzinfo=UTC),  # Santiago
        datetime(2026, 10, 3, 15, 30, tzinfo=UTC),
        datetime(2026, 10, 25, 1, tzinfo=UTC),
        datetime(2026, 10, 29, 21, tzinfo=UTC),
        datetime(2026, 11, 1, 6, tzinfo=UTC),
    ]
)
NOWS = st.one_of(
    st.datetimes(datetime(2000, 1, 1), datetime(2037, 1, 1), timezones=st.just(UTC)),
    st.builds(lambda change, minutes: change + timedelta(minutes=minutes), CHANGES, st.integers(-2880, 2880)),
)
WISHES = st.builds(
    Wishes,
    timezone=ZONES,
    quiet_hours=QUIET,
    email_time=st.sampled_from(EmailTime),
    choices=st.sets(st.tuples(st.just("stock"), st.sampled_from(CHANNELS), st.booleans()), max_size=3).map(
        frozenset
    ),
)
VALID_FOR = st.none() | st.timedeltas(timedelta(minutes=1), timedelta(days=3))


def is_quiet(quiet_hours, timezone, moment):
    """Quiet as the wall reads at the moment, the plainest way to say it."""
    wall = moment.astimezone(ZoneInfo(timezone)).time()
    start, end = quiet_hours.start, quiet_hours.end
    return start <= wall < end if start <= end else wall >= start or wall < end


@given(wishes=WISHES, now=NOWS, valid_for=VALID_FOR)
def test_nothing_leaves_in_quiet_hours_or_after_it_expired(wishes, now, valid_for):
    valid_until = now + valid_for if valid_for else None
    decisions = route(
        event_type(), wishes=wishes, reachable=REACHABLE, channels=CHANNELS, now=now, valid_until=valid_until
    )
    for decision in decisions[1:]:
        if not decision.send:
            assert decision.send_at is None
            continue
        moment = decision.send_at or now
        assert moment >= now
        assert valid_until is None or moment < valid_until
        assert wishes.quiet_hours is None or not is_quiet(wishes.quiet_hours, wishes.timezone, moment)


@given(wishes=WISHES, now=NOWS)
def test_what_was_held_goes_at_once_when_its_time_has_come(wishes, now):
    for decision in route(event_type(), wishes=wishes, reachable=REACHABLE, channels=CHANNELS, now=now):
        if decision.send_at is not None:
            again = decide(decision.channel, wishes=wishes, now=decision.send_at)
            assert (again.send, again.send_at) == (True, None)


@given(wishes=WISHES, now=NOWS)
def test_the_inbox_never_waits_and_no_hold_lasts_two_days(wishes, now):
    assume(wishes.quiet_hours is None or wishes.quiet_hours.start == time(22))
    inbox, *outside = route(event_type(), wishes=wishes, reachable=REACHABLE, channels=CHANNELS, now=now)
    assert inbox.send_at is None
    assert all(d.send_at is None or d.send_at - now < timedelta(days=2) for d in outside)


@given(
    wishes=WISHES,
    now=NOWS,
    changes=st.sampled_from([{"time_critical": True}, {"priority": Priority.URGENT}]),
)
def test_urgent_and_time_critical_messages_go_at_once(wishes, now, changes):
    decisions = route(event_type(**changes), wishes=wishes, reachable=REACHABLE, channels=CHANNELS, now=now)
    assert all(decision.send_at is None for decision in decisions)
    assert {d.reason for d in decisions}.isdisjoint({Reason.QUIET_HOURS, Reason.EMAIL_TIME, Reason.TOO_LATE})


@given(wishes=WISHES, now=NOWS, zone=ZONES)
def test_the_zone_in_which_now_is_written_makes_no_difference(wishes, now, zone):
    def routed(moment):
        return route(event_type(), wishes=wishes, reachable=REACHABLE, channels=CHANNELS, now=moment)

    assert routed(now.astimezone(ZoneInfo(zone))) == routed(now)


@given(quiet_hours=QUIET, zone=ZONES, now=NOWS)
def test_quiet_hours_hold_whenever_the_wall_says_so(quiet_hours, zone, now):
    until = quiet_until(quiet_hours, zone, now)
    if quiet_hours and is_quiet(quiet_hours, zone, now):
        assert until is not None
    assert until is None or until > now
    assert until is None or quiet_until(quiet_hours, zone, until) is None


@pytest.mark.parametrize("clinical", [True, False])
def test_an_unconfirmed_address_keeps_back_only_what_is_clinical(clinical):
    decision = decide(
        "email",
        type=event_type(clinical=clinical),
        obstacles={"email": Reason.UNVERIFIED, "sms": Reason.GONE},
    )
    expected = (False, Reason.UNVERIFIED) if clinical else (True, Reason.DEFAULT)
    assert (decision.send, decision.reason) == expected


def test_urgent_does_not_pass_an_unconfirmed_address():
    urgent = event_type(clinical=True, priority=Priority.URGENT)
    assert decide("email", type=urgent, obstacles={"email": Reason.UNVERIFIED}).reason is Reason.UNVERIFIED


def test_any_other_obstacle_keeps_back_everything():
    assert decide("email", obstacles={"email": Reason.GONE}) == Decision("email", False, Reason.GONE)


def test_what_is_off_needs_no_confirmed_address():
    wishes = Wishes(choices=off(("stock", "email")))
    clinical = event_type(clinical=True)
    decision = decide("email", type=clinical, wishes=wishes, obstacles={"email": Reason.UNVERIFIED})
    assert decision.reason is Reason.OFF_BY_CHOICE


TOMORROW = Wishes(paused_until=date(2026, 11, 25))


def test_a_pause_leaves_a_message_in_the_inbox_alone():
    assert decide("email", wishes=TOMORROW) == Decision("email", False, Reason.PAUSED)
    assert decide("in_app", wishes=TOMORROW) == Decision("in_app", True, Reason.DEFAULT)


@pytest.mark.parametrize("changes", [{"time_critical": True}, {"priority": Priority.URGENT}])
def test_what_must_come_at_once_passes_a_pause(changes):
    assert decide("email", type=event_type(**changes), wishes=TOMORROW).send


def test_what_a_pause_keeps_from_every_way_out_is_in_the_inbox_also_where_that_is_off():
    wishes = Wishes(choices=off(("stock", "in_app")), paused_until=date(2026, 11, 25))
    assert decide("in_app", wishes=wishes) == Decision("in_app", True, Reason.PAUSED)
    nothing = Wishes(choices=off(("stock", "in_app"), ("stock", "email")), paused_until=date(2026, 11, 25))
    assert not decide("in_app", wishes=nothing).send


@given(
    zone=st.sampled_from(
        ["Africa/Johannesburg", "America/New_York", "Europe/London", "Pacific/Apia", "America/Sao_Paulo"]
    ),
    now=st.datetimes(min_value=datetime(2010, 1, 1), max_value=datetime(2030, 1, 1)),
    days=st.integers(-3, 40),
    quiet=st.booleans(),
)
def test_a_pause_lasts_until_its_day_begins_on_the_persons_wall_and_no_longer(zone, now, days, quiet):
    now = now.replace(tzinfo=UTC)
    until = now.astimezone(ZoneInfo(zone)).date() + timedelta(days=days)
    wishes = Wishes(timezone=zone, paused_until=until, quiet_hours=NIGHT if quiet else None)
    decision = decide("email", wishes=wishes, now=now)
    assert (decision.reason is Reason.PAUSED) == (now.astimezone(ZoneInfo(zone)).date() < until)
    assert decision.send == (decision.reason is not Reason.PAUSED)
    assert decide("in_app", wishes=wishes, now=now).send


UNVERIFIED = {1: Reason.UNVERIFIED}
NO_CONSENT = {1: Reason.NO_CONSENT_TREATMENT}
BOUNCED = {1: Reason.BOUNCED}
UNREACHABLE = {1: Reason.NO_ADDRESS}


@pytest.mark.parametrize(
    ("some", "others", "found"),
    [
        ({}, BOUNCED, BOUNCED),
        (BOUNCED, {}, BOUNCED),
        ({}, {}, {}),
        (BOUNCED, UNREACHABLE, BOUNCED),
        (UNREACHABLE, BOUNCED, UNREACHABLE),
        (NO_CONSENT, BOUNCED, BOUNCED),
        (BOUNCED, NO_CONSENT, BOUNCED),
        (NO_CONSENT, UNVERIFIED, NO_CONSENT),
        (UNVERIFIED, NO_CONSENT, UNVERIFIED),
        (BOUNCED, {2: Reason.UNVERIFIED}, {1: Reason.BOUNCED, 2: Reason.UNVERIFIED}),
        (NO_CONSENT, {2: Reason.BOUNCED}, {1: Reason.NO_CONSENT_TREATMENT, 2: Reason.BOUNCED}),
    ],
)
def test_of_two_obstacles_that_counts_which_keeps_back_more(some, others, found):
    assert strongest(some, others) == found


def test_a_moment_to_wait_for_is_told_in_utc():
    by_mail = decide("email", wishes=Wishes(email_time=EmailTime.EVENING))
    quiet = decide("email", wishes=Wishes(quiet_hours=NIGHT), now=LATE)
    assert (by_mail.reason, by_mail.send_at.tzinfo) == (Reason.EMAIL_TIME, UTC)
    assert (quiet.reason, quiet.send_at.tzinfo) == (Reason.QUIET_HOURS, UTC)
    here = NOON.astimezone(ZoneInfo("Africa/Johannesburg"))
    step = decide("sms", now=here, plan=(Step("email", 0), Step("sms", 30)))
    assert (step.send_at, step.send_at.tzinfo) == (NOON + timedelta(minutes=30), UTC)


def test_a_pause_is_over_at_midnight_of_the_wall():
    wishes = Wishes(paused_until=date(2026, 11, 25))
    midnight = datetime(2026, 11, 24, 22, tzinfo=UTC)
    assert is_paused(wishes, midnight - timedelta(seconds=1)) and not is_paused(wishes, midnight)


def test_what_a_pause_leaves_in_the_inbox_is_kept_back_outside():
    off_inside = Wishes(paused_until=date(2026, 12, 1), choices=off(("stock", "in_app")))
    found = route(event_type(), wishes=off_inside, reachable=REACHABLE, channels=CHANNELS, now=NOON)
    assert [(each.channel, each.send) for each in found] == [
        ("in_app", True),
        ("email", False),
        ("sms", False),
    ]
