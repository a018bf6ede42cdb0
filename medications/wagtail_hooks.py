"""Registers this app's pages in the admin."""

from typing import Any

from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from wagtail import hooks

from home.privacy.pages import register_page
from medications.admin.adherence import AdherenceView, TreatmentFileView
from medications.admin.batches import ShelfBatchViewSet
from medications.admin.hand_out import HandOutView
from medications.admin.medicines import MedicineViewSet, VaccineViewSet
from medications.admin.overdue_vaccinations import OverdueViewSet
from medications.admin.prescriptions import PrescriptionViewSet
from medications.admin.rule_pages.doses import DOSES
from medications.admin.rule_pages.low_stock import LOW_STOCK
from medications.admin.rule_pages.vaccinations import VACCINATIONS
from medications.admin.vaccinations import VaccinationRecordViewSet
from notifications.admin.menu import ORDER, PlaceGroup
from notifications.admin.rule_pages.page import register_rule_page

register_page("prescriptions", _("medicines, doses and stock"))
register_page("vaccinations", _("vaccinations"))
register_page("overdue_vaccinations", _("vaccinations"))
register_page("patient_adherence", _("what was taken"))
register_page("hand_out", _("medicines, doses and stock"))
register_page("patient_treatment", _("the whole treatment"))
register_rule_page(DOSES)
register_rule_page(LOW_STOCK)
register_rule_page(VACCINATIONS)


class MedicationGroup(PlaceGroup):
    menu_label = _("Medicines")
    menu_name = "medicines"
    menu_icon = "pill"
    menu_order = ORDER["medicines"]
    submenu_hook = "register_medicines_menu_item"
    items = (
        PrescriptionViewSet("prescriptions"),
        VaccinationRecordViewSet("vaccinations"),
        MedicineViewSet("medicines"),
        ShelfBatchViewSet("clinic_stock"),
        VaccineViewSet("vaccines"),
    )


@hooks.register("register_admin_viewset")
def medication_group() -> MedicationGroup:
    return MedicationGroup()


@hooks.register("register_admin_viewset")
def overdue_vaccinations() -> OverdueViewSet:
    return OverdueViewSet()


@hooks.register("register_admin_urls")
def pages_of_patients() -> list[URLPattern]:
    treatment = TreatmentFileView.as_view()
    return [
        path("patients/<int:patient_id>/hand-out/", HandOutView.as_view(), name="hand_out"),
        path("patients/<int:patient_id>/adherence/", AdherenceView.as_view(), name="patient_adherence"),
        path("patients/<int:patient_id>/treatment/<slug:kind>/", treatment, name="patient_treatment"),
    ]


@hooks.register("register_log_actions")
def log_actions(actions: Any) -> None:
    """The actions in the history of a patient beside Wagtail's own."""
    actions.register_action("medications.export", _("Export"), _("Treatment downloaded"))
    actions.register_action("medications.stop", pgettext_lazy("a medicine", "Stop"), _("Stopped"))
    actions.register_action("medications.start", _("Start reminders"), _("Reminders started"))
    actions.register_action("medications.warn", _("Start warnings"), _("Warnings started"))
