"""The admin pages of clinics."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel, ObjectList

from home.admin.clock_form import ClockForm, clock_panel
from home.admin.scope import ClinicScopedViewSet
from home.models import Clinic
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
