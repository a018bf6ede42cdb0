"""Ends a programme: all of its series at once, at the clinics that one manages."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.generic import FormView
from wagtail.admin import messages
from wagtail.admin.views.generic import PermissionCheckedMixin, WagtailAdminTemplateMixin

from events.admin.plan_page import PlanPage, plan_context
from events.admin.plan_words import confirm_label, notified_words
from events.admin.programme_log import log_each
from events.admin.series_end import EndForm
from events.models import EventSeries, Programme
from events.selectors.programmes import programmes_of, series_of
from events.services.programme import change_all, plan_changes
from home.admin.confirming import CONFIRM, EDIT, repeated


@dataclass(frozen=True, kw_only=True)
class SeriesPlan:
    """What becomes of the series of one clinic."""

    clinic: str
    title: str
    page: PlanPage


class ProgrammeEndView(PermissionCheckedMixin, WagtailAdminTemplateMixin, FormView):
    """Asks, shows the plan for each clinic, and ends all of the series or none when that is confirmed."""

    model = Programme
    permission_required = "change"
    form_class = EndForm
    template_name = "events/admin/series_end.html"
    page_title = gettext_lazy("End it at all clinics")
    header_icon = "calendar-alt"
    index_url_name = ""
    edit_url_name = ""

    @cached_property
    def programme(self) -> Any:
        return programmes_of(self.request.user).get(pk=self.kwargs["pk"])

    def get_page_subtitle(self) -> str:
        return str(self.programme)

    def get_success_url(self) -> str:
        return reverse(self.edit_url_name, args=[self.programme.pk])

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        index = {"url": reverse(self.index_url_name), "label": capfirst(Programme._meta.verbose_name_plural)}
        programme = {"url": self.get_success_url(), "label": str(self.programme)}
        return [*self.breadcrumbs_items, index, programme, {"url": "", "label": self.page_title}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        return context | {
            "action_url": self.request.path,
            "media": context["form"].media,
            "submit_button_label": _("See what will happen"),
            "submit_button_active_label": _("See what will happen"),
        }

    def form_valid(self, form: EndForm) -> HttpResponse:
        if EDIT in self.request.POST:
            return self.render_to_response(self.get_context_data(form=form))
        all_series = series_of(self.programme.pk, self.request.user)
        if CONFIRM in self.request.POST:
            return self._said(change_all(all_series, form.change_of, now=timezone.now()))
        return self._shown(form, all_series)

    def _shown(self, form: EndForm, all_series: Any) -> HttpResponse:
        now = timezone.now()
        planned = plan_changes(all_series, form.change_of, now=now)
        if not planned:
            return self._said([])
        notified = frozenset[int]().union(*(plan.notified for _series, plan in planned))
        context = self.get_context_data(form=form) | {
            "plans": [
                SeriesPlan(
                    clinic=series.clinic.name, title=series.title, page=plan_context(plan, now=now)["plan"]
                )
                for series, plan in planned
            ],
            "told": notified_words(len(notified)),
            "form_data": repeated(self.request.POST),
            "confirm_label": confirm_label(len(notified)),
        }
        return TemplateResponse(self.request, "events/admin/programme_end_plan.html", context)

    def _said(self, changed: list[EventSeries]) -> HttpResponse:
        if not changed:
            messages.info(self.request, _("Nothing was changed."))
            return redirect(self.get_success_url())
        log_each(changed, action="wagtail.edit", user=self.request.user)
        number = len({series.clinic_id for series in changed})
        words = ngettext(
            "“%(title)s” is ended at %(count)s clinic.", "“%(title)s” is ended at %(count)s clinics.", number
        )
        messages.success(self.request, words % {"title": self.programme, "count": number})
        return redirect(self.get_success_url())
