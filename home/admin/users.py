"""Wagtail's user administration, for people who may have a phone number and no e-mail address.

Nobody types a password for another: whoever has an e-mail address gets a link to choose their own, others sign in with
a code.
"""

from collections.abc import Iterable
from typing import Any, cast

from django import forms
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View
from phonenumber_field.formfields import PhoneNumberField
from wagtail.admin import messages
from wagtail.admin.views.generic import PermissionCheckedMixin
from wagtail.users import forms as wagtail_forms
from wagtail.users.views import users

from home.contact_verification.contacts import KINDS, address_changed_tell, address_followed
from home.limits import code_request
from home.models import User, UserSession
from home.sign_in.asking import asked_first
from home.sign_in.password_links import password_link_send
from home.sign_in.session_index import sessions_end
from home.staff.leaving import conversations_release
from notifications.admin.adding import WordedCreateView
from notifications.api.tokens import tokens_end


class _Addresses(forms.Form):
    email = forms.EmailField(label=gettext_lazy("E-mail address"), required=False)
    phone = PhoneNumberField(label=gettext_lazy("Phone number"), required=False)


class UserCreationForm(_Addresses, wagtail_forms.UserCreationForm):
    def save(self, commit: bool = True) -> User:
        self.instance.set_unusable_password()
        user: User = super().save(commit)
        return user

    class Meta(wagtail_forms.UserCreationForm.Meta):
        fields = {*wagtail_forms.UserCreationForm.Meta.fields, "phone"}


class UserEditForm(_Addresses, wagtail_forms.UserEditForm):
    """A changed address is not verified, and what waits for the old one goes there no more. The person is told."""

    def save(self, commit: bool = True) -> User:
        changed = [kind for kind in KINDS if kind in self.changed_data]
        before = {kind: str(self.initial[kind] or "") for kind in KINDS}
        for kind in changed:
            setattr(self.instance, f"{kind}_verified_at", None)
        user: User = super().save(commit)
        for kind in changed:
            address_followed(user=user, kind=kind, before=before[kind])
            address_changed_tell(user=user, kind=kind, before=before[kind])
        return user

    class Meta(wagtail_forms.UserEditForm.Meta):
        fields = {*wagtail_forms.UserEditForm.Meta.fields, "phone"}


class IndexView(users.IndexView):
    """Without what is left of accounts that were erased."""

    def get_base_queryset(self) -> QuerySet[User]:
        rows: QuerySet[User] = super().get_base_queryset()
        return rows.filter(erased_at__isnull=True)


class _Asked:
    """Addresses and rights are ways in: head office is asked anew before it gives or changes them."""

    @method_decorator(asked_first)
    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        page: HttpResponseBase = super().get(request, *args, **kwargs)  # type: ignore[misc]  # Django's
        return page

    @method_decorator(asked_first)
    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        page: HttpResponseBase = super().post(request, *args, **kwargs)  # type: ignore[misc]  # Django's
        return page


class EditView(_Asked, users.EditView):
    pass


class PasswordLinkView(PermissionCheckedMixin, View):
    """Sends somebody a link to choose a password. Their password of before, if they have one, works until they do."""

    model = User
    permission_required = "change"
    edit_url_name = ""

    @method_decorator(asked_first)
    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Where whoever was asked anew comes back to."""
        return redirect(self.edit_url_name, pk)

    @method_decorator(asked_first)
    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        user = User.objects.filter(pk=pk, erased_at__isnull=True, is_active=True).first()
        if user is None:
            raise Http404
        if user.email and not code_request(request, address=user.email, purpose="link "):
            messages.error(
                request, _("So many links were sent there that none can be sent now. Wait a while.")
            )
        else:
            tell_of_link(request, user)
        return redirect(self.edit_url_name, pk)


def tell_of_link(request: HttpRequest, user: User) -> None:
    """Send it, and say whether it was sent."""
    if password_link_send(user):
        said = _("A link to choose a password is on its way to %(address)s.") % {"address": user.email}
        messages.success(request, said)
    else:
        messages.info(
            request,
            _("%(name)s has no e-mail address, and signs in with a code by SMS.") % {"name": user},
        )


def deactivated_in_bulk(request: HttpRequest, action_type: str, objects: Iterable[Any], action: Any) -> None:
    """Wagtail's list of users deactivates many at once and saves none: what is theirs ends all the same."""
    if action_type == "set_active_state":
        ids = [each.pk for each in objects]
        inactive = User.objects.filter(pk__in=ids, is_active=False)
        tokens_end(inactive.values_list("pk", flat=True))
        sessions_end(UserSession.objects.filter(user__in=inactive))
        conversations_release(list(inactive.values_list("pk", flat=True)))


class AccountCreateView(_Asked, WordedCreateView, users.CreateView):
    """Whoever gets an account chooses the password: a link is on its way once it is made."""

    add_words = gettext_lazy("Make an account")

    def save_action(self) -> HttpResponse:
        response: HttpResponse = super().save_action()
        tell_of_link(self.request, cast(User, self.object))
        return response


class UserViewSet(users.UserViewSet):
    index_view_class = IndexView
    add_view_class = AccountCreateView
    ordering = "last_name"
    edit_view_class = EditView
    copy_view_enabled = False
    """An account is a person's: there is nothing to copy, its rights least of all."""

    def get_form_class(self, for_update: bool = False) -> type[wagtail_forms.UserForm]:
        return UserEditForm if for_update else UserCreationForm

    def get_urlpatterns(self) -> list[URLPattern]:
        view = self.construct_view(PasswordLinkView, edit_url_name=self.get_url_name("edit"))
        return [*super().get_urlpatterns(), path("<int:pk>/password-link/", view, name="password_link")]
