"""What was written beforehand is listed for staff of the person's clinic, and called off by who may."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from home.models import User
from home.scope import about_person
from notifications.admin.reports.scheduled import ScheduledMessagesViewSet
from notifications.models import Notification
from notifications.scheduler import NotificationScheduler
from tests.factories import UserFactory
from tests.notifications.admin.clinics import People, signed_in
from tests.notifications.admin.rows import notification

LIST = "notification_scheduled:index"


def schedule(
    person: User, *, by: User | None = None, days: int = 1, title: str = "Blood test"
) -> Notification:
    ids = NotificationScheduler().schedule_notification(
        recipients=[person.pk],
        title=title,
        message="Please don't eat before.",
        scheduled_at=timezone.now() + timedelta(days=days),
        scheduled_by=by.pk if by else None,
        about={person.pk: about_person(person.pk)},
    )
    return Notification.objects.get(pk=ids[0])


def page(client: Client, **query: str) -> str:
    return client.get(reverse(LIST), query).content.decode()


def cancel(message: Notification) -> str:
    return reverse("notification_scheduled:cancel", args=[message.pk])


def status(message: Notification) -> str:
    message.refresh_from_db()
    return message.scheduled_status


def test_staff_see_who_gets_what_when_and_by_whom(wynberg: People) -> None:
    schedule(wynberg.patient, by=wynberg.manager)
    schedule(wynberg.carer, title="No sender")
    shown = page(signed_in(wynberg.nurse))
    for part in ("Patient Wynberg", "Blood test", "Manager Wynberg", "No sender", "waiting"):
        assert part in shown
    assert "t eat before" not in shown, "what it says isn't everybody's business"


def test_staff_see_the_people_of_their_clinic_only(
    wynberg: People, worcester: People, head_office: Client
) -> None:
    for person in (wynberg.patient, worcester.patient):
        schedule(person)
    assert "Patient Worcester" not in page(signed_in(wynberg.nurse))
    assert "Patient Worcester" in page(head_office)


def test_the_next_comes_first(wynberg: People) -> None:
    for days in (3, 1, 2):
        schedule(wynberg.patient, days=days, title=f"In {days} days")
    shown = page(signed_in(wynberg.nurse))
    places = [shown.index(f"In {days} days") for days in (1, 2, 3)]
    assert places == sorted(places)


def test_what_waits_is_shown_unless_another_status_is_asked_for(wynberg: People) -> None:
    schedule(wynberg.patient, title="It waits")
    NotificationScheduler().cancel_scheduled(notification_id=schedule(wynberg.patient, title="Called off").pk)
    failed = schedule(wynberg.patient, title="It failed")
    Notification.objects.filter(pk=failed.pk).update(scheduled_status="failed", error="KeyError: 'x'")
    notification(wynberg.patient, title="It was sent")
    nurse = signed_in(wynberg.nurse)
    titles = {"It waits", "Called off", "It failed", "It was sent"}
    for query, title in (
        ("", "It waits"),
        ("cancelled", "Called off"),
        ("failed", "It failed"),
        ("sent", "It waits"),
    ):
        shown = page(nurse, scheduled_status=query)
        assert {each for each in titles if each in shown} == {title}
    assert "KeyError: &#x27;x&#x27;" in page(nurse, scheduled_status="failed")


def test_they_are_filtered_by_time(wynberg: People) -> None:
    for days in (1, 9):
        schedule(wynberg.patient, days=days, title=f"In {days} days")
    shown = page(signed_in(wynberg.nurse), scheduled_at_from=f"{timezone.localdate() + timedelta(days=5)}")
    assert "In 9 days" in shown
    assert "In 1 days" not in shown


def test_managers_call_one_off_and_nurses_do_not(wynberg: People) -> None:
    message = schedule(wynberg.patient)
    nurse, manager = signed_in(wynberg.nurse), signed_in(wynberg.manager)
    assert cancel(message) not in page(nurse)
    assert nurse.post(cancel(message)).status_code == 302
    assert status(message) == "pending"
    assert cancel(message) in page(manager)
    answer = manager.post(cancel(message), follow=True).content.decode()
    assert "“Blood test” for Patient Wynberg is cancelled." in answer
    assert status(message) == "cancelled"
    again = manager.post(cancel(message), follow=True).content.decode()
    assert "“Blood test” for Patient Wynberg is no longer waiting." in again


def test_another_clinics_is_404_and_stays(wynberg: People, worcester: People) -> None:
    message = schedule(worcester.patient)
    response = signed_in(wynberg.manager).post(cancel(message), follow=True)
    assert response.status_code == 404
    assert b"Blood test" not in response.content
    assert status(message) == "pending"


def test_what_was_sent_is_not_called_off(wynberg: People) -> None:
    message = notification(wynberg.patient)
    signed_in(wynberg.manager).post(cancel(message))
    assert status(message) == "sent"


def test_a_link_alone_or_a_foreign_form_calls_nothing_off(wynberg: People) -> None:
    message = schedule(wynberg.patient)
    assert signed_in(wynberg.manager).get(cancel(message)).status_code == 405
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(wynberg.manager)
    assert strict.post(cancel(message)).status_code == 403
    assert status(message) == "pending"


def test_the_list_makes_as_many_queries_for_thirty_as_for_one(wynberg: People, head_office: Client) -> None:
    schedule(wynberg.patient, by=wynberg.manager)
    page(head_office)
    with CaptureQueriesContext(connection) as for_one:
        page(head_office)
    for _number in range(29):
        schedule(UserFactory(), by=UserFactory())
    with CaptureQueriesContext(connection) as for_thirty:
        page(head_office)
    assert len(for_thirty) == len(for_one)


@pytest.mark.parametrize(
    "pattern", ScheduledMessagesViewSet().get_urlpatterns(), ids=lambda pattern: pattern.name
)
def test_strangers_and_patients_reach_nothing(wynberg: People, pattern: Any) -> None:
    message = schedule(wynberg.patient)
    args = [message.pk] if pattern.pattern.converters else []
    address = reverse(f"notification_scheduled:{pattern.name}", args=args)
    for client in (Client(), signed_in(wynberg.patient), signed_in(UserFactory(is_staff=True))):
        assert client.get(address).status_code == 302
        assert client.post(address).status_code == 302
    assert status(message) == "pending"
