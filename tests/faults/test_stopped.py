"""An announcement to thousands is stopped while a consumer tells and sends: nothing leaves after the answer."""

from collections.abc import Callable

import pytest
from django.utils import timezone

from notifications.announcements import acts
from notifications.announcements.progress import Stage, progress
from notifications.models import Announcement, Delivery, EventRecord
from notifications.services import NotificationService
from notifications.types import Reason
from tests.faults import many_recipients
from tests.faults.cast import people
from tests.faults.smtp_server import SmtpServer
from tests.faults.stack import Site, a_second_later, wait_until

MANY = 5_000

Moment = Callable[[Announcement, SmtpServer], object]

MOMENTS: dict[str, Moment] = {
    "its people are being told": lambda announcement, smtp_server: EventRecord.objects.filter(
        pk=announcement.event_record_id, lease_until__isnull=False
    ).exists(),
    "the first have it in their inbox": lambda announcement, smtp_server: acts.messages_of(
        announcement
    ).exists(),
    "the first mail is there": lambda announcement, smtp_server: len(smtp_server.mails) >= 1,
    "some hundred mails are there": lambda announcement, smtp_server: len(smtp_server.mails) >= 300,
}


@pytest.mark.parametrize("moment", MOMENTS)
def test_nothing_leaves_once_the_stop_is_answered(site: Site, smtp_server: SmtpServer, moment: str) -> None:
    clinic = many_recipients.staff(MANY)
    (manager,) = people(1)
    smtp_server.seconds_each = 0.002
    site.start_consumer(lease=60.0)
    both = {"en": "Closed", "af": "Gesluit"}
    record = NotificationService.announce(
        title=both, message=both, audiences=["staff"], within={"clinic": clinic.pk}
    )
    announcement = Announcement.objects.get(event_record=record)
    wait_until(lambda: MOMENTS[moment](announcement, smtp_server), what=moment)

    acts.announcement_stop(pk=announcement.pk, by=manager, now=timezone.now())
    announcement.refresh_from_db()
    assert acts.settle(announcement, clock=timezone.now, seconds=30.0) == 0
    mails, messages = len(smtp_server.mails), acts.messages_of(announcement).count()
    wait_until(a_second_later())

    assert len(smtp_server.mails) == mails < MANY
    assert acts.messages_of(announcement).count() == messages
    rows = acts.deliveries_of(announcement)
    assert not rows.filter(finished_at__isnull=True).exists()
    assert rows.filter(state=Delivery.State.SENT).count() == mails
    others = rows.exclude(state=Delivery.State.SENT)
    assert set(others.values_list("state", "reason").distinct()) <= {("cancelled", Reason.STOPPED)}
    assert others.count() == rows.count() - mails
    assert progress(announcement, now=timezone.now()).stage is Stage.STOPPED
