"""A change of several series is shown for each of them before it is made, as for one in `confirmed_change`."""

from collections.abc import Sequence
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
from django.views.generic import FormView
from wagtail.admin import messages
from wagtail.admin.views.generic import PermissionCheckedMixin, WagtailAdminTemplateMixin

from events.admin.plan_page import PlanPage, plan_pages
from events.admin.plan_words import confirm_label, notified_words
from events.admin.programme_log import log_each
from events.exceptions import OutdatedError
from events.models import EventSeries, Programme
from events.selectors.programmes import programmes_of
from events.services.programme import digest, plan_changes
from home.admin.confirming import CONFIRM, EDIT, repeated

SEEN = "seen_plan"
"""The name under which the digest of what was shown is posted again."""


@dataclass(frozen=True, kw_only=True)
class SeriesPlan:
    """What becomes of the series of one clinic. `note` says what isn't obvious; it forbids nothing."""

    clinic: str
    title: str
    page: PlanPage
    note: str = ""


class ProgrammeChangePlan(PermissionCheckedMixin, WagtailAdminTemplateMixin, FormView):
    """Asks, shows the plan for each clinic, and changes all of the series or none when that is confirmed.

    Its form has a `change_of` for a series.
    """

    model = Programme
    permission_required = "change"
    header_icon = "calendar-alt"
    index_url_name = ""
    edit_url_name = ""

    def all_series(self) -> Sequence[EventSeries]:
        """Those that may be changed."""
        raise NotImplementedError

    def change_all(self, form: Any, seen: str | None) -> list[EventSeries]:
        """Make the change, as `events.services.programme.change_all` does."""
        raise NotImplementedError

    def said(self, number: int) -> str:
        """What was done at so many clinics."""
        raise NotImplementedError

    def note(self, form: Any, series: EventSeries) -> str:
        return ""

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

    def form_valid(self, form: Any) -> HttpResponse:
        if EDIT in self.request.POST:
            return self.render_to_response(self.get_context_data(form=form))
        if CONFIRM in self.request.POST:
            try:
                return self._done(self.change_all(form, self.request.POST.get(SEEN, "")))
            except OutdatedError:
                words = _(
                    "Something has changed since you saw this, so nothing was done. Here is how it is now."
                )
                messages.warning(self.request, words)
        return self._shown(form)

    def _shown(self, form: Any) -> HttpResponse:
        now = timezone.now()
        planned = plan_changes(self.all_series(), form.change_of, now=now)
        if not planned:
            return self._done([])
        pages = plan_pages([plan for _series, plan in planned], now=now)
        notified = frozenset[int]().union(*(plan.notified for _series, plan in planned))
        posted = [(name, value) for name, value in repeated(self.request.POST) if name != SEEN]
        context = self.get_context_data(form=form) | {
            "plans": [
                SeriesPlan(
                    clinic=series.clinic.name, title=series.title, page=page, note=self.note(form, series)
                )
                for (series, _plan), page in zip(planned, pages, strict=True)
            ],
            "told": notified_words(len(notified)),
            "form_data": [*posted, (SEEN, digest(planned))],
            "confirm_label": confirm_label(len(notified)),
        }
        return TemplateResponse(self.request, "events/admin/programme_change_plan.html", context)

    def _done(self, changed: Sequence[EventSeries]) -> HttpResponse:
        if not changed:
            messages.info(self.request, _("Nothing was changed."))
            return redirect(self.get_success_url())
        log_each(changed, action="wagtail.edit", user=self.request.user)
        messages.success(self.request, self.said(len({series.clinic_id for series in changed})))
        return redirect(self.get_success_url())
