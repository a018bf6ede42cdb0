"""Reads: the invitation that a link opens."""

from django.db.models import Q

from home.models import Invitation


def invitation_of(token: str) -> Invitation | None:
    """The invitation of this link, open or not; also of the link on its card."""
    digest = Invitation.digest_of(token)
    found = Invitation.objects.filter(Q(digest=digest) | Q(card_digest=digest))
    return found.select_related("patient__clinic", "invited_by").first()
