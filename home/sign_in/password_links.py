"""The link by which a person chooses a password: nobody types one for another."""

from functools import partial

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import translation

from home.models import User
from home.transactional.codes import choose_password_message
from home.transactional.queue import enqueue
from notifications.selectors.people import language_of


def password_link_send(user: User) -> bool:
    """Send it to their e-mail address, once this transaction is committed; False where they have none.

    It works once, for three days, and no more once they sign in or their address changes. Their password of before
    works until then.
    """
    if not user.email:
        return False
    language = language_of(user.pk)
    with translation.override(language):
        path = reverse(
            "account_reset_password_from_key",
            kwargs={"uidb36": user_pk_to_url_str(user), "key": default_token_generator.make_token(user)},
        )
    message = choose_password_message(user.email, f"{settings.BASE_URL}{path}", language=language)
    transaction.on_commit(partial(enqueue, message))
    return True
