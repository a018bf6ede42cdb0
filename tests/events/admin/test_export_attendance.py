"""The attendance list as a file for a spreadsheet, which runs nothing that people wrote."""

import csv
from datetime import UTC, datetime
from io import BytesIO, StringIO

import openpyxl
import pytest

from events.admin.export import file_name
from events.models import ClinicEvent
from tests.events.admin.conftest import Staff
from tests.events.factories import AttendanceFactory, ClinicEventFactory
from tests.factories import UserFactory

ASKED = datetime(2026, 11, 20, 22, 30, tzinfo=UTC)


@pytest.fixture
def event(staff: Staff) -> ClinicEvent:
    return ClinicEventFactory(clinic=staff.clinic, title_en="Diabetes club: café & walk")


def address(event: ClinicEvent) -> str:
    return f"/admin/clinic_events/{event.pk}/attendance/export/"


def test_it_has_a_line_a_person_in_order_with_times_on_the_clinics_clock(
    staff: Staff, event: ClinicEvent
) -> None:
    ann = UserFactory(first_name="Anneliën", last_name="Nel", phone="+27821234567", email="anne@example.org")
    AttendanceFactory(
        event=event, state="waiting", user__first_name="Ben", user__email=None, user__phone="0831234567"
    )
    AttendanceFactory(event=event, user=ann, asked_at=ASKED)
    AttendanceFactory(event=event, state="left")
    answer = staff.client.get(address(event))
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert (
        answer["Content-Disposition"]
        == 'attachment; filename="attendance-diabetes-club-cafe-walk-2026-11-25.csv"'
    )
    text = answer.content.decode("utf-8")
    assert text.startswith("\ufeff")
    lines = list(csv.reader(StringIO(text.removeprefix("\ufeff"))))
    assert lines[0] == ["Name", "Phone number", "E-mail address", "State", "Requested"]
    assert lines[1] == ["Anneliën Nel", "082 123 4567", "anne@example.org", "joined", "2026-11-21 00:30"]
    assert lines[2][:4] == ["Ben Nkosi", "083 123 4567", "", "on the waiting list"]
    assert len(lines) == 3


def test_a_formula_in_a_name_is_not_run(staff: Staff, event: ClinicEvent) -> None:
    user = UserFactory(first_name='=HYPERLINK("http://x")', last_name="", email="-1+1@example.org")
    AttendanceFactory(event=event, user=user)
    [_heading, line] = csv.reader(StringIO(staff.client.get(address(event)).content.decode()))
    book = openpyxl.load_workbook(BytesIO(staff.client.get(f"{address(event)}?export=xlsx").content))
    assert [cell.value or "" for cell in book.active[2]] == line
    assert line[0] == '\'=HYPERLINK("http://x")'
    assert line[2] == "'-1+1@example.org"


@pytest.mark.parametrize("title", ["../../etc/passwd", 'a"; filename=x', "", "日本"])
def test_a_file_name_is_plain(staff: Staff, title: str) -> None:
    event = ClinicEventFactory(clinic=staff.clinic, title_en=title, title_af="")
    name = file_name(event)
    assert name.startswith("attendance-") and name.endswith("2026-11-25")
    assert all(letter.isascii() and (letter.isalnum() or letter == "-") for letter in name)


def test_the_download_is_in_the_history_of_the_event(staff: Staff, event: ClinicEvent) -> None:
    staff.client.get(address(event))
    history = staff.client.get(f"/admin/clinic_events/history/{event.pk}/").content.decode()
    assert "Attendance list downloaded" in history
