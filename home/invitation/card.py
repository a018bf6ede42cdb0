"""The link on a card that is handed over at the desk: it works once, and as long as the invitation."""

import secrets
from datetime import datetime

import qrcode
from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.safestring import SafeString, mark_safe
from qrcode.image.svg import SvgPathImage

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
    made = qrcode.make(link, image_factory=SvgPathImage, box_size=16, border=4)
    picture: str = made.to_string(encoding="unicode")
    return mark_safe(picture)  # noqa: S308 - made of squares by the library
