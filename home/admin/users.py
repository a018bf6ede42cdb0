"""Wagtail's user administration, for people who may have a phone number and no e-mail address."""

from collections.abc import Iterable
from functools import partial
from typing import Any

from django import forms
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from phonenumber_field.formfields import PhoneNumberField
from wagtail.users import forms as wagtail_forms
from wagtail.users.views import users

from home.contact_verification.contacts import KINDS, address_changed_tell, address_followed
from home.models import User, UserSession
from home.sign_in.asking import asked_first
from home.sign_in.notices import NOTICES
from home.sign_in.session_index import sessions_end
from home.transactional.codes import account_changed_message
from home.transactional.queue import enqueue
from notifications.admin.adding import WordedCreateView
from notifications.api.tokens import tokens_end
from notifications.selectors.people import language_of


class _Addresses(forms.Form):
    email = forms.EmailField(label=_("E-mail address"), required=False)
    phone = PhoneNumberField(label=_("Phone number"), required=False)


class UserCreationForm(_Addresses, wagtail_forms.UserCreationForm):
    class Meta(wagtail_forms.UserCreationForm.Meta):
        fields = {*wagtail_forms.UserCreationForm.Meta.fields, "phone"}


class UserEditForm(_Addresses, wagtail_forms.UserEditForm):
    """A changed address is not verified, and what waits for the old one goes there no more. The person is told, of
    another password too.
    """

    def save(self, commit: bool = True) -> User:
        changed = [kind for kind in KINDS if kind in self.changed_data]
        before = {kind: str(self.initial[kind] or "") for kind in KINDS}
        for kind in changed:
            setattr(self.instance, f"{kind}_verified_at", None)
        user: User = super().save(commit)
        for kind in changed:
            address_followed(user=user, kind=kind, before=before[kind])
            address_changed_tell(user=user, kind=kind, before=before[kind])
        if self.cleaned_data.get("password1"):
            kind = next(kind for kind in KINDS if before[kind])
            said, language = NOTICES["account/email/password_changed"], language_of(user.pk)
            notice = account_changed_message(kind, before[kind], said, language=language)
            transaction.on_commit(partial(enqueue, notice))
        return user

    class Meta(wagtail_forms.UserEditForm.Meta):
        fields = {*wagtail_forms.UserEditForm.Meta.fields, "phone"}


class IndexView(users.IndexView):
    """Without what is left of accounts that were erased."""

    def get_base_queryset(self) -> QuerySet[User]:
        rows: QuerySet[User] = super().get_base_queryset()
        return rows.filter(erased_at__isnull=True)


class EditView(users.EditView):
    """Addresses and a password are ways in to somebody's account: head office is asked anew before they change."""

    @method_decorator(asked_first)
    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        page: HttpResponseBase = super().get(request, *args, **kwargs)
        return page

    @method_decorator(asked_first)
    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        page: HttpResponseBase = super().post(request, *args, **kwargs)
        return page


def deactivated_in_bulk(request: HttpRequest, action_type: str, objects: Iterable[Any], action: Any) -> None:
    """Wagtail's list of users deactivates many at once and saves none: their tokens and sessions end all the same."""
    if action_type == "set_active_state":
        ids = [each.pk for each in objects]
        inactive = User.objects.filter(pk__in=ids, is_active=False)
        tokens_end(inactive.values_list("pk", flat=True))
        sessions_end(UserSession.objects.filter(user__in=inactive))


class AccountCreateView(WordedCreateView, users.CreateView):
    add_words = _("Make an account")


class UserViewSet(users.UserViewSet):
    index_view_class = IndexView
    add_view_class = AccountCreateView
    ordering = "last_name"
    edit_view_class = EditView

    def get_form_class(self, for_update: bool = False) -> type[wagtail_forms.UserForm]:
        return UserEditForm if for_update else UserCreationForm
