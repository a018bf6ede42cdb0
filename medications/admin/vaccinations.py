"""The admin pages of vaccinations. Saving one sets, moves or withdraws its reminder."""

from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel, ObjectList

from home.admin.birth_dates import born_column
from home.admin.scope import ClinicScopedForm, ClinicScopedViewSet
from medications.models import VaccinationRecord


class VaccinationRecordViewSet(ClinicScopedViewSet):
    model = VaccinationRecord
    clinic_lookup = "patient__clinic"
    icon = "calendar-check"
    menu_label = _("Vaccinations")
    menu_order = 200
    list_display = ["patient", born_column(), "vaccine", "dose_number", "next_due_date", "date_given"]
    list_select_related = ["patient", "vaccine"]
    search_fields = ["patient__first_name", "patient__last_name"]
    ordering = ["-next_due_date", "-id"]
    edit_handler = ObjectList(
        [
            FieldPanel("patient"),
            FieldRowPanel([FieldPanel("vaccine"), FieldPanel("dose_number")]),
            FieldRowPanel([FieldPanel("next_due_date"), FieldPanel("date_given")]),
            FieldPanel("batch_number"),
        ],
        base_form_class=ClinicScopedForm,
    )
