"""Where a patient collects medicine, and who may collect it for them."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import FormView
from wagtail.admin import messages
from wagtail.admin.views.generic import PermissionCheckedMixin, WagtailAdminTemplateMixin

from events.models import CollectionPlan, Visit
from home.models import Patient
from home.privacy.access_log import note
from home.selectors import patients_visible_to_staff


class CollectionPlanForm(forms.ModelForm):
    collector_one = forms.CharField(
        label=gettext_lazy("First person who may collect"), required=False, max_length=120
    )
    collector_two = forms.CharField(
        label=gettext_lazy("Second person who may collect"), required=False, max_length=120
    )

    class Meta:
        model = CollectionPlan
        fields = ("pickup_point", "collector_one", "collector_two")


class CollectionPlanView(PermissionCheckedMixin, WagtailAdminTemplateMixin, FormView):
    """Another clinic's patient is not found."""

    model = Visit
    permission_policy: Any = None
    permission_required = "change"
    page_title = gettext_lazy("Where medicine is collected, and by whom")
    header_icon = "user"
    template_name = "events/admin/collection_plan.html"
    form_class = CollectionPlanForm

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.patient: Patient = get_object_or_404(
            patients_visible_to_staff(request.user), pk=kwargs["patient_id"]
        )
        note(request, [self.patient.pk])

    @property
    def record_url(self) -> str:
        return reverse("patients:record", args=[self.patient.pk])

    def get_page_subtitle(self) -> str:
        return self.patient.get_full_name()

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        patients = {"url": reverse("patients:index"), "label": _("Patients")}
        patient = {"url": self.record_url, "label": self.patient.get_full_name()}
        return [*self.breadcrumbs_items, patients, patient, {"url": "", "label": self.page_title}]

    def get_form_kwargs(self) -> dict[str, Any]:
        plan = CollectionPlan.objects.filter(patient=self.patient).first()
        return super().get_form_kwargs() | {"instance": plan or CollectionPlan(patient=self.patient)}

    def form_valid(self, form: CollectionPlanForm) -> HttpResponse:
        said = form.cleaned_data
        CollectionPlan.objects.update_or_create(patient=self.patient, defaults=said)
        messages.success(self.request, _("Saved."))
        return redirect(self.record_url)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(back_url=self.record_url, **kwargs)
