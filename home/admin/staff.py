"""The page “Staff”: who works at a clinic, who was invited, and how roles are given and ended."""

from datetime import datetime
from functools import cached_property
from typing import Any, cast

from django.contrib.auth import logout
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin import messages
from wagtail.admin.panels import FieldPanel, ObjectList
from wagtail.admin.ui.tables import Column, StatusTagColumn, TitleColumn
from wagtail.admin.views.generic import EditView, IndexView
from wagtail.admin.widgets.button import HeaderButton

from home.admin.filters import ClinicFilters
from home.admin.person_field import PersonField
from home.admin.scope import (
    ClinicScopedForm,
    ClinicScopedViewSet,
    RefusedInForm,
    RowCreateView,
    RowDeleteView,
)
from home.admin.staff_invitations import INVITE, open_invitations
from home.models import StaffRole, User
from home.selectors import clinics_managed_by
from home.staff.handing_over import in_hand
from home.staff.roles import check_manages, check_not_last
from home.staff.selectors import last_seen, roles_managed_by
from notifications.web.moments import shown_moment


class StaffRoleForm(ClinicScopedForm):
    """From managers it takes people who work at a clinic already; of others it doesn't say who has an account."""

    user = PersonField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["clinic"].queryset = clinics_managed_by(self.for_user)

    def clean_user(self) -> Any:
        person = self.cleaned_data["user"]
        known = self.for_user.is_superuser or person is None or person.staff_roles.exists()
        if not known:
            raise ValidationError(PersonField.default_error_messages["unknown"], code="unknown")
        return person


class StaffRoleFilters(ClinicFilters):
    class Meta:
        model = StaffRole
        fields = ["role"]


class _EndColumn(TitleColumn):
    """A link in each row. It has no heading, and isn't in the file."""

    header_template_name = "home/admin/staff/no_heading.html"


class StaffIndexView(IndexView):
    """Who works here; below it the invitations that wait for an answer."""

    template_name = "home/admin/staff/index.html"
    page_title = gettext_lazy("Staff")
    seen: dict[int, datetime]

    @cached_property
    def header_buttons(self) -> list[HeaderButton]:
        invite = HeaderButton(INVITE, url=reverse("staff_invitations:add"), icon_name="mail", priority=10)
        return [invite, *super().header_buttons]

    @cached_property
    def columns(self) -> list[Column]:
        now = timezone.now()
        with_buttons = self._get_title_column_class(TitleColumn)
        return [
            with_buttons("user", label=_("Who"), get_url=self.get_edit_url),
            Column("role", label=_("Role"), accessor="get_role_display"),
            Column("clinic", label=_("Clinic")),
            Column(
                "seen",
                label=_("Last here"),
                accessor=lambda row: shown_moment(self.seen.get(row.user_id), now=now),
            ),
            StatusTagColumn(
                "second_step",
                label=_("Second step"),
                accessor=lambda row: _("is set up") if row.has_second_step else _("not yet"),
                primary=lambda row: row.has_second_step,
            ),
            Column("account", label=_("Account"), accessor=_account_of),
            _EndColumn("end", label="", accessor=lambda row: _("End the role"), get_url=self.get_delete_url),
        ]

    def get_list_more_buttons(self, instance: StaffRole) -> list[Any]:
        """Without Wagtail's “Delete”: a role is ended, by the link in its row."""
        buttons: list[Any] = super().get_list_more_buttons(instance)
        return [each for each in buttons if each.url != self.get_delete_url(instance)]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        self.seen = last_seen({row.user for row in context["object_list"]})
        if not self.results_only:
            context["invitations"] = open_invitations(self.request, now=timezone.now())
            context["invitations_url"] = reverse("staff_invitations:index")
        return context


def _account_of(row: StaffRole) -> str:
    return "" if row.user.is_active else _("turned off")


class _ByManagers(RefusedInForm):
    """Saves under the lock of the clinics whose roles change, if this person still manages them."""

    def save_instance(self) -> StaffRole:
        view: Any = self
        by, changed = cast(User, view.request.user), view.form.instance
        with transaction.atomic():
            before = StaffRole.objects.filter(pk=changed.pk).select_related("user", "clinic").first()
            for clinic_id in sorted({changed.clinic_id, before.clinic_id if before else changed.clinic_id}):
                check_manages(by, clinic_id)
            if before and (before.user_id, before.clinic_id, before.role) != (
                changed.user_id,
                changed.clinic_id,
                changed.role,
            ):
                check_not_last(before, by)
            saved: StaffRole = super().save_instance()  # type: ignore[misc]  # Wagtail's
        return saved


class StaffRoleCreateView(_ByManagers, RowCreateView):
    """Gives a role to somebody who works at a clinic already. Others are invited."""


class StaffRoleEditView(_ByManagers, EditView):
    """Makes it another role, or another clinic's or person's."""


class StaffRoleEndView(RowDeleteView):
    """Says what follows, and what the person has in hand there, before the role ends."""

    page_title = gettext_lazy("End a role")
    template_name = "home/admin/staff/end.html"
    object: StaffRole

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        others = StaffRole.objects.filter(user=self.object.user_id).exclude(pk=self.object.pk)
        context: dict[str, Any] = super().get_context_data(
            role=self.object,
            others=list(others.select_related("clinic")),
            in_hand=in_hand(self.object, now=timezone.now()),
            is_own=self.object.user == self.request.user,
            **kwargs,
        )
        return context

    def delete_action(self) -> None:
        by = cast(User, self.request.user)
        with transaction.atomic():
            check_manages(by, self.object.clinic_id)
            check_not_last(self.object, by)
            super().delete_action()

    def get_success_message(self) -> str:
        said = _("%(name)s no longer works at %(clinic)s as %(role)s.")
        return said % {
            "name": self.object.user,
            "clinic": self.object.clinic,
            "role": self.object.get_role_display(),
        }

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            response: HttpResponse = super().form_valid(form)
        except ValidationError as error:
            messages.error(self.request, " ".join(error.messages))
            return HttpResponseRedirect(self.get_success_url())
        user = cast(User, self.request.user)
        if self.object.user_id == user.pk and not user.is_superuser and not user.staff_roles.exists():
            # The session went with the role: what Wagtail wrote into it can't be kept.
            logout(self.request)
            return HttpResponseRedirect(reverse("account_login"))
        return response


class StaffRoleViewSet(ClinicScopedViewSet):
    """For managers the roles at the clinics that they manage, which are perhaps fewer than those where they work."""

    model = StaffRole
    add_words = gettext_lazy("Give a colleague a role")
    filterset_class = StaffRoleFilters
    icon = "group"
    menu_label = gettext_lazy("Staff")
    menu_name = "staff"
    add_to_admin_menu = True
    add_view_class = StaffRoleCreateView
    edit_view_class = StaffRoleEditView
    delete_view_class = StaffRoleEndView
    search_fields = ["user__first_name", "user__last_name", "user__email"]
    edit_handler = ObjectList(
        [FieldPanel("user"), FieldPanel("clinic"), FieldPanel("role")], base_form_class=StaffRoleForm
    )

    def visible_to(self, user: Any) -> QuerySet[StaffRole]:
        return roles_managed_by(user)

    @property
    def index_view_class(self) -> type[IndexView]:
        visible_to = self.visible_to

        class ScopedIndexView(StaffIndexView):
            def get_base_queryset(self) -> QuerySet[StaffRole]:
                return visible_to(self.request.user)

        return ScopedIndexView
