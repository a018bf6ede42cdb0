"""Staff pages of a stock: its ledger, and what changes it. Their addresses are below a prescription's or a batch's."""

from typing import Any, cast
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.functional import Promise, cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import FormView, TemplateView
from wagtail.admin import messages
from wagtail.admin.ui.menus import MenuItem
from wagtail.admin.views.generic import (
    EditView,
    IndexView,
    PermissionCheckedMixin,
    WagtailAdminTemplateMixin,
)
from wagtail.admin.widgets.button import Button, HeaderButton

from home.admin.scope import ClinicScopedViewSet
from home.models import User
from medications.admin.ledger_lines import lines
from medications.admin.stock_forms import CorrectForm, CountForm, HandOutForm, StockActForm, WasteForm
from medications.admin.stock_holder import StockHolder, home_holder, shelf_holder
from medications.models import Prescription, StockBatch
from medications.services.once import ChangedMeanwhileError
from notifications.web.numbers import whole_number

PER_PAGE = 50


class StockPage(PermissionCheckedMixin, WagtailAdminTemplateMixin):
    """A page about the stock of a prescription, or of a batch on a shelf: the model says which."""

    model: Any = StockBatch
    index_url_name = ""
    edit_url_name = ""
    stock_namespace = ""
    header_icon = "clipboard-list"

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        find = home_holder if self.model is Prescription else shelf_holder
        self.holder: StockHolder = find(kwargs["pk"])

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.has_perm(f"medications.{self.permission_required}_stockbatch"):
            raise PermissionDenied
        response: HttpResponse = super().dispatch(request, *args, **kwargs)
        return response

    def address(self, name: str) -> str:
        return reverse(f"{self.stock_namespace}:{name}", args=[self.kwargs["pk"]])

    def get_page_subtitle(self) -> str:
        return self.holder.name

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        index = {
            "url": reverse(self.index_url_name),
            "label": capfirst(self.model._meta.verbose_name_plural),
        }
        edit = {"url": reverse(self.edit_url_name, args=[self.kwargs["pk"]]), "label": self.holder.name}
        return [*self.breadcrumbs_items, index, edit, {"url": "", "label": self.page_title}]


class LedgerView(StockPage, TemplateView):
    """The movements, the latest first; of a shelf with ?all=1 those of all packs of the medicine."""

    permission_required = "view"
    page_title = gettext_lazy("Stock movements")
    template_name = "medications/admin/ledger.html"

    @cached_property
    def header_buttons(self) -> list[HeaderButton]:
        if not self.request.user.has_perm("medications.change_stockbatch"):
            return []
        acts = HOME_PAGES if self.holder.prescription else SHELF_PAGES
        buttons = [
            HeaderButton(view.page_title, url=self.address(name), icon_name=view.header_icon, priority=place)
            for place, (_address, name, view) in enumerate(acts)
            if view is not LedgerView
        ]
        if self.holder.prescription is None:
            # From a shelf one goes by the patients who take this medicine.
            takers = f"{reverse('prescriptions:index')}?{urlencode({'q': self.holder.medicine.name})}"
            buttons.append(
                HeaderButton(
                    HandOutView.page_title, url=takers, icon_name=HandOutView.header_icon, priority=0
                )
            )
        return buttons

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        holder, whole_shelf = self.holder, "all" in self.request.GET
        page = Paginator(holder.ledger(whole_shelf=whole_shelf), PER_PAGE).get_page(self.request.GET.get("p"))
        return super().get_context_data(
            holder=holder,
            batches=[holder.batch_words(batch) for batch in holder.batches if batch.quantity],
            lines=lines(page, holder),
            page=page,
            whole_shelf=whole_shelf,
            is_shelf=holder.prescription is None,
            **kwargs,
        )


class StockActView(StockPage, FormView):  # type: ignore[type-arg]  # Django's views take no arguments when they run
    """A form that changes the stock. If it can't be, the form is shown again with its errors."""

    permission_required = "change"
    template_name = "medications/admin/stock_act.html"
    form_class: type[StockActForm] = CountForm
    impossible = gettext_lazy("There are no packs here.")
    explains: str | Promise = ""

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"holder": self.holder, "now": timezone.now()}

    def form_valid(self, form: StockActForm) -> HttpResponse:
        try:
            seen = whole_number(self.request.POST.get("seen", ""))
            form.act_once(user=cast(User, self.request.user), seen=seen)
        except ChangedMeanwhileError:
            form.add_error(
                None, _("This stock was changed meanwhile. Look at what is there now, and save again.")
            )
            return self.form_invalid(form)
        except ValidationError as error:
            _show(form, error)
            return self.form_invalid(form)
        messages.success(self.request, _("Written down."))
        return redirect(self.address("stock"))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        return context | {
            "action_url": self.request.path,
            "back_url": self.address("stock"),
            "seen": newest.pk if (newest := self.holder.newest_act()) else 0,
            "media": context["form"].media,
            "is_possible": context["form"].is_possible,
            "impossible": self.impossible,
            "explains": self.explains,
            "submit_button_label": self.page_title,
            "submit_button_active_label": _("Saving…"),
        }


class CountView(StockActView):
    page_title = gettext_lazy("Count")
    header_icon = "list-ol"
    explains = gettext_lazy(
        "Count what is there and write it down. What was taken before, but not in our count, is settled by it."
    )


class WasteView(StockActView):
    page_title = gettext_lazy("Write off")
    header_icon = "bin"
    form_class = WasteForm


class CorrectView(StockActView):
    page_title = gettext_lazy("Correct")
    header_icon = "edit"
    form_class = CorrectForm
    explains = gettext_lazy("For a number that was written wrongly. To say what is there, use Count.")


class HandOutView(StockActView):
    page_title = gettext_lazy("Hand out")
    header_icon = "arrow-right"
    form_class = HandOutForm
    impossible = gettext_lazy("The clinic has nothing of this medicine that can be handed out.")
    explains = gettext_lazy("Takes it from the clinic’s shelf and adds it to what the patient has at home.")


def _show(form: StockActForm, error: ValidationError) -> None:
    """Each error beside its field; one whose field isn't on this form above it."""
    if not hasattr(error, "error_dict"):
        form.add_error(None, error)
        return
    for name, errors in error.error_dict.items():
        form.add_error(name if name in form.fields else None, errors)


Pages = list[tuple[str, str, type[StockPage]]]
"""Below which address a page is, and what the address is called."""

SHELF_PAGES: Pages = [
    ("stock/", "stock", LedgerView),
    ("stock/count/", "count", CountView),
    ("stock/write-off/", "waste", WasteView),
    ("stock/correct/", "correct", CorrectView),
]
HOME_PAGES: Pages = [SHELF_PAGES[0], ("stock/hand-out/", "hand_out", HandOutView), *SHELF_PAGES[1:]]


def stock_patterns(viewset: ClinicScopedViewSet, pages: Pages) -> list[URLPattern]:
    """The addresses of these pages, for rows of the reader's own clinics alone."""
    return [
        path(
            f"<int:pk>/{address}",
            viewset._of_visible_rows(
                viewset.construct_view(view, model=viewset.model, stock_namespace=viewset.url_namespace)
            ),
            name=name,
        )
        for address, name, view in pages
    ]


def with_stock_links(index_view: type[IndexView], namespace: str, *names: str) -> type[IndexView]:
    """The list with a way from each row to these pages of its stock."""
    labels = {name: (view.page_title, view.header_icon) for _address, name, view in HOME_PAGES}

    class StockIndexView(index_view):
        def get_list_more_buttons(self, instance: Any) -> list[MenuItem]:
            buttons: list[MenuItem] = super().get_list_more_buttons(instance)
            for priority, name in enumerate(names, start=20):
                label, icon = labels[name]
                url = reverse(f"{namespace}:{name}", args=[instance.pk])
                buttons.append(MenuItem(label, url=url, icon_name=icon, priority=priority))
            return buttons

    return StockIndexView


class StockEditView(EditView):
    """The form of a row, with a way to the ledger of its stock."""

    stock_namespace = ""

    @cached_property
    def header_more_buttons(self) -> list[Button]:
        buttons: list[Button] = super().header_more_buttons
        url = reverse(f"{self.stock_namespace}:stock", args=[self.object.pk])
        return [*buttons, Button(LedgerView.page_title, url=url, icon_name="clipboard-list", priority=5)]
