"""The nurse's list: who was asked about a vaccination in vain, since when, and how to reach them."""

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from wagtail.admin.ui.menus import MenuItem
from wagtail.admin.ui.tables import Column, TitleColumn

from home.admin.patient_pages import record_url
from home.privacy.access_log import Kind, note
from home.selectors import patients_visible_to_staff
from medications.models import VaccinationRecord
from medications.presentation.vaccination_card import which
from medications.selectors.overdue import Reach, overdue_for_the_nurse, reach_of
from medications.selectors.people import local_day
from notifications.admin.reports.base import ReportView, ReportViewSet
from notifications.texts.formats import day


class OverdueView(ReportView):
    """Those that have waited longest first. Patients with a date of birth, which tells those of one name apart."""

    default_ordering = ("next_due_date", "id")

    def get_base_queryset(self) -> QuerySet[VaccinationRecord]:
        self._now = timezone.now()
        ids = overdue_for_the_nurse(patients_visible_to_staff(self.request.user), now=self._now)
        rows = VaccinationRecord.objects.filter(pk__any_of=ids)
        return rows.select_related("vaccine", "patient__clinic")

    def paginate_queryset(self, queryset: Any, page_size: int) -> tuple[Any, Any, Any, bool]:
        paginator, page, rows, more = super().paginate_queryset(queryset, page_size)
        patient_ids = {row.patient_id for row in rows}
        self._reach = reach_of(patient_ids)
        note(self.request, patient_ids, Kind.LISTED)
        return paginator, page, rows, more

    def note_export(self, rows: Sequence[VaccinationRecord]) -> None:
        note(self.request, {row.patient_id for row in rows}, Kind.EXPORTED)

    @cached_property
    def columns(self) -> list[Column]:
        return [
            TitleColumn("patient", label=_("Patient"), accessor=_patient, get_url=_record_url),
            TitleColumn("vaccine", label=_("Vaccine"), accessor=_dose, get_url=_edit_url),
            Column("since", label=_("Overdue since"), accessor=self._since),
            Column("reach", label=_("How to reach them"), accessor=self._how),
            Column("clinic", label=_("Clinic"), accessor="patient.clinic"),
        ]

    def _since(self, record: VaccinationRecord) -> str:
        if record.next_due_date is None:
            return ""
        days = (local_day(record.patient, self._now) - record.next_due_date).days
        said = ngettext("%(days)d day", "%(days)d days", days) % {"days": days}
        return f"{day(record.next_due_date)} ({said})"

    def _how(self, record: VaccinationRecord) -> str:
        people = [_reach(each) for each in self._reach[record.patient_id]]
        return "; ".join(people) or _("Nobody has an account. Look in the folder.")

    def get_list_buttons(self, instance: VaccinationRecord) -> list[MenuItem]:
        return []


def _patient(record: VaccinationRecord) -> str:
    born = record.patient.date_of_birth
    name = record.patient.get_full_name()
    return _("%(name)s, born on %(day)s") % {"name": name, "day": day(born)} if born else name


def _dose(record: VaccinationRecord) -> str:
    return f"{record.vaccine.name}, {which(record.dose_number)}"


def _record_url(record: VaccinationRecord) -> str:
    return record_url(record.patient_id)


def _edit_url(record: VaccinationRecord) -> str:
    return reverse("vaccinations:edit", args=[record.pk])


def _reach(person: Reach) -> str:
    return ", ".join(filter(None, (person.name, person.phone, person.email)))


class OverdueViewSet(ReportViewSet):
    name = "overdue_vaccinations"
    url_prefix = "reports/overdue-vaccinations"
    model = VaccinationRecord
    view_class = OverdueView
    icon = "calendar-check"
    menu_label = gettext_lazy("Overdue vaccinations")
    menu_order = 90
