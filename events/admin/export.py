"""The attendance list as a CSV file, safe to open in a spreadsheet."""

import csv
from collections.abc import Sequence
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
"""By it Excel knows UTF-8."""


def safe_cell(value: object) -> str:
    """The text, with an apostrophe before what a spreadsheet would run as a formula (OWASP, CSV injection)."""
    text = str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def attendance_csv(attendances: Sequence[Attendance], zone: str) -> str:
    """The list in its order, a person a line, times on the clinic's clock."""
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
    """As attendance-diabetes-club-2026-11-24.csv; its day is the clinic's."""
    day = event.starts_at.astimezone(ZoneInfo(event.clinic.timezone)).date()
    return "-".join(filter(None, ("attendance", slugify(event.title), day.isoformat()))) + ".csv"


class ExportView(EventPage, View):
    """The file. Who took it is written into the event's history."""

    permission_required = "view"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        rows = attendance_list(pk)
        response = HttpResponse(
            attendance_csv(rows, self.event.clinic.timezone), content_type="text/csv; charset=utf-8"
        )
        response["Content-Disposition"] = f'attachment; filename="{file_name(self.event)}"'
        log(instance=self.event, action="events.export", user=request.user)
        return response
