"""Where a patient collects medicine, and who may collect it for them."""

from typing import Any

from django import forms
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import FormView
from wagtail.admin import messages
from wagtail.admin.views.generic import PermissionCheckedMixin
from wagtail.log_actions import log

from events.models import CollectionPlan, Visit
from home.admin.patient_pages import OfPatient, patient_of
from home.privacy.access_log import note


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


class CollectionPlanView(PermissionCheckedMixin, OfPatient, FormView):
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
        self.patient = patient_of(request.user, kwargs["patient_id"])
        note(request, [self.patient.pk])

    def get_form_kwargs(self) -> dict[str, Any]:
        plan = CollectionPlan.objects.filter(patient=self.patient).first()
        return super().get_form_kwargs() | {"instance": plan or CollectionPlan(patient=self.patient)}

    def form_valid(self, form: CollectionPlanForm) -> HttpResponse:
        with transaction.atomic():
            plan, _new = CollectionPlan.objects.update_or_create(
                patient=self.patient, defaults=form.cleaned_data
            )
            if form.has_changed():
                # Which fields alone: the log has no names of people.
                data = {"fields": form.changed_data}
                log(instance=plan, action="visits.collection", user=self.request.user, data=data)
        messages.success(self.request, _("Saved."))
        return redirect(self.record_url)
