"""The page on which staff change a prescription: before it is saved they see what today and the next days become."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from wagtail.admin.widgets.button import Button

from home.admin.confirming import CONFIRM, EDIT, repeated
from medications.admin.plan_words import choices
from medications.admin.stock_pages import StockEditView
from medications.models import DoseSchedule, Prescription
from medications.rules import doses
from medications.rules.errors import RuleError
from medications.rules.replanning import Start
from medications.selectors.replanning import change, doses_around, plan_of

Rules = dict[int, Mapping[str, object]]


class PrescriptionEditView(StockEditView):
    """Shows what a changed plan does to the doses, and saves it when that is confirmed."""

    request: HttpRequest

    @cached_property
    def header_more_buttons(self) -> list[Button]:
        buttons: list[Button] = super().header_more_buttons
        if self.object.ended_at is not None:
            return buttons
        if self.object.is_silent:
            url = reverse("prescriptions:start", args=[self.object.pk])
            buttons = [*buttons, Button(_("Start reminders"), url=url, icon_name="mail", priority=5)]
        url = reverse("prescriptions:stop", args=[self.object.pk])
        return [*buttons, Button(pgettext("a medicine", "Stop"), url=url, icon_name="cross", priority=6)]

    def form_valid(self, form: Any) -> HttpResponse:
        response: HttpResponse
        if EDIT in self.request.POST:
            response = self.render_to_response(self.get_context_data(form=form))
        elif not _changes_plan(form):
            response = super().form_valid(form)
        elif CONFIRM in self.request.POST:
            chosen = self.request.POST.get("start", "")
            form.start = Start(chosen) if chosen in list(Start) else Start.COUNTED
            response = super().form_valid(form)
        else:
            response = self._shown(form)
        return response

    def _shown(self, form: Any) -> HttpResponse:
        now = timezone.now()
        prescription: Prescription = form.instance
        plan = plan_of(prescription, _rules(form))
        rows = doses_around([plan], [prescription.pk], now=now)[prescription.pk]
        found = {start: change(prescription, plan, rows, now=now, start=start) for start in Start}
        zone = prescription.patient.zone
        context = self.get_context_data(form=form) | {
            "choices": choices(found, now=now),
            "zone_note": _("Times are those of the patient: %(zone)s.") % {"zone": zone}
            if zone != timezone.get_current_timezone_name()
            else "",
            "form_data": [pair for pair in repeated(self.request.POST) if pair[0] != "start"],
            "confirm_label": _("Save"),
            "side_panels": None,
            "header_buttons": [],
        }
        return TemplateResponse(self.request, "medications/admin/plan.html", context)


def _rules(form: Any) -> Rules:
    """The rules as they were filled in. Those that are new have numbers below 0 instead of ids."""
    rules: Rules = {}
    for number, each in enumerate(form.formsets["schedules"].forms, start=1):
        if each.instance.rule and not each.cleaned_data.get("DELETE"):
            rules[each.instance.pk or -number] = each.instance.rule
    return rules


def _changes_plan(form: Any) -> bool:
    """Whether the doses of the prescription will be others. Two queries."""
    prescription: Prescription = form.instance
    if prescription.ended_at is not None:
        return False
    before = Prescription.objects.values("start_date", "end_date").get(pk=prescription.pk)
    if any(getattr(prescription, name) != value for name, value in before.items()):
        return True
    rules, stored = _rules(form), DoseSchedule.objects.filter(prescription_id=prescription.pk)
    old: Rules = dict(stored.values_list("id", "rule"))
    return old.keys() != rules.keys() or any(_differ(rules[key], old[key]) for key in old)


def _differ(one: Mapping[str, object], other: Mapping[str, object]) -> bool:
    try:
        return doses.parse(one) != doses.parse(other)
    except RuleError:
        return one != other
