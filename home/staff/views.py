"""The page behind the link of an invitation to work. Looking changes nothing: programs that read mail look too."""

from typing import Any, cast
from urllib.parse import urlencode

from django.contrib.auth import login
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from home.backends import FOUND_BY
from home.models import StaffInvitation, User
from home.selectors import person_at
from home.sign_in.proofs import second_step_open
from home.staff.forms import AccountForm
from home.staff.invitations import staff_invitation_accept, staff_invitation_decline
from home.staff.selectors import invitation_of


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def accept(request: HttpRequest, token: str) -> HttpResponse:
    """Who asks, as what and where; the address's owner adds it to their account, or to a new one, or declines.

    Who has an account signs in first, with their second step if they have one.
    """
    now = timezone.now()
    invitation = invitation_of(token)
    if invitation is None or not invitation.is_open(now):
        state = invitation.state(now).value if invitation else ""
        return _page(request, "invitations/gone", {"state": state}, status=410)
    owner = person_at(invitation.email)
    if owner is not None and not owner.is_active:
        return _page(request, "invitations/gone", {"state": "inactive"}, status=410)
    if request.user.is_authenticated and request.user != owner:
        return _page(request, "invitations/other", {"invitation": invitation})
    if owner is not None and request.user != owner:
        return _page(request, "invitations/sign_in", {"invitation": invitation})
    if owner is not None and second_step_open(request):
        return redirect(f"{reverse('mfa_reauthenticate')}?{urlencode({'next': request.path})}")
    if request.method == "POST" and "decline" in request.POST:
        return _decline(request, invitation, token)
    form = AccountForm(request.POST or None, invitation=invitation)
    if request.method == "POST" and (owner is not None or form.is_valid()):
        return _accept(request, invitation, token, owner, form)
    return _page(request, "staff/accept", {"invitation": invitation, "owner": owner, "form": form})


def _accept(
    request: HttpRequest, invitation: StaffInvitation, token: str, owner: User | None, form: AccountForm
) -> HttpResponse:
    try:
        user = staff_invitation_accept(
            invitation_id=invitation.pk,
            digest=StaffInvitation.digest_of(token),
            user=owner,
            profile={} if owner else form.cleaned_data,
            now=timezone.now(),
        )
    except ValidationError as error:
        return _page(request, "invitations/gone", {"said": " ".join(error.messages)}, status=410)
    if owner is None:
        # Nobody can have set up a second step for an account that is a moment old: the admin asks for one now.
        login(request, user, backend=FOUND_BY)
    return redirect("wagtailadmin_home")


def _decline(request: HttpRequest, invitation: StaffInvitation, token: str) -> HttpResponse:
    digest = StaffInvitation.digest_of(token)
    if staff_invitation_decline(invitation_id=invitation.pk, digest=digest, now=timezone.now()):
        return _page(request, "staff/declined", {"invitation": invitation})
    now_found = cast(StaffInvitation, invitation_of(token))
    return _page(request, "invitations/gone", {"state": now_found.state(timezone.now()).value}, status=410)


def _page(request: HttpRequest, name: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    response = render(request, f"home/{name}.html", context, status=status)
    response["X-Robots-Tag"] = "noindex"
    return response
