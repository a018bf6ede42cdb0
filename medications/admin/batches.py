"""The admin pages of batches. What patients take while staff count is not overwritten."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from modelcluster.forms import BaseChildFormSet
from wagtail.admin.filters import DateRangePickerWidget
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.panels import FieldPanel, FieldRowPanel, InlinePanel, ObjectList
from wagtail.admin.ui.tables import Column
from wagtail.admin.views.generic import IndexView
from wagtail.admin.widgets.button import HeaderButton

from home.admin.filters import ClinicFilters
from home.admin.scope import ClinicScopedForm, ClinicScopedViewSet
from home.selectors import clinics_of_staff
from medications.admin.expiry import check_year
from medications.admin.medicine_form import MedicineField, check_clinic
from medications.admin.start_warnings import StartWarningsView, silent_stock
from medications.admin.stock_pages import SHELF_PAGES, StockEditView, stock_patterns, with_stock_links
from medications.formats import quantity
from medications.models import StockBatch
from medications.number_field import NumberField
from medications.services.ledger import lock_of
from medications.services.stock import stock_recorded
from medications.services.stock_acts import stock_count


class BatchQuantityField(NumberField):
    """How much a batch has: none, perhaps."""

    default_error_messages = {"min_value": _("The quantity must not be negative.")}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(label=_("Quantity"), max_digits=9, decimal_places=3, min_value=Decimal(0), **kwargs)


class BatchForm(WagtailAdminModelForm):
    """A new batch with its quantity. Of one that exists, another quantity than the one shown is a count."""

    quantity = BatchQuantityField(
        help_text=_("In units, such as tablets. Another number than the one shown is kept as a count.")
    )
    shown_quantity = forms.DecimalField(required=False, widget=forms.HiddenInput)
    counted: Decimal | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["shown_quantity"] = self.instance.quantity

    def clean_expiry_date(self) -> date:
        expiry_date: date = self.cleaned_data["expiry_date"]
        check_year(expiry_date, today=timezone.localdate())
        return expiry_date

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean()
        if self.instance.pk:
            shown = cleaned.get("shown_quantity")
            shown = self.initial["quantity"] if shown is None else shown
            written = cleaned.get("quantity")
            self.counted = None if written is None or written == shown else written
            if cleaned.get("DELETE"):
                self.add_error("quantity", _("What was received is kept. Write it off instead."))
        return cleaned


class BatchFormSet(BaseChildFormSet):
    """Leaves out new batches that staff took off the form again; those that exist have a past, and stay."""

    def _should_delete_form(self, form: BatchForm) -> bool:
        return form.instance.pk is None and bool(super()._should_delete_form(form))


def hold_quantities(batch_forms: Iterable[BatchForm]) -> dict[int, Decimal]:
    """Lock the batches of these forms and put their quantities of now into them, so that saving overwrites nothing;
    what staff counted, by batch. Called in a transaction.
    """
    existing = {form.instance.pk: form for form in batch_forms if form.instance.pk}
    if existing:
        for batch in lock_of(next(iter(existing))):
            if batch.pk in existing:
                existing[batch.pk].instance.quantity = batch.quantity
    return {pk: form.counted for pk, form in existing.items() if form.counted is not None}


class HomeBatchesPanel(InlinePanel):
    """A patient's supply of a prescription."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("panels", BATCH_PANELS)
        super().__init__(*args, **kwargs)

    def get_form_options(self) -> dict[str, Any]:
        options: dict[str, Any] = super().get_form_options()
        options["formsets"][self.relation_name] |= {"form": BatchForm, "formset": BatchFormSet}
        return options


BATCH_PANELS = [
    FieldRowPanel([FieldPanel("quantity"), FieldPanel("expiry_date")]),
    FieldPanel("batch_number"),
    FieldPanel("shown_quantity", classname="w-hidden"),
]


class ShelfBatchForm(BatchForm, ClinicScopedForm):
    medicine = MedicineField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["clinic"].required = True
        if self.instance.pk:
            # Its movements are the history of this shelf and this medicine.
            self.fields["clinic"].disabled = True
            self.fields["medicine"].disabled = True
        medicine: Any = self.fields["medicine"]
        medicine.offer(to=self.for_user, chosen_id=self.instance.medicine_id)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        try:
            check_clinic(cleaned.get("medicine"), cleaned.get("clinic"))
        except ValidationError as error:
            self.add_error("medicine", error)
        return cleaned

    def save(self, commit: bool = True) -> StockBatch:
        batch: StockBatch
        if not commit:
            batch = super().save(commit=False)
            return batch
        now = timezone.now()
        is_new = self.instance.pk is None
        with transaction.atomic():
            counts = hold_quantities([self])
            batch = super().save()
            if is_new:
                stock_recorded(batches=StockBatch.objects.filter(pk=batch.pk), user=self.for_user, now=now)
            stock_count(counts=counts, user=self.for_user, now=now)
        return batch


def _quantity(batch: StockBatch) -> str:
    return quantity(batch.quantity, batch.medicine.form)


def _warnings(batch: StockBatch) -> str:
    return gettext("not started") if batch.is_silent else ""


def _with_warnings(index_view: type[IndexView]) -> type[IndexView]:
    """The list with a way to the page that starts warnings, where there are any to start."""

    class ShelfIndexView(index_view):
        @cached_property
        def header_buttons(self) -> list[HeaderButton]:
            buttons: list[HeaderButton] = super().header_buttons
            if not self.user_has_permission("change") or not silent_stock(self.request.user).exists():
                return buttons
            view = StartWarningsView
            url = reverse("clinic_stock:warn")
            return [*buttons, HeaderButton(view.page_title, url=url, icon_name=view.header_icon)]

    return ShelfIndexView


class ShelfFilters(ClinicFilters):
    expiry_date = django_filters.DateFromToRangeFilter(label=_("expiry date"), widget=DateRangePickerWidget)

    class Meta:
        model = StockBatch
        fields: list[str] = []


class ShelfBatchViewSet(ClinicScopedViewSet):
    """The stock on a clinic's shelf."""

    model = StockBatch
    add_words = _("Add stock to the shelf")
    icon = "clipboard-list"
    menu_label = _("Clinic stock")
    menu_order = 400
    edit_view_class = StockEditView
    filterset_class = ShelfFilters
    list_display = [
        "medicine",
        "batch_number",
        Column("quantity", label=_("Quantity"), accessor=_quantity, sort_key="quantity"),
        "expiry_date",
        Column("warnings", label=_("Warnings"), accessor=_warnings),
        "clinic",
    ]
    list_select_related = ["medicine", "clinic"]
    search_fields = ["medicine__name_en", "medicine__name_af", "batch_number"]
    ordering = ["expiry_date", "id"]
    edit_handler = ObjectList(
        [FieldPanel("clinic"), FieldPanel("medicine"), *BATCH_PANELS], base_form_class=ShelfBatchForm
    )

    def visible_to(self, user: Any) -> QuerySet[StockBatch]:
        return StockBatch.objects.filter(clinic__in=clinics_of_staff(user))

    @property
    def index_view_class(self) -> type[IndexView]:
        scoped = super().index_view_class
        return _with_warnings(with_stock_links(scoped, self.url_namespace, "stock", "count"))

    def get_common_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        common: dict[str, Any] = super().get_common_view_kwargs(**kwargs)
        return common | {"stock_namespace": self.url_namespace}

    def get_urlpatterns(self) -> list[URLPattern]:
        warn = path("warnings/", self.construct_view(StartWarningsView, model=self.model), name="warn")
        return [*super().get_urlpatterns(), *stock_patterns(self, SHELF_PAGES), warn]
