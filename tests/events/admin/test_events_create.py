"""A nurse makes a single event, in her clinic's time zone."""

from datetime import UTC, datetime
from typing import Any

import pytest

from events.models import ClinicEvent
from home.models import Clinic
from tests.events.admin.conftest import Staff, reads_in
from tests.factories import ClinicFactory, StaffRoleFactory

NEW = "/admin/clinic_events/new/"


def filled(clinic: Clinic, **more: Any) -> dict[str, Any]:
    return {
        "clinic": clinic.pk,
        "title_en": "Outreach day",
        "title_af": "Uitreikdag",
        "description_en": "Bring your card.",
        "description_af": "",
        "starts_at": "2026-12-05 09:00",
        "ends_at": "2026-12-05 14:00",
        "place": "Hall",
        "capacity": "20",
        "reminders_usual": ["1440"],
        "reminders_others": "90",
        **more,
    }


def test_it_is_made_with_its_reminders_waiting(staff: Staff) -> None:
    answer = staff.client.post(NEW, filled(staff.clinic), follow=True)
    assert "“Outreach day” is planned: Sat 5 Dec, 09:00 to 14:00." in answer.content.decode()
    event = ClinicEvent.objects.get()
    assert (event.clinic, event.title_en, event.title_af) == (staff.clinic, "Outreach day", "Uitreikdag")
    assert (event.place, event.capacity, event.reminders) == ("Hall", 20, [1440, 90])
    assert event.starts_at == datetime(2026, 12, 5, 7, tzinfo=UTC)
    assert event.next_notice_at == datetime(2026, 12, 4, 7, tzinfo=UTC)
    history = staff.client.get(f"/admin/clinic_events/history/{event.pk}/").content.decode()
    assert "Created" in history


def test_the_only_clinic_of_a_nurse_is_chosen_already(staff: Staff) -> None:
    form = staff.client.get(NEW).content.decode()
    assert f'<option value="{staff.clinic.pk}" selected>' in form
    assert "Khayelitsha" not in form
    assert 'name="scope"' not in form


@pytest.mark.parametrize(
    ("more", "field", "said"),
    [
        ({"starts_at": "2026-11-23 07:00"}, "starts_at", "The start must be in the future."),
        ({"ends_at": "2026-12-05 09:00"}, "ends_at", "The end must be after the start."),
        ({"ends_at": "2026-12-04 10:00"}, "ends_at", "The end must be after the start."),
        (
            {"starts_at": "soon"},
            "starts_at",
            "This is not a date. Write it like 12/03/1961 or 12 March 1961.",
        ),
        (
            {"starts_at": "05/12/2026"},
            "starts_at",
            "Please give the time too, such as 12/03/2027 08:30.",
        ),
        ({"starts_at": ""}, "starts_at", "Please give a date and a time."),
        ({"title_en": ""}, "title_en", "This field is required."),
        (
            {"title_en": "\u200b\u3164"},
            "title_en",
            "Nothing of this text can be seen. Please write it anew.",
        ),
        ({"capacity": "0"}, "capacity", "Ensure this value is greater than or equal to 1."),
        ({"reminders_others": "soon"}, "reminders", "Give whole numbers of minutes, such as 90, 30."),
    ],
)
def test_an_invalid_value_is_refused_at_its_field(
    staff: Staff, more: dict[str, str], field: str, said: str
) -> None:
    answer = staff.client.post(NEW, filled(staff.clinic, **more))
    assert answer.status_code == 200
    assert answer.context["form"].errors == {field: [said]}
    assert not ClinicEvent.objects.exists()


def test_another_clinic_is_refused(staff: Staff) -> None:
    answer = staff.client.post(NEW, filled(staff.other_clinic))
    assert "clinic" in answer.context["form"].errors
    assert not ClinicEvent.objects.exists()


@pytest.mark.parametrize("reader", ["Africa/Johannesburg", "Asia/Tokyo"])
def test_times_are_those_of_the_clinic_whose_clock_differs_from_the_readers(
    staff: Staff, reader: str
) -> None:
    reads_in(staff.nurse, reader)
    clinic = ClinicFactory(timezone="America/New_York")
    StaffRoleFactory(clinic=clinic, user=staff.nurse)
    staff.client.post(NEW, filled(clinic))
    assert ClinicEvent.objects.get().starts_at == datetime(2026, 12, 5, 14, tzinfo=UTC)
    form = staff.client.get(f"/admin/clinic_events/edit/{ClinicEvent.objects.get().pk}/").content.decode()
    assert 'value="05/12/2026 09:00"' in form
    assert "Clinic time (New York)." in form


@pytest.mark.parametrize(
    ("wall", "utc"),
    [
        # Clocks go back at 02:00 on 1 November: 01:30 is there twice; forward on 14 March: 02:30 is not there.
        ("2027-11-07 01:30", datetime(2027, 11, 7, 5, 30, tzinfo=UTC)),
        ("2027-03-14 02:30", datetime(2027, 3, 14, 7, 30, tzinfo=UTC)),
    ],
)
def test_a_time_that_a_clock_change_doubles_or_leaves_out_is_taken(
    staff: Staff, wall: str, utc: datetime
) -> None:
    reads_in(staff.nurse, "America/New_York")
    staff.clinic.timezone = "America/New_York"
    staff.clinic.save()
    staff.client.post(NEW, filled(staff.clinic, starts_at=wall, ends_at="2027-12-01 10:00"))
    assert ClinicEvent.objects.get().starts_at == utc
