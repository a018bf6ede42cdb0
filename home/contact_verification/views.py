"""Verifying or changing a contact: the person gives the address, then types the code that was sent there."""

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.reauthentication import raise_if_reauthentication_required
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.forms import Form
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from home.contact_verification.contacts import KINDS, address_confirm, address_of
from home.contact_verification.forms import ADDRESS_FORMS, CodeForm
from home.contact_verification.pending import Pending, begin, end, failed, find
from home.limits import address_request, code_try
from home.models import Consent, User
from home.privacy.consents import consents_give, undecided
from home.privacy.gate import is_asked
from home.privacy.sentences import REMINDERS, reading_language, sentences_now
from home.transactional.codes import CHANNEL_OF, address_taken_message, code_message, new_code
from home.transactional.message import can_send, send
from notifications.exceptions import ChannelError
from notifications.preferences.only_way import only_ways
from notifications.selectors.people import language_of
from notifications.web.access import PersonalRequest


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def address(request: PersonalRequest, kind: str) -> HttpResponse:
    """Ask for the address, and send a code there. Who wants another address is asked anew who they are."""
    _check_kind(kind)
    now_used = address_of(request.user, kind)
    if request.method == "POST":
        form = ADDRESS_FORMS[kind](request.POST)
        if form.is_valid():
            if form.cleaned_data[kind] != now_used:
                raise_if_reauthentication_required(request, app="home")
            if _send_code(request, kind, form):
                return redirect("contact_verification:code", kind)
    else:
        if not now_used or _is_verified(request.user, kind):
            # Nothing can be done here but change it.
            raise_if_reauthentication_required(request, app="home")
        form = ADDRESS_FORMS[kind](initial={kind: now_used})
    context = {"nav": "settings", "form": form, "kind": kind, "now_used": now_used}
    return render(request, "home/contact_verification/address.html", context)


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def code(request: PersonalRequest, kind: str) -> HttpResponse:
    """Ask for the code; the right one verifies the address."""
    _check_kind(kind)
    pending = find(request.session, kind, now=timezone.now())
    if pending is None:
        if request.method == "POST":
            messages.warning(request, _("This code no longer works. Ask for a new code."))
        return redirect("contact_verification:address", kind)
    form = CodeForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        if not code_try(request):
            form.add_error(None, get_adapter().validation_error("rate_limited"))
        elif not pending.fits(form.cleaned_data["code"]):
            if not failed(request.session, pending):
                messages.warning(request, _("Too many wrong tries. Ask for a new code."))
                return redirect("contact_verification:address", kind)
            form.add_error("code", get_adapter().validation_error("incorrect_code"))
        else:
            return _confirm(request, pending)
    context = {
        "nav": "settings",
        "form": form,
        "kind": kind,
        "address": pending.address,
        "sentences": sentences_now(_to_agree(request, kind)),
    }
    return render(request, "home/contact_verification/code.html", context)


def _check_kind(kind: str) -> None:
    if kind not in KINDS or not can_send(CHANNEL_OF[kind]):
        raise Http404


def _is_verified(user: User, kind: str) -> bool:
    return (user.email_verified_at if kind == "email" else user.phone_verified_at) is not None


def _send_code(request: PersonalRequest, kind: str, form: Form) -> bool:
    """Whether a message was sent; what is wrong is put into the form."""
    address = form.cleaned_data[kind]
    if not address_request(request, address=address, own=address == address_of(request.user, kind)):
        form.add_error(None, get_adapter().validation_error("rate_limited"))
        return False
    code, language = new_code(), language_of(request.user.pk)
    message = code_message(kind, address, code, language=language, page="notifications:preferences")
    if User.objects.filter(**{kind: address}).exclude(pk=request.user.pk).exists():
        # The page is the same, so that only the address itself learns that it has an account.
        code, message = "", address_taken_message(kind, address, language=language)
    try:
        send(message)
    except ChannelError as error:
        form.add_error(kind, _refused(error))
        return False
    begin(request.session, Pending(kind, address, code, timezone.now().timestamp()))
    return True


def _refused(error: ChannelError) -> str:
    if error.permanent:
        return _("Nothing can be sent there. Please check that it is right.")
    return _("The code could not be sent just now. Please try again in a minute.")


def _confirm(request: PersonalRequest, pending: Pending) -> HttpResponse:
    end(request.session)
    try:
        address_confirm(
            user_id=request.user.pk, kind=pending.kind, address=pending.address, now=timezone.now()
        )
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect("contact_verification:address", pending.kind)
    consents_give(
        user_id=request.user.pk,
        purposes=_to_agree(request, pending.kind),
        how=Consent.How.SITE,
        language=reading_language(),
        now=timezone.now(),
    )
    messages.success(request, _confirmed(request.user.pk, pending))
    return HttpResponseRedirect(f"{reverse('notifications:preferences')}#reach")


def _confirmed(user_id: int, pending: Pending) -> str:
    """By SMS comes what a person chose, or what nothing else would carry."""
    if pending.kind == "phone" and only_ways([user_id]).get(user_id) != CHANNEL_OF["phone"]:
        return _("Confirmed. What comes by SMS you choose under “What reaches you, and how”.")
    return _("Confirmed. We will send your messages to %(address)s.") % {"address": pending.address}


def _to_agree(request: PersonalRequest, kind: str) -> list[str]:
    """What whoever types the code agrees to: to be reminded, by that channel, unless they have said yes or no to it
    before.
    """
    if not is_asked(request.user.pk):
        return []
    return undecided(request.user.pk, [REMINDERS, CHANNEL_OF[kind]])
