"""The page on which a nurse prescribes for a known patient: nothing is saved that she hasn't seen in words."""

from hashlib import sha256
from typing import Any

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin import messages
from wagtail.log_actions import log

from home.admin.scope import RowCreateView
from medications.admin.hand_out_words import handed_out_words
from medications.admin.patient_page import PatientActPage
from medications.admin.prescribe_form import RowsFormSet
from medications.admin.prescribe_words import ahead
from medications.admin.typed_medicine import typed_as
from medications.models import Medicine, Prescription
from medications.selectors.catalogue import medicines_of_clinic
from medications.selectors.medicines import prescriptions_of
from medications.selectors.people import Person
from medications.services.prescribing import Order, OrderError, prescribe
from notifications.texts.formats import listed
from notifications.web.numbers import whole_number

SHOWN = "shown"
"""Names what was shown in words: only that is saved."""


class PrescribeView(PatientActPage):
    """Several medicines at once, each in a row, with what is handed out of them now."""

    permission_required = "add"
    page_title = gettext_lazy("Prescribe")
    header_icon = "form"
    template_name = "medications/admin/prescribe.html"

    def patient_id(self) -> Any:
        patient_id = whole_number(self.request.GET.get("patient", ""))
        if patient_id is None:
            raise Http404
        return patient_id

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if self.patient.deceased_on is None:
            return super().dispatch(request, *args, **kwargs)
        messages.error(request, _("Nothing can be prescribed: this patient has died."))
        return HttpResponseRedirect(self.record_url)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self._page(self._rows())

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """What was shown is saved, anything else is shown. HTMX asks for what to show while the form is filled in."""
        rows = self._rows()
        orders = [order for _place, order in rows.ordered]
        if request.htmx:  # type: ignore[attr-defined]  # django-htmx's
            return self._page(rows, orders, part="#ahead")
        if not rows.is_valid():
            messages.error(request, _("Nothing is saved yet. Look at what is marked below."))
            return self._page(rows, orders)
        if request.POST.get(SHOWN) != _digest(orders):
            return self._page(rows, orders)
        try:
            made = self._prescribe(orders)
        except OrderError as refused:
            place, _order = rows.ordered[refused.place]
            rows.forms[place].add_error("handed_out", refused.error.messages)
            messages.error(request, _("Nothing is saved yet. Look at what is marked below."))
            return self._page(rows, orders)
        messages.success(request, self._said(made, orders))
        return HttpResponseRedirect(self.record_url)

    def _prescribe(self, orders: list[Order]) -> list[Prescription]:
        user: Any = self.request.user
        with transaction.atomic():
            made = prescribe(patient=self.patient, orders=orders, user=user, now=self.now)
            for each in made:
                log(instance=each, action="wagtail.create", user=user, content_changed=True)
        return made

    @cached_property
    def _medicines(self) -> list[Medicine]:
        return medicines_of_clinic(self.patient.clinic_id)

    def _rows(self) -> Any:
        posted = self.request.POST if self.request.method == "POST" else None
        return RowsFormSet(
            posted, prefix="rows", patient=self.patient, medicines=self._medicines, now=self.now
        )

    def _page(self, rows: Any, orders: list[Order] | None = None, part: str = "") -> HttpResponse:
        active, _ended = prescriptions_of(Person(self.patient, False), now=self.now)
        context = self.get_context_data(
            rows=rows,
            patient=self.patient,
            medicines=[typed_as(each) for each in self._medicines],
            ahead=ahead(self.patient, orders or [], active=active, now=self.now),
            shown=_digest(orders) if orders else "",
            media=rows.media,
        )
        return TemplateResponse(self.request, self.template_name + part, context)

    def _said(self, made: list[Prescription], orders: list[Order]) -> str:
        names = listed([str(each.medicine) for each in made])
        said = [
            _("Prescribed for %(patient)s: %(medicines)s.") % {"patient": self.patient, "medicines": names}
        ]
        given = [(order.medicine, order.handed_out) for order in orders if order.handed_out]
        return " ".join([*said, *([handed_out_words(given)] if given else [])])


class PrescriptionAddView(RowCreateView):
    """Of a known patient (`?patient=`) it is the page on which several medicines are prescribed."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if "patient" in request.GET:
            return PrescribeView.as_view()(request)
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return response


def _digest(orders: list[Order]) -> str:
    """Names these orders: two of the same are the same."""
    return sha256(repr([(order.medicine.pk, order) for order in orders]).encode()).hexdigest()
