"""The admin pages of batches. What patients take while staff count is not overwritten."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.panels import FieldPanel, FieldRowPanel, InlinePanel, ObjectList
from wagtail.admin.ui.tables import Column

from home.admin.scope import ClinicScopedForm, ClinicScopedViewSet
from home.selectors import clinics_of_staff
from medications.formats import quantity
from medications.models import StockBatch
from medications.number_field import NumberField
from medications.services.stock import stock_recorded

_LONGEST = timedelta(days=366 * 20)


class BatchForm(WagtailAdminModelForm):
    """Saves a counted quantity, but not one that staff left as it was shown: patients may have taken some since."""

    quantity = NumberField(
        label=_("Quantity"), max_digits=9, decimal_places=3, help_text=_("In units, such as tablets.")
    )
    shown_quantity = forms.DecimalField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["shown_quantity"] = self.instance.quantity

    def clean_expiry_date(self) -> date:
        """Long expired or far away is a slip of the finger."""
        expiry_date: date = self.cleaned_data["expiry_date"]
        if abs(expiry_date - timezone.localdate()) > _LONGEST:
            raise ValidationError(_("Please check the year: medicine is not kept so long."), code="year")
        return expiry_date

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean()
        shown = cleaned.get("shown_quantity")
        if self.instance.pk and shown is not None and cleaned.get("quantity") == shown:
            cleaned["quantity"] = self.initial["quantity"]
        return cleaned


class HomeBatchesPanel(InlinePanel):
    """A patient's supply of a prescription."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("panels", BATCH_PANELS)
        super().__init__(*args, **kwargs)

    def get_form_options(self) -> dict[str, Any]:
        options: dict[str, Any] = super().get_form_options()
        options["formsets"][self.relation_name]["form"] = BatchForm
        return options


BATCH_PANELS = [
    FieldRowPanel([FieldPanel("quantity"), FieldPanel("expiry_date")]),
    FieldPanel("batch_number"),
    FieldPanel("shown_quantity"),
]


class ShelfBatchForm(BatchForm, ClinicScopedForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["clinic"].required = True

    def save(self, commit: bool = True) -> StockBatch:
        batch: StockBatch = super().save(commit)
        if commit:
            stock_recorded(
                batches=StockBatch.objects.filter(pk=batch.pk), user=self.for_user, now=timezone.now()
            )
        return batch


def _quantity(batch: StockBatch) -> str:
    return quantity(batch.quantity, batch.medicine.form)


class ShelfBatchViewSet(ClinicScopedViewSet):
    """The stock on a clinic's shelf."""

    model = StockBatch
    icon = "clipboard-list"
    menu_label = _("Clinic stock")
    menu_order = 400
    list_display = [
        "medicine",
        "batch_number",
        Column("quantity", label=_("Quantity"), accessor=_quantity, sort_key="quantity"),
        "expiry_date",
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
