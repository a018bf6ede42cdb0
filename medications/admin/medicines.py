"""The admin pages of medicines and vaccines, which all clinics share."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.panels import FieldPanel, FieldRowPanel, ObjectList
from wagtail.admin.viewsets.model import ModelViewSet

from medications.models import Medicine, Vaccine

BOTH_NAMES = [
    FieldPanel("name_en", heading=_("Name (English)")),
    FieldPanel("name_af", heading=_("Name (Afrikaans)")),
]


class MedicineViewSet(ModelViewSet):
    model = Medicine
    icon = "pick"
    menu_order = 300
    copy_view_enabled = False
    list_display = ["name", "strength", "form"]
    search_fields = ["name_en", "name_af"]
    search_backend_name = None
    list_export: list[str] = []  # Wagtail's export leaves formulas in names as they are
    ordering = ["name_en", "strength"]
    panels = [
        FieldRowPanel(BOTH_NAMES),
        FieldRowPanel([FieldPanel("strength"), FieldPanel("form")]),
    ]


class VaccineForm(WagtailAdminModelForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].error_messages["invalid"] = _(
            "Use small letters, numbers and hyphens only, such as hexavalent."
        )


class VaccineViewSet(ModelViewSet):
    model = Vaccine
    icon = "pick"
    menu_order = 500
    copy_view_enabled = False
    list_display = ["name", "code"]
    search_fields = ["name_en", "name_af", "code"]
    search_backend_name = None
    list_export: list[str] = []
    ordering = ["name_en"]
    edit_handler = ObjectList([FieldRowPanel(BOTH_NAMES), FieldPanel("code")], base_form_class=VaccineForm)
