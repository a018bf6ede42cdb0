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
from home.models import Patient
from medications.admin.hand_out_words import handed_out_words
from medications.admin.patient_page import TreatmentActPage
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
"""Names what was shown in words, beside what the patient took already: only that is saved."""
CHANGED = gettext_lazy(
    "Something was prescribed or stopped since this page was shown. Look at the patient’s page first."
)


class PrescribeView(TreatmentActPage):
    """Several medicines at once, each in a row, with what is handed out of them now."""

    permission_required = "add"
    page_title = gettext_lazy("Prescribe")
    header_icon = "form"
    template_name = "medications/admin/prescribe.html"
    refused = gettext_lazy(
        "Nothing can be prescribed: this patient has died or moved away. Say first that they are back."
    )

    def patient_id(self) -> Any:
        patient_id = whole_number(self.request.GET.get("patient", ""))
        if patient_id is None:
            raise Http404
        return patient_id

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self._page(self._rows())

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """What was shown is saved, anything else is shown. HTMX asks for what to show while the form is filled in."""
        rows = self._rows()
        orders = [order for _place, order in rows.ordered]
        if request.htmx:  # type: ignore[attr-defined]  # django-htmx's
            return self._page(rows, orders, part="#ahead")
        if not rows.is_valid():
            # What was sent twice may find the shelf empty: the first time it was saved.
            said = _("Nothing is saved yet. Look at what is marked below.")
            messages.error(request, CHANGED if self._is_outdated() else said)
            return self._page(rows, orders)
        try:
            made = self._prescribe(orders)
        except OrderError as refused:
            place, _order = rows.ordered[refused.place]
            rows.forms[place].add_error("handed_out", refused.error.messages)
            messages.error(request, _("Nothing is saved yet. Look at what is marked below."))
            return self._page(rows, orders)
        if made is None:
            if self._is_outdated():
                messages.error(request, CHANGED)
            return self._page(rows, orders)
        messages.success(request, self._said(made, orders))
        return HttpResponseRedirect(self.record_url)

    def _prescribe(self, orders: list[Order]) -> list[Prescription] | None:
        """None where something else was shown: other orders, or what the patient took before it was sent twice."""
        user: Any = self.request.user
        with transaction.atomic():
            # Not the strongest lock, because rows that point to the patient may be written meanwhile.
            list(Patient.objects.select_for_update(no_key=True).filter(pk=self.patient.pk).values_list("pk"))
            if self.request.POST.get(SHOWN) != _shown(orders, self._active()):
                return None
            made = prescribe(patient=self.patient, orders=orders, user=user, now=self.now)
            for each in made:
                log(instance=each, action="wagtail.create", user=user, content_changed=True)
        return made

    def _is_outdated(self) -> bool:
        shown = self.request.POST.get(SHOWN, "")
        return bool(shown) and shown.partition(".")[0] != _taken(self._active())

    def _active(self) -> list[Prescription]:
        active, _ended = prescriptions_of(Person(self.patient, False), now=self.now)
        return active

    @cached_property
    def _medicines(self) -> list[Medicine]:
        return medicines_of_clinic(self.patient.clinic_id)

    def _rows(self) -> Any:
        posted = self.request.POST if self.request.method == "POST" else None
        return RowsFormSet(
            posted, prefix="rows", patient=self.patient, medicines=self._medicines, now=self.now
        )

    def _page(self, rows: Any, orders: list[Order] | None = None, part: str = "") -> HttpResponse:
        active = self._active()
        context = self.get_context_data(
            rows=rows,
            patient=self.patient,
            medicines=[typed_as(each) for each in self._medicines],
            ahead=ahead(self.patient, orders or [], active=active, now=self.now),
            shown=_shown(orders, active) if orders else "",
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


def _shown(orders: list[Order], active: list[Prescription]) -> str:
    """Names these orders, and what the patient takes already: two of the same are the same."""
    return f"{_taken(active)}.{_digest([(order.medicine.pk, order) for order in orders])}"


def _taken(active: list[Prescription]) -> str:
    return _digest(sorted(each.pk for each in active))


def _digest(named: list[Any]) -> str:
    return sha256(repr(named).encode()).hexdigest()
