"""What staff do with one visit: came, missed, taken back, moved, cancelled. Then they are back where they were."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View
from django.views.generic import FormView
from wagtail.admin import messages
from wagtail.admin.views.generic import PermissionCheckedMixin, WagtailAdminTemplateMixin
from wagtail.log_actions import log

from events.admin import visit_words
from events.admin.visit_form import CancelForm, MoveForm
from events.models import Visit
from events.visits.decide import visit_attend, visit_cancel, visit_miss, visit_move, visit_undo
from events.visits.refusals import today_at
from home.admin.patient_pages import OfPatient
from home.reach.ways import reached

_ACTS: dict[str, Callable[..., Visit]] = {
    "came": visit_attend,
    "missed": visit_miss,
    "undo": visit_undo,
}


class VisitPage(PermissionCheckedMixin, WagtailAdminTemplateMixin):
    """A page, or an act, of one visit; another clinic's is not found, the view set sees to it."""

    model = Visit
    permission_policy: Any = None
    permission_required = "change"
    header_icon = "calendar-check"

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.visit: Visit = get_object_or_404(
            Visit.objects.select_related("patient", "clinic"), pk=kwargs["pk"]
        )

    @property
    def back_url(self) -> str:
        """The page with the button, as the form gives it; never on another site."""
        there = self.request.POST.get("next", "") or self.request.GET.get("next", "")
        if there.startswith("/") and url_has_allowed_host_and_scheme(there, allowed_hosts=None):
            return there
        return reverse("visits:index")

    def log(self, action: str) -> None:
        log(instance=self.visit, action=f"visits.{action}", user=self.request.user)


class MarkView(VisitPage, View):
    """The buttons that need no more than a press: `act` is came, missed or undo."""

    http_method_names = ["post"]
    act = ""

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        try:
            visit = _ACTS[self.act](visit_id=pk, by=request.user, now=timezone.now())
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        else:
            self.log(self.act)
            said = {"patient": visit.patient, "state": visit.get_state_display()}
            messages.success(request, _("%(patient)s: %(state)s.") % said)
        return HttpResponseRedirect(self.back_url)


class _FormPage(OfPatient, VisitPage, FormView):
    template_name = "events/admin/visit_form.html"

    def button_words(self) -> str:
        return str(self.page_title)

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.patient = self.visit.patient

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not self.visit.is_planned:
            messages.error(request, _("This visit is not planned any more."))
            return HttpResponseRedirect(self.back_url)
        return super().get(request, *args, **kwargs)

    @cached_property
    def is_reached(self) -> bool:
        """Whether a message reaches anybody of the patient's."""
        return any(way.works for way in reached([self.patient.pk])[self.patient.pk])

    def act(self, form: forms.Form) -> str:
        """Do it; what is said then."""
        raise NotImplementedError

    def form_valid(self, form: forms.Form) -> HttpResponse:
        try:
            said = self.act(form)
        except ValidationError as error:
            for field, errors in error.error_dict.items():
                form.add_error(field if field in form.fields else None, errors)
            return self.form_invalid(form)
        messages.success(self.request, said)
        return HttpResponseRedirect(self.back_url)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        today = today_at(self.visit.clinic, timezone.now())
        return super().get_context_data(
            visit=self.visit,
            when=visit_words.when(self.visit, today=today),
            back_url=self.back_url,
            button=self.button_words(),
            **kwargs,
        )


class MoveView(_FormPage):
    page_title = gettext_lazy("Move the visit")
    form_class = MoveForm

    def button_words(self) -> str:
        return _("Move, and tell the patient") if self.is_reached else super().button_words()

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"clinic": self.visit.clinic}

    def act(self, form: forms.Form) -> str:
        new = visit_move(
            visit_id=self.visit.pk,
            day=form.cleaned_data["day"],
            at=form.cleaned_data["at"],
            side=Visit.Side.CLINIC,
            by=self.request.user,  # type: ignore[arg-type]  # signed in
            now=timezone.now(),
        )
        self.log("move")
        today = today_at(new.clinic, timezone.now())
        said = {"patient": new.patient, "when": visit_words.when(new, today=today)}
        if self.is_reached:
            return _("%(patient)s is expected on %(when)s now, and told so.") % said
        return (
            _("%(patient)s is expected on %(when)s now. No message reaches them: tell them yourself.") % said
        )


class CancelView(_FormPage):
    page_title = gettext_lazy("Cancel the visit")
    form_class = CancelForm

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"is_reached": self.is_reached}

    def act(self, form: forms.Form) -> str:
        visit = visit_cancel(
            visit_id=self.visit.pk,
            side=form.cleaned_data["side"],
            by=self.request.user,  # type: ignore[arg-type]  # signed in
            reason=form.cleaned_data["reason"],
            now=timezone.now(),
        )
        self.log("cancel")
        return _("%(patient)s: %(state)s.") % {"patient": visit.patient, "state": visit_words.state(visit)}
