"""The admin pages of patients and of the people who care for them."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from wagtail.admin import messages
from wagtail.admin.panels import FieldPanel, FieldRowPanel, ObjectList
from wagtail.admin.views.generic import DeleteView

from home.admin.care_roles_panel import CareRolesPanel
from home.admin.clock_form import ClockForm, clock_panel
from home.admin.consents import ConsentsPanel
from home.admin.invitations_panel import InvitationsPanel
from home.admin.lookalikes import FIELD, SomebodyElseField, lookalikes
from home.admin.question_panel import QuestionPanel
from home.admin.record import RecordView
from home.admin.scope import ClinicScopedViewSet
from home.life_dates import life_date_problems
from home.models import Patient, Relation
from home.selectors import patients_visible_to_staff

_SAYS_WHO = {"first_name", "last_name", "date_of_birth"}


class PatientForm(ClockForm):
    asked: frozenset[str] = frozenset()
    somebody_else = SomebodyElseField()

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean()
        problems = life_date_problems(
            born=cleaned.get("date_of_birth"), died=cleaned.get("deceased_on"), today=timezone.localdate()
        )
        for field, said in problems.items():
            self.add_error(field, ValidationError(said, code="life_dates"))
        self._check_roles()
        return cleaned

    def _post_clean(self) -> None:
        """The instance has the new values from here on."""
        super()._post_clean()
        if not self.errors and _SAYS_WHO.intersection(self.changed_data):
            self._ask_about_lookalikes()

    def _ask_about_lookalikes(self) -> None:
        found = lookalikes(self.instance, user=self.for_user)
        self.fields[FIELD].ask_about(found)
        self.asked = frozenset({FIELD} if found else ())
        if not {str(patient.pk) for patient in found}.issubset(self.cleaned_data[FIELD]):
            said = _("There is a patient with the same name and date of birth. Tick who is somebody else.")
            self.add_error(FIELD, ValidationError(said, code="lookalike"))

    def _check_roles(self) -> None:
        relations = [
            form.cleaned_data["relation"]
            for form in self.formsets["care_roles"].forms
            if form.is_valid() and not form.cleaned_data.get("DELETE")
        ]
        if relations.count(Relation.SELF) > 1:
            raise ValidationError(
                _("Only one person can be the patient themselves."), code="care_role_one_self"
            )


class EraseInsteadView(DeleteView):
    """Patients are never deleted: it would take their treatment along, and leave their name in many other places."""

    def run_before_hook(self) -> HttpResponse:
        messages.info(
            self.request,
            _(
                "A patient is not deleted but erased: the name goes everywhere, and what was done stays as numbers. "
                "Say how it was asked for; then you see the plan, and decide."
            ),
        )
        return redirect(f"{reverse('erasures:add')}?{urlencode({'patient': self.object.pk})}")


class PatientViewSet(ClinicScopedViewSet):
    model = Patient
    delete_view_class = EraseInsteadView
    patient_lookup = "pk"
    icon = "user"
    menu_order = 10
    created_words = _("%(object)s is registered.")
    list_display = ["__str__", "date_of_birth", "clinic"]
    list_select_related = ["clinic"]
    search_fields = ["first_name", "last_name"]
    ordering = ["last_name", "first_name", "id"]

    def visible_to(self, user: Any) -> QuerySet[Patient]:
        return patients_visible_to_staff(user)

    @property
    def record_view(self) -> Callable[..., HttpResponseBase]:
        view: Callable[..., HttpResponseBase] = self.construct_view(RecordView)
        return view

    def get_urlpatterns(self) -> list[URLPattern]:
        record = path("<int:pk>/", self._of_visible_rows(self.record_view), name="record")
        return [*super().get_urlpatterns(), record]

    edit_handler = ObjectList(
        [
            FieldPanel("clinic"),
            FieldRowPanel([FieldPanel("first_name"), FieldPanel("last_name")]),
            FieldPanel("date_of_birth", help_text=_("Such as 12/03/1961 or 12 March 1961.")),
            QuestionPanel(FIELD),
            CareRolesPanel(
                "care_roles",
                [FieldPanel("relation"), FieldPanel("alert_missed")],
                heading=_("Who cares for this patient"),
                label=_("person"),
            ),
            InvitationsPanel(heading=_("Invitations")),
            ConsentsPanel(heading=_("Consents")),
            clock_panel(
                _("When this patient takes medicine. Where a time is empty, the clinic’s time is used.")
            ),
            FieldPanel("deceased_on"),
        ],
        base_form_class=PatientForm,
    )
