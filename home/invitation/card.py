"""The link on a card that is handed over at the desk: it works once, and as long as the invitation."""

import secrets
from datetime import datetime

from allauth.mfa.adapter import get_adapter
from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.safestring import SafeString, mark_safe

from home.models import Invitation


def card_link(*, invitation_id: int, now: datetime) -> str:
    """The address on a new card; the cards of before stop working. Empty for an invitation that is not open."""
    token = secrets.token_urlsafe(16)
    opened = Invitation.objects.filter(
        pk=invitation_id,
        expires_at__gt=now,
        accepted_at__isnull=True,
        declined_at__isnull=True,
        revoked_at__isnull=True,
    )
    if not opened.update(card_digest=Invitation.digest_of(token)):
        return ""
    language = opened.values_list("language", flat=True).get()
    with translation.override(language):
        return f"{settings.BASE_URL}{reverse('invitation:accept', args=[token])}"


def qr_code(link: str) -> SafeString:
    """The link as a picture in SVG, which stands in a page; it has no text of its own."""
    drawn: str = get_adapter().build_totp_svg(link)
    return mark_safe(drawn[drawn.index("<svg") :])  # noqa: S308 - made of squares by the library
