"""The attendance list as a CSV file, safe to open in a spreadsheet."""

import csv
from collections.abc import Iterable
from io import StringIO
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views import View
from wagtail.log_actions import log

from events.admin.attendance import EventPage
from events.models import Attendance, ClinicEvent
from events.selectors.events import attendance_list

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_BOM = "\ufeff"
"""Tells Excel that the file is UTF-8."""


def safe_cell(value: object) -> str:
    """The text, with an apostrophe in front if a spreadsheet would run it as a formula (OWASP, CSV injection)."""
    text = str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def attendance_csv(attendances: Iterable[Attendance], zone: str) -> str:
    """The list in its order, one line for each person, times in the clinic's zone."""
    out = StringIO()
    writer = csv.writer(out)
    writer.writerow([_("Name"), _("Phone number"), _("E-mail address"), _("State"), _("Requested")])
    for each in attendances:
        asked = each.asked_at.astimezone(ZoneInfo(zone))
        phone = each.user.phone.as_national if each.user.phone else ""
        cells = (
            each.user.get_full_name(),
            phone,
            each.user.email or "",
            each.get_state_display(),
            f"{asked:%Y-%m-%d %H:%M}",
        )
        writer.writerow([safe_cell(cell) for cell in cells])
    return _BOM + out.getvalue()


def file_name(event: ClinicEvent) -> str:
    """As attendance-diabetes-club-2026-11-24.csv, with the local date of the clinic."""
    day = event.starts_at.astimezone(ZoneInfo(event.clinic.zone)).date()
    return "-".join(filter(None, ("attendance", slugify(event.title), day.isoformat()))) + ".csv"


class ExportView(EventPage, View):
    """Sends the file, and logs the download in the event's history."""

    permission_required = "view"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        rows = attendance_list(pk)
        response = HttpResponse(
            attendance_csv(rows, self.event.clinic.zone), content_type="text/csv; charset=utf-8"
        )
        response["Content-Disposition"] = f'attachment; filename="{file_name(self.event)}"'
        log(instance=self.event, action="events.export", user=request.user)
        return response
