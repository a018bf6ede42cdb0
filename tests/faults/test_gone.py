"""People who go, are shut out or change their mind while something for them is under way."""

from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.utils import timezone

from home.models import User
from medications.services.reminders import send_dose_reminders
from notifications.models import Delivery, EventRecord, Notification
from notifications.preferences.choices import choice_set
from notifications.preferences.settings import preferences_update
from notifications.scheduler import NotificationScheduler
from notifications.types import Reason
from tests.faults.cast import all_dealt_with, ids, people, the_minute_comes, told, with_a_dose
from tests.faults.smtp_server import SmtpServer, addresses
from tests.faults.stack import Site, a_second_later, wait_until


@dataclass(frozen=True)
class Cast:
    """Those who go, those who stay but don't want e-mail any more, and those for whom all is as it was."""

    deleted: User
    shut_out: User
    muted: User
    opted_out: User
    others: list[User]

    def everybody(self) -> list[User]:
        """The others last: what is wrong with the first must not keep it from them."""
        return [self.deleted, self.shut_out, self.muted, self.opted_out, *self.others]

    def change(self) -> None:
        User.objects.get(pk=self.deleted.pk).delete()
        User.objects.filter(pk=self.shut_out.pk).update(is_active=False)
        preferences_update(user_id=self.muted.pk, changes={"email_enabled": False}, now=timezone.now())
        choice_set(user_id=self.opted_out.pk, about="medication", channel="email", on=False)

    def here(self) -> list[User]:
        return [self.muted, self.opted_out, *self.others]


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    deleted, shut_out, muted, opted_out, *others = people(10)
    return Cast(deleted, shut_out, muted, opted_out, others)


def reason_of_no_mail(user: User) -> str:
    routing = Notification.objects.get(recipient=user).routing
    return next(each["reason"] for each in routing if each["channel"] == "email")


def test_while_a_publication_waits(site: Site, smtp_server: SmtpServer, cast: Cast) -> None:
    with_a_dose(cast.everybody(), ago=timedelta(minutes=1))
    send_dose_reminders(now=timezone.now())
    cast.change()

    site.start_consumer()

    wait_until(all_dealt_with, what="all is dealt with")
    assert smtp_server.addressees() == addresses(cast.others)
    assert told() == ids(cast.here())
    assert reason_of_no_mail(cast.muted) == Reason.CHANNEL_OFF
    assert reason_of_no_mail(cast.opted_out) == Reason.OFF_BY_DEFAULT
    record = EventRecord.objects.get()
    assert (record.state, record.recipients) == (EventRecord.State.PROCESSED, len(cast.here()))


def test_while_a_scheduled_message_waits(site: Site, smtp_server: SmtpServer, cast: Cast) -> None:
    NotificationScheduler().schedule_notification(
        recipients=[user.pk for user in cast.everybody()],
        title="We are closed on Friday",
        message="Come on Monday.",
        notif_type="medication",
        scheduled_at=timezone.now() + timedelta(hours=1),
    )
    cast.change()
    Notification.objects.update(scheduled_at=timezone.now())

    site.start_consumer()

    wait_until(lambda: not NotificationScheduler().get_pending_notifications().exists(), what="all are sent")
    wait_until(all_dealt_with, what="all is dealt with")
    assert smtp_server.addressees() == addresses(cast.others)
    assert told() == ids(cast.here())
    assert reason_of_no_mail(cast.muted) == Reason.CHANNEL_OFF
    assert reason_of_no_mail(cast.opted_out) == Reason.OFF_BY_DEFAULT
    shut_out = Notification.objects.get(recipient=cast.shut_out)
    assert shut_out.scheduled_status == Notification.Status.CANCELLED
    assert {each["reason"] for each in shut_out.routing} == {Reason.GONE}


def test_while_the_mail_waits(site: Site, smtp_server: SmtpServer, cast: Cast) -> None:
    with_a_dose(cast.everybody(), ago=timedelta(minutes=1))
    the_minute_comes()
    smtp_server.close()
    consumer = site.start_consumer()
    wait_until(lambda: Delivery.objects.filter(failures__gt=0).count() == 10, what="each was tried")
    consumer.kill()
    cast.change()
    smtp_server.open()

    site.start_consumer()

    wait_until(all_dealt_with, what="all is dealt with")
    assert smtp_server.addressees() == addresses(cast.others)
    not_sent = Delivery.objects.exclude(state=Delivery.State.SENT).values_list("address", "state", "reason")
    assert set(not_sent) == {
        (cast.shut_out.email, Delivery.State.CANCELLED, Reason.GONE),
        (cast.muted.email, Delivery.State.CANCELLED, Reason.OFF_BY_CHOICE),
        (cast.opted_out.email, Delivery.State.CANCELLED, Reason.OFF_BY_CHOICE),
    }


def test_while_a_worker_has_the_mail_in_hand(site: Site, smtp_server: SmtpServer, cast: Cast) -> None:
    first, *others = cast.others
    with_a_dose([first, *cast.everybody()[:4], *others], ago=timedelta(minutes=1))
    the_minute_comes()
    smtp_server.holds = True
    site.start_consumer(lease=60.0, timeout=20.0)
    wait_until(lambda: smtp_server.held, what="the mail server has the first mail and says nothing")
    cast.change()
    wait_until(a_second_later(), what="a second has gone by since")

    smtp_server.holds = False

    wait_until(all_dealt_with, what="all is dealt with")
    assert smtp_server.addressees() == addresses(cast.others)
    assert smtp_server.copies() == []


def test_a_publication_says_how_many_it_could_not_tell(site: Site, smtp_server: SmtpServer) -> None:
    here, shut_out = people(2)
    User.objects.filter(pk=shut_out.pk).update(is_active=False)
    assert site.run("publish", user_ids=[here.pk, shut_out.pk]) == 0

    site.start_consumer()

    wait_until(all_dealt_with, what="all is dealt with")
    assert told() == ids([here])
    assert smtp_server.addressees() == addresses([here])
    records = EventRecord.objects.order_by("id").values_list("state", "recipients", "not_told")
    assert list(records) == [("processed", 1, 0), ("processed", 0, 1)]
