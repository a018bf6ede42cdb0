"""A number that waits for its owner's yes: the code that is read aloud at the desk, and a card with a QR code."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView
from wagtail.admin import messages
from wagtail.admin.views.generic import PermissionCheckedMixin

from home.admin.invitations import invitation_send_at_desk
from home.admin.patient_pages import OfPatient, patient_of
from home.invitation.card import card_link, qr_code
from home.invitation.services import invitation_revoke, number_confirm, own_account
from home.limits import desk_code_try
from home.models import Invitation, Patient
from home.privacy.access_log import Kind, note
from home.reach.ways import reached
from home.record.sections import Reading, RecordSection, register_record_section
from notifications.phone_numbers import as_said
from notifications.web.moments import shown_moment
from notifications.web.numbers import whole_number


def waiting_of(patient: Patient, now: Any) -> QuerySet[Invitation]:
    """The invitations of this patient whose number is still to be confirmed, the newest first."""
    return Invitation.objects.filter(
        patient=patient,
        agreed_at__isnull=False,
        expires_at__gt=now,
        accepted_at__isnull=True,
        declined_at__isnull=True,
        revoked_at__isnull=True,
    ).order_by("-created_at", "-pk")


def shown(invitation: Invitation, now: Any) -> dict[str, Any]:
    """What the step shows of one: the number, whether a code is out, until when it works, and whether a card would do.
    One query for one that asks the patient.
    """
    expires = invitation.code_expires_at
    works = bool(
        invitation.sent_at and expires and expires > now and invitation.code_failures < Invitation.CODE_TRIES
    )
    return {
        "invitation": invitation,
        "number": invitation.phone.as_national if invitation.phone and invitation.phone.is_valid() else "",
        "works": works,
        "replies": settings.SMS_REPLIES,
        "card": not own_account(invitation),
        "until": shown_moment(expires, now=now) if works else "",
    }


class NumberView(OfPatient, PermissionCheckedMixin, TemplateView):
    """Takes the code (`code`), sends another one (`again`), or withdraws the question (`withdraw`)."""

    page_title = gettext_lazy("Confirm the number")
    header_icon = "mobile-alt"
    model = Patient
    permission_policy: Any = None
    permission_required = "change"
    http_method_names = ["get", "head", "post"]
    template_name = "home/admin/number.html"

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.now = timezone.now()
        self.patient = patient_of(request.user, kwargs["pk"])
        self.invitation = _asked(request, self.patient, self.now)
        self.wrong = ""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.invitation is None:
            return redirect("patients:record", self.patient.pk)
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        assert self.invitation is not None  # noqa: S101 - the caller looked
        self.invitation.refresh_from_db()
        each = shown(self.invitation, self.now) | {"wrong": self.wrong}
        return {**super().get_context_data(**kwargs), "each": each}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.invitation is None:
            messages.info(request, _("It was answered meanwhile."))
        elif "again" in request.POST:
            invitation_send_at_desk(request, self.invitation)
        elif "withdraw" in request.POST:
            if invitation_revoke(invitation_id=self.invitation.pk, now=self.now):
                messages.success(
                    request, _("Nothing is asked of this number any more, and nothing is sent there.")
                )
            else:
                messages.info(request, _("It was answered meanwhile."))
        elif not self._confirmed(request):
            return self.render_to_response(self.get_context_data(**kwargs), status=200)
        return redirect("patients:record", self.patient.pk)

    def _confirmed(self, request: HttpRequest) -> bool:
        assert self.invitation is not None  # noqa: S101 - the caller looked
        code = request.POST.get("code", "").strip()[:40]
        if not code:
            self.wrong = _("Type the code that came by SMS.")
        elif not desk_code_try(request):
            self.wrong = _("So many codes were tried that you need to wait for 15 minutes.")
        else:
            try:
                number_confirm(invitation_id=self.invitation.pk, code=code, now=self.now)
            except ValidationError as error:
                self.wrong = " ".join(error.messages)
        if not self.wrong:
            messages.success(request, self._what_follows(self.invitation))
        return not self.wrong

    def _what_follows(self, invitation: Invitation) -> str:
        """Who has e-mail or the app too chooses for themselves what comes by SMS."""
        alone = (
            way.alone and way.works and way.address == as_said(str(invitation.phone))
            for way in reached([self.patient.pk])[self.patient.pk]
        )
        if any(alone):
            return _("The number is confirmed. Reminders come by SMS from now on.")
        return _("The number is confirmed.")


class CardView(PermissionCheckedMixin, TemplateView):
    """A new card each time that the button is pressed: looking at a page makes none, and the last one is the one."""

    model = Patient
    permission_policy: Any = None
    permission_required = "change"
    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        now = timezone.now()
        patient = patient_of(request.user, kwargs["pk"])
        invitation = _asked(request, patient, now)
        if invitation is not None and own_account(invitation):
            # A card sets up an account: they would have two.
            said = _("This patient has an account already, and gets no card: the code adds the number to it.")
            messages.info(request, said)
            return redirect("patients:record", patient.pk)
        link = card_link(invitation_id=invitation.pk, now=now) if invitation else ""
        if invitation is None or not link:
            messages.info(request, _("It was answered meanwhile, so there is nothing to print."))
            return redirect("patients:record", patient.pk)
        note(request, [patient.pk], Kind.PRINTED)
        back = reverse("patients:record", args=[patient.pk])
        with translation.override(invitation.language), timezone.override(patient.zone):
            context = {
                "first_name": invitation.first_name if invitation.first_name else patient.first_name,
                "picture": qr_code(link),
                "expires_at": invitation.expires_at,
                "language": invitation.language,
            }
            card = render(request, "home/admin/card.html", context).content.decode()
        response = render(
            request, "home/admin/card_page.html", {"card": card, "back": back, "patient": patient}
        )
        response["Cache-Control"] = "no-store"
        return response


def _asked(request: HttpRequest, patient: Patient, now: Any) -> Invitation | None:
    """The one that the form names, or else the newest, if it still waits."""
    waiting, named = waiting_of(patient, now), request.POST.get("invitation", "")
    return (waiting.filter(pk=whole_number(named) or 0) if named else waiting).first()


def _select(reading: Reading) -> Mapping[str, Any] | None:
    """One query, and one for each that asks the patient."""
    found = [shown(each, reading.now) for each in waiting_of(reading.patient, reading.now)]
    return {"waiting": found} if found else None


register_record_section(
    RecordSection(
        name="number",
        title=gettext_lazy("Confirm the number"),
        order=3,
        permission="home.change_patient",
        select=_select,
        template="home/admin/number_section.html",
    )
)
