"""What became of the messages, for those who may know."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from home.models import User
from notifications.admin.dashboard import MessagesPanel
from notifications.models import Delivery, EventRecord, Notification
from notifications.types import EventType, Reason
from tests.factories import CareRoleFactory, ClinicFactory, PatientFactory, UserFactory
from tests.notifications.admin.rows import delivery, notification

LOG = "notification_messages:index"
UNDELIVERED = "notification_deliveries:index"
FAILED = "notification_publications:index"
PAGES = [LOG, "notification_messages:index_results", UNDELIVERED, "notification_deliveries:index_results"]


@pytest.fixture
def zanele(db: None) -> User:
    return UserFactory(first_name="Zanele", last_name="Dlamini", email="zanele@example.org")


@pytest.fixture
def scoped(nurse_user: User, patient_user: User, zanele: User) -> None:
    """Pieter is of the nurse's clinic, Zanele is not."""
    codenames = ["view_notification", "view_delivery"]
    nurse_user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    [role] = nurse_user.staff_roles.all()
    for person, clinic in ((patient_user, role.clinic), (zanele, ClinicFactory())):
        CareRoleFactory(user=person, patient=PatientFactory(clinic=clinic))


def text(client: Client, name: str, **query: str) -> str:
    return client.get(reverse(name), query).content.decode()


@pytest.mark.parametrize("page", PAGES)
def test_staff_see_the_people_of_their_scope_only(
    nurse: Client, head_office: Client, scoped: None, patient_user: User, zanele: User, page: str
) -> None:
    for person in (patient_user, zanele):
        delivery(notification(person))
    assert "Pieter" in text(nurse, page)
    assert "Zanele" not in text(nurse, page)
    assert "Zanele" in text(head_office, page)


@pytest.mark.parametrize("page", PAGES)
def test_without_a_scope_staff_see_nobody(
    nurse: Client, nurse_user: User, patient_user: User, page: str
) -> None:
    nurse_user.user_permissions.set(
        Permission.objects.filter(codename__in=["view_notification", "view_delivery"])
    )
    delivery(notification(patient_user))
    assert "Pieter" not in text(nurse, page)


@pytest.mark.parametrize("page", [*PAGES, FAILED, "notification_publications:index_results"])
def test_strangers_patients_and_staff_without_permission_are_kept_out(
    nurse_user: User, patient_user: User, page: str
) -> None:
    nurse_user.user_permissions.clear()
    nurse_user.groups.clear()
    nurse_user.user_permissions.add(Permission.objects.get(codename="access_admin"))
    for person in (None, patient_user, nurse_user):
        client = Client()
        if person:
            client.force_login(person)
        assert client.get(reverse(page)).status_code == 302


def test_a_message_of_another_clinic_is_404(
    nurse: Client, scoped: None, patient_user: User, zanele: User
) -> None:
    own, other = notification(patient_user), notification(zanele)
    page = nurse.get(reverse("notification_messages:detail", args=[own.pk])).content.decode()
    assert "Metformin ends on Friday." in page
    assert "the person has no address for it" in page
    response = nurse.get(reverse("notification_messages:detail", args=[other.pk]), follow=True)
    assert response.status_code == 404
    assert b"Metformin" not in response.content


def test_every_reason_has_words(head_office: Client, patient_user: User) -> None:
    routing = [
        {"channel": "email", "send": False, "reason": reason.value, "send_at": None} for reason in Reason
    ]
    message = notification(patient_user, routing=routing)
    page = head_office.get(reverse("notification_messages:detail", args=[message.pk]))
    assert page.status_code == 200
    assert b"the person no longer has an active account" in page.content


def test_the_log_does_not_show_what_messages_say(nurse: Client, scoped: None, patient_user: User) -> None:
    notification(patient_user)
    assert "Metformin" not in text(nurse, LOG)


def test_the_log_is_filtered_by_type_status_and_date(
    head_office: Client, event_type: EventType, patient_user: User, zanele: User
) -> None:
    today = f"{timezone.localdate()}"
    notification(patient_user, scheduled_status=Notification.Status.EXPIRED)
    notification(zanele, event_type="other.type", created_at=timezone.now() - timedelta(days=3))
    for query in ({"scheduled_status": "expired"}, {"event_type": "stock.low"}, {"created_at_from": today}):
        page = text(head_office, LOG, **query)
        assert "Pieter" in page, query
        assert "Zanele" not in page, query


def test_the_log_says_what_became_of_each_channel(head_office: Client, patient_user: User) -> None:
    delivery(notification(patient_user, read_at=timezone.now()))
    assert "Inbox: read · E-mail: failed" in text(head_office, LOG)


def test_names_are_inert(head_office: Client) -> None:
    person = UserFactory(first_name="<script>alert(1)</script>", email="script@example.org")
    message = notification(person, title="<script>alert(2)</script>", body="<script>alert(3)</script>")
    delivery(message, error="<script>alert(4)</script>")
    detail = head_office.get(reverse("notification_messages:detail", args=[message.pk])).content.decode()
    for page in (text(head_office, LOG), text(head_office, UNDELIVERED), detail):
        assert "<script>alert(" not in page


def test_undelivered_ones_come_with_their_reason(
    head_office: Client, patient_user: User, zanele: User
) -> None:
    delivery(notification(patient_user))
    delivery(notification(zanele), state=Delivery.State.SENT, error="")
    page = text(head_office, UNDELIVERED)
    assert "550 No such user" in page
    assert "Zanele" not in page


def test_failed_publications_are_for_head_office(head_office: Client, nurse: Client, scoped: None) -> None:
    now = timezone.now()
    EventRecord.objects.create(
        event_type="stock.low", payload={"batch_id": 7}, state=EventRecord.State.FAILED, error="KeyError: 'x'",
        due_at=now, created_at=now, delete_at=now,
    )  # fmt: skip
    assert "KeyError" in text(head_office, FAILED)
    assert nurse.get(reverse(FAILED)).status_code == 302


@pytest.mark.parametrize("page", [LOG, UNDELIVERED])
def test_a_report_makes_as_many_queries_for_fifty_as_for_one(
    head_office: Client, patient_user: User, page: str
) -> None:
    delivery(notification(patient_user))
    text(head_office, page)
    with CaptureQueriesContext(connection) as for_one:
        text(head_office, page)
    for number in range(49):
        delivery(notification(UserFactory(email=f"p{number}@example.org")))
    with CaptureQueriesContext(connection) as for_fifty:
        text(head_office, page)
    assert len(for_fifty) == len(for_one)


def panel(user: User, rf: Any) -> dict[str, Any]:
    request = rf.get("/admin/")
    request.user = user
    return MessagesPanel().get_context_data({"request": request})


def test_the_first_page_says_what_was_given_up_and_what_is_late(
    head_office: Client, scoped: None, nurse_user: User, patient_user: User, zanele: User, rf: Any
) -> None:
    now = timezone.now()
    delivery(notification(patient_user))
    delivery(notification(patient_user), state=Delivery.State.EXPIRED)
    delivery(notification(patient_user), finished_at=now - timedelta(days=2))
    delivery(notification(patient_user), finished_at=None, due_at=now - timedelta(hours=3), state="pending")
    notification(patient_user, scheduled_status=Notification.Status.EXPIRED)
    delivery(notification(zanele))
    shown = panel(nurse_user, rf)
    assert (shown["failed"], shown["expired"], shown["overdue"]) == (1, 2, 1)
    assert shown["oldest"] == now - timedelta(hours=3)
    page = text(head_office, "wagtailadmin_home")
    assert "2 messages failed" in page
    assert "2 messages expired" in page
    assert "3\xa0hours" in page


def test_the_first_page_says_nothing_to_who_may_not_know(patient_user: User, rf: Any) -> None:
    assert panel(patient_user, rf) == {"shown": False}


def test_the_first_page_makes_four_queries(
    scoped: None,
    nurse_user: User,
    patient_user: User,
    rf: Any,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    nurse_user.has_perm("notifications.view_notification")
    for _number in range(5):
        delivery(notification(patient_user))
    with django_assert_num_queries(4):
        panel(nurse_user, rf)


def test_staff_read_why_and_what_became_of_it_to_the_second(head_office: Client, patient_user: User) -> None:
    held = {"channel": "email", "send": True, "reason": "quiet_hours", "send_at": "2026-11-24T04:00:00+00:00"}
    unverified = {"channel": "sms", "send": False, "reason": "unverified", "send_at": None}
    row = notification(patient_user, routing=[held, unverified])
    sent_at = datetime(2026, 11, 24, 4, 0, 4, tzinfo=UTC)
    delivery(
        row, state="delivered", provider="twilio", sent_at=sent_at, finished_at=sent_at, delivered_at=sent_at
    )
    page = text_of(head_office, row)
    assert "held until the end of their quiet hours: 24 November 2026 06:00" in page
    assert "the person has not confirmed the address yet" in page
    assert "sent by twilio at 24 November 2026 06:00:04, delivered at 24 November 2026 06:00:04" in page


def test_what_nobody_confirmed_is_on_the_message_and_in_a_list_of_its_own(
    head_office: Client, patient_user: User, settings: Settings
) -> None:
    settings.SMS_PROVIDERS = ["twilio", "file"]
    sent_at = timezone.now() - timedelta(hours=25)
    sent = {"channel": "sms", "state": "sent", "error": "", "sent_at": sent_at, "finished_at": sent_at}
    silent = delivery(notification(patient_user), provider="twilio", **sent)
    fresh = delivery(notification(patient_user), provider="twilio", **sent | {"sent_at": timezone.now()})
    file = delivery(notification(patient_user), provider="file", **sent)
    failed = delivery(
        notification(patient_user), channel="sms", state="failed", error="x", finished_at=sent_at
    )
    words = "the provider has not confirmed that it arrived"
    shown = [words in text_of(head_office, each.notification) for each in (silent, fresh, file)]
    assert shown == [True, False, False]

    def listed(state: str) -> list[int]:
        page = head_office.get(reverse("notification_deliveries:index"), {"state": state})
        assert page.status_code == 200
        return [row.pk for row in page.context["object_list"]]

    assert listed("sent") == [silent.pk]
    assert listed("failed") == listed("") == [failed.pk]
    page = head_office.get(reverse("notification_deliveries:index"), {"state": "sent"}).content.decode()
    assert "sent, not confirmed" in page and "no longer applies" not in page


def test_what_came_back_as_read_says_when(head_office: Client, patient_user: User) -> None:
    at = datetime(2026, 11, 24, 4, 0, 4, tzinfo=UTC)
    row = notification(patient_user)
    times = {
        "error": "",
        "sent_at": at,
        "finished_at": at,
        "delivered_at": at,
        "read_at": at + timedelta(minutes=1),
    }
    delivery(row, state="delivered", channel="whatsapp", provider="meta", **times)
    assert "read at 24 November 2026 06:01:04" in text_of(head_office, row)


def text_of(client: Client, row: Notification) -> str:
    return client.get(reverse("notification_messages:detail", args=[row.pk])).content.decode()
