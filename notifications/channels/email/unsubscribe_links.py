"""The link in each e-mail that turns off e-mail of its kind: whose, and of which categories, signed.

It does not expire: whoever finds an old mail may still say that they want no more of them. All that it can do is turn
something off.
"""

from collections.abc import Iterable

from django.core.signing import BadSignature, Signer
from django.urls import reverse

from notifications.types import Category

_SALT = "notifications.unsubscribe"


def path_for(user_id: int, categories: Iterable[str]) -> str:
    """The page, in the language in use."""
    return reverse("notifications:unsubscribe", args=[token_for(user_id, categories)])


def token_for(user_id: int, categories: Iterable[str]) -> str:
    return Signer(salt=_SALT).sign(f"{user_id}:{'.'.join(sorted(categories))}")


def read_token(token: str) -> tuple[int, tuple[Category, ...]]:
    """Whose, and which categories; raises BadSignature for a token that we didn't give out."""
    user_id, _, names = Signer(salt=_SALT).unsign(token).partition(":")
    try:
        return int(user_id), tuple(Category(name) for name in names.split("."))
    except ValueError as error:
        # Of a category that there was once.
        raise BadSignature(str(error)) from error
