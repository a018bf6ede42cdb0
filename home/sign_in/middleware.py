"""The second factor of staff."""

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.deprecation import MiddlewareMixin
from django.utils.translation import gettext_lazy as _


class StaffMfaMiddleware(MiddlewareMixin):
    """Lets staff into the admin only with a second factor, where STAFF_MFA_REQUIRED says so."""

    def process_request(self, request: HttpRequest) -> HttpResponse | None:
        if not settings.STAFF_MFA_REQUIRED or not request.path_info.startswith(reverse("wagtailadmin_home")):
            return None
        user = request.user
        if not user.has_perm("wagtailadmin.access_admin") or is_mfa_enabled(user):
            return None
        messages.info(request, _("Staff sign in with a second step. Please set it up first."))
        return redirect("mfa_activate_totp")
