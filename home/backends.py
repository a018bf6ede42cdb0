"""Who is signed in: allauth's way of asking for a password, and our way of finding whose session it is."""

from functools import cache
from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.db.models import QuerySet

from home.models.user import User
from notifications.selectors.reader import with_reading


@cache
def _users() -> QuerySet[User]:
    """Made once: to put such a query together takes longer than to run it."""
    return with_reading(User.objects.all())


class AccountBackend(AuthenticationBackend):  # type: ignore[misc]  # allauth has no types
    """Finds the user of a session with all that each of their requests asks about them, in one query."""

    def get_user(self, user_id: Any) -> User | None:
        try:
            user = _users().get(pk=user_id)
        except User.DoesNotExist:
            return None
        return user if self.user_can_authenticate(user) else None


FOUND_BY = f"{AccountBackend.__module__}.{AccountBackend.__name__}"
"""As a session names it."""
