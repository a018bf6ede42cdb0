"""Reads: the invitation that a link opens."""

from home.models import Invitation


def invitation_of(token: str) -> Invitation | None:
    """The invitation of this link, open or not."""
    found = Invitation.objects.filter(digest=Invitation.digest_of(token)).select_related(
        "patient__clinic", "invited_by"
    )
    return found.first()
