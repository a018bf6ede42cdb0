"""The admin pages of vaccinations. Saving one sets, moves or withdraws its reminder."""

from typing import Any

import django_filters
from django.urls import URLPattern, path, reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import DateRangePickerWidget
from wagtail.admin.panels import FieldPanel, FieldRowPanel, ObjectList
from wagtail.admin.ui.menus import MenuItem
from wagtail.admin.ui.tables import Column
from wagtail.admin.views.generic import EditView, IndexView
from wagtail.admin.widgets.button import Button

from home.admin.birth_dates import born_column
from home.admin.filters import OfPatientFilters
from home.admin.scope import ClinicScopedViewSet
from medications.admin.vaccination_advice import AdvicePanel, AdviceView
from medications.admin.vaccination_card import CardView
from medications.admin.vaccination_form import VaccinationRecordForm
from medications.models import VaccinationRecord
from medications.selectors.vaccination import not_counted


def _with_cards(index_view: type[IndexView]) -> type[IndexView]:
    """The list, which says what doesn't count and leads to each patient's card."""

    class VaccinationIndexView(index_view):
        def paginate_queryset(self, queryset: Any, page_size: int) -> tuple[Any, Any, Any, bool]:
            paginator, page, rows, more = super().paginate_queryset(queryset, page_size)
            self._not_counted = not_counted(rows)
            return paginator, page, rows, more

        @cached_property
        def columns(self) -> list[Column]:
            counts = Column("counts", label=gettext("Note"), accessor=self._note)
            return [*super().columns, counts]

        def _note(self, record: VaccinationRecord) -> str:
            return gettext("too early: doesn’t count") if record.pk in self._not_counted else ""

        def get_list_more_buttons(self, instance: VaccinationRecord) -> list[MenuItem]:
            url = reverse("vaccinations:card", args=[instance.patient_id])
            card = MenuItem(gettext("Card to print"), url=url, icon_name="doc-full", priority=20)
            return [*super().get_list_more_buttons(instance), card]

    return VaccinationIndexView


class VaccinationEditView(EditView):
    @cached_property
    def header_more_buttons(self) -> list[Button]:
        url = reverse("vaccinations:card", args=[self.object.patient_id])
        card = Button(gettext("Card to print"), url=url, icon_name="doc-full", priority=15)
        return [*super().header_more_buttons, card]


class VaccinationFilters(OfPatientFilters):
    given = django_filters.BooleanFilter(
        field_name="date_given", lookup_expr="isnull", exclude=True, label=_("Given")
    )
    next_due_date = django_filters.DateFromToRangeFilter(label=_("due on"), widget=DateRangePickerWidget)

    class Meta:
        model = VaccinationRecord
        fields = ["vaccine"]


class VaccinationRecordViewSet(ClinicScopedViewSet):
    filterset_class = VaccinationFilters
    model = VaccinationRecord
    add_words = _("Plan or record a vaccination")
    clinic_lookup = "patient__clinic"
    patient_lookup = "patient"
    edit_view_class = VaccinationEditView
    icon = "calendar-check"
    menu_label = _("Vaccinations")
    menu_order = 200
    list_display = ["patient", born_column(), "vaccine", "dose_number", "next_due_date", "date_given"]
    opens_row = "vaccine"
    list_select_related = ["patient", "vaccine"]
    search_fields = ["patient__first_name", "patient__last_name"]
    ordering = ["-next_due_date", "-id"]
    edit_handler = ObjectList(
        [
            FieldPanel("patient"),
            FieldRowPanel([FieldPanel("vaccine"), FieldPanel("dose_number")]),
            FieldRowPanel([FieldPanel("next_due_date"), FieldPanel("date_given")]),
            AdvicePanel(),
            FieldPanel("batch_number"),
        ],
        base_form_class=VaccinationRecordForm,
        attrs={
            "data-controller": "as-typed",
            "data-action": "input->as-typed#ask change->as-typed#ask",
        },
    )

    @property
    def index_view_class(self) -> type[IndexView]:
        return _with_cards(super().index_view_class)

    def get_urlpatterns(self) -> list[URLPattern]:
        patterns: list[URLPattern] = super().get_urlpatterns()
        form: dict[str, Any] = {"form_class": self.get_form_class()}
        return [
            *patterns,
            path("advice/", self.construct_view(AdviceView, **form), name="advice"),
            path("card/<int:patient_id>/", self.construct_view(CardView), name="card"),
        ]
