"""The admin pages on which staff of a patient's clinic make, send again and revoke invitations."""

from functools import cached_property
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from wagtail.admin import messages
from wagtail.admin.panels import FieldPanel, ObjectList
from wagtail.admin.ui.tables import Column, StatusTagColumn, TitleColumn
from wagtail.admin.views.generic import IndexView

from home.admin.filters import OfPatientFilters
from home.admin.invitation_form import InvitationForm
from home.admin.patient_pages import record_url
from home.admin.scope import ClinicScopedViewSet, PatientRowCreateView
from home.invitation.services import invitation_revoke, invitation_send
from home.limits import desk_code_request
from home.models import Invitation
from home.patient_search import said_of_patient
from notifications.admin.actions import ActionColumn, ActionView
from notifications.phone_numbers import as_phone
from notifications.web.moments import shown_moment


def tell_sent(request: HttpRequest, invitation: Invitation) -> None:
    """Tell staff whether the invitation was sent."""
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


def invitation_send_at_desk(request: Any, invitation: Invitation) -> None:
    """Send it, unless so much went to this number just now; tell staff what came of it."""
    if invitation.phone and not desk_code_request(request, address=str(invitation.phone)):
        messages.error(
            request,
            _("So many SMS have gone to this number that none can be sent now. Try again in 15 minutes."),
        )
        return
    sent = invitation_send(invitation_id=invitation.pk, now=timezone.now())
    if sent.is_by_code and sent.sent_at:
        said = _("A code is on its way to %(number)s. Ask for it, and type it on the patient’s page.")
        messages.success(request, said % {"number": sent.phone.as_national if sent.phone else ""})
    else:
        tell_sent(request, sent)


class InvitationCreateView(PatientRowCreateView):
    """Makes an invitation and sends it at once."""

    submit_button_label = gettext_lazy("Send the invitation")
    submit_button_active_label = gettext_lazy("Sending…")

    def save_action(self) -> HttpResponse:
        """Send the invitation. Its row is committed by now, so that no transaction is open meanwhile."""
        tell_sent(self.request, invitation_send(invitation_id=self.object.pk, now=timezone.now()))
        return HttpResponseRedirect(self.get_success_url())


class InvitationIndexView(IndexView):
    def search_queryset(self, queryset: QuerySet[Invitation]) -> QuerySet[Invitation]:
        """By what finds the patient, or by the whole address: that is encrypted."""
        found: QuerySet[Invitation] = super().search_queryset(queryset)
        if not self.is_searching:
            return found
        number = as_phone(self.search_query)
        address = Q(phone=number) if number else Q(email=self.search_query.strip().lower())
        return found | queryset.filter(address | said_of_patient(self.search_query, "patient__"))

    @cached_property
    def columns(self) -> list[Column]:
        now = timezone.now()
        columns = [
            TitleColumn(
                "patient", label=_("Patient"), width="20%", get_url=lambda row: record_url(row.patient_id)
            ),
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
                _action("send", _("Send again"), lambda row: not row.is_over),
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


class SendView(ActionView):
    """Sends an invitation again, with a new link or code."""

    model = Invitation

    def act(self, request: HttpRequest, pk: int) -> None:
        invitation_send_at_desk(request, Invitation.objects.get(pk=pk))


class RevokeView(ActionView):
    """Revokes an invitation."""

    model = Invitation

    def act(self, request: HttpRequest, pk: int) -> None:
        if invitation_revoke(invitation_id=pk, now=timezone.now()):
            messages.success(request, _("The invitation has been withdrawn. Its link no longer works."))
        else:
            messages.warning(request, _("It has already been answered or withdrawn."))


class InvitationFilters(OfPatientFilters):
    class Meta:
        model = Invitation
        fields = ["relation"]


class InvitationViewSet(ClinicScopedViewSet):
    """Invitations are never edited or deleted by hand, because they say who was given access, and by whom."""

    model = Invitation
    add_words = gettext_lazy("Invite somebody")
    clinic_lookup = "patient__clinic"
    patient_lookup = "patient"
    icon = "mail"
    menu_order = 150
    menu_label = gettext_lazy("Invitations")
    add_view_class = InvitationCreateView
    filterset_class = InvitationFilters
    index_results_template_name = "notifications/admin/results.html"
    search_fields = ["patient__first_name", "patient__last_name"]
    ordering = ["-created_at", "-id"]
    edit_handler = ObjectList(
        [
            FieldPanel("patient"),
            FieldPanel("relation"),
            FieldPanel("alert_missed"),
            FieldPanel("patient_agrees"),
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
