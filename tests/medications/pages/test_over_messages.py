"""An old reminder in the inbox that can't be answered any more says so and asks for nothing."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from medications.models import Dose
from notifications.models import Notification
from tests.medications.factories import NOW
from tests.medications.pages.conftest import Family, MakeDose
from tests.notifications.factories import NotificationFactory

OVER = "This reminder is over. You need not do anything here."


@pytest.fixture
def reminder(family: Family, dose: MakeDose) -> Notification:
    due = dose()
    return NotificationFactory(
        recipient=family.thandi,
        event_type="medication.dose_due",
        category="medication",
        path="/today/",
        data={"dose_ids": [due.pk]},
        valid_until=NOW + timedelta(hours=1),
    )


def pages(reader: Client, reminder: Notification) -> list[str]:
    return [reader.get(f"/en/inbox/{part}").content.decode() for part in ("", f"{reminder.pk}/")]


def test_while_it_can_be_answered_it_asks(reader: Client, reminder: Notification) -> None:
    assert not any(OVER in text for text in pages(reader, reminder))


def test_past_its_time_it_says_so_and_asks_for_nothing(reader: Client, reminder: Notification) -> None:
    Notification.objects.update(valid_until=NOW)
    listed, opened = pages(reader, reminder)
    assert OVER in listed
    assert OVER in opened
    assert "/en/answer/" not in opened


def test_once_it_was_answered_it_says_so_too(reader: Client, reminder: Notification) -> None:
    Dose.objects.update(state=Dose.State.TAKEN, answered_at=NOW)
    assert all(OVER in text for text in pages(reader, reminder))


def test_other_messages_say_nothing_of_it(reader: Client, family: Family) -> None:
    other = NotificationFactory(recipient=family.thandi, valid_until=NOW - timedelta(days=1))
    assert not any(OVER in text for text in pages(reader, other))


def test_the_list_asks_once_for_all(reader: Client, family: Family, reminder: Notification) -> None:
    with CaptureQueriesContext(connection) as few:
        reader.get("/en/inbox/")
    for _ in range(15):
        NotificationFactory(
            recipient=family.thandi,
            event_type="medication.dose_due",
            category="medication",
            data=reminder.data,
        )
    with CaptureQueriesContext(connection) as many:
        reader.get("/en/inbox/")
    assert len(many) <= len(few)


def test_one_that_cannot_be_read_takes_no_others_with_it(reader: Client, reminder: Notification) -> None:
    broken = NotificationFactory(
        recipient=reminder.recipient,
        event_type="medication.dose_due",
        category="medication",
        data={},
        valid_until=NOW + timedelta(hours=1),
    )
    listed = reader.get("/en/inbox/").content.decode()
    assert listed.count(OVER) == 1
    assert listed.index(OVER) > listed.index(f'id="message-{broken.pk}"')
    assert OVER not in reader.get(f"/en/inbox/{reminder.pk}/").content.decode()
