"""Rotating the keys of second factors' secrets, which allauth keeps among other data of theirs."""

from typing import Any

from allauth.mfa.models import Authenticator
from cryptography.fernet import InvalidToken
from django.db import transaction

from notifications.encryption import rotation
from notifications.encryption.keys import keyring


def rotate_second_factors(done: rotation.Rotated) -> None:
    """Bring each secret to the newest key; what can't be read is named and left as it is."""
    for pk in list(Authenticator.objects.order_by("pk").values_list("pk", flat=True)):
        with transaction.atomic():
            row = Authenticator.objects.select_for_update().filter(pk=pk).first()
            if row is None:
                continue
            try:
                fresh = {name: _fresh(value) for name, value in row.data.items()}
            except InvalidToken:
                done.left.append(f"{Authenticator._meta.db_table} {pk} data")
                continue
            if fresh != row.data:
                Authenticator.objects.filter(pk=pk).update(data=fresh)
                done.rows += 1


def _fresh(value: Any) -> Any:
    """Whatever of this is encrypted, by the newest key."""
    if isinstance(value, list):
        return [_fresh(each) for each in value]
    # Fernet's tokens begin so: the version 0x80, and the first bytes of a time.
    if not isinstance(value, str) or not value.startswith("gAAAA"):
        return value
    return keyring().rotated(value.encode()).decode()


rotation.also("second factors", rotate_second_factors)
