"""The attendance list as a CSV file, safe to open in a spreadsheet."""

from collections.abc import Iterable
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views import View
from wagtail.log_actions import log

from events.admin.attendance import EventPage
from events.models import Attendance, ClinicEvent
from events.selectors.events import attendance_list
from home.privacy.access_log import Kind
from notifications.web.csv_file import csv_download, csv_text


def attendance_csv(attendances: Iterable[Attendance], zone: str) -> str:
    """The list in its order, one line for each person, times in the clinic's zone."""
    headings = (_("Name"), _("Phone number"), _("E-mail address"), _("State"), _("Requested"))
    rows = (
        (
            each.person.get_full_name(),
            _phone(each),
            (each.user and each.user.email) or "",
            each.get_state_display(),
            f"{each.asked_at.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}",
        )
        for each in attendances
    )
    return csv_text(headings, rows)


def _phone(attendance: Attendance) -> str:
    user, patient = attendance.user, attendance.patient
    phone = (user and user.phone) or (patient and patient.phone)
    return str(phone.as_national) if phone else ""


def file_name(event: ClinicEvent) -> str:
    """As attendance-diabetes-club-2026-11-24.csv, with the local date of the clinic."""
    day = event.starts_at.astimezone(ZoneInfo(event.clinic.zone)).date()
    return "-".join(filter(None, ("attendance", slugify(event.title), day.isoformat()))) + ".csv"


class ExportView(EventPage, View):
    """Sends the file, and logs the download in the event's history."""

    permission_required = "view"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        rows = list(attendance_list(pk))
        self.note_access(rows, Kind.EXPORTED)
        text = attendance_csv(rows, self.event.clinic.zone)
        log(instance=self.event, action="events.export", user=request.user)
        return csv_download(text, file_name(self.event))
