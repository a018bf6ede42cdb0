"""The admin pages of prescriptions. Saving one calls the services, so that doses and messages follow."""

from datetime import timedelta
from typing import Any

import django_filters
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, OuterRef, Q, QuerySet
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel, ObjectList
from wagtail.admin.ui.tables import Column
from wagtail.admin.views.generic import IndexView

from home.admin.birth_dates import born_column
from home.admin.filters import OfPatientFilters, there_is
from home.admin.scope import ClinicScopedForm, ClinicScopedViewSet
from home.models import in_care
from medications import options
from medications.admin.adherence import AdherencePanel
from medications.admin.batches import HomeBatchesPanel, hold_quantities
from medications.admin.dose_history import DoseHistoryPanel, dose_history_patterns
from medications.admin.medicine_form import MedicineField, check_clinic
from medications.admin.prescribe import PrescriptionAddView
from medications.admin.prescription_edit import PrescriptionEditView
from medications.admin.schedules import DoseSchedulesPanel
from medications.admin.start_reminders import StartRemindersView
from medications.admin.stock_pages import HOME_PAGES, stock_patterns, with_stock_links
from medications.admin.stop import StopView
from medications.models import DoseSchedule, Prescription, StockBatch
from medications.rules.replanning import Start
from medications.services.ledger import hold_home
from medications.services.prescriptions import prescription_announce, prescription_changed
from medications.services.stock import stock_recorded
from medications.services.stock_acts import stock_count


class PrescriptionForm(ClinicScopedForm):
    """Saves a prescription with its schedules and its stock."""

    medicine = MedicineField()

    start: Start | None = None
    """From when a changed plan holds; None when it wasn't changed."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            # Its doses are the history of this patient and this medicine.
            self.fields["patient"].disabled = True
            self.fields["medicine"].disabled = True
        elif not self.initial.get("start_date"):
            self.initial["start_date"] = timezone.localdate()
        medicine: Any = self.fields["medicine"]
        medicine.offer(to=self.for_user, chosen_id=self.instance.medicine_id)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean()
        first, last = cleaned.get("start_date"), cleaned.get("end_date")
        if first and last and last < first:
            self.add_error("end_date", _("The last day must not be before the first."))
        patient = cleaned.get("patient")
        if patient and self.instance.pk is None:
            if not patient.is_in_care:
                self.add_error(
                    "patient", _("This patient has died or moved away. Say first that they are back.")
                )
            try:
                check_clinic(cleaned.get("medicine"), patient.clinic)
            except ValidationError as error:
                self.add_error("medicine", error)
        return cleaned

    def save(self, commit: bool = True) -> Prescription:
        is_new = self.instance.pk is None
        if is_new:
            self.instance.prescriber = self.for_user
        for form in self.formsets["batches"].forms:
            form.instance.medicine = self.instance.medicine
        prescription: Prescription
        if not commit:
            prescription = super().save(commit=False)
            return prescription
        now = timezone.now()
        batch_forms = self.formsets["batches"].forms
        added = [form for form in batch_forms if form.instance.pk is None]
        with transaction.atomic():
            if not is_new:
                hold_home(self.instance.pk)
            counts = hold_quantities(batch_forms)
            prescription = super().save()
            if is_new:
                prescription_announce(prescription_id=prescription.pk, now=now)
            else:
                prescription_changed(prescription_id=prescription.pk, now=now, start=self.start)
            new = StockBatch.objects.filter(pk__in=[form.instance.pk for form in added if form.instance.pk])
            stock_count(counts=counts, user=self.for_user, now=now)
            stock_recorded(batches=new, user=self.for_user, now=now)
        return prescription


_STUCK_AFTER = timedelta(days=2)
"""So long after the first night on which its doses couldn't be planned, staff see it."""


def _with_state(rows: QuerySet[Prescription]) -> QuerySet[Prescription]:
    """With `is_stuck`: it goes on, and the nightly work doesn't get its doses planned."""
    until = timezone.localdate() + timedelta(days=options.horizon_days()) - _STUCK_AFTER
    goes_on = Q(prescription__end_date__isnull=True) | Q(expanded_until__lt=F("prescription__end_date"))
    behind = DoseSchedule.objects.filter(
        Q(expanded_until__isnull=True) | Q(expanded_until__lt=until) & goes_on,
        in_care("prescription__patient"),
        prescription=OuterRef("pk"),
        prescription__ended_at__isnull=True,
        prescription__is_silent=False,
    )
    found: QuerySet[Prescription] = rows.annotate(is_stuck=there_is(behind))
    return found


def _state(prescription: Any) -> str:
    if prescription.is_silent and not prescription.ended_at:
        return gettext("not started: nobody is reminded")
    return gettext("can’t be planned: look at the schedule") if prescription.is_stuck else ""


class PrescriptionFilters(OfPatientFilters):
    stopped = django_filters.BooleanFilter(
        field_name="ended_at", lookup_expr="isnull", exclude=True, label=_("Stopped")
    )

    class Meta:
        model = Prescription
        fields: list[str] = []


class PrescriptionViewSet(ClinicScopedViewSet):
    filterset_class = PrescriptionFilters
    model = Prescription
    add_words = _("Prescribe")
    clinic_lookup = "patient__clinic"
    patient_lookup = "patient"
    add_view_class = PrescriptionAddView
    edit_view_class = PrescriptionEditView
    icon = "form"
    menu_order = 100
    list_display = [
        "patient",
        born_column(),
        "medicine",
        "start_date",
        "end_date",
        "ended_at",
        Column("doses", label=_("Doses"), accessor=_state),
    ]
    opens_row = "medicine"
    list_select_related = ["patient", "medicine"]
    search_fields = ["patient__first_name", "patient__last_name", "medicine__name_en", "medicine__name_af"]
    ordering = ["-created_at", "-id"]

    def visible_to(self, user: Any) -> QuerySet[Prescription]:
        visible: QuerySet[Prescription] = super().visible_to(user)
        return _with_state(visible)

    edit_handler = ObjectList(
        [
            AdherencePanel(heading=_("What was taken")),
            FieldPanel("patient"),
            FieldPanel("medicine"),
            FieldRowPanel(
                [
                    FieldPanel("instructions_en", heading=_("Instructions (English)")),
                    FieldPanel("instructions_af", heading=_("Instructions (Afrikaans)")),
                ]
            ),
            FieldRowPanel([FieldPanel("start_date"), FieldPanel("end_date")]),
            DoseSchedulesPanel("schedules", heading=_("When to take it"), label=_("schedule"), min_num=1),
            DoseHistoryPanel(heading=_("Doses and answers")),
            HomeBatchesPanel("batches", heading=_("At home"), label=_("batch")),
            MultiFieldPanel([FieldPanel("reminders_enabled")], heading=_("Reminders")),
        ],
        base_form_class=PrescriptionForm,
    )

    @property
    def index_view_class(self) -> type[IndexView]:
        return with_stock_links(super().index_view_class, self.url_namespace, "hand_out", "stock")

    def get_common_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        common: dict[str, Any] = super().get_common_view_kwargs(**kwargs)
        return common | {"stock_namespace": self.url_namespace}

    def get_urlpatterns(self) -> list[URLPattern]:
        stop = path("<int:pk>/stop/", self._of_visible_rows(StopView.as_view()), name="stop")
        start = path("<int:pk>/start/", self._of_visible_rows(StartRemindersView.as_view()), name="start")
        stock = stock_patterns(self, HOME_PAGES)
        return [*super().get_urlpatterns(), *stock, stop, start, *dose_history_patterns(self)]
