"""A nurse plans a year of events in a minute, sees what a change will do, and makes it."""

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from wagtail.log_actions import registry

from events.admin.series import EventSeriesViewSet
from events.models import ClinicEvent, EventSeries
from events.services.attendance import event_join
from events.services.generation import generate
from home.models import Clinic, StaffRole
from notifications.models import EventRecord
from tests.events.admin.conftest import Staff, patient_of
from tests.events.admin.filled_in import filled_in
from tests.events.factories import NOW, AttendanceFactory, EventSeriesFactory, weekly
from tests.factories import StaffRoleFactory, UserFactory

NEW = "/admin/event_series/new/"
LIST = "/admin/event_series/"
WITH_KEY = [
    pattern.name
    for pattern in EventSeriesViewSet("event_series").get_urlpatterns()
    if "pk" in pattern.pattern.converters
]


def answers(clinic: Clinic, **more: Any) -> dict[str, Any]:
    return {
        "title_en": "Walking group",
        "title_af": "Stapgroep",
        "description_en": "Bring water.",
        "description_af": "Bring water saam.",
        "clinic": clinic.pk,
        "place": "Field",
        "capacity": "12",
        "reminders_usual": ["1440"],
        "reminders_others": "30",
        "type": "weekly",
        "interval": "2",
        "weekdays": ["1"],
        "start_time": "10:00",
        "end_time": "11:30",
        "start_date": "2026-11-23",
        "ends": "never",
        "active": "on",
        **more,
    }


def edit_url(series: EventSeries) -> str:
    return f"/admin/event_series/edit/{series.pk}/"


def end_url(series: EventSeries) -> str:
    return f"/admin/event_series/end/{series.pk}/"


def as_it_stands(client: Client, series: EventSeries) -> dict[str, list[str]]:
    return filled_in(client.get(edit_url(series)).content.decode())


def words(answer: HttpResponse) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", answer.content.decode()).split())


def said(answer: HttpResponse) -> list[str]:
    return [unescape(str(message)).strip() for message in answer.context["messages"]]


def confirmed(client: Client, url: str, posted: dict[str, Any]) -> HttpResponse:
    """Gets the plan, and confirms it with the data of its page."""
    page = client.post(url, posted)
    assert "confirm" not in filled_in(page.content.decode())
    return client.post(url, filled_in(page.content.decode()) | {"confirm": "1"}, follow=True)


def starts() -> list[str]:
    events = ClinicEvent.objects.order_by("starts_at")
    return [f"{timezone.localtime(event.starts_at):%d %b %H:%M}" for event in events]


def test_a_new_series_has_its_events_at_once(staff: Staff) -> None:
    answer = staff.client.post(NEW, answers(staff.clinic), follow=True)
    assert "“Walking group” is saved, and 2 events were created." in said(answer)[0]
    series = EventSeries.objects.get()
    assert (series.title_en, series.title_af, series.place) == ("Walking group", "Stapgroep", "Field")
    assert (series.capacity, series.reminders) == (12, [1440, 30])
    assert series.config == {
        "type": "weekly",
        "weekdays": [1],
        "interval": 2,
        "start_time": "10:00",
        "end_time": "11:30",
        "start_date": "2026-11-23",
        "active": True,
    }
    assert starts() == ["24 Nov 10:00", "08 Dec 10:00"]
    event = ClinicEvent.objects.first()
    assert (event.title_af, event.clinic, event.capacity) == ("Stapgroep", staff.clinic, 12)


def test_it_says_when_no_event_was_made_yet(staff: Staff) -> None:
    answer = staff.client.post(NEW, answers(staff.clinic, start_date="2027-03-01"), follow=True)
    assert "It has no events in the next 4 weeks" in said(answer)[0]
    assert (EventSeries.objects.count(), ClinicEvent.objects.count()) == (1, 0)


def test_a_new_form_is_ready_to_be_filled_in(staff: Staff) -> None:
    page = staff.client.get(NEW)
    fields = filled_in(page.content.decode())
    assert fields["clinic"] == [str(staff.clinic.pk)]
    assert fields["start_date"] == ["23/11/2026"]
    assert (fields["type"], fields["interval"], fields["ends"]) == (["weekly"], ["1"], ["never"])
    assert fields["reminders_usual"] == ["1440", "60"]
    assert "config" not in fields
    assert "Fill in when it is, and the next dates appear here." in words(page)


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"title_en": ""}, "title_en"),
        ({"capacity": "0"}, "capacity"),
        ({"reminders_others": "99999"}, "reminders"),
        ({"start_time": "25:00"}, "start_time"),
        ({"ends": "until", "until": "2026-11-22"}, "until"),
        ({"weekdays": [], "start_date": "", "interval": "1"}, "weekdays"),
        ({"clinic": ""}, "clinic"),
    ],
)
def test_an_invalid_value_is_explained_at_its_field_and_nothing_is_saved(
    staff: Staff, more: dict[str, Any], field: str
) -> None:
    answer = staff.client.post(NEW, answers(staff.clinic) | more)
    assert answer.status_code == 200
    assert field in answer.context["form"].errors
    assert EventSeries.objects.count() == 0


@pytest.mark.parametrize(
    "more", [{}, {"reminders": [60, 1440]}, {"reminders": [90]}, {"description_af": None}]
)
def test_a_series_that_is_opened_and_saved_is_not_changed(staff: Staff, more: dict[str, Any]) -> None:
    config = weekly(1, skip_dates=["2026-12-01"], skip_public_holidays=True)
    series = EventSeriesFactory(clinic=staff.clinic, config=config, **more)
    generate(now=NOW)
    before = EventSeries.objects.filter(pk=series.pk).values().get()
    answer = staff.client.post(edit_url(series), as_it_stands(staff.client, series), follow=True)
    assert said(answer) == ["Nothing was changed."]
    assert EventSeries.objects.filter(pk=series.pk).values().get() == before


def test_the_plan_is_shown_and_nothing_is_saved_before_it_is_confirmed(
    staff: Staff, series: EventSeries
) -> None:
    event = ClinicEvent.objects.order_by("starts_at")[0]
    thandi = patient_of(staff.clinic)
    event_join(event_id=event.pk, user=thandi, now=NOW)
    told_before = EventRecord.objects.count()
    posted = as_it_stands(staff.client, series) | {
        "start_time": "14:00",
        "end_time": "15:30",
        "place": "Tent",
    }
    page = staff.client.post(edit_url(series), posted)
    text = words(page)
    assert "4 events move. 1 person will be told." in text
    assert "Tue 24 Nov, 14:00 to 15:30" in text
    assert "Thandi Nkosi" in text
    assert "Save and tell 1 person" in text
    assert starts()[0] == "24 Nov 10:00"
    assert EventSeries.objects.get().place == "Hall"
    assert EventRecord.objects.count() == told_before


def test_a_confirmed_plan_is_applied(staff: Staff, series: EventSeries) -> None:
    event = ClinicEvent.objects.order_by("starts_at")[0]
    event_join(event_id=event.pk, user=patient_of(staff.clinic), now=NOW)
    posted = as_it_stands(staff.client, series) | {
        "start_time": "14:00",
        "end_time": "15:30",
        "skip_dates": "2026-12-08",
        "title_af": "Suikerklub",
        "capacity": "5",
    }
    answer = confirmed(staff.client, edit_url(series), posted)
    assert "3 events move, 1 event that nobody joined is removed" in said(answer)[0]
    assert "1 person will be told." in said(answer)[0]
    assert starts() == ["24 Nov 14:00", "01 Dec 14:00", "15 Dec 14:00"]
    assert set(ClinicEvent.objects.values_list("title_af", "capacity")) == {("Suikerklub", 5)}
    assert EventSeries.objects.get().config["skip_dates"] == ["2026-12-08"]
    moved = EventRecord.objects.filter(event_type="event.moved")
    assert len(moved) == 1


def test_the_message_is_of_what_was_applied_when_that_is_more_than_was_planned(
    staff: Staff, series: EventSeries
) -> None:
    posted = as_it_stands(staff.client, series) | {"start_time": "09:00"}
    page = staff.client.post(edit_url(series), posted)
    assert "Nobody will be told." in words(page)
    event_join(event_id=ClinicEvent.objects.first().pk, user=patient_of(staff.clinic), now=NOW)
    answer = staff.client.post(
        edit_url(series), filled_in(page.content.decode()) | {"confirm": "1"}, follow=True
    )
    assert "1 person will be told." in said(answer)[0]


def test_a_concurrent_change_is_not_undone(staff: Staff, series: EventSeries) -> None:
    mine = as_it_stands(staff.client, series) | {"place": "Tent"}
    page = staff.client.post(edit_url(series), mine)
    theirs = as_it_stands(staff.client, series) | {"description_af": "Met tee."}
    confirmed(staff.client, edit_url(series), theirs)
    confirmation = filled_in(page.content.decode()) | {"confirm": "1"}
    answer = staff.client.post(edit_url(series), confirmation, follow=True)
    assert "Somebody else has changed this series" in said(answer)[0]
    now = EventSeries.objects.get()
    assert (now.place, now.description_af) == ("Hall", "Met tee.")


def test_the_way_back_keeps_the_answers(staff: Staff, series: EventSeries) -> None:
    posted = as_it_stands(staff.client, series) | {
        "start_time": "14:00",
        "end_time": "13:00",
        "weekdays": ["1", "3"],
        "description_en": "Two\nlines <b>",
    }
    page = staff.client.post(edit_url(series), posted)
    back = staff.client.post(edit_url(series), filled_in(page.content.decode()) | {"edit": "1"})
    assert b'name="confirm"' not in back.content
    shown = filled_in(back.content.decode())
    assert shown["weekdays"] == ["1", "3"]
    assert (shown["start_time"], shown["end_time"]) == (["14:00"], ["13:00"])
    assert shown["description_en"][0].replace("\r\n", "\n") == "Two\nlines <b>"
    assert "14:00 to 13:00 the next day" in words(back)
    assert EventSeries.objects.get().config["start_time"] == "10:00"


def test_fewer_places_than_people_are_refused_at_the_places(staff: Staff, series: EventSeries) -> None:
    AttendanceFactory.create_batch(3, event=ClinicEvent.objects.first())
    posted = as_it_stands(staff.client, series) | {"capacity": "2"}
    for more in ({}, {"confirm": "1"}):
        answer = staff.client.post(edit_url(series), posted | more)
        assert answer.status_code == 200
        assert "3 people have joined already" in answer.context["form"].errors["capacity"][0]
    assert EventSeries.objects.get().capacity is None


def test_a_description_alone_goes_through_the_plan_too(staff: Staff, series: EventSeries) -> None:
    posted = as_it_stands(staff.client, series) | {"description_en": "With tea."}
    answer = confirmed(staff.client, edit_url(series), posted)
    assert "4 events get new details. Nobody will be told." in said(answer)[0]
    assert set(ClinicEvent.objects.values_list("description_en", flat=True)) == {"With tea."}


def test_a_series_keeps_its_clinic(staff: Staff, series: EventSeries) -> None:
    StaffRoleFactory(clinic=staff.other_clinic, user=staff.nurse)
    posted = as_it_stands(staff.client, series) | {"clinic": [str(staff.other_clinic.pk)], "place": "Tent"}
    confirmed(staff.client, edit_url(series), posted)
    assert "clinic" not in as_it_stands(staff.client, series)
    assert EventSeries.objects.get().clinic == staff.clinic
    assert EventSeries.objects.get().place == "Tent"


def test_a_change_is_in_the_history(staff: Staff, series: EventSeries) -> None:
    staff.client.post(NEW, answers(staff.clinic))
    made = EventSeries.objects.latest("pk")
    confirmed(staff.client, edit_url(made), as_it_stands(staff.client, made) | {"place": "Tent"})
    logged = registry.get_logs_for_instance(made).values_list("action", "user_id")
    assert sorted(logged) == [("wagtail.create", staff.nurse.pk), ("wagtail.edit", staff.nurse.pk)]


class TestEnd:
    def test_future_events_are_cancelled_and_people_notified(self, staff: Staff, series: EventSeries) -> None:
        first, second = ClinicEvent.objects.order_by("starts_at")[:2]
        event_join(event_id=first.pk, user=patient_of(staff.clinic), now=NOW)
        event_join(event_id=second.pk, user=patient_of(staff.clinic, "Anna"), now=NOW)
        answer = confirmed(staff.client, end_url(series), {"what": "cancel", "last_day": ""})
        assert "2 events are cancelled, 2 events that nobody joined are removed" in said(answer)[0]
        assert "2 people will be told." in said(answer)[0]
        assert set(ClinicEvent.objects.values_list("state", flat=True)) == {"cancelled"}
        assert EventRecord.objects.filter(event_type="event.cancelled").count() == 1
        assert generate(now=NOW + timedelta(weeks=2)).made == 0

    def test_events_up_to_the_last_day_take_place(self, staff: Staff, series: EventSeries) -> None:
        confirmed(staff.client, end_url(series), {"what": "cancel", "last_day": "2026-12-01"})
        assert starts() == ["24 Nov 10:00", "01 Dec 10:00"]
        assert generate(now=NOW + timedelta(weeks=2)).made == 0

    def test_today_s_does_not_take_place_either_when_none_does(self, staff: Staff) -> None:
        series = EventSeriesFactory(clinic=staff.clinic, config=weekly(0))
        generate(now=NOW)
        assert starts()[0] == "23 Nov 10:00"
        confirmed(staff.client, end_url(series), {"what": "cancel", "last_day": ""})
        assert starts() == []

    def test_existing_events_may_be_kept(self, staff: Staff, series: EventSeries) -> None:
        answer = confirmed(staff.client, end_url(series), {"what": "keep", "last_day": ""})
        assert "No event changes. Nobody will be told." in said(answer)[0]
        assert len(starts()) == 4
        assert generate(now=NOW + timedelta(weeks=2)).made == 0
        assert EventSeries.objects.get().config["active"] is False

    @pytest.mark.parametrize("last_day", ["", "2026-11-30"])
    def test_one_that_has_not_begun_ends_before_its_first_event(self, staff: Staff, last_day: str) -> None:
        config = weekly(0, start_date="2026-12-07", interval=2)
        series = EventSeriesFactory(clinic=staff.clinic, config=config)
        generate(now=NOW)
        assert starts() == ["07 Dec 10:00", "21 Dec 10:00"]
        confirmed(staff.client, end_url(series), {"what": "cancel", "last_day": last_day})
        assert starts() == []
        for weeks in (0, 2, 6):
            assert generate(now=NOW + timedelta(weeks=weeks)).made == 0

    def test_a_last_day_makes_none_longer(self, staff: Staff) -> None:
        for config in (
            weekly(1, until="2026-12-01"),
            weekly(1, start_date="2026-11-24", count=2),
        ):
            series = EventSeriesFactory(clinic=staff.clinic, config=config)
            posted = {"what": "cancel", "last_day": "2027-06-30"}
            answer = staff.client.post(end_url(series), posted, follow=True)
            assert said(answer) == ["Nothing was changed."]
            assert EventSeries.objects.get(pk=series.pk).config == config

    def test_an_invalid_answer_is_explained_and_nothing_ends(self, staff: Staff, series: EventSeries) -> None:
        answer = staff.client.post(end_url(series), {"what": "cancel", "last_day": "soon"})
        assert (
            "This is not a date. Write it like 12/03/1961 or 12 March 1961."
            in answer.context["form"].errors["last_day"]
        )
        answer = staff.client.post(end_url(series), {"what": "burn"})
        assert "what" in answer.context["form"].errors
        assert len(starts()) == 4

    def test_the_way_back_keeps_the_choice(self, staff: Staff, series: EventSeries) -> None:
        page = staff.client.post(end_url(series), {"what": "cancel", "last_day": "2026-12-01"})
        back = staff.client.post(end_url(series), filled_in(page.content.decode()) | {"edit": "1"})
        assert filled_in(back.content.decode())["last_day"] == ["2026-12-01"]
        assert len(starts()) == 4


class TestDelete:
    def test_a_series_with_events_is_kept(self, staff: Staff, series: EventSeries) -> None:
        url = f"/admin/event_series/delete/{series.pk}/"
        assert url not in staff.client.get(LIST).content.decode()
        assert url not in staff.client.get(edit_url(series)).content.decode()
        answer = staff.client.post(url, follow=True)
        assert "can't be deleted, because other records belong to it" in said(answer)[0]
        assert len(starts()) == 4

    def test_one_that_was_made_by_mistake_goes_when_its_events_are_gone(
        self, staff: Staff, series: EventSeries
    ) -> None:
        confirmed(staff.client, end_url(series), {"what": "cancel", "last_day": ""})
        url = f"/admin/event_series/delete/{series.pk}/"
        assert url in staff.client.get(LIST).content.decode()
        staff.client.post(url)
        assert not EventSeries.objects.exists()


class TestList:
    def test_it_says_what_when_and_how_many(self, staff: Staff, series: EventSeries) -> None:
        confirmed(
            staff.client, end_url(EventSeriesFactory(clinic=staff.clinic, title_en="Choir")), {"what": "keep"}
        )
        text = words(staff.client.get(LIST))
        assert re.search(
            r"Diabetes club .*Every Tuesday, 10:00 to 12:00 Tue 24 Nov, 10:00 4 upcoming active", text
        )
        assert re.search(r"Choir .*\(no more events are created\) – 0 upcoming ended", text)
        assert "Hillbrow" not in text[text.index("Diabetes club") :]

    def test_it_is_searched_and_filtered(self, staff: Staff, series: EventSeries) -> None:
        ended = EventSeriesFactory(
            clinic=staff.clinic, title_en="Choir", title_af="Koor", config=weekly(1, until="2026-11-22")
        )
        for query, found in (
            ("?q=diabetes", [series]),
            ("?q=koor", [ended]),
            ("?state=on", [series]),
            ("?state=over", [ended]),
        ):
            assert list(staff.client.get(LIST + query).context["object_list"]) == found, query

    def test_staff_of_several_clinics_see_which(self, staff: Staff, series: EventSeries) -> None:
        other = EventSeriesFactory(clinic=staff.other_clinic)
        assert "clinic" not in staff.client.get(LIST).context["filters"].filters
        StaffRoleFactory(clinic=staff.other_clinic, user=staff.nurse)
        page = staff.client.get(LIST)
        assert "Khayelitsha" in words(page)
        assert set(page.context["object_list"]) == {series, other}
        page = staff.client.get(f"{LIST}?clinic={staff.other_clinic.pk}")
        assert list(page.context["object_list"]) == [other]

    def test_it_takes_as_many_queries_for_any_number(self, staff: Staff) -> None:
        counts = []
        for _ in range(2):
            EventSeriesFactory.create_batch(5, clinic=staff.clinic)
            generate(now=NOW)
            staff.client.get(LIST)
            with CaptureQueriesContext(
                connection,
            ) as queries:
                staff.client.get(LIST)
            counts.append(len(queries))
        assert counts[0] == counts[1] < 30


class TestIsolation:
    def test_every_kind_of_address_is_walked(self) -> None:
        assert set(WITH_KEY) == {"edit", "delete", "history", "history_results", "usage", "end"}

    @pytest.mark.parametrize("page", WITH_KEY)
    def test_another_clinics_series_is_not_found_on_any_verb(
        self, staff: Staff, series: EventSeries, page: str
    ) -> None:
        foreign = EventSeriesFactory(clinic=staff.other_clinic, title_en="Secret club")
        before = EventSeries.objects.filter(pk=foreign.pk).values().get()
        url, own = (reverse(f"event_series:{page}", args=[each.pk]) for each in (foreign, series))
        client = staff.client
        assert [verb(url).status_code for verb in (client.get, client.head, client.put, client.delete)] == [
            404
        ] * 4
        assert client.post(url, answers(staff.other_clinic, confirm="1", what="cancel")).status_code == 404
        assert EventSeries.objects.filter(pk=foreign.pk).values().get() == before
        # A series with events is not deleted, and its page doesn't ask whether somebody is sure.
        assert client.get(own).status_code == (302 if page == "delete" else 200)
        staff.client.force_login(UserFactory(is_superuser=True))
        assert client.get(url).status_code == 200

    def test_the_list_is_of_the_clinics_own_series(self, staff: Staff, series: EventSeries) -> None:
        foreign = EventSeriesFactory(clinic=staff.other_clinic, title_en="Secret club")
        for path in (LIST, f"{LIST}results/", f"{LIST}?q=Secret", f"{LIST}?clinic={staff.other_clinic.pk}"):
            page = staff.client.get(path)
            assert foreign not in page.context["object_list"], path
            assert "Khayelitsha" not in page.content.decode()

    def test_none_is_made_for_another_clinic(self, staff: Staff) -> None:
        answer = staff.client.post(NEW, answers(staff.other_clinic))
        assert "clinic" in answer.context["form"].errors
        assert EventSeries.objects.count() == 0

    def test_managers_plan_and_patients_have_no_admin(self, staff: Staff, series: EventSeries) -> None:
        manager = StaffRoleFactory(clinic=staff.clinic, role=StaffRole.Role.MANAGER).user
        client = Client()
        client.force_login(manager)
        for url in (LIST, NEW, edit_url(series), end_url(series)):
            assert client.get(url).status_code == 200
        client.force_login(patient_of(staff.clinic))
        for url in (LIST, NEW, edit_url(series), end_url(series)):
            assert client.get(url)["Location"].startswith("/en/accounts/login/")

    def test_a_reader_without_permission_changes_nothing(self, staff: Staff, series: EventSeries) -> None:
        for permission in ("add_eventseries", "change_eventseries"):
            for group in staff.nurse.groups.all():
                group.permissions.remove(*group.permissions.filter(codename=permission))
        client = staff.client
        assert client.get(LIST).status_code == 200
        for url in (NEW, edit_url(series), end_url(series)):
            assert client.post(url, answers(staff.clinic, confirm="1", what="cancel")).status_code == 302
        assert len(starts()) == 4
        assert EventSeries.objects.count() == 1

    def test_a_script_in_a_title_is_inert(self, staff: Staff) -> None:
        evil = EventSeriesFactory(
            clinic=staff.clinic, title_en="<script>alert(1)</script>", place='"><img src=x>'
        )
        generate(now=NOW)
        posted = as_it_stands(staff.client, evil) | {"start_time": "09:00", "place": '"><img src=y>'}
        for page in (
            staff.client.get(LIST),
            staff.client.get(edit_url(evil)),
            staff.client.get(end_url(evil)),
            staff.client.post(edit_url(evil), posted),
        ):
            assert b"<script>alert(1)" not in page.content
            assert b"<img src=" not in page.content.replace(b'<img src="', b"")
