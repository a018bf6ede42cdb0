"""Invitations as staff of the patient's clinic make them, send them again and withdraw them."""

from functools import cached_property
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from wagtail.admin import messages
from wagtail.admin.panels import FieldPanel, ObjectList, Panel
from wagtail.admin.ui.tables import Column, StatusTagColumn
from wagtail.admin.views.generic import CreateView, IndexView

from home.admin.scope import ClinicScopedForm, ClinicScopedViewSet
from home.invitation.invitations import (
    invitation_check,
    invitation_create,
    invitation_revoke,
    invitation_send,
)
from home.models import Invitation, Patient
from home.transactional.message import can_send
from notifications.admin.actions import ActionColumn, ActionView
from notifications.phone_numbers import as_phone
from notifications.web.moments import shown_moment
from notifications.web.numbers import whole_number

State = Invitation.State


class InvitationForm(ClinicScopedForm):
    """Writes an invitation down; the view sends it."""

    address = forms.CharField(
        label=gettext_lazy("E-mail address or phone number"),
        max_length=254,
        help_text=gettext_lazy("We send the link there. Ask the person for it, and read it back to them."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not can_send("sms"):
            self.fields["address"].label = _("E-mail address")

    def clean_address(self) -> str:
        address = self.cleaned_data["address"].strip().lower()
        if as_phone(address) is not None and can_send("sms"):
            return address
        try:
            validate_email(address)
        except ValidationError:
            wrong = (
                _("Enter an e-mail address or a phone number, for example 082 123 4567.")
                if can_send("sms")
                else _("Enter an e-mail address.")
            )
            raise ValidationError(wrong, code="invalid") from None
        return address

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("patient") and cleaned.get("relation") and cleaned.get("address"):
            invitation_check(
                patient=cleaned["patient"],
                relation=cleaned["relation"],
                now=timezone.now(),
                **_by_kind(cleaned["address"]),
            )
        return cleaned

    def save(self, commit: bool = True) -> Invitation:
        cleaned = self.cleaned_data
        self.instance = invitation_create(
            patient=cleaned["patient"],
            relation=cleaned["relation"],
            alert_missed=cleaned["alert_missed"],
            language=cleaned["language"],
            invited_by=self.for_user,
            now=timezone.now(),
            **_by_kind(cleaned["address"]),
        )
        return self.instance


def _by_kind(address: str) -> dict[str, str]:
    return {"email" if "@" in address else "phone": address}


def tell_sent(request: HttpRequest, invitation: Invitation) -> None:
    """Say what became of it."""
    told = {"address": invitation.address}
    if invitation.error:
        messages.error(
            request,
            _(
                "The invitation to %(address)s has been saved but could not be sent: %(error)s Try again "
                "below."
            )
            % {**told, "error": invitation.error},
        )
    elif invitation.sent_at:
        messages.success(request, _("The invitation is on its way to %(address)s.") % told)
    else:
        messages.warning(request, _("The invitation to %(address)s can no longer be sent.") % told)


class InvitationCreateView(CreateView):
    """Makes one and sends it at once; `?patient=` names the patient that it is about."""

    page_title = gettext_lazy("Invite")
    submit_button_label = gettext_lazy("Send the invitation")
    submit_button_active_label = gettext_lazy("Sending…")

    def get_initial(self) -> dict[str, Any]:
        patient = whole_number(self.request.GET.get("patient", ""))
        return super().get_initial() | ({} if patient is None else {"patient": patient})

    def form_valid(self, form: forms.Form) -> HttpResponse:
        try:
            return super().form_valid(form)
        except ValidationError as error:
            # Somebody else did the same a moment ago.
            form.add_error(None, error)
            return self.form_invalid(form)

    def save_action(self) -> HttpResponse:
        """What was written down is committed by now: the sending waits for nobody's transaction."""
        tell_sent(self.request, invitation_send(invitation_id=self.object.pk, now=timezone.now()))
        return redirect(self.get_success_url())


class InvitationIndexView(IndexView):
    @cached_property
    def columns(self) -> list[Column]:
        now = timezone.now()
        columns = [
            Column("patient", label=_("Patient"), width="20%"),
            Column("address", label=_("To")),
            Column("relation", label=_("Relation"), accessor="get_relation_display"),
            StatusTagColumn(
                "state",
                label=_("State"),
                accessor=lambda row: row.state(now).label,
                primary=lambda row: row.is_open(now),
            ),
            Column("error", label=_("Reason")),
            Column(
                "until",
                label=_("Valid until"),
                accessor=lambda row: shown_moment(row.expires_at, now=timezone.now()),
            ),
            Column("by", label=_("By"), accessor=lambda row: row.invited_by or "–"),
        ]
        if self.user_has_permission("change"):
            columns += [
                _action("send", _("Send again"), _can_be_sent),
                _action("revoke", pgettext("an invitation", "Withdraw"), lambda row: row.is_open(now)),
            ]
        return columns


def _action(name: str, label: Any, possible: Any) -> ActionColumn:
    return ActionColumn(
        name,
        label=label,
        url=lambda row: reverse(f"invitations:{name}", args=[row.pk]) if possible(row) else "",
        about=lambda row: f"{row.patient}, {row.address}",
    )


def _can_be_sent(invitation: Invitation) -> bool:
    return not (invitation.accepted_at or invitation.revoked_at)


class SendView(ActionView):
    """Sends one again, with a new link."""

    model = Invitation

    def act(self, request: HttpRequest, pk: int) -> None:
        tell_sent(request, invitation_send(invitation_id=pk, now=timezone.now()))


class RevokeView(ActionView):
    """Withdraws one."""

    model = Invitation

    def act(self, request: HttpRequest, pk: int) -> None:
        if invitation_revoke(invitation_id=pk, now=timezone.now()):
            messages.success(request, _("The invitation has been withdrawn. Its link no longer works."))
        else:
            messages.warning(request, _("It has already been accepted or withdrawn."))


class InvitationViewSet(ClinicScopedViewSet):
    """They are made, sent again and withdrawn, never edited or deleted: they say who was let in by whom."""

    model = Invitation
    clinic_lookup = "patient__clinic"
    icon = "mail"
    menu_order = 150
    menu_label = gettext_lazy("Invitations")
    add_view_class = InvitationCreateView
    index_results_template_name = "notifications/admin/results.html"
    search_fields = ["patient__first_name", "patient__last_name", "email", "phone"]
    ordering = ["-created_at", "-id"]
    edit_handler = ObjectList(
        [
            FieldPanel("patient"),
            FieldPanel("relation"),
            FieldPanel("alert_missed"),
            FieldPanel("address"),
            FieldPanel("language"),
        ],
        base_form_class=InvitationForm,
    )

    @property
    def index_view_class(self) -> type[IndexView]:
        visible_to = self.visible_to

        class ScopedIndexView(InvitationIndexView):
            def get_base_queryset(self) -> QuerySet[Invitation]:
                return visible_to(self.request.user).select_related("patient", "invited_by")

        return ScopedIndexView

    def get_common_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        common = super().get_common_view_kwargs(**kwargs)
        return {name: value for name, value in common.items() if name not in _NOT_OFFERED}

    def get_urlpatterns(self) -> list[URLPattern]:
        own = [each for each in super().get_urlpatterns() if each.name in ("index", "index_results", "add")]
        for name, view in (("send", SendView), ("revoke", RevokeView)):
            guarded = self._of_visible_rows(self.construct_view(view))
            own.append(path(f"<int:pk>/{name}/", guarded, name=name))
        return own


_NOT_OFFERED = {"edit_url_name", "delete_url_name", "history_url_name", "usage_url_name"}


class InvitationsPanel(Panel):
    """On a patient's page: who was invited, and the way to invite somebody."""

    class BoundPanel(Panel.BoundPanel):
        template_name = "home/admin/invitations_panel.html"

        def is_shown(self) -> bool:
            return self.instance.pk is not None and self.request.user.has_perm("home.view_invitation")

        def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
            now = timezone.now()
            patient: Patient = self.instance
            invite = reverse("invitations:add")
            return {
                **super().get_context_data(parent_context),
                "invitations": [(each, each.state(now).label) for each in patient.invitations.all()],
                "invite_url": f"{invite}?{urlencode({'patient': patient.pk})}",
                "list_url": reverse("invitations:index"),
            }
