"""The admin pages of medicines and vaccines: head office's, which all clinics share, and what a clinic added."""

from functools import cached_property
from typing import Any

from django.db.models import QuerySet
from django.urls import URLPattern, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.panels import FieldPanel, FieldRowPanel, ObjectList
from wagtail.admin.ui.tables import Column
from wagtail.admin.views.generic import IndexView
from wagtail.permissions import register_permission_policy

from home.admin.question_panel import QuestionPanel
from home.admin.scope import RowDeleteView
from medications.admin.medicine_form import ANOTHER, MedicineForm
from medications.models import Medicine, Vaccine
from medications.selectors.catalogue import keeps_medicines, medicines_kept_by, medicines_seen_by
from notifications.admin.export import ExportingViewSet
from notifications.admin.owned_rows import OwnedRowsPolicy

BOTH_NAMES = [
    FieldPanel("name_en", heading=_("Name (English)")),
    FieldPanel("name_af", heading=_("Name (Afrikaans)")),
]


POLICY = OwnedRowsPolicy(Medicine, seen=medicines_seen_by, written=medicines_kept_by, writes=keeps_medicines)


class MedicineIndexView(IndexView):
    """The medicines that this person may prescribe. Only those that they keep lead to a form."""

    def get_base_queryset(self) -> QuerySet[Medicine]:
        return medicines_seen_by(self.request.user).select_related("clinic")

    def get_edit_url(self, instance: Medicine) -> str | None:
        return self._address(self.edit_url_name, instance) if instance.pk in self.may["change"] else None

    def get_delete_url(self, instance: Medicine) -> str | None:
        return self._address(self.delete_url_name, instance) if instance.pk in self.may["delete"] else None

    @cached_property
    def may(self) -> dict[str, set[int]]:
        """What this person may do with which of them, asked once and not for each row."""
        kept = set(medicines_kept_by(self.request.user).values_list("pk", flat=True))
        return {act: kept if self.user_has_permission(act) else set() for act in ("change", "delete")}

    def _address(self, name: str, instance: Medicine) -> str:
        return reverse(name, args=[instance.pk])


def _whose(medicine: Medicine) -> str:
    return str(medicine.clinic) if medicine.clinic else gettext("all clinics")


class MedicineViewSet(ExportingViewSet):
    model = Medicine
    add_words = _("Add a medicine")
    delete_view_class = RowDeleteView
    icon = "pill"
    menu_order = 300
    copy_view_enabled = False
    index_view_class = MedicineIndexView
    list_display = ["name", "strength", "form", Column("whose", label=_("Who has it"), accessor=_whose)]
    search_fields = ["name_en", "name_af"]
    search_backend_name = None
    ordering = ["name_en", "strength"]
    edit_handler = ObjectList(
        [
            FieldPanel("clinic", heading=_("Who has it")),
            FieldRowPanel(BOTH_NAMES),
            FieldRowPanel([FieldPanel("strength"), FieldPanel("form")]),
            QuestionPanel(ANOTHER),
        ],
        base_form_class=MedicineForm,
    )

    def on_register(self) -> None:
        register_permission_policy(Medicine, POLICY)
        super().on_register()

    def get_urlpatterns(self) -> list[URLPattern]:
        return POLICY.guard(super().get_urlpatterns())


class VaccineForm(WagtailAdminModelForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].error_messages["invalid"] = _(
            "Use small letters, numbers and hyphens only, such as hexavalent."
        )


class VaccineViewSet(ExportingViewSet):
    model = Vaccine
    add_words = _("Add a vaccine")
    delete_view_class = RowDeleteView
    icon = "pick"
    menu_order = 500
    copy_view_enabled = False
    list_display = ["name", "code"]
    search_fields = ["name_en", "name_af", "code"]
    search_backend_name = None
    ordering = ["name_en"]
    edit_handler = ObjectList([FieldRowPanel(BOTH_NAMES), FieldPanel("code")], base_form_class=VaccineForm)
