"""The page on which a nurse hands out to a known patient, all medicines in one form."""

from datetime import timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin import messages

from home.record.next_visits import next_visits
from medications.admin.hand_out_form import HandOutRows
from medications.admin.hand_out_words import handed_out_words
from medications.admin.patient_page import TreatmentActPage
from medications.models import Prescription
from medications.selectors.ledger import newest_at_home
from medications.selectors.medicines import prescriptions_of
from medications.selectors.needed import days_until
from medications.selectors.people import Person, local_day
from medications.services.hand_out import AlreadyHandedOutError, HandOutError, hand_out
from notifications.texts.formats import weekday_day
from notifications.web.numbers import whole_number

SEEN = "seen"
"""Names the newest pack at home when the form was shown: what is sent twice is handed out once."""
ALREADY = gettext_lazy("This was handed out already. Look at the patient’s page.")


class HandOutView(TreatmentActPage):
    """What is needed until the next visit stands there from the start; nothing is handed out until it is sent."""

    permission_required = "view"
    page_title = gettext_lazy("Hand out")
    header_icon = "pill"
    template_name = "medications/admin/hand_out.html"
    refused = gettext_lazy(
        "Nothing can be handed out: this patient has died or moved away. Say first that they are back."
    )

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.has_perm("medications.change_stockbatch"):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self._page(self._rows(None))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        rows = self._rows(request.POST)
        seen = whole_number(request.POST.get(SEEN, ""))
        if not rows.is_valid():
            # What was sent twice may find the shelf empty: the first time it was handed out.
            is_first = seen == newest_at_home(self.patient.pk)
            said = rows.said or _("Nothing is saved yet. Look at what is marked below.")
            messages.error(request, said if is_first else ALREADY)
            return self._page(rows)
        user: Any = request.user
        handed = rows.handed
        try:
            hand_out(patient_id=self.patient.pk, handed=handed, seen=seen, user=user, now=self.now)
        except AlreadyHandedOutError:
            messages.error(request, ALREADY)
            return self._page(rows)
        except HandOutError as refused:
            rows.refuse(refused.place, refused.error)
            messages.error(request, _("Nothing is saved yet. Look at what is marked below."))
            return self._page(rows)
        said = handed_out_words([(each.prescription.medicine, each.quantity) for each in handed])
        messages.success(request, f"{self.patient}: {said}")
        return HttpResponseRedirect(self.record_url)

    @cached_property
    def _active(self) -> list[Prescription]:
        active, _ended = prescriptions_of(Person(self.patient, False), now=self.now)
        return active

    def _rows(self, posted: Any) -> HandOutRows:
        today = local_day(self.patient, self.now)
        # Today's visit is the one at which it is handed out.
        visit = next_visits([self.patient.pk], today + timedelta(days=1)).get(self.patient.pk)
        self.days = days_until(visit.day if visit else None, today)
        self.until = visit.day if visit else None
        return HandOutRows(posted, prescriptions=self._active, days=self.days, today=today, now=self.now)

    def _page(self, rows: HandOutRows) -> HttpResponse:
        context = self.get_context_data(
            rows=rows,
            patient=self.patient,
            days=self.days,
            until=weekday_day(self.until) if self.until else "",
            # As it was sent, also where it is refused: who presses again is refused again.
            seen=self.request.POST.get(SEEN, "") if self.request.POST else newest_at_home(self.patient.pk),
            media=rows.media,
        )
        return TemplateResponse(self.request, self.template_name, context)
