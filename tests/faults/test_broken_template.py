"""A template that got broken in the database: nobody misses a message."""

from datetime import timedelta

import pytest
from django.utils import timezone

from medications.event_texts import DOSE_DUE
from medications.services.reminders import send_dose_reminders
from notifications.models import Delivery, Notification, NotificationTemplate
from notifications.pipeline.fan_out import fan_out
from notifications.types import TEXT_FIELDS
from tests.faults.cast import ids, mail_is_sent, people, the_minute_comes, told, with_a_dose
from tests.faults.smtp_server import SmtpServer, addresses
from tests.faults.stack import Site, wait_until

BROKEN = ["{{ doses", "{{ nobody_knows_this }}", "{% load everything %}", "{{ patient.password }}"]


def break_template(text: str) -> None:
    """Past every check that a form or a model makes."""
    fields = {f"{field}_{language}": text for field in TEXT_FIELDS for language in ("en", "af")}
    template = NotificationTemplate.objects.create(event_type="medication.dose_due", live=True)
    NotificationTemplate.objects.filter(pk=template.pk).update(**fields)


@pytest.mark.parametrize("text", BROKEN)
def test_the_built_in_texts_are_used(site: Site, smtp_server: SmtpServer, text: str) -> None:
    break_template(text)
    users = people(3)
    with_a_dose(users, ago=timedelta(minutes=1))
    the_minute_comes()

    site.start_consumer()

    wait_until(lambda: mail_is_sent(3), what="the mail is sent")
    assert told() == ids(users)
    assert smtp_server.addressees() == addresses(users)
    built_in = DOSE_DUE["en"]
    titles = Notification.objects.values_list("title", flat=True)
    assert {title.split()[-1] for title in titles} == {built_in.title.split()[-1]}
    assert set(Delivery.objects.values_list("subject", flat=True)) == {built_in.email_subject_discreet}


@pytest.mark.django_db
def test_it_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    break_template(BROKEN[0])
    with_a_dose(people(1), ago=timedelta(minutes=1))
    send_dose_reminders(now=timezone.now())

    assert fan_out(now=timezone.now()).records == 1

    assert "A template of medication.dose_due can't be used; what stands in for it is." in caplog.messages
