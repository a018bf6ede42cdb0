"""A change is looked at before it is made: who fills in a form sees the plan, and confirms that."""

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.admin import messages
from wagtail.log_actions import log

from events.admin.plan_page import CONFIRM, EDIT, confirm_label, plan_context, plan_total, repeated
from events.models import ClinicEvent, EventSeries
from events.services.changes.change import plan_series_change, series_update
from events.services.changes.plan import Change, Plan


class ConfirmedChange:
    """For a form view of `object`. Give `planned` what `form_valid` gets.

    Its form has a `change` (None when nothing is different), and `is_outdated` if somebody else was quicker.
    """

    request: HttpRequest
    object: ClinicEvent | EventSeries
    overtaken_message: Any

    def plan(self, form: Any, change: Change, *, now: datetime, carry_out: bool) -> Plan:
        """The plan for this change, carried out or not. ValidationError says by field what can't be."""
        raise NotImplementedError

    def planned(self, form: Any) -> HttpResponse:
        """The plan; when that was confirmed, the way out; when something can't be, the form again."""
        if EDIT in self.request.POST:
            return self.render_to_response(self.get_context_data(form=form))
        if form.is_outdated:
            messages.warning(self.request, self.overtaken_message)
            return redirect(self.request.path)
        change = form.change()
        if change is None:
            messages.info(self.request, _("Nothing was changed."))
            return redirect(self.get_success_url())
        confirmed, now = CONFIRM in self.request.POST, timezone.now()
        try:
            plan = self.plan(form, change, now=now, carry_out=confirmed)
        except ValidationError as error:
            refuse(form, error)
            return self.form_invalid(form)
        return self._done(plan) if confirmed else self._shown(form, plan, now)

    def _done(self, plan: Plan) -> HttpResponse:
        self.object.refresh_from_db()
        log(instance=self.object, action="wagtail.edit", user=self.request.user, content_changed=True)
        said = {"title": self.object, "what": plan_total(plan)}
        messages.success(self.request, _("“%(title)s” is saved. %(what)s") % said)
        return redirect(self.get_success_url())

    def _shown(self, form: BaseForm, plan: Plan, now: datetime) -> HttpResponse:
        context = self.get_context_data(form=form) | plan_context(plan, now=now)
        context |= {
            "form_data": repeated(self.request.POST),
            "confirm_label": confirm_label(len(plan.told)),
            "side_panels": None,
            "header_buttons": [],
        }
        return TemplateResponse(self.request, "events/admin/plan.html", context)


class ConfirmedSeriesChange(ConfirmedChange):
    """For one of a series."""

    def plan(self, form: Any, change: Change, *, now: datetime, carry_out: bool) -> Plan:
        do = series_update if carry_out else plan_series_change
        return do(series_id=self.object.pk, change=change, now=now)


def refuse(form: BaseForm, error: ValidationError) -> None:
    """Put what a service refuses beside the field that it is about, or above the form."""
    for name, errors in error.update_error_dict({}).items():
        form.add_error(name if name in form.fields else None, errors)
