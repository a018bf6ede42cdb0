"""Staff write an announcement that is told again and again, see its dates, and end it."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from notifications.models import Announcement, Notification
from notifications.periodic_tasks import plan_recurring
from notifications.pipeline.fan_out import fan_out
from tests.notifications.admin.clinics import People, signed_in
from tests.notifications.admin.test_announcements import (
    at,
    crowd,
    errors,
    filled,
    later,
    press,
    second_manager,
    write,
)

NOW = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)
"""A Tuesday, at 08:00 in South Africa."""
WEEK = timedelta(days=7)
REPEATED = {
    "repeats": "on",
    "dates-type": "weekly",
    "dates-interval": "1",
    "dates-weekdays": ["2"],
    "dates-start_time": "10:00",
    "dates-start_date": "24/11/2026",
    "dates-ends": "never",
}


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


def repeated(people: People, **changes: Any) -> dict[str, Any]:
    return filled(people, **REPEATED | changes)


def wrong(response: Any) -> dict[str, list[str]]:
    """What is wrong with the dates, by field."""
    return dict(response.context["form"].dates.errors)


def page_of(people: People, announcement: Announcement) -> str:
    return unescape(signed_in(people.manager).get(at(announcement)).content.decode())


def rows(page: str) -> list[str]:
    """The dates on the page and what became of them."""
    table = page.partition('<h2 class="w-h2">Its dates</h2>')[2].partition("</table>")[0]
    return [" ".join(re.sub(r"<[^>]+>", " ", row).split()) for row in table.split("<tr>")[2:]]


def test_it_is_written_begun_told_and_ended(wynberg: People, clock: time_machine.Traveller) -> None:
    client = signed_in(wynberg.manager)
    page = unescape(write(client, repeated(wynberg, **{"dates-skip_public_holidays": "on"})).content.decode())
    assert "Every Wednesday, 10:00, from 24 November 2026, not on public holidays" in page
    assert "Begin it" in page
    announcement = Announcement.objects.get()
    assert "It has begun, and is told on each of its dates." in press(client, announcement, "send")
    assert len(rows(page_of(wynberg, announcement))) == 5
    assert rows(page_of(wynberg, announcement))[1] == "Wed 16 Dec 10:00 left out: Day of Reconciliation"

    clock.move_to(NOW + timedelta(days=1, hours=3))
    plan_recurring(timezone.now())
    fan_out(now=timezone.now())
    assert Notification.objects.count() == 2
    [date] = announcement.dates.all()
    told = rows(page_of(wynberg, announcement))[-1]
    assert "sent to 2 people" in told
    assert at(date) in page_of(wynberg, announcement)
    assert at(announcement) in page_of(wynberg, date)
    assert client.get(at(date, "report")).status_code == 200

    client = signed_in(wynberg.manager)  # days later
    assert "It is stopped. Nothing more of it is sent." in press(client, announcement, "stop")
    assert [row for row in rows(page_of(wynberg, announcement)) if "to come" in row] == []
    clock.shift(WEEK)
    plan_recurring(timezone.now())
    assert announcement.dates.count() == 1


def test_a_date_on_which_the_site_stood_still_is_said(wynberg: People, clock: time_machine.Traveller) -> None:
    client = signed_in(wynberg.manager)
    write(client, repeated(wynberg))
    announcement = Announcement.objects.get()
    press(client, announcement, "send")
    clock.shift(WEEK)
    assert "missed: nobody was told" in rows(page_of(wynberg, announcement))[-1]


def test_one_that_ends_before_its_first_date_says_so(wynberg: People) -> None:
    client = signed_in(wynberg.manager)
    write(client, repeated(wynberg))
    announcement = Announcement.objects.get()
    press(client, announcement, "send")
    assert "Nobody was told in the last three months." in press(client, announcement, "stop")


def test_a_slot_that_is_made_up_for_tells_nothing_of_its_day(
    wynberg: People, clock: time_machine.Traveller
) -> None:
    client = signed_in(wynberg.manager)
    write(client, repeated(wynberg))
    press(client, Announcement.objects.get(), "send")
    clock.shift(WEEK)
    plan_recurring(NOW + timedelta(days=1, hours=3))
    assert not Announcement.objects.filter(of__isnull=False).exists()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"dates-weekdays": []}, ""),
        ({"dates-start_time": "", "x": ""}, "start_time"),
        ({"dates-start_time": "25:00"}, "start_time"),
        ({"dates-ends": "until"}, "until"),
        ({"dates-ends": "until", "dates-until": "01/11/2026"}, "until"),
        ({"dates-ends": "until", "dates-until": "24/11/2026"}, "start_date"),
        ({"dates-ends": "count", "dates-count": "0"}, "count"),
        ({"dates-interval": "2", "dates-start_date": ""}, "start_date"),
        ({"dates-start_date": "24/11/2031"}, "start_date"),
        ({"dates-type": "hourly"}, "type"),
        ({"dates-type": "monthly", "dates-day": "date"}, "month_day"),
        ({"dates-skip_dates": "Christmas"}, "skip_dates"),
    ],
)
def test_dates_that_can_not_be_are_refused_beside_the_field(
    wynberg: People, changes: dict[str, Any], field: str
) -> None:
    response = write(signed_in(wynberg.manager), repeated(wynberg, **changes))
    if field:
        assert field in wrong(response)
        assert "repeats" in errors(response)
        assert not Announcement.objects.exists()
    else:  # without a day it is that of the first day
        assert Announcement.objects.get().pattern["weekdays"] == [1]


def test_it_is_told_once_or_again_and_again_and_not_both(wynberg: People) -> None:
    response = write(signed_in(wynberg.manager), repeated(wynberg, at=later(days=1)))
    assert "at" in errors(response)


def test_dates_count_only_where_it_is_told_again_and_again(wynberg: People) -> None:
    data = repeated(wynberg, **{"dates-start_time": "25:00"})
    del data["repeats"]
    write(signed_in(wynberg.manager), data)
    assert Announcement.objects.get().pattern is None


def test_a_draft_keeps_its_dates_and_so_does_what_begins_with_it(wynberg: People) -> None:
    client = signed_in(wynberg.manager)
    write(client, repeated(wynberg))
    announcement = Announcement.objects.get()
    form = client.get(at(announcement, "edit")).context["form"]
    assert (form["repeats"].value(), form.dates["weekdays"].value()) == (True, [2])
    press(client, announcement, "copy", template="1")
    assert Announcement.objects.latest("pk").pattern == announcement.pattern


def test_one_person_is_not_enough_for_many(wynberg: People) -> None:
    client = signed_in(wynberg.manager)
    crowd(wynberg)
    write(client, repeated(wynberg))
    announcement = Announcement.objects.get()
    press(client, announcement, "send")
    assert announcement.begun_at is None
    said = press(second_manager(wynberg), announcement, "approve")
    assert "You approved it. It has begun, and is told on each of its dates." in said


def test_the_list_finds_what_recurs(wynberg: People, worcester: People) -> None:
    client = signed_in(wynberg.manager)
    write(client, repeated(wynberg))
    announcement = Announcement.objects.get()
    listed = reverse("announcements:index")
    assert at(announcement) in client.get(listed, {"state": "draft"}).content.decode()
    press(client, announcement, "send")
    assert at(announcement) not in client.get(listed, {"state": "draft"}).content.decode()
    assert at(announcement) in client.get(listed, {"state": "recurring"}).content.decode()
    assert signed_in(worcester.manager).get(at(announcement)).status_code == 404


def test_the_page_makes_as_many_queries_for_many_dates(
    wynberg: People, clock: time_machine.Traveller
) -> None:
    client = signed_in(wynberg.manager)
    write(client, repeated(wynberg))
    announcement = Announcement.objects.get()
    press(client, announcement, "send")

    def queries() -> int:
        client = signed_in(wynberg.manager)  # weeks later
        client.get(at(announcement))
        with CaptureQueriesContext(connection) as captured:
            client.get(at(announcement))
        return len(captured)

    def week_later() -> None:
        clock.shift(WEEK)
        plan_recurring(timezone.now())
        fan_out(now=timezone.now())

    clock.shift(timedelta(days=1, hours=3))
    week_later()
    few = queries()
    for _ in range(5):
        week_later()
    assert announcement.dates.count() == 6
    assert queries() == few
