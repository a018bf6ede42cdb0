"""A manager of several clinics plans one series for all of them, sees it before, and ends it; a nurse sees her own."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from wagtail.models import ModelLogEntry

from events.models import ClinicEvent, EventSeries, Programme
from home.models import Clinic, StaffRole
from notifications.models import EventRecord
from tests.events.admin.conftest import Staff, patient_of
from tests.events.admin.filled_in import filled_in
from tests.events.admin.test_series_pages import said, words
from tests.events.factories import AttendanceFactory, ClinicEventFactory, EventSeriesFactory
from tests.factories import ClinicFactory, StaffRoleFactory, UserFactory

LIST = "/admin/programmes/"
NEW = "/admin/programmes/new/"


@pytest.fixture
def manager(staff: Staff) -> Staff:
    """The client is now that of whoever manages both clinics, and not a third."""
    user = UserFactory(first_name="Lerato")
    for clinic in (staff.clinic, staff.other_clinic):
        StaffRoleFactory(clinic=clinic, user=user, role=StaffRole.Role.MANAGER)
    ClinicFactory(name="Alexandra")
    staff.client.force_login(user)
    return staff


def at(clinic: Clinic, **more: Any) -> dict[str, Any]:
    return {f"clinic-{clinic.pk}-{name}": value for name, value in {"chosen": "on", **more}.items()}


def answers(*clinics: dict[str, Any], **more: Any) -> dict[str, Any]:
    given: dict[str, Any] = {
        "key": str(uuid4()),
        "title_en": "Foot care",
        "title_af": "Voetsorg",
        "description_en": "",
        "description_af": "",
        "capacity": "12",
        "reminders_usual": ["1440"],
        "reminders_others": "",
        "type": "weekly",
        "interval": "1",
        "weekdays": ["1"],
        "start_time": "10:00",
        "end_time": "11:30",
        "start_date": "2026-11-23",
        "ends": "never",
        "skip_public_holidays": "on",
        "active": "on",
        **more,
    }
    for each in clinics:
        given |= each
    return given


def test_the_form_lists_the_clinics_that_one_manages_with_their_usual_venue(manager: Staff) -> None:
    EventSeriesFactory(clinic=manager.clinic, place="Old hall")
    EventSeriesFactory(clinic=manager.clinic, place="New hall")
    page = manager.client.get(NEW)
    fields = filled_in(page.content.decode())
    assert fields[f"clinic-{manager.clinic.pk}-place"] == ["New hall"]
    assert fields[f"clinic-{manager.other_clinic.pk}-place"] == [""]
    assert "Alexandra" not in words(page)
    assert len(fields["key"]) == 1
    assert manager.client.get(NEW).context["form"]["key"].value() != page.context["form"]["key"].value()


def test_it_is_shown_for_each_clinic_and_then_made_at_all(manager: Staff) -> None:
    posted = answers(
        at(manager.clinic, place="Hall"),
        at(
            manager.other_clinic, start_time="14:00", end_time="15:00", capacity="30", skip_dates="2026-12-08"
        ),
        weekdays=["1", "2"],
    )
    page = manager.client.post(NEW, posted)
    shown = words(page)
    assert "A series at each of 2 clinics. 13 events are created now" in shown
    assert "Every Tuesday and Wednesday, 10:00 to 11:30" in shown
    assert "Hall · 12 places" in shown
    assert "No venue given · 30 places" in shown
    assert shown.count("left out: Day of Reconciliation") == 2
    assert "Tuesday 8 December 2026 left out" in shown
    assert not EventSeries.objects.exists()
    answer = manager.client.post(NEW, filled_in(page.content.decode()) | {"confirm": "1"}, follow=True)
    assert said(answer) == ["“Foot care” is planned at 2 clinics."]
    here, there = EventSeries.objects.order_by("clinic__name")
    assert (here.place, here.capacity, here.events.count()) == ("Hall", 12, 7)
    assert (there.capacity, there.config["start_time"], there.events.count()) == (30, "14:00", 6)
    assert here.programme == there.programme == Programme.objects.get()
    assert ModelLogEntry.objects.filter(action="wagtail.create", object_id=str(here.pk)).count() == 1
    assert [row.clinic.name for row in answer.context["table"].data] == ["Hillbrow", "Khayelitsha"]


def test_a_second_press_makes_nothing_and_says_so(manager: Staff) -> None:
    posted = answers(at(manager.clinic), at(manager.other_clinic)) | {"confirm": "1"}
    manager.client.post(NEW, posted, follow=True)
    answer = manager.client.post(NEW, posted, follow=True)
    assert "This form was sent before" in said(answer)[0]
    assert answer.redirect_chain[0][0] == f"{LIST}{Programme.objects.get().pk}/"
    assert EventSeries.objects.count() == 2
    assert ModelLogEntry.objects.filter(action="wagtail.create").count() == 2


def test_back_to_the_form_everything_is_still_there(manager: Staff) -> None:
    posted = answers(at(manager.clinic, place="Hall", start_time="09:00", end_time="09:30"))
    page = manager.client.post(NEW, posted)
    back = manager.client.post(NEW, filled_in(page.content.decode()) | {"edit": "1"})
    fields = filled_in(back.content.decode())
    for name, value in posted.items():
        if name != "start_date":
            assert fields[name] == (value if isinstance(value, list) else [value]), name


@pytest.mark.parametrize(
    ("more", "own", "field", "complaint"),
    [
        ({"title_en": ""}, {}, "title_en", "This field is required."),
        ({"start_time": "25:00"}, {}, "start_time", "Enter a valid time."),
        ({"type": "monthly", "day": "nth"}, {}, "nth", "Fill this in too."),
        ({}, {"capacity": "0"}, "capacity", "Ensure this value is greater than or equal to 1."),
        ({}, {"start_time": "14:00"}, "end_time", "Give both times, or neither."),
        ({}, {"skip_dates": "next week"}, "skip_dates", "“next” is not a date."),
        ({}, {"place": "x" * 201}, "place", "Ensure this value has at most 200 characters"),
        ({}, {"place": "\u202e"}, "place", ""),
    ],
)
def test_what_is_wrong_is_said_beside_it_and_nothing_is_made(
    manager: Staff, more: dict[str, Any], own: dict[str, str], field: str, complaint: str
) -> None:
    posted = answers(at(manager.clinic, **own), at(manager.other_clinic), **more)
    for posting in (posted, posted | {"confirm": "1"}):
        form = manager.client.post(NEW, posting).context["form"]
        rows = {row.clinic: row for row in form.clinics}
        assert complaint in str((rows[manager.clinic] if own else form).errors[field])
        assert form.errors
    assert not EventSeries.objects.exists()


def test_without_a_clinic_it_asks_for_one_and_those_not_chosen_are_not_read(manager: Staff) -> None:
    ignored = {f"clinic-{manager.other_clinic.pk}-capacity": "many"}
    answer = manager.client.post(NEW, answers() | ignored)
    assert "Choose at least one clinic." in words(answer)
    assert manager.client.post(NEW, answers(at(manager.clinic)) | ignored).context["plans"]


def test_a_clinic_that_one_does_not_manage_is_not_read(manager: Staff) -> None:
    alien = Clinic.objects.get(name="Alexandra")
    StaffRoleFactory(clinic=alien, user=UserFactory(), role=StaffRole.Role.MANAGER)
    answer = manager.client.post(NEW, answers(at(alien)) | {"confirm": "1"})
    assert "Choose at least one clinic." in words(answer)
    manager.client.post(NEW, answers(at(alien), at(manager.clinic)) | {"confirm": "1"})
    assert [series.clinic for series in EventSeries.objects.all()] == [manager.clinic]


def test_it_warns_of_what_is_there_at_the_same_time_and_of_the_same_title(manager: Staff) -> None:
    EventSeriesFactory(clinic=manager.other_clinic, title_en="foot care")
    nine = datetime(2026, 12, 1, 9, tzinfo=UTC)  # 11:00 on their walls, and it ends at 11:30
    for place in ("hall", "Garden", ""):
        ClinicEventFactory(
            clinic=manager.clinic,
            title_en=f"Yoga in {place or 'some place'}",
            place=place,
            starts_at=nine,
            ends_at=nine + timedelta(hours=1),
        )
    ClinicEventFactory(clinic=manager.clinic, place="Hall", starts_at=nine + timedelta(hours=1))
    page = manager.client.post(NEW, answers(at(manager.clinic, place="Hall"), at(manager.other_clinic)))
    here, there = page.context["plans"]
    assert here.warnings == [
        f"At the same time in the same place: “Yoga in {where}”, Tue 1 Dec, 11:00 to 12:00."
        for where in ("hall", "some place")
    ]
    assert there.warnings == ["This clinic has a series with this title already."]


def test_each_clinics_times_are_those_of_its_wall(manager: Staff) -> None:
    Clinic.objects.filter(pk=manager.other_clinic.pk).update(timezone="Europe/London")
    posted = answers(at(manager.clinic), at(manager.other_clinic))
    page = manager.client.post(NEW, posted)
    assert [plan.zone_note for plan in page.context["plans"]] == [
        "",
        "All times are clinic time (Europe/London).",
    ]
    manager.client.post(NEW, posted | {"confirm": "1"})
    hours = ClinicEvent.objects.order_by("starts_at").values_list("starts_at__hour", flat=True)[:2]
    assert list(hours) == [10, 12]


def made(manager: Staff) -> Programme:
    posted = answers(at(manager.clinic), at(manager.other_clinic)) | {"confirm": "1"}
    manager.client.post(NEW, posted, follow=True)
    return Programme.objects.get()


def test_it_is_ended_at_all_clinics_once_its_plan_was_seen(manager: Staff) -> None:
    programme = made(manager)
    event = ClinicEvent.objects.filter(clinic=manager.other_clinic).order_by("starts_at").last()
    person = patient_of(manager.other_clinic)
    AttendanceFactory(event=event, user=person)
    url = f"{LIST}{programme.pk}/end/"
    page = manager.client.post(url, {"what": "cancel", "last_day": "2026-12-01"})
    shown = words(page)
    assert "Hillbrow : Foot care 2 events that nobody joined are removed. Nobody will be told." in shown
    assert "1 person will be told." in shown
    assert "Thandi" in shown
    assert ClinicEvent.objects.count() == 8
    answer = manager.client.post(url, filled_in(page.content.decode()) | {"confirm": "1"}, follow=True)
    assert said(answer) == ["“Foot care” is ended at 2 clinics."]
    assert ClinicEvent.objects.filter(state="planned").count() == 4
    assert EventRecord.objects.filter(event_type="event.cancelled").count() == 1
    assert ModelLogEntry.objects.filter(action="wagtail.edit").count() == 2
    again = manager.client.post(url, {"what": "cancel", "last_day": "2026-12-01"}, follow=True)
    assert said(again) == ["Nothing was changed."]


def change_url(programme: Programme) -> str:
    return f"{LIST}{programme.pk}/change/"


def form_of(manager: Staff, programme: Programme) -> dict[str, Any]:
    """The form as it is shown, filled in."""
    return filled_in(manager.client.get(change_url(programme)).content.decode())


def confirmed(manager: Staff, programme: Programme, plan: Any) -> Any:
    posted = filled_in(plan.content.decode()) | {"confirm": "1"}
    return manager.client.post(change_url(programme), posted, follow=True)


def test_it_is_changed_at_all_clinics_once_its_plan_was_seen(manager: Staff) -> None:
    programme = made(manager)
    here, there = EventSeries.objects.order_by("clinic__name")
    person = patient_of(manager.other_clinic)
    AttendanceFactory(event=there.events.order_by("starts_at")[1], user=person)
    new = {
        "title_en": "Feet",
        "reminders_usual": ["60"],
        "weekdays": ["2"],
        f"series-{here.pk}-place": "Hall",
        f"series-{there.pk}-capacity": "30",
        f"series-{there.pk}-start_time": "14:00",
        f"series-{there.pk}-end_time": "15:00",
    }
    plan = manager.client.post(change_url(programme), form_of(manager, programme) | new)
    shown = words(plan)
    assert "Hillbrow : Foot care" in shown
    assert "Before: Every Tuesday, 10:00 to 11:30," in shown
    assert "Then: Every Wednesday, 14:00 to 15:00," in shown
    assert "1 person will be told." in shown
    assert "4 events that nobody joined are removed, 3 events are new" in shown
    assert "1 event is cancelled, 3 events that nobody joined are removed, 3 events are new" in shown
    assert EventSeries.objects.filter(title_en="Feet").count() == 0
    answer = confirmed(manager, programme, plan)
    assert said(answer) == ["“Feet” is changed at 2 clinics."]
    here.refresh_from_db()
    there.refresh_from_db()
    assert (here.title_en, here.title_af, here.place, here.capacity, here.reminders) == (
        "Feet",
        "Voetsorg",
        "Hall",
        12,
        [60],
    )
    assert (there.title_en, there.place, there.capacity) == ("Feet", "", 30)
    assert (here.config["weekdays"], here.config["start_time"]) == ([2], "10:00")
    assert (there.config["weekdays"], there.config["start_time"]) == ([2], "14:00")
    assert Programme.objects.get().title_en == "Feet"
    assert EventRecord.objects.filter(event_type="event.cancelled").count() == 1
    assert ModelLogEntry.objects.filter(action="wagtail.edit").count() == 2


def test_unchanged_it_says_so(manager: Staff) -> None:
    programme = made(manager)
    answer = manager.client.post(change_url(programme), form_of(manager, programme), follow=True)
    assert said(answer) == ["Nothing was changed."]


def test_a_clinic_that_went_its_own_way_keeps_it_and_the_plan_says_so(manager: Staff) -> None:
    programme = made(manager)
    here = EventSeries.objects.order_by("clinic__name")[0]
    third = EventSeriesFactory(
        clinic=manager.clinic,
        title_en="Feet on Friday",
        programme=programme,
        config=here.config | {"weekdays": [4]},
    )
    plan = manager.client.post(change_url(programme), form_of(manager, programme) | {"weekdays": ["3"]})
    assert {each.title for each in plan.context["plans"]} == {"Foot care"}
    plan = manager.client.post(
        change_url(programme),
        form_of(manager, programme) | {"weekdays": ["3"], "description_en": "Bring shoes."},
    )
    notes = {each.title: bool(each.note) for each in plan.context["plans"]}
    assert notes == {"Foot care": False, "Feet on Friday": True}
    confirmed(manager, programme, plan)
    third.refresh_from_db()
    assert (third.config["weekdays"], third.title_en, third.description_en) == (
        [4],
        "Feet on Friday",
        "Bring shoes.",
    )


def test_what_changed_since_it_was_shown_is_shown_again_and_nothing_is_done(manager: Staff) -> None:
    programme = made(manager)
    here = EventSeries.objects.order_by("clinic__name")[0]
    plan = manager.client.post(change_url(programme), form_of(manager, programme) | {"weekdays": ["2"]})
    AttendanceFactory(event=here.events.order_by("starts_at")[1], user=patient_of(manager.clinic))
    again = confirmed(manager, programme, plan)
    assert "Something has changed since you saw this" in said(again)[0]
    assert "1 person will be told." in words(again)
    assert not EventSeries.objects.exclude(config__weekdays=[1]).exists()
    assert said(confirmed(manager, programme, again)) == ["“Foot care” is changed at 2 clinics."]


def test_a_series_that_was_changed_by_somebody_else_is_shown_anew(manager: Staff) -> None:
    programme = made(manager)
    posted = form_of(manager, programme) | {"weekdays": ["2"]}
    EventSeries.objects.filter(clinic=manager.clinic).update(place="Garden")
    answer = manager.client.post(change_url(programme), posted, follow=True)
    assert "Somebody else has changed this in the meantime" in said(answer)[0]
    assert not EventSeries.objects.exclude(config__weekdays=[1]).exists()


@pytest.mark.parametrize(
    ("more", "own", "field", "complaint"),
    [
        ({"title_en": ""}, {}, "title_en", "This field is required."),
        ({"start_time": "25:00"}, {}, "start_time", "Enter a valid time."),
        ({}, {"capacity": "0"}, "capacity", "Ensure this value is greater than or equal to 1."),
        ({}, {"capacity": "1"}, "capacity", "2 people have joined already."),
        ({}, {"end_time": ""}, "end_time", "Give both times, or neither."),
        ({}, {"place": "\u202e"}, "place", ""),
    ],
)
def test_what_is_wrong_with_a_change_is_said_beside_it_and_nothing_is_changed(
    manager: Staff, more: dict[str, Any], own: dict[str, str], field: str, complaint: str
) -> None:
    programme = made(manager)
    here = EventSeries.objects.order_by("clinic__name")[0]
    for _each in range(2):
        AttendanceFactory(event=here.events.order_by("starts_at")[1], user=patient_of(manager.clinic))
    given = {f"series-{here.pk}-{name}": value for name, value in own.items()}
    posted = form_of(manager, programme) | {"description_en": "Bring shoes."} | more | given
    for posting in (posted, posted | {"confirm": "1"}):
        form = manager.client.post(change_url(programme), posting).context["form"]
        assert complaint in str((form.rows[here.pk] if own else form).errors[field])
    assert not EventSeries.objects.exclude(description_en="").exists()


def test_who_manages_one_of_its_clinics_changes_it_there_alone(manager: Staff) -> None:
    programme = made(manager)
    local = UserFactory()
    StaffRoleFactory(clinic=manager.clinic, user=local, role=StaffRole.Role.MANAGER)
    manager.client.force_login(local)
    there = EventSeries.objects.get(clinic=manager.other_clinic)
    posted = form_of(manager, programme) | {"title_en": "Feet", f"series-{there.pk}-place": "Mine"}
    plan = manager.client.post(change_url(programme), posted)
    assert [each.clinic for each in plan.context["plans"]] == ["Hillbrow"]
    confirmed(manager, programme, plan)
    there.refresh_from_db()
    assert (there.title_en, there.place) == ("Foot care", "")
    assert EventSeries.objects.get(clinic=manager.clinic).title_en == "Feet"
    assert Programme.objects.get().title_en == "Foot care"


def test_of_one_that_is_over_nothing_can_be_changed(manager: Staff) -> None:
    programme = made(manager)
    ClinicEvent.objects.all().delete()
    EventSeries.objects.update(config=EventSeries.objects.all()[0].config | {"active": False})
    assert manager.client.get(change_url(programme)).status_code == 404
    assert "/change/" not in manager.client.get(f"{LIST}{programme.pk}/").content.decode()


@pytest.fixture
def of_thirty(manager: Staff) -> list[Clinic]:
    """The client is now that of whoever manages these clinics; the side bar counts nothing for so many."""
    clinics, user = [ClinicFactory() for _each in range(30)], UserFactory()
    for clinic in clinics:
        StaffRoleFactory(clinic=clinic, user=user, role=StaffRole.Role.MANAGER)
    manager.client.force_login(user)
    return clinics


def queries_of(
    manager: Staff, clinics: list[Clinic], page: str, posted: dict[str, Any], *, joined: int
) -> tuple[list[int], int]:
    """Of the form, of the page that confirms and of where that leads; and of confirming it. At each clinic so many
    patients have joined an event that changes.
    """
    manager.client.post(NEW, answers(*(at(clinic) for clinic in clinics)) | {"confirm": "1"})
    programme = Programme.objects.latest("id")
    for series in programme.series.all():
        last = series.events.order_by("starts_at").last()
        for _each in range(joined):
            AttendanceFactory(event=last, user=patient_of(series.clinic))
    counts = []

    def ask(address: str, data: dict[str, Any] | None = None) -> Any:
        with CaptureQueriesContext(connection) as captured:
            answer = manager.client.get(address) if data is None else manager.client.post(address, data)
        counts.append(len(captured))
        return answer

    url = f"{LIST}{programme.pk}/{page}/"
    form = filled_in(ask(url).content.decode())
    plan = ask(url, form | posted)
    assert len(plan.context["plans"]) == len(clinics)
    done = ask(url, filled_in(plan.content.decode()) | {"confirm": "1"})
    ask(done["Location"])
    made = counts.pop(2)
    return counts, made


@pytest.mark.parametrize(
    ("page", "posted"),
    [
        ("change", {"weekdays": ["2"], "capacity": "20"}),
        ("end", {"what": "cancel", "last_day": "2026-12-01"}),
    ],
)
def test_it_asks_as_often_for_thirty_clinics_as_for_two(
    manager: Staff, of_thirty: list[Clinic], page: str, posted: dict[str, Any]
) -> None:
    """SQLite takes so many values in a statement; of more it makes a few statements more."""
    queries_of(manager, of_thirty[:2], page, posted, joined=1)  # fills the caches
    shown, made = queries_of(manager, of_thirty[:2], page, posted, joined=1)
    shown_of_all, made_of_all = queries_of(manager, of_thirty, page, posted, joined=2)
    assert shown_of_all == shown
    assert made_of_all - made in ((0,) if connection.vendor == "postgresql" else (0, 1, 2))


def test_who_manages_one_of_its_clinics_ends_it_there_alone(manager: Staff) -> None:
    programme = made(manager)
    local = UserFactory()
    StaffRoleFactory(clinic=manager.clinic, user=local, role=StaffRole.Role.MANAGER)
    manager.client.force_login(local)
    page = words(manager.client.get(f"{LIST}{programme.pk}/"))
    assert "Hillbrow" in page
    assert "Khayelitsha" not in page
    url = f"{LIST}{programme.pk}/end/"
    plan = manager.client.post(url, {"what": "keep"})
    manager.client.post(url, filled_in(plan.content.decode()) | {"confirm": "1"})
    states = {series.clinic.name: series.config["active"] for series in EventSeries.objects.all()}
    assert states == {"Hillbrow": False, "Khayelitsha": True}


def test_a_manager_elsewhere_does_not_find_it(manager: Staff) -> None:
    programme = made(manager)
    stranger = UserFactory()
    elsewhere = Clinic.objects.get(name="Alexandra")
    StaffRoleFactory(clinic=elsewhere, user=stranger, role=StaffRole.Role.MANAGER)
    manager.client.force_login(stranger)
    assert "Foot care" not in words(manager.client.get(LIST))
    for address in (f"{LIST}{programme.pk}/{page}" for page in ("", "change/", "end/")):
        for verb in ("get", "post", "put", "delete", "head"):
            assert getattr(manager.client, verb)(address).status_code == 404


def test_a_nurse_sees_and_changes_only_her_own_series(manager: Staff) -> None:
    programme = made(manager)
    manager.client.force_login(manager.nurse)
    assert manager.client.get(NEW)["Location"] == "/admin/"
    assert manager.client.post(NEW, answers(at(manager.clinic)) | {"confirm": "1"}).status_code == 302
    assert manager.client.get(f"{LIST}{programme.pk}/").status_code == 404
    assert EventSeries.objects.count() == 2
    here, there = EventSeries.objects.order_by("clinic__name")
    assert manager.client.get(f"/admin/event_series/edit/{here.pk}/").status_code == 200
    assert manager.client.get(f"/admin/event_series/edit/{there.pk}/").status_code == 404
    assert LIST not in manager.client.get("/admin/event_series/").content.decode()


def test_the_list_of_series_and_each_series_lead_to_it(manager: Staff) -> None:
    programme = made(manager)
    assert f'href="{LIST}"' in manager.client.get("/admin/event_series/").content.decode()
    here = EventSeries.objects.get(clinic=manager.clinic)
    assert (
        f"{LIST}{programme.pk}/"
        in manager.client.get(f"/admin/event_series/edit/{here.pk}/").content.decode()
    )
    [row] = manager.client.get(LIST).context["object_list"]
    assert (row, row.clinics) == (programme, 2)


def test_it_asks_as_often_for_many_clinics(manager: Staff) -> None:
    def queries(number: int) -> list[int]:
        more = [ClinicFactory(name=f"Clinic {number} {each}") for each in range(number)]
        posted = answers(*(at(clinic) for clinic in more))
        counts = []
        for posting in (posted, posted | {"confirm": "1"}):
            with CaptureQueriesContext(connection) as captured:
                manager.client.post(NEW, posting)
            counts.append(len(captured))
        return counts

    manager.client.force_login(UserFactory(is_superuser=True))
    queries(1)
    assert queries(2) == queries(30)
