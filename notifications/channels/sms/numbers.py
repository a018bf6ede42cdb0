"""Whose number is whose. All that reads a person's phone number for SMS reads it here."""

from collections.abc import Collection

from django.contrib.auth import get_user_model
from django.db.models import TextField
from django.db.models.functions import Cast

from notifications.encryption.cipher import is_unreadable, unseal
from notifications.phone_numbers import as_e164


def numbers_of(user_ids: Collection[int]) -> dict[int, str]:
    """The numbers, in E.164, at which these people may be written to; who has none that can be read is left out. One
    query.
    """
    people = get_user_model()._default_manager.filter(id__any_of=user_ids, phone__isnull=False).order_by()
    # The column holds E.164. Taken as text: building a number object for each of ten thousand takes seconds.
    kept = people.annotate(number=Cast("phone", TextField())).values_list("id", "number")
    numbers = {user_id: unseal(sealed) for user_id, sealed in kept}
    return {user_id: number for user_id, number in numbers.items() if not is_unreadable(number)}


def unconfirmed(user_ids: Collection[int]) -> list[int]:
    """Who of them has a number that no code came back from yet. One query."""
    people = get_user_model()._default_manager.filter(
        id__any_of=user_ids, phone__isnull=False, phone_verified_at__isnull=True
    )
    return list(people.order_by().values_list("id", flat=True))


def owner_of(number: str) -> int | None:
    """Who has this number and an account in use; a number belongs to one person."""
    e164 = as_e164(number)
    if e164 is None:
        return None
    people = get_user_model()._default_manager.filter(phone=e164, is_active=True)
    return people.values_list("pk", flat=True).first()
