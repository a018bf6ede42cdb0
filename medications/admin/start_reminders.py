"""The page on which staff start the reminders of one prescription that came in from a file."""

from copy import copy
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin import messages
from wagtail.log_actions import log

from medications.admin.patient_page import PrescriptionActPage
from medications.admin.plan_words import Days, choices
from medications.presentation.schedule_words import how_and_when
from medications.rules.replanning import Start
from medications.selectors.people import local_day
from medications.selectors.replanning import change, plan_of
from medications.services.prescriptions_from_files import prescriptions_start


class StartRemindersView(PrescriptionActPage):
    """Shows the doses of the next days first."""

    permission_required = "change"
    page_title = gettext_lazy("Start reminders")
    header_icon = "mail"
    template_name = "medications/admin/start_reminders.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        today = local_day(self.patient, self.now)
        context = self.get_context_data(
            patient=self.patient,
            prescription=self.prescription,
            how=how_and_when(self.prescription, today=today),
            days=self._days() if self._waits else [],
            waits=self._waits,
        )
        return TemplateResponse(request, self.template_name, context)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not self._waits:
            return self.get(request)
        user: Any = request.user
        prescriptions_start(
            prescription_ids=[self.prescription.pk], clinic_id=self.patient.clinic_id, now=self.now
        )
        log(instance=self.prescription, action="medications.start", user=user)
        said = _("Reminders of %(medicine)s are started for %(patient)s.")
        messages.success(request, said % {"medicine": self.prescription.medicine, "patient": self.patient})
        return HttpResponseRedirect(self.record_url)

    @property
    def _waits(self) -> bool:
        return self.prescription.is_silent and self.prescription.ended_at is None

    def _days(self) -> list[Days]:
        started = copy(self.prescription)
        started.is_silent = False
        rules = {schedule.pk: schedule.rule for schedule in self.prescription.schedules.all()}
        if all(rule["kind"] == "as_needed" for rule in rules.values()):
            return []
        plan = plan_of(started, rules)
        found = {Start.COUNTED: change(started, plan, [], now=self.now, start=Start.COUNTED)}
        return choices(found, now=self.now)[0].days
