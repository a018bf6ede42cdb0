"""The visits of some days as a sheet for the desk."""

from datetime import date, timedelta
from itertools import groupby
from typing import Any

from django.utils import timezone
from django.views.generic import TemplateView
from wagtail.admin.views.generic import PermissionCheckedMixin

from events.models import Visit
from home.admin.birth_dates import born
from home.privacy.access_log import Kind, note
from home.selectors import clinics_of_staff
from notifications.rules.written_dates import WrittenDateError, read_day
from notifications.texts.formats import weekday_day
from notifications.web.numbers import whole_number

MOST_DAYS = 14
_EXPECTED = (Visit.State.PLANNED, Visit.State.ATTENDED, Visit.State.MISSED)


class VisitPrintView(PermissionCheckedMixin, TemplateView):
    """From `?day=` on (today without it), for `?days=` days (7 without it, 14 at most)."""

    model = Visit
    permission_policy: Any = None
    any_permission_required = ("view", "change")
    template_name = "events/admin/visit_print.html"
    http_method_names = ["get", "head"]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        first, number = self._first(), whole_number(self.request.GET.get("days", "")) or 7
        last = first + timedelta(days=min(number, MOST_DAYS) - 1)
        rows = Visit.objects.filter(
            patient__clinic__in=clinics_of_staff(self.request.user),
            patient__erased_at__isnull=True,
            day__gte=first,
            day__lte=last,
            state__in=_EXPECTED,
        ).select_related("patient__collection_plan", "clinic")
        visits = list(rows.order_by("day", "at", "patient__last_name", "patient__first_name", "id"))
        note(self.request, {visit.patient_id for visit in visits}, Kind.PRINTED)
        days = [
            {"day": weekday_day(day), "visits": [self._line(visit) for visit in of_day]}
            for day, of_day in groupby(visits, key=lambda visit: visit.day)
        ]
        return super().get_context_data(days=days, first=first, last=last, **kwargs)

    def _first(self) -> date:
        try:
            return read_day(self.request.GET.get("day", ""))
        except WrittenDateError:
            return timezone.localdate()

    def _line(self, visit: Visit) -> dict[str, Any]:
        plan = getattr(visit.patient, "collection_plan", None)
        return {
            "visit": visit,
            "born": born(visit.patient),
            "place": plan.pickup_point if plan else "",
            "collectors": plan.collectors if plan else [],
        }
