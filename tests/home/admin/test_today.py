"""The clinic's page: its greeting, its figures, and as many queries for many patients as for a few."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from home.admin.today import greeting
from home.dashboard.counts import count_all
from home.dashboard_figures import reached_this_week, to_answer
from home.models import Clinic, Conversation
from notifications.models import Delivery, Notification
from notifications.selectors.reached import Reached, reached
from tests.factories import PatientFactory, UserFactory
from tests.home.conftest import Cast

NOW = datetime(2026, 11, 24, 8, tzinfo=UTC)


def sent(clinic: Clinic, state: str, *, days_ago: int = 1, read: bool = False, now: datetime = NOW) -> None:
    at = now - timedelta(days=days_ago)
    message = Notification.objects.create(
        recipient=UserFactory(),
        scope_id=clinic.pk,
        event_type="visit.reminder",
        category="visit",
        language="en",
        title="Your visit",
        body="",
        dedupe_key="1",
        scheduled_at=at,
        scheduled_status="sent",
        created_at=at,
        sent_at=at,
        read_at=at if read else None,
        delete_at=at + timedelta(days=365),
    )
    Delivery.objects.create(
        notification=message,
        scope_id=message.scope_id,
        channel="sms",
        address="+27825550142",
        state=state,
        due_at=at,
        finished_at=at,
    )


def test_the_greeting_goes_by_the_hour() -> None:
    said = {hour: greeting(hour) for hour in (0, 4, 11, 12, 16, 17, 23)}

    assert [hour for hour, words in said.items() if words == "Good morning"] == [4, 11]
    assert [hour for hour, words in said.items() if words == "Good afternoon"] == [12, 16]
    assert [hour for hour, words in said.items() if words == "Good evening"] == [0, 17, 23]


@pytest.mark.django_db
def test_who_read_a_message_was_reached_whatever_became_of_the_sms(cast: Cast) -> None:
    for state, read in (("delivered", False), ("sent", False), ("failed", True), ("expired", False)):
        sent(cast.clinic, state, read=read)
    sent(cast.clinic, "failed", days_ago=9)
    sent(cast.other_clinic, "failed")

    found = reached([cast.clinic.pk], since=NOW - timedelta(days=7))[cast.clinic.pk]

    assert found == Reached(messages=4, arrived=3, people=4, people_reached=3)
    assert found.percent == 75


def test_100_percent_is_said_only_when_all_arrived() -> None:
    assert Reached(1000, 999, 10, 10).percent == 99


@pytest.mark.django_db
def test_the_week_is_in_percent_and_leads_to_who_was_not_reached(cast: Cast) -> None:
    assert reached_this_week([cast.clinic], cast.nurse, NOW) is None
    sent(cast.clinic, "delivered")
    sent(cast.clinic, "failed")
    count_all(now=NOW)

    shown = reached_this_week([cast.clinic], cast.nurse, NOW)

    assert shown is not None
    assert (shown.number, shown.words) == ("50%", "reached this week · 1 person not")
    assert shown.url.endswith("/reports/undelivered/")


@pytest.mark.django_db
def test_a_conversation_that_waits_is_to_be_answered_by_its_own_clinic(cast: Cast) -> None:
    for user, is_waiting in ((cast.anna, True), (cast.manager, False)):
        Conversation.objects.create(
            clinic=cast.clinic, user=user, channel="sms", opened_at=NOW, last_at=NOW, is_waiting=is_waiting
        )

    shown = to_answer([cast.clinic], cast.nurse, NOW)

    assert shown is not None and shown.number == "1"
    assert to_answer([cast.other_clinic], cast.other_nurse, NOW) is None


def test_the_page_asks_as_often_for_many_patients_as_for_a_few(client: Client, cast: Cast) -> None:
    client.force_login(cast.nurse)

    def asked() -> int:
        count_all(now=timezone.now())
        with CaptureQueriesContext(connection) as queries:
            assert client.get("/admin/").status_code == 200
        return len(queries)

    sent(cast.clinic, "failed", now=timezone.now())
    asked()
    few = asked()
    for _ in range(15):
        PatientFactory(clinic=cast.clinic)
        sent(cast.clinic, "failed", now=timezone.now())
    assert asked() == few


def test_head_office_sees_each_clinic_with_its_patients(client: Client, cast: Cast) -> None:
    client.force_login(cast.head_office)

    page = client.get("/admin/").content.decode()

    assert "Your clinics" in page
    assert "Hillbrow" in page and "Khayelitsha" in page
    client.force_login(cast.nurse)
    assert "Your clinics" not in client.get("/admin/").content.decode()


def test_it_greets_by_the_first_name_and_shows_no_edits_of_pages(client: Client, cast: Cast) -> None:
    client.force_login(cast.nurse)

    page = client.get("/admin/").content.decode()

    assert ", <bdi>Sister</bdi></h1>" in page
    assert "recent edits" not in page
