"""What is to be said of a vaccination while the nurse fills in its form. Nothing is saved."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.generic import View
from wagtail.admin.panels import Panel
from wagtail.admin.views.generic import PermissionCheckedMixin

from home.privacy.access_log import note
from home.selectors import clinics_of_staff
from medications.admin.vaccination_form import VaccinationRecordForm
from medications.models import VaccinationRecord
from notifications.web.numbers import whole_number

FRAGMENT = "medications/admin/vaccination_advice.html"
_TOLD_OF = ("dose_number", "date_given", "next_due_date")


def _said(form: VaccinationRecordForm) -> dict[str, Any]:
    """The context of the fragment for a bound form: what can't be, and what is unwise, each with its field's name."""
    errors = form.errors.as_data()
    wrong = [
        (form.fields[name].label, message)
        for name in _TOLD_OF
        for error in errors.get(name, ())
        if error.code not in ("required", "advice")
        for message in error.messages
    ]
    advice = [(form.fields[name].label, text) for name, texts in form.advice.items() for text in texts]
    return {"wrong": wrong, "advice": advice, "save_anyway": form["save_anyway"]}


class AdviceView(PermissionCheckedMixin, View):
    """Answers for the form as it is filled in so far."""

    model = VaccinationRecord
    any_permission_required = ("add", "change")
    form_class: type[VaccinationRecordForm] = VaccinationRecordForm
    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        form = self.form_class(request.POST, instance=self._record(), for_user=request.user)
        said = _said(form)
        if patient := form.cleaned_data.get("patient"):
            note(request, [patient.pk])
        return render(request, FRAGMENT, said)

    def _record(self) -> VaccinationRecord:
        """The record that is being changed, by its number in `record`; else a new one."""
        named = self.request.POST.get("record", "")
        if not named:
            return VaccinationRecord()
        number = whole_number(named)
        own = VaccinationRecord.objects.filter(patient__clinic__in=clinics_of_staff(self.request.user))
        record = own.filter(pk=number).first() if number is not None else None
        if record is None:
            raise Http404
        return record


class AdvicePanel(Panel):
    """Stands below the dates. It is filled in as the nurse types, and when a form comes back."""

    def get_form_options(self) -> dict[str, Any]:
        # Else Wagtail puts the check box at the end of the form too.
        return {"fields": ["save_anyway"]}

    class BoundPanel(Panel.BoundPanel):
        template_name = "medications/admin/vaccination_advice_panel.html"

        def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
            context: dict[str, Any] = super().get_context_data(parent_context)
            context |= {"fragment": FRAGMENT, "record": self.form.instance.pk}
            return context | _said(self.form) if self.form.is_bound else context
