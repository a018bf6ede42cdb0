"""The pages on which a clinic asks another to take a patient over, and the other decides."""

from functools import cached_property
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import FormView
from wagtail.admin import messages
from wagtail.admin.ui.tables import Column, StatusTagColumn, TitleColumn
from wagtail.admin.views.generic import IndexView, PermissionCheckedMixin, WagtailAdminTemplateMixin

from home.admin.birth_dates import born_column
from home.admin.patient_pages import PatientPage
from home.admin.person_fields import FolderNumberField
from home.admin.scope import ClinicScopedViewSet
from home.models import Clinic, Transfer, User
from home.record.transfers import (
    transfer_accept,
    transfer_ask,
    transfer_offer,
    transfer_plan,
    transfer_refuse,
    transfer_withdraw,
    transfers_visible_to,
)
from home.selectors import clinics_of_staff
from notifications.web.moments import shown_moment

State = Transfer.State


class TransferForm(forms.Form):
    to_clinic = forms.ModelChoiceField(
        label=gettext_lazy("Clinic that is to take the patient over"),
        queryset=Clinic.objects.none(),
        empty_label=gettext_lazy("Choose a clinic"),
        error_messages={"required": gettext_lazy("Choose a clinic.")},
    )
    reason = forms.CharField(
        label=gettext_lazy("Why"),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("The other clinic reads it once it has accepted."),
    )

    def __init__(self, *args: Any, at_home: Clinic, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        others = Clinic.objects.exclude(pk=at_home.pk).order_by("name")
        self.fields["to_clinic"].queryset = others  # type: ignore[attr-defined]


class TransferAskView(PatientPage, FormView):  # type: ignore[type-arg]  # Django's views take no arguments when they run
    """What a transfer does, and only then the button that asks for it."""

    page_title = gettext_lazy("Transfer to another clinic")
    permission_required = "change"
    form_class = TransferForm
    template_name = "home/admin/departure.html"

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"at_home": self.patient.clinic}

    def form_valid(self, form: TransferForm) -> HttpResponse:
        try:
            transfer = transfer_ask(
                patient_id=self.patient.pk,
                to_clinic=form.cleaned_data["to_clinic"],
                asked_by=cast(User, self.request.user),
                reason=form.cleaned_data["reason"],
                now=timezone.now(),
            )
        except ValidationError as error:
            form.add_error(None, error)
            response: HttpResponse = self.form_invalid(form)
            return response
        said = _("%(clinic)s has been asked. Until it accepts, nothing changes.")
        messages.success(self.request, said % {"clinic": transfer.to_clinic})
        return redirect(self.record_url)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(
            plan=transfer_plan(), button=_("Ask the other clinic"), **kwargs
        )
        return context


class TransferIndexView(IndexView):
    def get_edit_url(self, instance: Transfer) -> str:
        return reverse("transfers:decide", args=[instance.pk])

    @cached_property
    def columns(self) -> list[Column]:
        now = timezone.now()
        return [
            TitleColumn("patient", label=_("Patient"), get_url=self.get_edit_url, width="25%"),
            born_column(of_row=True),
            Column("from_clinic", label=_("From")),
            Column("to_clinic", label=_("To")),
            Column("asked", label=_("Asked"), accessor=lambda row: shown_moment(row.asked_at, now=now)),
            StatusTagColumn(
                "state",
                label=_("State"),
                accessor=lambda row: row.get_state_display(),
                primary=lambda row: row.state == State.ASKED,
            ),
        ]


class DecideForm(forms.Form):
    folder_number = FolderNumberField(
        label=gettext_lazy("Folder number at your clinic"),
        help_text=gettext_lazy("It can be given later, too."),
    )


class DecideView(PermissionCheckedMixin, WagtailAdminTemplateMixin, FormView):  # type: ignore[type-arg]  # as above
    """Until it is accepted, the other clinic sees who it is and where from, and nothing of the record."""

    model = Transfer
    permission_required = "change"
    form_class = DecideForm
    template_name = "home/admin/transfer.html"
    page_title = gettext_lazy("Transfer")
    header_icon = "redirect"

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        rows = transfers_visible_to(cast(User, request.user))
        joined = rows.select_related("patient__clinic", "from_clinic", "to_clinic", "asked_by", "decided_by")
        self.transfer = get_object_or_404(joined, pk=kwargs["pk"])
        self.clinics = set(clinics_of_staff(request.user).values_list("pk", flat=True))

    @property
    def is_open(self) -> bool:
        return self.transfer.state == State.ASKED

    @property
    def may_decide(self) -> bool:
        return self.is_open and self.transfer.to_clinic_id in self.clinics

    @property
    def may_withdraw(self) -> bool:
        return self.is_open and self.transfer.from_clinic_id in self.clinics

    def get_page_subtitle(self) -> str:
        return str(self.transfer.patient)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        index = {"url": reverse("transfers:index"), "label": _("Transfers")}
        return [*self.breadcrumbs_items, index, {"url": "", "label": str(self.transfer.patient)}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        now = timezone.now()
        patient = self.transfer.patient
        is_ours = patient.clinic_id in self.clinics
        ends = self.transfer.asked_at + Transfer.LIFE
        context: dict[str, Any] = super().get_context_data(
            transfer=self.transfer,
            asked=shown_moment(self.transfer.asked_at, now=now),
            decided=shown_moment(self.transfer.decided_at, now=now),
            ends=shown_moment(ends, now=now),
            plan=self._plan(),
            may_decide=self.may_decide,
            may_withdraw=self.may_withdraw,
            reason=self.transfer.reason if is_ours else "",
            record_url=reverse("patients:record", args=[patient.pk]) if is_ours else "",
            index_url=reverse("transfers:index"),
            **kwargs,
        )
        return context

    def _plan(self) -> list[str]:
        if not self.is_open:
            return []
        return transfer_offer() if self.may_decide else transfer_plan()

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        now, by = timezone.now(), cast(User, request.user)
        if "withdraw" in request.POST and self.may_withdraw:
            done = transfer_withdraw(transfer_id=self.transfer.pk, by=by, now=now)
            return self._said(done, _("The transfer is withdrawn. Nothing has changed."))
        if "refuse" in request.POST and self.may_decide:
            done = transfer_refuse(transfer_id=self.transfer.pk, by=by, now=now)
            return self._said(done, _("Refused. Whoever asked is told."))
        if "accept" in request.POST and self.may_decide:
            response: HttpResponse = super().post(request, *args, **kwargs)
            return response
        return self._said(False, "")

    def form_valid(self, form: DecideForm) -> HttpResponse:
        try:
            done = transfer_accept(
                transfer_id=self.transfer.pk,
                by=cast(User, self.request.user),
                folder_number=form.cleaned_data["folder_number"],
                now=timezone.now(),
            )
        except ValidationError as error:
            form.add_error(None, error)
            response: HttpResponse = self.form_invalid(form)
            return response
        if not done:
            return self._said(False, "")
        messages.success(self.request, _("The patient is now looked after by your clinic."))
        return redirect("patients:record", self.transfer.patient_id)

    def _said(self, done: bool, words: str) -> HttpResponse:
        if done:
            messages.success(self.request, words)
        else:
            messages.warning(self.request, _("Somebody else has decided on it, or it has ended."))
        return redirect("transfers:index")


class TransferViewSet(ClinicScopedViewSet):
    """Asked for from the patient's page; never edited or deleted."""

    model = Transfer
    patient_lookup = "patient"
    icon = "redirect"
    menu_order = 160
    menu_label = gettext_lazy("Transfers")
    search_fields = ["patient__first_name", "patient__last_name"]
    ordering = ["-asked_at", "-id"]
    form_fields: list[str] = []

    def visible_to(self, user: Any) -> QuerySet[Transfer]:
        return transfers_visible_to(user)

    @property
    def index_view_class(self) -> type[IndexView]:
        class ScopedIndexView(TransferIndexView):
            def get_base_queryset(self) -> QuerySet[Transfer]:
                rows = transfers_visible_to(cast(User, self.request.user))
                return rows.select_related("patient", "from_clinic", "to_clinic")

        return ScopedIndexView

    def get_common_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        common = super().get_common_view_kwargs(**kwargs)
        return {name: value for name, value in common.items() if name not in _NOT_OFFERED}

    def get_urlpatterns(self) -> list[URLPattern]:
        own = [each for each in super().get_urlpatterns() if each.name in ("index", "index_results")]
        decide = self._of_visible_rows(self.construct_view(DecideView))
        return [*own, path("<int:pk>/", decide, name="decide")]


_NOT_OFFERED = {"add_url_name", "edit_url_name", "delete_url_name", "history_url_name", "usage_url_name"}
