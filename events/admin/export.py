"""The attendance list as a file, safe to open in a spreadsheet."""

from collections.abc import Iterable, Sequence
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
from notifications.web.table_file import table_file


def attendance_rows(attendances: Iterable[Attendance], zone: str) -> list[Sequence[str]]:
    """The headings; then the list in its order, one line for each person, times in the clinic's zone."""
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
    return [headings, *rows]


def _phone(attendance: Attendance) -> str:
    user, patient = attendance.user, attendance.patient
    phone = (user and user.phone) or (patient and patient.phone)
    return str(phone.as_national) if phone else ""


def file_name(event: ClinicEvent) -> str:
    """As attendance-diabetes-club-2026-11-24, with the local date of the clinic."""
    day = event.starts_at.astimezone(ZoneInfo(event.clinic.zone)).date()
    return "-".join(filter(None, ("attendance", slugify(event.title), day.isoformat())))


class ExportView(EventPage, View):
    """Sends the file, and logs the download in the event's history."""

    permission_required = "view"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        rows = list(attendance_list(pk))
        self.note_access(rows, Kind.EXPORTED)
        headings, *lines = attendance_rows(rows, self.event.clinic.zone)
        log(instance=self.event, action="events.export", user=request.user)
        return table_file(request.GET, headings, lines, name=file_name(self.event))
