"""The admin pages on which a clinic's managers decide on erasures, and start one on somebody's word."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any, cast

from django import forms
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import FormView
from wagtail.admin import messages
from wagtail.admin.panels import FieldPanel, ObjectList
from wagtail.admin.ui.tables import Column, StatusTagColumn, TitleColumn
from wagtail.admin.views.generic import (
    IndexView,
    PermissionCheckedMixin,
    WagtailAdminTemplateMixin,
)

from home.admin.filters import OfPatientFilters
from home.admin.scope import ClinicScopedForm, ClinicScopedViewSet, PatientListExport, PatientRowCreateView
from home.models import Erasure, User
from home.privacy.access_log import Kind, note
from home.privacy.erasure import erasure_accept, erasure_ask, erasure_plan, erasure_refuse
from home.selectors import clinics_managed_by
from notifications.privacy import Effect
from notifications.web.moments import shown_moment

State = Erasure.State


class ErasureForm(ClinicScopedForm):
    """Of a patient who asked for it at the clinic; whoever has an account may ask on their own page as well."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        patients = self.fields["patient"]
        patients.required = True
        patients.queryset = patients.queryset.filter(clinic__in=clinics_managed_by(self.for_user))
        self.fields["in_their_words"].required = True

    def save(self, commit: bool = True) -> Erasure:
        self.instance = erasure_ask(
            asked_by=self.for_user,
            patient=self.cleaned_data["patient"],
            in_their_words=self.cleaned_data["in_their_words"],
            now=timezone.now(),
        )
        return self.instance


class ErasureCreateView(PatientRowCreateView):
    """Writes down that somebody asked. The decision is another page."""

    refused_beside = "patient"

    submit_button_label = gettext_lazy("Go on to the plan")
    submit_button_active_label = gettext_lazy("One moment…")

    def save_action(self) -> HttpResponse:
        return redirect(reverse("erasures:decide", args=[self.object.pk]))


class ErasureIndexView(IndexView):
    def get_edit_url(self, instance: Erasure) -> str:
        return reverse("erasures:decide", args=[instance.pk])

    @cached_property
    def columns(self) -> list[Column]:
        now = timezone.now()
        return [
            TitleColumn("who", label=_("Who"), accessor=str, get_url=self.get_edit_url, width="25%"),
            Column("asked", label=_("Asked on"), accessor=lambda row: shown_moment(row.asked_at, now=now)),
            Column("by", label=_("Asked by"), accessor=lambda row: row.asked_by or "–"),
            StatusTagColumn(
                "state",
                label=_("State"),
                accessor=lambda row: row.get_state_display(),
                primary=lambda row: row.is_open or row.state == State.FAILED,
            ),
            Column("decided", label=_("Decided"), accessor=lambda row: shown_moment(row.decided_at, now=now)),
            Column("decided_by", label=_("Decided by"), accessor=lambda row: row.decided_by or "–"),
        ]


class ErasureListExport(PatientListExport):
    """Some erasures are of an account alone, and about no record."""

    def note_export(self, rows: Sequence[Any]) -> None:
        note(self.request, {row.patient_id for row in rows} - {None}, Kind.EXPORTED)


class RefusalForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Why it is refused"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy(
            "The person reads this. For example, that the law makes you keep the record until a certain day."
        ),
        error_messages={"required": gettext_lazy("Say why: the person has a right to know.")},
    )


class DecideView(PermissionCheckedMixin, WagtailAdminTemplateMixin, FormView):  # type: ignore[type-arg]
    """What the erasure will do, to how many rows; accepting it carries it out, refusing it tells the person why."""

    model = Erasure
    permission_required = "change"
    form_class = RefusalForm
    template_name = "home/admin/erasure.html"
    page_title = gettext_lazy("Erasure")
    header_icon = "bin"

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        rows = Erasure.objects.select_related("patient__clinic", "user", "asked_by", "decided_by")
        self.erasure = get_object_or_404(rows, pk=kwargs["pk"])

    def get_page_subtitle(self) -> str:
        return str(self.erasure)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        index = {"url": reverse("erasures:index"), "label": _("Erasures")}
        return [*self.breadcrumbs_items, index, {"url": "", "label": self.page_title}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        now = timezone.now()
        undecided = self.erasure.state in (State.ASKED, State.FAILED)
        plan = erasure_plan(self.erasure, now=now) if undecided else None
        context: dict[str, Any] = super().get_context_data(
            erasure=self.erasure,
            asked=shown_moment(self.erasure.asked_at, now=now),
            decided=shown_moment(self.erasure.decided_at, now=now),
            plan=plan,
            goes=[each for each in plan.lines if each.effect == Effect.DELETED] if plan else [],
            stays=[each for each in plan.lines if each.effect == Effect.CLEARED] if plan else [],
            index_url=reverse("erasures:index"),
            **kwargs,
        )
        return context

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if "accept" not in request.POST:
            response: HttpResponse = super().post(request, *args, **kwargs)
            return response
        if erasure_accept(erasure_id=self.erasure.pk, by=self._by(), now=timezone.now()):
            messages.success(
                request, _("It is being carried out. This takes a minute; the list says when it is done.")
            )
        else:
            self._decided_before()
        return redirect("erasures:index")

    def form_valid(self, form: RefusalForm) -> HttpResponse:
        refused = erasure_refuse(
            erasure_id=self.erasure.pk,
            by=self._by(),
            reason=form.cleaned_data["reason"],
            now=timezone.now(),
        )
        if refused:
            messages.success(self.request, _("Refused. Whoever asked on their own page is told why."))
        else:
            self._decided_before()
        return redirect("erasures:index")

    def _by(self) -> User:
        """Who is signed in, as who is let in here is."""
        return cast(User, self.request.user)

    def _decided_before(self) -> None:
        messages.warning(self.request, _("Somebody else has decided on it, or it was taken back."))


class ErasureFilters(OfPatientFilters):
    class Meta:
        model = Erasure
        fields = ["state"]


class ErasureViewSet(ClinicScopedViewSet):
    """Erasures are never edited or deleted: they are the proof that somebody asked, and of what was decided."""

    model = Erasure
    add_words = gettext_lazy("Somebody asks to be erased")
    icon = "bin"
    menu_order = 180
    menu_label = gettext_lazy("Erasures")
    add_view_class = ErasureCreateView
    exporting = ErasureListExport
    filterset_class = ErasureFilters
    search_fields = ["patient__first_name", "patient__last_name"]
    ordering = ["-asked_at", "-id"]
    edit_handler = ObjectList(
        [FieldPanel("patient"), FieldPanel("in_their_words")], base_form_class=ErasureForm
    )

    def visible_to(self, user: Any) -> QuerySet[Erasure]:
        """Those of patients of the clinics that this person manages, and of accounts that care for such a patient."""
        if user.is_active and user.is_superuser:
            return Erasure.objects.all()
        clinics = clinics_managed_by(user)
        accounts = Q(patient=None, user__care_roles__patient__clinic__in=clinics)
        return Erasure.objects.filter(Q(patient__clinic__in=clinics) | accounts).distinct()

    @property
    def index_view_class(self) -> type[IndexView]:
        visible_to = self.visible_to

        class ScopedIndexView(ErasureIndexView):
            def get_base_queryset(self) -> QuerySet[Erasure]:
                rows = visible_to(self.request.user)
                return rows.select_related("patient", "user", "asked_by", "decided_by")

        return ScopedIndexView

    def get_common_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        common = super().get_common_view_kwargs(**kwargs)
        return {name: value for name, value in common.items() if name not in _NOT_OFFERED}

    def get_urlpatterns(self) -> list[URLPattern]:
        own = [each for each in super().get_urlpatterns() if each.name in ("index", "index_results", "add")]
        decide = self._of_visible_rows(self.construct_view(DecideView))
        return [*own, path("<int:pk>/", decide, name="decide")]


_NOT_OFFERED = {"edit_url_name", "delete_url_name", "history_url_name", "usage_url_name"}
