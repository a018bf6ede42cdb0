"""Whom a series would tell in the coming weeks, and at what cost, before it begins."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from home.models import Relation
from notifications.announcements import series as acts
from notifications.announcements.series_ahead import ahead
from notifications.event_types import place_of
from notifications.exceptions import MessageError
from notifications.models import ChannelChoice, EventRecord, MessagePrice, MessageSeries, Notification
from notifications.pipeline.fan_out import fan_out
from notifications.types import Reason
from tests.factories import CareRoleFactory, ClinicFactory, PatientFactory, UserFactory
from tests.notifications.announcements.test_series import DAY, NOW, TODAY, born, draft, running, step

pytestmark = pytest.mark.django_db


def test_it_says_to_how_many_people_each_message_comes_and_when() -> None:
    clinic = ClinicFactory()
    series = draft(clinic, 0, 7, 40)
    for days in (0, 3, 5, 35, 100):
        born(clinic, TODAY - days * DAY)
    born(ClinicFactory(), TODAY)
    found = ahead(series, now=NOW)
    assert [(each.today, each.weeks) for each in found.steps] == [
        (1, [1, 0, 0, 0]),
        (0, [2, 1, 0, 0]),
        (0, [1, 0, 0, 0]),
    ]
    assert (found.people, found.subjects, found.alone, found.lately) == (4, 4, 0, 3)
    assert not Notification.objects.exists()
    assert not EventRecord.objects.exists()


def test_what_it_says_is_what_comes() -> None:
    clinic = ClinicFactory()
    series = running(clinic, 0, 1, 7, 30, 60)
    for days in (-3, 0, 1, 2, 6, 7, 12, 29, 30, 44, 59, 60, 61):
        born(clinic, TODAY - days * DAY)
    mother = CareRoleFactory(patient=born(clinic, TODAY), relation=Relation.GUARDIAN).user
    twin = PatientFactory(clinic=clinic, date_of_birth=TODAY)
    CareRoleFactory(patient=twin, user=mother, relation=Relation.GUARDIAN)
    PatientFactory(clinic=clinic, date_of_birth=TODAY)
    foreseen = ahead(series, now=NOW)
    assert foreseen.alone == 1
    came = [[0] * 4 for _ in series.steps]
    counted: set[int] = set()
    for days in range(28):
        now = NOW + days * DAY
        acts.publish_due(now=now)
        while fan_out(now=now).records:
            pass
        new = Notification.objects.exclude(pk__in=counted).values_list("pk", "dedupe_key")
        for pk, key in list(new):
            counted.add(pk)
            came[place_of(key)][days // 7] += 1
    assert [each.weeks for each in foreseen.steps] == came
    assert foreseen.people == Notification.objects.values("recipient").distinct().count()


def test_it_says_what_each_message_costs_by_each_channel(settings: Settings) -> None:
    settings.SMS_PROVIDERS = ["twilio"]
    MessagePrice.objects.create(provider="twilio", amount=Decimal("0.30"), valid_from=NOW.date())
    clinic = ClinicFactory()
    series = draft(clinic, steps=[step(0), step(7, "A long one")])
    for days in (0, 1):
        patient = PatientFactory(clinic=clinic, date_of_birth=TODAY - days * DAY)
        user = UserFactory(email=None, phone=f"+2782555010{days}", phone_verified_at=NOW)
        CareRoleFactory(patient=patient, user=user, relation=Relation.GUARDIAN)
        ChannelChoice.objects.create(user=user, category="system", channel="sms", on=True)
    born(clinic, TODAY)
    first, second = (each.reckoning for each in ahead(series, now=NOW).steps)
    by_name = {each.name: each for each in first.channels}
    assert (by_name["sms"].first, by_name["sms"].parts, by_name["sms"].cost) == (1, 1, Decimal("0.30"))
    assert by_name["email"].first == 1
    assert [each.cost for each in second.channels if each.name == "sms"] == [Decimal("0.60")]
    assert ahead(series, now=NOW).cost == Decimal("0.90")


def test_who_has_it_in_the_inbox_alone_is_said_with_why() -> None:
    clinic = ClinicFactory()
    patient = PatientFactory(clinic=clinic, date_of_birth=TODAY)
    CareRoleFactory(
        patient=patient, user=UserFactory(email=None, phone="+27825550103"), relation=Relation.GUARDIAN
    )
    [only] = ahead(draft(clinic, 0), now=NOW).steps
    assert only.reckoning.inbox_only == 1
    assert only.reckoning.reasons["email", Reason.NO_ADDRESS] == 1


def test_it_goes_by_the_clinics_calendar() -> None:
    clinic = ClinicFactory(timezone="Pacific/Auckland")
    late = datetime(2026, 11, 23, 21, 30, tzinfo=UTC)
    born(clinic, date(2026, 11, 24))
    assert ahead(draft(clinic, 0), now=late).steps[0].today == 1


def test_it_asks_as_much_for_many_people_and_messages_as_for_few() -> None:
    clinic = ClinicFactory()
    counts = []
    for count, days in ((2, (0,)), (10, tuple(range(30)))):
        for _ in range(count):
            born(clinic, TODAY)
        series = draft(clinic, *days)
        with CaptureQueriesContext(connection) as asked:
            ahead(series, now=NOW)
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_of_a_start_that_is_declared_no_more_nothing_is_known() -> None:
    with pytest.raises(MessageError):
        ahead(MessageSeries(start="eclipse", steps=[step(0)]), now=NOW)
