"""Who needs a call: the list, what came of each call, and the list on paper."""

from collections.abc import Sequence
from datetime import datetime
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView
from wagtail.admin import messages
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.components import Component
from wagtail.admin.views.generic import WagtailAdminTemplateMixin
from wagtail.admin.viewsets.base import ViewSet

from home.admin.call_form import BUTTONS, CallForm
from home.admin.call_words import after_words, tried_words, why_lines
from home.admin.patient_pages import patient_of
from home.ages import age_words
from home.models import Clinic, FollowUp
from home.privacy.access_log import Kind, note
from home.record.next_visits import visit_plan, visit_unplan
from home.record.sections import Reading
from home.selectors import clinics_of_staff, patients_visible_to_staff
from home.worklist.calls import UNDONE_WITHIN, AlreadyLoggedError, call_log, call_undo, last_call
from home.worklist.entries import Line, days_of, lines, listed
from home.worklist.of_staff import MOST_CLINICS, listed_for
from home.worklist.reasons import worklist_reasons
from home.worklist.refresh import OLD, refreshed_at
from notifications.admin.menu import ORDER
from notifications.web.moments import said
from notifications.web.numbers import whole_number

VIEW, LOG = "home.view_worklistentry", "home.add_followup"
ON_A_PAGE = 50
ON_PAPER = 300
"""Nobody calls more people in a day."""
IN_THE_PANEL = 10
_ACTS: dict[str, str] = {FollowUp.Result.MOVED: "moved", FollowUp.Result.DIED: "died"}


def act_address(patient_id: int, act: str) -> str:
    """The page on which it is seen what follows when this patient moved, died or is lost, and carried out."""
    return reverse(f"patients:{act}", args=[patient_id]) if act else ""


def row(line: Line, *, may_log: bool) -> dict[str, Any]:
    """What a template shows of a patient on the list."""
    patient = line.patient
    tried = line.tried
    return {
        "patient": patient,
        "age": age_words(patient.date_of_birth, line.today, brief=True),
        "why": why_lines(line),
        "number": line.number,
        "tried": tried_words(tried, ZoneInfo(patient.clinic.zone)) if tried else "",
        "lost_url": act_address(patient.pk, "lost") if line.is_perhaps_lost else "",
        "act_url": act_address(patient.pk, _ACTS.get(tried.last.result, "")) if tried else "",
        "may_log": may_log,
    }


class Page(WagtailAdminTemplateMixin, TemplateView):
    """For staff who may see the list, of the clinics where they work."""

    page_title = gettext_lazy("Who needs a call")
    header_icon = "mobile-alt"
    permission = VIEW
    http_method_names = ["get", "head"]
    request: Any

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.now = timezone.now()

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not request.user.has_perm(self.permission):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [*self.breadcrumbs_items, {"url": "", "label": str(self.page_title)}]

    @cached_property
    def clinics(self) -> Sequence[Clinic]:
        return list(clinics_of_staff(self.request.user))

    @cached_property
    def may_log(self) -> bool:
        return bool(self.request.user.has_perm(LOG))

    def rows(self, ids: Sequence[int], kind: Kind) -> list[dict[str, Any]]:
        """Of these patients, whom this page shows."""
        shown = lines(ids, self.clinics, self.now)
        note(self.request, [line.patient.pk for line in shown], kind)
        return [row(line, may_log=self.may_log) for line in shown]


class WorklistView(Page):
    """The most pressing first; `?reason=` chooses those who have one."""

    template_name = "home/admin/worklist.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        reason = self.request.GET.get("reason", "")
        found = listed(self.clinics, self.now, reason=reason)
        page = Paginator(found.patient_ids, ON_A_PAGE).get_page(self.request.GET.get("p"))
        return {
            **super().get_context_data(**kwargs),
            "found": found,
            "how_old": how_old(self.clinics, self.now),
            "filters": filters(found.by_reason, found.number, chosen=reason),
            "reason": reason,
            "page": page,
            "rows": self.rows(list(page.object_list), Kind.LISTED),
            "logged": self._just_logged(),
            "several_clinics": len(self.clinics) > 1,
        }

    def _just_logged(self) -> dict[str, Any] | None:
        """The call that was logged a moment ago without a script, with the way back."""
        id_ = whole_number(self.request.GET.get("logged", ""))
        mine = FollowUp.objects.filter(
            pk=id_ or 0, by=self.request.user, stands=True, at__gt=self.now - UNDONE_WITHIN
        ).select_related("patient__clinic")
        call = mine.filter(patient__in=patients_visible_to_staff(self.request.user)).first()
        return logged(call) if call else None


class WorklistPrintView(Page):
    """A line a patient, with space to write."""

    template_name = "home/admin/worklist_print.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        reason = self.request.GET.get("reason", "")
        found = listed(self.clinics, self.now, reason=reason)
        chosen = next((each for each in worklist_reasons() if each.name == reason), None)
        return {
            **super().get_context_data(**kwargs),
            "clinics": self.clinics,
            "how_old": how_old(self.clinics, self.now),
            "now": self.now,
            "reason": chosen.label if chosen else "",
            "rows": self.rows(found.patient_ids[:ON_PAPER], Kind.PRINTED),
            "left_out": max(0, len(found.patient_ids) - ON_PAPER),
        }


class OfPatient(Page):
    """About one patient of the reader's clinics; another one's is not found."""

    permission = LOG

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.patient = patient_of(request.user, kwargs["patient_id"])
        note(request, [self.patient.pk])

    @property
    def back(self) -> str:
        return reverse("worklist:index")


class ResultView(OfPatient):
    """How the call went: the choices, and what is chosen. With HTMX both take the place of the patient's row."""

    template_name = "home/admin/call.html"
    http_method_names = ["get", "head", "post"]

    def get_page_subtitle(self) -> str:
        return self.patient.get_full_name()

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [
            *self.breadcrumbs_items,
            {"url": self.back, "label": str(self.page_title)},
            {"url": "", "label": str(self.patient)},
        ]

    @cached_property
    def today(self) -> Any:
        return days_of([self.patient.clinic], self.now)[self.patient.clinic_id]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form = kwargs.get("form") or CallForm(today=self.today)
        [line] = lines([self.patient.pk], [self.patient.clinic], self.now, with_all=True)
        last = last_call(self.patient.pk)
        return {
            **super().get_context_data(**kwargs),
            "form": form,
            "buttons": list(BUTTONS.items()),
            "row": row(line, may_log=True),
            "patient": self.patient,
            "last": last.pk if last else 0,
            "by_htmx": bool(self.request.htmx),
            "focused": True,
        }

    def get_template_names(self) -> list[str]:
        if not self.request.htmx:
            return [self.template_name]
        return [
            "home/admin/worklist_row.html" if "closed" in self.request.GET else "home/admin/call_row.html"
        ]

    def post(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        form = CallForm(request.POST, today=self.today)
        if form.is_valid() and not self.patient.is_here:
            form.add_error(None, _("This patient isn’t treated here any more: see their page."))
        if not form.is_valid():
            return self._again(form)
        try:
            call = call_log(
                patient=self.patient, call=form.call(), by=self.request.user, now=self.now, plan=visit_plan
            )
        except AlreadyLoggedError as error:
            form.add_error(None, _already(error.last, now=self.now))
            return self._again(form)
        except ValidationError as error:
            form.add_error("until", error.messages)
            return self._again(form)
        return self._logged(call)

    def _again(self, form: CallForm) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form))

    def _logged(self, call: FollowUp) -> HttpResponse:
        act = act_address(call.patient_id, _ACTS.get(call.result, ""))
        if act:
            messages.success(self.request, _("The call is logged. See what else follows from it."))
        if not self.request.htmx:
            return redirect(act or f"{self.back}?{urlencode({'logged': call.pk})}")
        note(self.request, [self.patient.pk], Kind.CHANGED)
        if act:
            return HttpResponse(status=204, headers={"HX-Redirect": act})
        context = {**logged(call), "as_row": True}
        return TemplateResponse(self.request, "home/admin/call_logged_row.html", context)


class UndoView(OfPatient):
    """Takes back what this person logged a moment ago."""

    http_method_names = ["post"]

    def post(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        id_ = whole_number(request.POST.get("call", ""))
        undone = id_ is not None and self._is_undone(id_)
        if self.request.htmx and undone:
            note(request, [self.patient.pk], Kind.CHANGED)
            [line] = lines([self.patient.pk], [self.patient.clinic], self.now, with_all=True)
            context = {"row": row(line, may_log=True), "focused": True}
            return TemplateResponse(request, "home/admin/worklist_row.html", context)
        if undone:
            is_listed = lines([self.patient.pk], [self.patient.clinic], self.now)
            said = _("Taken back: %(name)s is on the list as before.") if is_listed else _("Taken back.")
            messages.success(request, said % {"name": self.patient})
        else:
            messages.error(request, _("This can’t be taken back any more. Log what holds now."))
        if self.request.htmx:
            return HttpResponse(status=204, headers={"HX-Redirect": self.back})
        return HttpResponseRedirect(self.back)

    def _is_undone(self, id_: int) -> bool:
        mine = FollowUp.objects.filter(pk=id_, patient=self.patient.pk).exists()
        return mine and bool(
            call_undo(follow_up_id=id_, by=self.request.user, now=self.now, unplan=visit_unplan)
        )


def how_old(clinics: Sequence[Clinic], now: datetime) -> str:
    """What is said of the age of these clinics' lists: nothing where they are as new as they should be."""
    if not clinics:
        return ""
    at = refreshed_at([clinic.pk for clinic in clinics], now=now)
    if at is None:
        return _("The list is being put together. Look again in a minute.")
    if at <= now - OLD:
        return _("Last brought up to date %(when)s. Look again in a minute.") % {"when": said(at, now=now)}
    return ""


def filters(by_reason: Any, number: int, *, chosen: str) -> list[dict[str, Any]]:
    """All, and each reason that somebody has or that was chosen, with how many."""
    index = reverse("worklist:index")
    every = {"label": _("All"), "number": number, "url": index, "current": not chosen}
    return [
        every,
        *(
            {
                "label": reason.label,
                "number": by_reason.get(reason.name, 0),
                "url": f"{index}?{urlencode({'reason': reason.name})}",
                "current": reason.name == chosen,
            }
            for reason in worklist_reasons()
            if by_reason.get(reason.name) or reason.name == chosen
        ),
    ]


def logged(call: FollowUp) -> dict[str, Any]:
    """What is said of a call that was just logged."""
    return {"call": call, "patient": call.patient, "after": after_words(call)}


def _already(last: FollowUp, *, now: datetime) -> str:
    values = {
        "name": last.by.get_full_name() if last.by else _("Somebody"),
        "result": last.get_result_display(),
        "when": said(last.at, now=now),
    }
    return _("%(name)s logged “%(result)s” %(when)s. Nothing of yours is saved yet.") % values


def log_a_call(reading: Reading) -> str:
    """The action on a patient's page; not for those who are treated here no more."""
    patient = reading.patient
    return reverse("worklist:result", args=[patient.pk]) if patient.is_here else ""


class WorklistPanel(Component):
    """On the clinic's page: the first on the list. Whoever looks after many clinics is shown the way to it alone."""

    order = 200
    template_name = "home/admin/worklist_panel.html"

    def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
        request, now = parent_context["request"], timezone.now()
        clinics = list(clinics_of_staff(request.user)[: MOST_CLINICS + 1])
        found = listed_for(request.user, clinics, now)
        if found is None:
            return {"request": request, "many_clinics": True}
        shown = lines(found.patient_ids[:IN_THE_PANEL], clinics, now)
        note(request, [line.patient.pk for line in shown], Kind.LISTED)
        may_log = request.user.has_perm(LOG)
        return {
            "found": found,
            "how_old": how_old(clinics, now),
            "filters": filters(found.by_reason, found.number, chosen=""),
            "rows": [row(line, may_log=may_log) for line in shown],
            "request": request,
        }


class WorklistMenuItem(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm(VIEW))


class WorklistViewSet(ViewSet):
    name = "worklist"
    url_prefix = "worklist"
    icon = "mobile-alt"
    menu_label = gettext_lazy("Who needs a call")
    menu_order = ORDER["today"] + 1
    add_to_admin_menu = True

    def get_menu_item(self, order: int | None = None) -> MenuItem:
        return WorklistMenuItem(
            self.menu_label,
            self.menu_url,
            name=self.name,
            icon_name=self.icon,
            order=self.menu_order if order is None else order,
        )

    def get_urlpatterns(self) -> list[URLPattern]:
        return [
            path("", WorklistView.as_view(), name="index"),
            path("print/", WorklistPrintView.as_view(), name="print"),
            path("<int:patient_id>/result/", ResultView.as_view(), name="result"),
            path("<int:patient_id>/undo/", UndoView.as_view(), name="undo"),
        ]
