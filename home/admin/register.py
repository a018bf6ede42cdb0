"""The page on which a patient is registered at the desk."""

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import FormView
from wagtail.admin import messages
from wagtail.admin.views.generic import PermissionCheckedMixin, WagtailAdminTemplateMixin

from home.admin.invitations import invitation_send_at_desk
from home.admin.register_form import RegisterForm
from home.ages import age_words
from home.models import Patient
from home.privacy.access_log import Kind, note
from home.registration import patient_register
from home.transactional.message import can_send
from notifications.texts import formats


class RegisterView(WagtailAdminTemplateMixin, PermissionCheckedMixin, FormView):  # type: ignore[type-arg]
    """Who is registered may be here already: then it is asked, and nothing is saved before the answer."""

    page_title = gettext_lazy("Register a patient")
    header_icon = "user"
    model = Patient
    permission_policy: Any = None
    permission_required = "add"
    form_class = RegisterForm
    template_name = "home/admin/register.html"

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        patients = {"url": reverse("patients:index"), "label": _("Patients")}
        return [*self.breadcrumbs_items, patients, {"url": "", "label": self.page_title}]

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "for_user": self.request.user}

    def form_valid(self, form: RegisterForm) -> HttpResponse:
        if same := form.same_person():
            messages.info(self.request, _("Nobody was registered. This is the patient who was here already."))
            return redirect("patients:record", same)
        now, patient = timezone.now(), form.patient
        assert patient is not None  # noqa: S101 - a valid form has made one
        user: Any = self.request.user
        try:
            made = patient_register(
                patient=patient,
                asked=form.asked(now),
                language=form.cleaned_data["language"],
                message_language=form.cleaned_data["message_language"],
                carers_agreed=form.carers_agreed(now),
                by=user,
                now=now,
            )
        except ValidationError as error:
            form.add_error(None, error)
            return self.form_invalid(form)
        note(self.request, [patient.pk], Kind.CHANGED)
        messages.success(self.request, _registered(patient))
        for each in made:
            # The patient is saved by now: no transaction is open while the provider is waited for.
            invitation_send_at_desk(self.request, each)
        if not made:
            messages.info(
                self.request, _("Nothing is sent to this patient: there was no yes to reminders by SMS.")
            )
        return redirect("patients:record", patient.pk)

    def form_invalid(self, form: RegisterForm) -> HttpResponse:
        note(self.request, form.named, Kind.LISTED)
        return super().form_invalid(form)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {
            **super().get_context_data(**kwargs),
            "can_sms": can_send("sms"),
            "can_reply": settings.SMS_REPLIES,
        }


def _registered(patient: Patient) -> str:
    name, born = patient.get_full_name(), patient.date_of_birth
    if patient.born_about and born:
        words = _("%(name)s is registered. The date of birth is estimated: about %(day)s, %(age)s.")
        return words % {"name": name, "day": formats.day(born), "age": age_words(born, timezone.localdate())}
    return _("%(name)s is registered.") % {"name": name}
