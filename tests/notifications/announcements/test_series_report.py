"""What became of each message of a series, by each channel."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from notifications.announcements.progress import Outcome
from notifications.announcements.series_report import report
from notifications.models import Delivery, Notification
from notifications.types import Reason
from tests.factories import ClinicFactory
from tests.notifications.announcements.test_series import DAY, NOW, TODAY, born, running, told

pytestmark = pytest.mark.django_db

SENT, FAILED, CANCELLED = Delivery.State.SENT, Delivery.State.FAILED, Delivery.State.CANCELLED


def test_it_says_of_each_message_what_became_of_it_by_each_channel() -> None:
    clinic = ClinicFactory()
    series, other = running(clinic, 0, 7, 30), running(ClinicFactory(), 0)
    for _ in range(3):
        born(clinic, TODAY)
    born(clinic, TODAY + DAY)
    told(0, 1, 7)
    mails = Delivery.objects.filter(channel="email")
    first = list(mails.filter(notification__title="Day 0").order_by("pk"))
    over = {"finished_at": NOW}
    for delivery, became in zip(
        first,
        (
            {"state": SENT, "delivered_at": NOW, "read_at": NOW, "parts": 2, "cost": Decimal("0.30")} | over,
            {"state": FAILED, "reason": Reason.UNVERIFIED} | over,
            {"state": CANCELLED, "reason": Reason.STOPPED} | over,
            {},
        ),
        strict=True,
    ):
        mails.filter(pk=delivery.pk).update(**became)
    Notification.objects.filter(pk=first[0].notification_id).update(read_at=NOW)
    found = report(series)
    assert [(each.people, each.read) for each in found.steps] == [(4, 1), (3, 0), (0, 0)]
    assert found.steps[0].channels[0] == Outcome(
        "email",
        waiting=1,
        sent=1,
        delivered=1,
        read=1,
        failed=1,
        stopped=1,
        parts=2,
        cost=Decimal("0.30"),
    )
    assert next((each.name, each.waiting) for each in found.steps[1].channels) == ("email", 3)
    assert found.steps[2].channels == []
    assert found.reasons == {("email", Reason.UNVERIFIED): 1, ("email", Reason.STOPPED): 1}
    assert [each.people for each in report(other).steps] == [0]


def test_it_asks_as_much_for_many_messages_as_for_one() -> None:
    counts = []
    for days in ((0,), (0, 1, 2, 3, 4)):
        clinic = ClinicFactory()
        series = running(clinic, *days)
        born(clinic, TODAY)
        told(*range(6))
        with CaptureQueriesContext(connection) as asked:
            report(series)
        counts.append(len(asked))
    assert counts == [3, 3]
