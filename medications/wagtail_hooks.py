"""Registers this app's pages in the admin."""

from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.viewsets.model import ModelViewSetGroup

from medications.admin.batches import ShelfBatchViewSet
from medications.admin.medicines import MedicineViewSet, VaccineViewSet
from medications.admin.overdue_vaccinations import OverdueViewSet
from medications.admin.prescriptions import PrescriptionViewSet
from medications.admin.vaccinations import VaccinationRecordViewSet


class MedicationGroup(ModelViewSetGroup):
    menu_label = _("Medication")
    menu_icon = "form"
    menu_order = 110
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
