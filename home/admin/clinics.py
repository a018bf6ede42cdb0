"""The admin pages of clinics and of their staff."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel, ObjectList

from home.admin.clock_form import ClockForm, clock_panel
from home.admin.filters import ClinicFilters
from home.admin.person_field import PersonField
from home.admin.scope import ClinicScopedForm, ClinicScopedViewSet
from home.models import Clinic, StaffRole
from home.selectors import clinics_of_staff


class ClinicViewSet(ClinicScopedViewSet):
    model = Clinic
    add_words = _("Add a clinic")
    icon = "home"
    menu_order = 20
    add_to_settings_menu = True
    list_display = ["name", "phone"]
    search_fields = ["name"]
    edit_handler = ObjectList(
        [
            FieldPanel("name"),
            FieldPanel("region", permission="home.change_region"),
            FieldPanel("address"),
            FieldPanel("phone"),
            clock_panel(
                _(
                    "When this clinic’s patients take medicine. Where a time is empty, it is 08:00 in the morning, "
                    "14:00 in the afternoon, 20:00 in the evening and 22:00 at bedtime."
                )
            ),
            FieldRowPanel([FieldPanel("low_stock_days"), FieldPanel("expiry_days")], heading=_("Warnings")),
            FieldPanel("move_up_minutes"),
            MultiFieldPanel(
                [
                    FieldPanel("dose_sms"),
                    FieldRowPanel([FieldPanel("weekly_check_day"), FieldPanel("weekly_check_time")]),
                ],
                heading=_("Reminders of doses by SMS"),
            ),
            FieldPanel("message_budget"),
        ],
        base_form_class=ClockForm,
    )

    def visible_to(self, user: Any) -> QuerySet[Clinic]:
        return clinics_of_staff(user)


class StaffRoleForm(ClinicScopedForm):
    """From managers it takes people who work at a clinic already; of others it doesn't say who has an account."""

    user = PersonField()

    def clean_user(self) -> Any:
        person = self.cleaned_data["user"]
        known = self.for_user.is_superuser or person is None or person.staff_roles.exists()
        if not known:
            raise ValidationError(PersonField.default_error_messages["unknown"], code="unknown")
        return person


class StaffRoleFilters(ClinicFilters):
    class Meta:
        model = StaffRole
        fields = ["role"]


class StaffRoleViewSet(ClinicScopedViewSet):
    model = StaffRole
    add_words = _("Give somebody a role")
    filterset_class = StaffRoleFilters
    icon = "group"
    menu_order = 30
    add_to_settings_menu = True
    list_display = ["user", "role", "clinic"]
    list_select_related = ["user", "clinic"]
    search_fields = ["user__first_name", "user__last_name"]
    edit_handler = ObjectList(
        [FieldPanel("user"), FieldPanel("clinic"), FieldPanel("role")], base_form_class=StaffRoleForm
    )
