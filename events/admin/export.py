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
from notifications.web.downloads import csv_text


def attendance_csv(attendances: Iterable[Attendance], zone: str) -> str:
    """The list in its order, one line for each person, times in the clinic's zone."""
    heading = [_("Name"), _("Phone number"), _("E-mail address"), _("State"), _("Requested")]
    return csv_text(heading, (_cells(each, ZoneInfo(zone)) for each in attendances))


def _cells(attendance: Attendance, zone: ZoneInfo) -> tuple[str, ...]:
    user = attendance.user
    return (
        user.get_full_name(),
        user.phone.as_national if user.phone else "",
        user.email or "",
        attendance.get_state_display(),
        f"{attendance.asked_at.astimezone(zone):%Y-%m-%d %H:%M}",
    )


def file_name(event: ClinicEvent) -> str:
    """As attendance-diabetes-club-2026-11-24.csv, with the local date of the clinic."""
    day = event.starts_at.astimezone(ZoneInfo(event.clinic.timezone)).date()
    return "-".join(filter(None, ("attendance", slugify(event.title), day.isoformat()))) + ".csv"


class ExportView(EventPage, View):
    """Sends the file, and logs the download in the event's history."""

    permission_required = "view"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        rows = attendance_list(pk)
        response = HttpResponse(
            attendance_csv(rows, self.event.clinic.timezone), content_type="text/csv; charset=utf-8"
        )
        response["Content-Disposition"] = f'attachment; filename="{file_name(self.event)}"'
        log(instance=self.event, action="events.export", user=request.user)
        return response
