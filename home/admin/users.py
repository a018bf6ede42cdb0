"""Wagtail's user administration, for people who may have a phone number and no e-mail address."""

from django import forms
from django.utils.translation import gettext_lazy as _
from phonenumber_field.formfields import PhoneNumberField
from wagtail.users import forms as wagtail_forms
from wagtail.users.views import users

from home.contact_verification.contacts import KINDS, address_followed
from home.models import User


class _Addresses(forms.Form):
    email = forms.EmailField(label=_("E-mail address"), required=False)
    phone = PhoneNumberField(label=_("Phone number"), required=False)


class UserCreationForm(_Addresses, wagtail_forms.UserCreationForm):
    class Meta(wagtail_forms.UserCreationForm.Meta):
        fields = {*wagtail_forms.UserCreationForm.Meta.fields, "phone"}


class UserEditForm(_Addresses, wagtail_forms.UserEditForm):
    """A changed address is not verified, and what waits for the old one goes there no more."""

    def save(self, commit: bool = True) -> User:
        changed = [kind for kind in KINDS if kind in self.changed_data]
        for kind in changed:
            setattr(self.instance, f"{kind}_verified_at", None)
        user: User = super().save(commit)
        for kind in changed:
            address_followed(user=user, kind=kind, before=str(self.initial[kind] or ""))
        return user

    class Meta(wagtail_forms.UserEditForm.Meta):
        fields = {*wagtail_forms.UserEditForm.Meta.fields, "phone"}


class UserViewSet(users.UserViewSet):
    ordering = "last_name"

    def get_form_class(self, for_update: bool = False) -> type[wagtail_forms.UserForm]:
        return UserEditForm if for_update else UserCreationForm
