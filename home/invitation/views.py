"""The page behind an invitation's link. Looking at it changes nothing: programs that read mail open links too."""

from typing import Any

from django.contrib.auth import login
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from home.backends import FOUND_BY
from home.invitation.forms import AcceptForm
from home.invitation.selectors import invitation_of
from home.invitation.services import invitation_accept, invitation_decline, invitation_purposes
from home.models import Invitation, User
from home.privacy.consents import undecided
from home.privacy.sentences import sentences_now
from home.selectors import person_at


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def accept(request: HttpRequest, token: str) -> HttpResponse:
    """Who asks, and for whom; the address's owner adds the patient to their account, or to a new one, or declines."""
    now = timezone.now()
    invitation = invitation_of(token)
    if invitation is None or not invitation.is_open(now) or invitation.patient.deceased_on:
        state = invitation.state(now).value if invitation else ""
        return _page(request, "gone", {"state": state}, status=410)
    owner = person_at(invitation.address)
    if request.user.is_authenticated and request.user != owner:
        return _page(request, "other", {"invitation": invitation})
    if owner is not None and request.user != owner:
        return _page(request, "sign_in", {"invitation": invitation})
    if request.method == "POST" and "decline" in request.POST:
        return _decline(request, invitation, token)
    form = AcceptForm(request.POST or None, invitation=invitation)
    if request.method == "POST" and (owner is not None or form.is_valid()):
        return _accept(request, invitation, token, owner, form)
    return _page(
        request,
        "accept",
        {
            "invitation": invitation,
            "owner": owner,
            "form": form,
            "sentences": sentences_now(
                undecided(owner.pk if owner else None, invitation_purposes(invitation))
            ),
        },
    )


def _accept(
    request: HttpRequest, invitation: Invitation, token: str, owner: User | None, form: AcceptForm
) -> HttpResponse:
    try:
        user = invitation_accept(
            invitation_id=invitation.pk,
            digest=Invitation.digest_of(token),
            user=owner,
            profile={} if owner else form.cleaned_data,
            now=timezone.now(),
        )
    except ValidationError as error:
        return _page(request, "gone", {"said": " ".join(error.messages)}, status=410)
    if owner is None:
        # Nobody can have set up a second factor for an account that is a moment old.
        login(request, user, backend=FOUND_BY)
        if user.phone and not user.phone_verified_at:
            # Who came by a card shows now that the number is theirs: nothing clinical goes there before.
            return redirect("contact_verification:address", "phone")
    return redirect("home:start")


def _decline(request: HttpRequest, invitation: Invitation, token: str) -> HttpResponse:
    digest = Invitation.digest_of(token)
    if invitation_decline(invitation_id=invitation.pk, digest=digest, now=timezone.now()):
        return _page(request, "declined", {"invitation": invitation})
    return _page(request, "gone", {}, status=410)


def _page(request: HttpRequest, name: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    response = render(request, f"home/invitations/{name}.html", context, status=status)
    response["X-Robots-Tag"] = "noindex"
    return response
