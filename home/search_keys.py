"""By which digests a patient is found: of phone, folder and identity numbers, which are encrypted, and of their ends.

Nobody gets from a digest to the number without the site's key (notifications/encryption/cipher.py).
"""

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from phonenumber_field.phonenumber import PhoneNumber

from home.models import Patient, SearchKey, User
from notifications.encryption import cipher, rotation
from notifications.encryption.cipher import index_of, is_unreadable
from notifications.phone_numbers import as_phone

PHONE_END, FOLDER_END = 4, 3
"""The fewest last digits of a phone number, and characters of a folder number, by which somebody is found."""
LONGEST = 20
"""Of a folder number more is found only as a whole."""
AT_ONCE = 500


def plain(text: str) -> str:
    """What was typed or pasted, without marks that nobody sees, and with plain digits, spaces and dashes."""
    normal = re.sub("[\u2010-\u2014]", "-", unicodedata.normalize("NFKC", text))
    seen = (each for each in normal if each.isspace() or unicodedata.category(each)[0] != "C")
    return " ".join("".join(seen).split())


def folder_form(text: str) -> str:
    """A folder number without what people write now so, now so: "WYN-00417" and "wyn 00417" are the same."""
    return re.sub(r"[^0-9A-Z]", "", plain(text).upper())


def digests_of(patient: Patient) -> set[str]:
    """All that this patient's own numbers are found by."""
    found = {_digest("phone", end) for end in _phone_ends(patient.phone)}
    if patient.folder_number and not is_unreadable(patient.folder_number):
        form = folder_form(patient.folder_number)
        ends = {form[-length:] for length in range(FOLDER_END, min(len(form), LONGEST) + 1)}
        found |= {_digest("folder", end) for end in {form, *ends} if end}
    if patient.id_number and not is_unreadable(patient.id_number):
        found.add(_digest("id", patient.id_number))
    return found


def digests_of_user(user: User) -> set[str]:
    return {_digest("phone", end) for end in _phone_ends(user.phone)}


def digests_of_query(text: str) -> list[str]:
    """What this may be of somebody: a phone number in any spelling or its end, a folder number or its end, an identity
    number. None where it is too short to be one of them.
    """
    found = []
    digits = re.sub(r"[^0-9]", "", text)
    is_number = bool(digits) and re.fullmatch(r"[0-9+()./\- ]+", text) is not None
    if is_number and len(digits) >= PHONE_END:
        number = as_phone(text)
        found.append(_digest("phone", str(number.national_number) if number else digits))
    if is_number and len(digits) == 13:
        found.append(_digest("id", digits))
    form = folder_form(text)
    if len(form) >= FOLDER_END and any(each.isdigit() for each in form):
        found.append(_digest("folder", form))
    return found


def keys_write(patients: Collection[Patient]) -> None:
    """Bring the keys of these patients in step with their numbers: two statements for all of them."""
    rows = [SearchKey(patient_id=each.pk, digest=digest) for each in patients for digest in digests_of(each)]
    _replace(SearchKey.objects.filter(patient_id__any_of=[each.pk for each in patients]), rows)


def keys_of_users_write(users: Collection[User]) -> None:
    """The same of people who sign in."""
    rows = [SearchKey(user_id=each.pk, digest=digest) for each in users for digest in digests_of_user(each)]
    _replace(SearchKey.objects.filter(user_id__any_of=[each.pk for each in users]), rows)


def keys_write_all() -> None:
    """Write the keys of everybody anew, in batches."""
    for patients in _batches(Patient.objects.only("pk", "phone", "folder_number", "id_number")):
        keys_write(patients)
    for users in _batches(User.objects.only("pk", "phone")):
        keys_of_users_write(users)


def _phone_ends(number: Any) -> Iterator[str]:
    known = number if isinstance(number, PhoneNumber) else as_phone(str(number or ""))
    if known is None or is_unreadable(known):
        return
    national = str(known.national_number)
    for length in range(PHONE_END, len(national) + 1):
        yield national[-length:]


def _digest(kind: str, text: str) -> str:
    return index_of(f"search {kind} {text}")


def _replace(old: QuerySet[SearchKey], new: list[SearchKey]) -> None:
    with transaction.atomic():
        old.delete()
        # Whoever else writes the same meanwhile wrote the same.
        SearchKey.objects.bulk_create(new, 2000, ignore_conflicts=True)


def _batches(rows: QuerySet[Any]) -> Iterable[list[Any]]:
    last = 0
    while some := list(rows.filter(pk__gt=last).order_by("pk")[:AT_ONCE]):
        yield some
        last = some[-1].pk


def _rotate(done: rotation.Rotated) -> None:
    """Where the key by which all is looked up is another, the keys are written anew from what they are of."""
    prefix = cipher.current(indexed=True)[0][1]
    stale = SearchKey.objects.exclude(digest__startswith=prefix)
    for rows, write in (
        (Patient.objects.filter(pk__in=stale.values("patient")), keys_write),
        (User.objects.filter(pk__in=stale.values("user")), keys_of_users_write),
    ):
        for some in _batches(rows):
            write(some)
            done.rows += len(some)


rotation.also("search_keys", _rotate)
