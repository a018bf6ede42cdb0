"""What failed is tried again: one, or all that the list shows; by who may, and only while it still means something."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape

from home.models import User
from notifications.admin.reports import deliveries
from notifications.admin.reports.deliveries import UndeliveredViewSet
from notifications.admin.reports.publications import FailedPublicationsViewSet
from notifications.models import Delivery, EventRecord
from notifications.types import EventType
from notifications.work import wakeups
from notifications.work.wakeups import Wakeup
from tests.factories import UserFactory
from tests.notifications.admin.clinics import People, signed_in
from tests.notifications.admin.rows import delivery, notification

LIST = "notification_deliveries:index"
ALL = "notification_deliveries:retry_all"
State = Delivery.State


def one(row: Delivery) -> str:
    return reverse("notification_deliveries:retry", args=[row.pk])


def state(row: Delivery) -> str:
    row.refresh_from_db()
    return row.state


def said(client: Client, address: str, **data: str) -> str:
    return client.post(address, data, follow=True).content.decode()


def test_one_is_tried_again_and_leaves_the_list(wynberg: People) -> None:
    row = delivery(notification(wynberg.patient), attempts=6, failures=6)
    nurse = signed_in(wynberg.nurse)
    page = nurse.get(reverse(LIST)).content.decode()
    assert one(row) in page
    page = said(nurse, one(row))
    assert "1 message is sent again." in page
    assert "Patient Wynberg" not in page
    row.refresh_from_db()
    assert (row.state, row.failures, row.finished_at) == ("retry", 0, None)
    assert row.due_at <= timezone.now()


def test_a_second_press_says_that_there_is_nothing_left(wynberg: People) -> None:
    row = delivery(notification(wynberg.patient))
    nurse = signed_in(wynberg.nurse)
    said(nurse, one(row))
    assert "There is nothing left to try again." in said(nurse, one(row))


@pytest.mark.parametrize(
    ("of_delivery", "of_message"),
    [
        ({"state": State.EXPIRED}, {}),
        ({"state": State.SENT}, {}),
        ({"state": State.CANCELLED}, {}),
        ({}, {"valid_until": timedelta(minutes=-1)}),
        ({"body": ""}, {}),
    ],
)
def test_what_means_nothing_any_more_has_no_button_and_stays(
    wynberg: People, of_delivery: dict[str, Any], of_message: dict[str, timedelta]
) -> None:
    until = {key: timezone.now() + delta for key, delta in of_message.items()}
    row = delivery(notification(wynberg.patient, **until), **of_delivery)
    before = row.state
    nurse = signed_in(wynberg.nurse)
    assert one(row) not in nurse.get(reverse(LIST)).content.decode()
    said(nurse, one(row))
    said(nurse, reverse(ALL))
    assert state(row) == before


def test_another_clinics_is_404_and_stays(wynberg: People, worcester: People) -> None:
    row = delivery(notification(worcester.patient))
    nurse = signed_in(wynberg.nurse)
    assert nurse.post(one(row), follow=True).status_code == 404
    said(nurse, reverse(ALL))
    assert state(row) == "failed"


def test_all_that_the_filter_shows_are_tried_again_and_no_others(
    wynberg: People, worcester: People, event_type: EventType
) -> None:
    rows = [delivery(notification(wynberg.patient)) for _ in range(3)]
    other_type = delivery(notification(wynberg.patient, event_type="other.type"))
    other_clinic = delivery(notification(worcester.patient))
    nurse = signed_in(wynberg.nurse)
    query = "?event_type=stock.low"
    page = nurse.get(reverse(LIST) + query).content.decode()
    assert escape(reverse(ALL) + query) in page
    page = nurse.get(reverse(ALL) + query).content.decode()
    assert "Send 3 messages again" in page
    response = nurse.post(reverse(ALL) + query)
    assert response["Location"] == reverse(LIST) + query
    assert "3 messages are sent again." in nurse.get(response["Location"]).content.decode()
    assert {state(row) for row in rows} == {"retry"}
    assert {state(other_type), state(other_clinic)} == {"failed"}


def test_looking_at_how_many_tries_none_again(wynberg: People) -> None:
    row = delivery(notification(wynberg.patient))
    signed_in(wynberg.nurse).get(reverse(ALL))
    assert state(row) == "failed"


def test_a_filter_that_cannot_be_read_tries_none_again(wynberg: People) -> None:
    row = delivery(notification(wynberg.patient))
    nurse = signed_in(wynberg.nurse)
    for query in ("?state=any", "?event_type=none.such", "?finished_at_from=yesterday"):
        assert "there is nothing that can be sent again" in nurse.get(reverse(ALL) + query).content.decode()
        said(nurse, reverse(ALL) + query)
    assert state(row) == "failed"


def test_no_more_than_the_most_are_tried_again_with_one_press(
    wynberg: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deliveries, "AT_ONCE", 2)
    rows = [delivery(notification(wynberg.patient)) for _ in range(3)]
    nurse = signed_in(wynberg.nurse)
    assert "This sends the latest 2 of them" in nurse.get(reverse(ALL)).content.decode()
    assert "2 messages are sent again." in said(nurse, reverse(ALL))
    assert [state(row) for row in rows] == ["failed", "retry", "retry"]


def test_a_worker_is_woken_for_each_channel_of_them(
    wynberg: People, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    woken: list[str] = []
    monkeypatch.setitem(wakeups._tasks, Wakeup.DELIVER, woken.append)
    message = notification(wynberg.patient)
    for channel in ("email", "pigeons"):
        delivery(message, channel=channel)
    with django_capture_on_commit_callbacks(execute=True):
        said(signed_in(wynberg.nurse), reverse(ALL))
    assert sorted(woken) == ["email", "pigeons"]


def test_after_a_press_the_reader_is_on_the_page_they_were(wynberg: People) -> None:
    row = delivery(notification(wynberg.patient))
    here = f"{reverse(LIST)}?state=failed"
    nurse = signed_in(wynberg.nurse)
    for page in (
        here,
        reverse("notification_deliveries:index_results") + "?state=failed&_w_filter_fragment=1",
    ):
        assert f'name="next" value="{here}"' in nurse.get(page).content.decode()
    assert nurse.post(one(row), {"next": here})["Location"] == here
    assert nurse.post(one(row), {"next": "https://example.org/"})["Location"] == reverse(LIST)


def test_a_link_alone_or_a_foreign_form_tries_nothing(wynberg: People) -> None:
    row = delivery(notification(wynberg.patient))
    assert signed_in(wynberg.nurse).get(one(row)).status_code == 405
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(wynberg.nurse)
    for address in (one(row), reverse(ALL)):
        assert strict.post(address).status_code == 403
    assert state(row) == "failed"


def test_who_may_only_look_has_no_buttons(wynberg: People) -> None:
    row = delivery(notification(wynberg.patient))
    wynberg.nurse.groups.get().permissions.remove(Permission.objects.get(codename="change_delivery"))
    nurse = signed_in(wynberg.nurse)
    page = nurse.get(reverse(LIST)).content.decode()
    assert "Patient Wynberg" in page
    assert "ry again" not in page
    assert "Try all again" not in page
    for address in (one(row), reverse(ALL)):
        assert nurse.post(address).status_code == 302
    assert state(row) == "failed"


def publication(**fields: Any) -> EventRecord:
    now = timezone.now()
    given = {"state": "failed", "error": "KeyError: 'x'", "failures": 3, "finished_at": now} | fields
    return EventRecord.objects.create(
        event_type="stock.low", payload={"batch_id": 7}, due_at=now, created_at=now, delete_at=now, **given
    )


def test_a_failed_publication_is_told_after_all(head_office: Client) -> None:
    record = publication()
    address = reverse("notification_publications:retry", args=[record.pk])
    assert address in head_office.get(reverse("notification_publications:index")).content.decode()
    assert "The recipients are being notified." in said(head_office, address)
    record.refresh_from_db()
    assert (record.state, record.failures, record.finished_at) == ("pending", 0, None)
    assert "There is nothing left to try again" in said(head_office, address)


def test_publications_for_later_are_listed_the_next_first(head_office: Client) -> None:
    soon, later = (timezone.now() + timedelta(days=days) for days in (1, 2))
    for number, at in enumerate((later, soon)):
        record = publication(state="pending", finished_at=None, error="")
        EventRecord.objects.filter(pk=record.pk).update(due_at=at, payload={"batch_id": f"number {number}"})
    publication(error="not for later")
    page = head_office.get(reverse("notification_planned:index")).content.decode()
    assert page.index("number 1") < page.index("number 0")
    assert "batch number 1" in page
    assert "batch 7" not in page


VIEWS = [
    (viewset, pattern)
    for viewset in (UndeliveredViewSet(), FailedPublicationsViewSet())
    for pattern in viewset.get_urlpatterns()
]


@pytest.mark.parametrize(("viewset", "pattern"), VIEWS, ids=lambda each: getattr(each, "name", ""))
def test_strangers_and_patients_reach_nothing(
    wynberg: People, patient_user: User, viewset: Any, pattern: Any
) -> None:
    row, record = delivery(notification(wynberg.patient)), publication()
    pk = row.pk if isinstance(viewset, UndeliveredViewSet) else record.pk
    address = reverse(viewset.get_url_name(pattern.name), args=[pk] if pattern.pattern.converters else [])
    outsiders = [Client(), signed_in(patient_user), signed_in(UserFactory(is_staff=True))]
    if isinstance(viewset, FailedPublicationsViewSet):
        outsiders += [signed_in(wynberg.nurse), signed_in(wynberg.manager)]
    for client in outsiders:
        assert client.get(address).status_code == 302
        assert client.post(address).status_code == 302
    record.refresh_from_db()
    assert (state(row), record.state) == ("failed", "failed")
