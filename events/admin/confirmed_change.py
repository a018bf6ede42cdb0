"""A change is shown as a plan before it is made: whoever fills in a form sees the plan, and confirms it."""

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

from events.admin.plan_page import plan_context
from events.admin.plan_words import confirm_label, plan_total
from events.services.changes.change import plan_series_change, series_update
from events.services.changes.plan import Applied, Change, Plan
from home.admin.confirming import CONFIRM, EDIT, repeated


class ConfirmedChange:
    """For a form view of `object`, whose `form_valid` calls `planned`.

    The form has a `change` (None when nothing is different), and `is_outdated` when somebody else saved first.
    """

    request: HttpRequest
    object: Any
    """A ClinicEvent or an EventSeries, as the view says."""
    outdated_message: Any

    def plan(self, form: Any, change: Change, *, now: datetime) -> Plan:
        """The plan for this change. ValidationError says by field what is refused."""
        raise NotImplementedError

    def apply(self, form: Any, change: Change, *, now: datetime) -> Applied:
        """Make this change. ValidationError says by field what is refused."""
        raise NotImplementedError

    def planned(self, form: Any) -> HttpResponse:
        """The page of the plan; when it was confirmed, a redirect; when something is refused, the form again."""
        if EDIT in self.request.POST:
            return self.render_to_response(self.get_context_data(form=form))
        if form.is_outdated:
            messages.warning(self.request, self.outdated_message)
            return redirect(self.request.path)
        change = form.change()
        if change is None:
            messages.info(self.request, _("Nothing was changed."))
            return redirect(self.get_success_url())
        now = timezone.now()
        try:
            if CONFIRM in self.request.POST:
                return self._done(self.apply(form, change, now=now))
            return self._shown(form, self.plan(form, change, now=now), now)
        except ValidationError as error:
            refuse(form, error)
            return self.form_invalid(form)

    def _done(self, applied: Applied) -> HttpResponse:
        self.object.refresh_from_db()
        log(instance=self.object, action="wagtail.edit", user=self.request.user, content_changed=True)
        said = {"title": self.object, "what": plan_total(applied.plan)}
        messages.success(self.request, _("“%(title)s” is saved. %(what)s") % said)
        return redirect(self.get_success_url())

    def _shown(self, form: BaseForm, plan: Plan, now: datetime) -> HttpResponse:
        context = self.get_context_data(form=form) | plan_context(plan, now=now)
        context |= {
            "form_data": repeated(self.request.POST),
            "confirm_label": confirm_label(len(plan.notified)),
            "side_panels": None,
            "header_buttons": [],
        }
        return TemplateResponse(self.request, "events/admin/plan.html", context)


class ConfirmedSeriesChange(ConfirmedChange):
    """For a form view of a series."""

    def plan(self, form: Any, change: Change, *, now: datetime) -> Plan:
        return plan_series_change(series_id=self.object.pk, change=change, now=now)

    def apply(self, form: Any, change: Change, *, now: datetime) -> Applied:
        return series_update(series_id=self.object.pk, change=change, now=now)


def refuse(form: BaseForm, error: ValidationError) -> None:
    """Show the errors of a service beside the fields that they are about, or above the form."""
    for name, errors in error.update_error_dict({}).items():
        form.add_error(name if name in form.fields else None, errors)
