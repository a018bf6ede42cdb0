"""The pages on which staff say that a patient died, moved, is lost or is back, with what follows beside the button."""

from datetime import date
from typing import Any, cast

from django import forms
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import FormView
from wagtail.admin import messages
from wagtail.admin.widgets import AdminDateInput

from home.admin.patient_pages import PatientPage
from home.models import User
from home.record.departures import (
    SAID,
    Departure,
    departure_carry_out,
    departure_plan,
    departures_of,
    local_date,
    may_take_back,
)
from notifications.web.date_fields import DayField

_TITLES: dict[Departure, Any] = {
    Departure.DIED: gettext_lazy("The patient died"),
    Departure.MOVED: gettext_lazy("The patient moved away"),
    Departure.LOST: gettext_lazy("The patient is lost to follow-up"),
    Departure.BACK: gettext_lazy("The patient is back"),
}
_DAYS: dict[Departure, Any] = {
    Departure.DIED: gettext_lazy("Day of death"),
    Departure.MOVED: gettext_lazy("Day since when they live elsewhere"),
    Departure.LOST: gettext_lazy("Day since when they are lost"),
}
_BUTTONS: dict[Departure, Any] = {
    Departure.DIED: gettext_lazy("Record the death"),
    Departure.MOVED: gettext_lazy("Record that they moved away"),
    Departure.LOST: gettext_lazy("Record that they are lost to follow-up"),
    Departure.BACK: gettext_lazy("Record that they are back"),
}


class DepartureForm(forms.Form):
    on = DayField(widget=AdminDateInput, help_text=gettext_lazy("Such as 12/03/2026 or 12 March 2026."))

    def __init__(self, *args: Any, what: Departure, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if what == Departure.BACK:
            del self.fields["on"]
        else:
            self.fields["on"].label = _DAYS[what]


class DepartureView(PatientPage, FormView):  # type: ignore[type-arg]  # Django's views take no arguments when they run
    """Shows what follows; a POST carries it out. `what` is which of them the address is about."""

    what: Departure = Departure.MOVED
    permission_required = "change"
    form_class = DepartureForm
    template_name = "home/admin/departure.html"
    header_icon = "user"

    @property
    def page_title(self) -> str:
        is_mistake = self.what == Departure.BACK and self.patient.deceased_on
        return _("The patient did not die") if is_mistake else str(_TITLES[self.what])

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Back to the patient's page where it can't be said, for example because a colleague just did."""
        self._check_permission()
        if self.what in departures_of(self.patient):
            try:
                return super().dispatch(request, *args, **kwargs)
            except ValidationError as error:
                # Said between our look and the plan's, as by the first of two clicks.
                if getattr(error, "code", "") != SAID:
                    raise
        messages.warning(request, _("This was said of the patient before. Look at the page again."))
        return redirect(self.record_url)

    def _check_permission(self) -> None:
        if self.what == Departure.BACK and not may_take_back(
            self.patient, cast(User, self.request.user), now=timezone.now()
        ):
            raise PermissionDenied

    def get_initial(self) -> dict[str, Any]:
        """Today, but for a day of death: nobody is to record one without having thought of it."""
        return {} if self.what == Departure.DIED else {"on": self._today()}

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"what": self.what}

    def form_valid(self, form: DepartureForm) -> HttpResponse:
        try:
            departure_carry_out(
                patient_id=self.patient.pk,
                what=self.what,
                on=form.cleaned_data.get("on"),
                by=cast(User, self.request.user),
                now=timezone.now(),
            )
        except ValidationError as error:
            if getattr(error, "code", "") == SAID:
                raise
            form.add_error(None, error)
            response: HttpResponse = self.form_invalid(form)
            return response
        messages.success(self.request, _("Recorded."))
        return redirect(self.record_url)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        on = None if self.what == Departure.BACK else self._today()
        plan = departure_plan(patient_id=self.patient.pk, what=self.what, on=on, now=timezone.now())
        transfer = reverse("patients:transfer", args=[self.patient.pk])
        context: dict[str, Any] = super().get_context_data(
            plan=plan,
            button=_("Take the death back") if self.patient.deceased_on else _BUTTONS[self.what],
            is_grave=self.what == Departure.DIED,
            transfer_url=transfer if self.what == Departure.MOVED else "",
            **kwargs,
        )
        return context

    def _today(self) -> date:
        return local_date(self.patient, timezone.now())
