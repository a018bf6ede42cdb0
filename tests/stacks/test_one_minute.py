"""Two complete stacks, and ten thousand messages for one minute."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.utils import timezone

from home.models import User
from notifications.models import ChannelChoice, Delivery, Notification
from tests.stacks.conftest import Start
from tests.stacks.stack import wait_until
from tests.stacks.visitors import a_program, schedule

PEOPLE = 10_000
AHEAD = timedelta(seconds=15)
"""What scheduling may take before the minute comes."""
LONG = 300.0
"""Seconds for the mail, of which nothing is promised here, on a machine that has other things to do."""

WITNESS = """
CREATE TABLE witness (notification_id bigint, stack text);
CREATE FUNCTION testify() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO witness SELECT after.id, current_setting('application_name')
  FROM after JOIN before USING (id)
  WHERE after.scheduled_status = 'sent' AND before.scheduled_status <> 'sent';
  RETURN NULL;
END $$;
CREATE TRIGGER witness AFTER UPDATE ON notifications_notification REFERENCING OLD TABLE AS before NEW TABLE AS after
FOR EACH STATEMENT EXECUTE FUNCTION testify();
"""


@pytest.fixture
def witness(transactional_db: None) -> Iterator[None]:
    """The database writes down which stack sent what, by the name that its connections have."""
    with connection.cursor() as cursor:
        cursor.execute(WITNESS)
    yield
    with connection.cursor() as cursor:
        cursor.execute("DROP FUNCTION testify CASCADE; DROP TABLE witness")


@pytest.fixture
def people(transactional_db: None) -> list[User]:
    """Ten thousand, one in five of whom wants news by e-mail too."""
    users = User.objects.bulk_create(
        [User(email=f"person{number}@example.org", password="!") for number in range(PEOPLE)]
    )
    ChannelChoice.objects.bulk_create(
        [
            ChannelChoice(user=user, category="system", channel="email", on=False)
            for number, user in enumerate(users)
            if number % 5
        ]
    )
    return users


def next_minute() -> datetime:
    """The first full minute for which there is time enough to schedule."""
    soonest = timezone.now() + AHEAD
    return soonest.replace(second=0, microsecond=0) + timedelta(minutes=1)


@pytest.mark.usefixtures("witness")
def test_ten_thousand_messages_for_one_minute_are_sent_in_it_or_the_next_each_once_by_both(
    people: list[User], start: Start
) -> None:
    token = a_program()
    stacks = [start(name, processes=("web", "consumer")) for name in ("first", "second")]
    for stack in stacks:
        stack.ready()
    minute = next_minute()
    half = PEOPLE // 2
    ids = schedule(stacks[0], people[:half], minute, token) + schedule(
        stacks[1], people[half:], minute, token
    )
    assert timezone.now() < minute
    assert len(set(ids)) == PEOPLE

    pending = Notification.objects.filter(scheduled_status="pending")
    until_the_end = (minute - timezone.now()).total_seconds() + 120
    wait_until(lambda: not pending.exists(), until_the_end, what="all are sent", look_every=0.5)

    rows = Notification.objects.filter(id__in=ids)
    assert rows.filter(scheduled_status="sent").count() == Notification.objects.count() == PEOPLE
    sent = [row.came_at for row in rows]
    first, last = min(sent), max(sent)
    assert minute <= first <= last < minute + timedelta(minutes=2)
    with connection.cursor() as cursor:
        cursor.execute("SELECT notification_id, stack FROM witness")
        testimony = cursor.fetchall()
    assert Counter(id_ for id_, _ in testimony) == Counter(ids)
    share = Counter(stack for _, stack in testimony)
    assert set(share) == {"first", "second"}

    unsent = Delivery.objects.exclude(state=Delivery.State.SENT)
    wait_until(lambda: not unsent.exists(), LONG, what="all mail is sent", look_every=0.5)
    mails = [Counter(stack.mails()) for stack in stacks]
    assert all(mails)
    assert sum(mails, Counter()) == Counter(person.email for person in people[::5])
    print(
        f"Sent from {(first - minute).total_seconds():.1f} s to {(last - minute).total_seconds():.1f} s "
        f"after the minute: {dict(share)}; mail {[each.total() for each in mails]}."
    )
