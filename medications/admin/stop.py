"""The page on which a nurse stops a medicine: she sees what ends with it first, and says why."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy
from wagtail.admin import messages
from wagtail.admin.widgets import AdminDateInput
from wagtail.log_actions import log

from medications import formats
from medications.admin.patient_page import PrescriptionActPage
from medications.models import Prescription, StopReason
from medications.presentation.schedule_words import how_and_when
from medications.selectors.people import local_day
from medications.services.prescriptions import Stop, StopConsequences, prescription_stop, stop_consequences
from notifications.web.date_fields import DayField

SHOWN = "shown"
"""Names the day whose consequences were shown: only that is carried out."""


class StopForm(forms.Form):
    reason = forms.ChoiceField(
        label=gettext_lazy("Why?"),
        choices=StopReason.choices,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose a reason.")},
    )
    words = forms.CharField(label=gettext_lazy("In own words"), max_length=200, required=False)
    last_day = DayField(label=gettext_lazy("Last day"), widget=AdminDateInput)


class StopView(PrescriptionActPage):
    permission_required = "change"
    page_title = pgettext_lazy("a medicine", "Stop")
    header_icon = "cross"
    template_name = "medications/admin/stop.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self._page(StopForm(initial={"last_day": self._today}), self._today)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = StopForm(request.POST)
        if not form.is_valid():
            return self._page(form, form.cleaned_data.get("last_day"))
        given = form.cleaned_data
        user: Any = request.user
        stop = Stop(
            last_day=given["last_day"],
            reason=StopReason(given["reason"]),
            words=given["words"],
            by=user,
        )
        try:
            if request.POST.get(SHOWN) != f"{stop.last_day}":
                return self._page(form, stop.last_day)
            ended = prescription_stop(prescription_id=self.prescription.pk, stop=stop, now=self.now)
        except ValidationError as error:
            form.add_error(None, error)
            return self._page(form, None)
        if ended:
            log(instance=self.prescription, action="medications.stop", user=user)
            said = _("%(medicine)s is stopped for %(patient)s.")
            values = {"medicine": self.prescription.medicine, "patient": self.patient}
            messages.success(request, said % values)
        return HttpResponseRedirect(self.record_url)

    @property
    def _today(self) -> date:
        return local_day(self.patient, self.now)

    def _page(self, form: StopForm, last_day: date | None) -> HttpResponse:
        """With the consequences of stopping after that day."""
        consequences: list[str] = []
        if last_day and self.prescription.ended_at is None:
            try:
                found = stop_consequences(self.prescription, last_day=last_day, now=self.now)
                consequences = _words(found, self.prescription)
            except ValidationError as error:
                form.add_error(None, error)
        context = self.get_context_data(
            form=form,
            patient=self.patient,
            prescription=self.prescription,
            how=how_and_when(self.prescription, today=self._today),
            consequences=consequences,
            shown=f"{last_day}" if consequences else "",
            asks_again=form.is_bound and not form.errors,
            media=form.media,
        )
        return TemplateResponse(self.request, self.template_name, context)


def _words(found: StopConsequences, prescription: Prescription) -> list[str]:
    doses = ngettext(
        "%(count)d dose that is planned ends.", "%(count)d doses that are planned end.", found.doses
    ) % {"count": found.doses}
    reminders = (
        _("No more reminders of this medicine go out.")
        if found.reminders
        else _("No reminder of this medicine was waiting.")
    )
    left = _("Nothing is left at home by our count.")
    if found.left:
        amount = formats.quantity(found.left, prescription.medicine.form)
        left = _("Left at home by our count: %(amount)s. Ask for it back, or say what to do with it.") % {
            "amount": amount
        }
    return [doses, reminders, left, _("The record of what was taken is kept.")]
