"""The pages on which managers invite somebody to work at their clinic, send that again, and withdraw it."""

from collections.abc import Sequence
from datetime import datetime
from functools import cached_property
from typing import Any, cast

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from wagtail.admin import messages
from wagtail.admin.panels import FieldPanel, ObjectList
from wagtail.admin.ui.tables import Column, StatusTagColumn
from wagtail.admin.views.generic import IndexView
from wagtail.log_actions import log

from home.admin.filters import ClinicFilters
from home.admin.scope import ClinicScopedForm, ClinicScopedViewSet, RefusedInForm, RowCreateView
from home.limits import staff_invitation_request
from home.models import StaffInvitation, User
from home.selectors import clinics_managed_by
from home.staff.invitations import (
    SENT_AGAIN,
    staff_invitation_send,
    staff_invitation_withdraw,
    staff_invite,
)
from home.staff.selectors import invitations_managed_by
from notifications.admin.actions import ActionColumn, ActionView
from notifications.web.moments import shown_moment

INVITE = gettext_lazy("Invite somebody")
_MOST_SHOWN = 20
"""Of the invitations beside the list of staff: the newest. The others are on their own page."""
_UNANSWERED = Q(accepted_at=None, declined_at=None, revoked_at=None)


def open_invitations(request: HttpRequest, *, now: datetime) -> Sequence[tuple[StaffInvitation, str, str]]:
    """Those without an answer, expired ones too, each with its state and until when it is valid. One query."""
    rows = invitations_managed_by(cast(User, request.user)).filter(_UNANSWERED)[:_MOST_SHOWN]
    return [(row, str(row.state(now).label), shown_moment(row.expires_at, now=now)) for row in rows]


class StaffInvitationForm(ClinicScopedForm):
    """What it makes, the view sends."""

    email = forms.EmailField(
        label=gettext_lazy("E-mail address"),
        help_text=gettext_lazy(
            "Of this person alone: whoever reads mail there gets the role. They choose their own password."
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["clinic"].queryset = clinics_managed_by(self.for_user)

    def _get_validation_exclusions(self) -> set[str]:
        """That there is but one invitation a clinic and address is said by the service, in its own words."""
        excluded: set[str] = super()._get_validation_exclusions()
        return excluded | {"email"}

    def save(self, commit: bool = True) -> StaffInvitation:
        cleaned = self.cleaned_data
        self.instance = staff_invite(
            clinic=cleaned["clinic"],
            role=cleaned["role"],
            email=cleaned["email"],
            language=cleaned["language"],
            invited_by=self.for_user,
            now=timezone.now(),
        )
        return self.instance


class StaffInvitationCreateView(RefusedInForm, RowCreateView):
    """Makes an invitation and sends it at once."""

    submit_button_label = gettext_lazy("Send the invitation")
    submit_button_active_label = gettext_lazy("Sending…")

    def save_instance(self) -> StaffInvitation:
        if not staff_invitation_request(self.request, address=self.form.cleaned_data["email"]):
            raise ValidationError(_too_many(), code="too_many")
        invitation = cast(StaffInvitation, self.form.save())
        log(invitation, "wagtail.create", user=self.request.user)
        return invitation

    def save_action(self) -> HttpResponse:
        """Its row is committed by now, so that no transaction is open while the mail server is waited for."""
        _tell(self.request, staff_invitation_send(invitation_id=self.object.pk, now=timezone.now()))
        return HttpResponseRedirect(reverse("staff:index"))


class SendView(ActionView):
    """Sends it again, with a new link."""

    model = StaffInvitation

    def act(self, request: HttpRequest, pk: int) -> None:
        invitation = StaffInvitation.objects.get(pk=pk)
        if not staff_invitation_request(request, address=invitation.email):
            messages.error(request, _too_many())
            return
        sent = staff_invitation_send(invitation_id=pk, now=timezone.now())
        if sent.sent_at and not sent.is_over:
            log(sent, SENT_AGAIN, user=request.user)
        _tell(request, sent)


class WithdrawView(ActionView):
    model = StaffInvitation

    def act(self, request: HttpRequest, pk: int) -> None:
        by = cast(User, request.user)
        if staff_invitation_withdraw(invitation_id=pk, by=by, now=timezone.now()):
            messages.success(request, _("The invitation has been withdrawn. Its link no longer works."))
        else:
            messages.warning(request, _("It has already been answered or withdrawn."))


def _too_many() -> str:
    return _("So many invitations have been sent that none can be sent now. Try again in an hour.")


def _tell(request: HttpRequest, invitation: StaffInvitation) -> None:
    told = {"address": invitation.email}
    if invitation.is_over:
        messages.warning(request, _("The invitation to %(address)s can no longer be sent.") % told)
    elif invitation.error:
        said = _(
            "The invitation to %(address)s has been saved but could not be sent: %(error)s Try again below."
        )
        messages.error(request, said % {**told, "error": invitation.error})
    else:
        messages.success(request, _("The invitation is on its way to %(address)s.") % told)


class StaffInvitationFilters(ClinicFilters):
    answer = django_filters.ChoiceFilter(
        label=gettext_lazy("Answer"),
        method="by_answer",
        choices=[
            ("none", gettext_lazy("no answer yet")),
            ("accepted", gettext_lazy("accepted")),
            ("over", gettext_lazy("declined or withdrawn")),
        ],
    )

    class Meta:
        model = StaffInvitation
        fields = ["role"]

    def by_answer(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        if value == "none":
            return rows.filter(_UNANSWERED)
        if value == "accepted":
            return rows.filter(accepted_at__isnull=False)
        return rows.filter(Q(declined_at__isnull=False) | Q(revoked_at__isnull=False))


class StaffInvitationIndexView(IndexView):
    page_title = gettext_lazy("Invitations of staff")

    def search_queryset(self, queryset: QuerySet[StaffInvitation]) -> QuerySet[StaffInvitation]:
        """By the clinic, or by the whole address: that is encrypted."""
        found: QuerySet[StaffInvitation] = super().search_queryset(queryset)
        if not self.is_searching:
            return found
        return found | queryset.filter(email=self.search_query.strip().lower())

    @cached_property
    def columns(self) -> list[Column]:
        now = timezone.now()
        columns = [
            Column("email", label=_("To")),
            Column("role", label=_("Role"), accessor="get_role_display"),
            Column("clinic", label=_("Clinic")),
            StatusTagColumn(
                "state",
                label=_("State"),
                accessor=lambda row: row.state(now).label,
                primary=lambda row: row.is_open(now),
            ),
            Column("error", label=_("Reason")),
            Column("by", label=_("By"), accessor=lambda row: row.invited_by or "–"),
            Column(
                "created",
                label=_("Invited on"),
                accessor=lambda row: shown_moment(row.created_at, now=now),
            ),
            Column(
                "until", label=_("Valid until"), accessor=lambda row: shown_moment(row.expires_at, now=now)
            ),
        ]
        if self.user_has_permission("change"):
            columns += [
                _action("send", _("Send again")),
                _action("withdraw", pgettext("an invitation", "Withdraw")),
            ]
        return columns


def _action(name: str, label: Any) -> ActionColumn:
    return ActionColumn(
        name,
        label=label,
        url=lambda row: "" if row.is_over else reverse(f"staff_invitations:{name}", args=[row.pk]),
        about=lambda row: row.email,
    )


class StaffInvitationViewSet(ClinicScopedViewSet):
    """They are never edited or deleted by hand, because they say who was given access, and by whom."""

    model = StaffInvitation
    add_words = INVITE
    icon = "mail"
    add_view_class = StaffInvitationCreateView
    filterset_class = StaffInvitationFilters
    index_results_template_name = "notifications/admin/results.html"
    search_fields = ["clinic__name"]
    ordering = ["-created_at", "-id"]
    edit_handler = ObjectList(
        [FieldPanel("email"), FieldPanel("role"), FieldPanel("clinic"), FieldPanel("language")],
        base_form_class=StaffInvitationForm,
    )

    def visible_to(self, user: Any) -> QuerySet[StaffInvitation]:
        return invitations_managed_by(user)

    @property
    def index_view_class(self) -> type[IndexView]:
        visible_to = self.visible_to

        class ScopedIndexView(StaffInvitationIndexView):
            def get_base_queryset(self) -> QuerySet[StaffInvitation]:
                return visible_to(self.request.user)

        return ScopedIndexView

    def get_common_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        common = super().get_common_view_kwargs(**kwargs)
        return {name: value for name, value in common.items() if name not in _NOT_OFFERED}

    def get_urlpatterns(self) -> list[URLPattern]:
        own = [each for each in super().get_urlpatterns() if each.name in ("index", "index_results", "add")]
        for name, view in (("send", SendView), ("withdraw", WithdrawView)):
            guarded = self._of_visible_rows(self.construct_view(view))
            own.append(path(f"<int:pk>/{name}/", guarded, name=name))
        return own


_NOT_OFFERED = {"edit_url_name", "delete_url_name", "history_url_name", "usage_url_name"}
