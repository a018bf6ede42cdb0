"""The admin pages of patients and of the people who care for them."""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.panels import (
    FieldPanel,
    FieldRowPanel,
    InlinePanel,
    ObjectList,
)

from home.admin.clock_form import ClockForm, clock_panel
from home.admin.invitations_panel import InvitationsPanel
from home.admin.person_field import PersonField
from home.admin.scope import ClinicScopedViewSet
from home.models import Patient, Relation


class CareRoleForm(WagtailAdminModelForm):
    user = PersonField()


class CareRolePanel(InlinePanel):
    def get_form_options(self) -> dict[str, Any]:
        options: dict[str, Any] = super().get_form_options()
        options["formsets"][self.relation_name]["form"] = CareRoleForm
        return options


class PatientForm(ClockForm):
    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean()
        roles = [
            form
            for form in self.formsets["care_roles"].forms
            if form.is_valid() and form.cleaned_data and not form.cleaned_data.get("DELETE")
        ]
        if sum(form.cleaned_data["relation"] == Relation.SELF for form in roles) > 1:
            raise ValidationError(
                _("Only one person can be the patient themselves."), code="care_role_one_self"
            )
        people = [form.cleaned_data["user"] for form in roles]
        if len(set(people)) < len(people):
            raise ValidationError(_("Each person can be named only once."), code="care_role_once")
        return cleaned


class PatientViewSet(ClinicScopedViewSet):
    model = Patient
    icon = "user"
    menu_order = 100
    list_display = ["__str__", "date_of_birth", "clinic"]
    list_select_related = ["clinic"]
    search_fields = ["first_name", "last_name"]
    ordering = ["last_name", "first_name", "id"]
    edit_handler = ObjectList(
        [
            FieldPanel("clinic"),
            FieldRowPanel([FieldPanel("first_name"), FieldPanel("last_name")]),
            FieldPanel("date_of_birth"),
            CareRolePanel(
                "care_roles",
                [FieldPanel("user"), FieldPanel("relation"), FieldPanel("alert_missed")],
                heading=_("Who cares for this patient"),
                label=_("person"),
            ),
            InvitationsPanel(heading=_("Invitations")),
            clock_panel(
                _("When this patient takes medicine. Where a time is empty, the clinic’s time is used.")
            ),
            FieldPanel("deceased_on"),
        ],
        base_form_class=PatientForm,
    )
