"""The page on which staff say that stock from a file is warned of from now on, also long after its import."""

from typing import Any

from django import forms
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.generic import FormView
from wagtail.admin import messages
from wagtail.admin.views.generic import PermissionCheckedMixin, WagtailAdminTemplateMixin
from wagtail.log_actions import log

from home.selectors import clinics_of_staff
from medications.formats import quantity
from medications.models import StockBatch
from medications.services.stock_from_files import stock_warn_of
from notifications.texts.formats import day


def silent_stock(user: Any) -> QuerySet[StockBatch]:
    """The batches on this person's shelves of which nobody is warned yet."""
    return StockBatch.objects.filter(clinic__in=clinics_of_staff(user), is_silent=True)


class _Batches(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    """Each with its number, what is left, its last day and its clinic."""

    def label_from_instance(self, batch: StockBatch) -> str:
        said = _("%(batch)s: %(quantity)s, until %(day)s (%(clinic)s)")
        return said % {
            "batch": batch,
            "quantity": quantity(batch.quantity, batch.medicine.form),
            "day": day(batch.expiry_date),
            "clinic": batch.clinic,
        }


class StartWarningsForm(forms.Form):
    """All of them are chosen, until somebody leaves one out."""

    batches = _Batches(
        StockBatch.objects.none(), label=gettext_lazy("Stock"), widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, batches: QuerySet[StockBatch], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        in_order = batches.select_related("medicine", "clinic").order_by("clinic__name", "expiry_date", "id")
        field: Any = self.fields["batches"]
        field.queryset = in_order
        field.initial = [batch.pk for batch in in_order]


class StartWarningsView(PermissionCheckedMixin, WagtailAdminTemplateMixin, FormView):  # type: ignore[type-arg]
    """Of the reader's own clinics."""

    model: Any = StockBatch
    index_url_name = ""
    stock_namespace = ""
    permission_required = "change"
    page_title = gettext_lazy("Start warnings")
    header_icon = "warning"
    template_name = "medications/admin/stock_act.html"
    form_class = StartWarningsForm

    @cached_property
    def batches(self) -> QuerySet[StockBatch]:
        return silent_stock(self.request.user)

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"batches": self.batches}

    def form_valid(self, form: StartWarningsForm) -> HttpResponse:
        chosen = list(form.cleaned_data["batches"])
        with transaction.atomic():
            stock_warn_of(batch_ids=[batch.pk for batch in chosen])
            for batch in chosen:
                log(instance=batch, action="medications.warn", user=self.request.user)
        said = ngettext(
            "Staff are warned of %(count)d batch from now on.",
            "Staff are warned of %(count)d batches from now on.",
            len(chosen),
        )
        messages.success(self.request, said % {"count": len(chosen)})
        return HttpResponseRedirect(reverse(self.index_url_name))

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        index = {"url": reverse(self.index_url_name), "label": _("Clinic stock")}
        return [*self.breadcrumbs_items, index, {"url": "", "label": self.page_title}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        return context | {
            "action_url": self.request.path,
            "back_url": reverse(self.index_url_name),
            "media": context["form"].media,
            "is_possible": self.batches.exists(),
            "impossible": _("Staff are warned of all stock on the shelf already."),
            "explains": _(
                "This stock came in from a file. Nobody is told that it runs out or expires, until you say that the "
                "numbers are right. What expires soon is told with the next warnings."
            ),
            "submit_button_label": self.page_title,
            "submit_button_active_label": _("Saving…"),
        }
