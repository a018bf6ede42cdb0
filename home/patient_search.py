"""Finding patients: by part of a name, by a phone number or its last digits, by a folder or an identity number."""

import re

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q, QuerySet

from home.models import CareRole, Clinic, Patient, SearchKey, User
from home.names import folded
from home.search_keys import digests_of_query, folder_form, plain
from home.selectors import patients_visible_to_staff

LONGEST, MOST_WORDS = 100, 6
"""What is longer is nobody's name or number, and is cut."""


def patients_found(user: User | AnonymousUser, q: str) -> QuerySet[Patient]:
    """The patients whom this member of staff may see and of whom this may be said; all of them for an empty text."""
    return patients_visible_to_staff(user).filter(said_of_patient(q))


def taken_by(
    clinic: Clinic, *, folder_number: str | None = None, id_number: str | None = None
) -> Patient | None:
    """The patient of this clinic who has this folder number, however it is written, or this identity number."""
    asked = folder_number or id_number
    if not asked:
        return None
    keys = digests_of_query(asked)
    rows = Patient.objects.filter(clinic=clinic, erased_at__isnull=True)
    found = SearchKey.objects.filter(digest__in=keys, patient__isnull=False)
    for each in rows.filter(pk__in=found.values("patient")):
        if (
            folder_number
            and each.folder_number
            and folder_form(each.folder_number) == folder_form(folder_number)
        ):
            return each
        if id_number and each.id_number == id_number:
            return each
    return rows.filter(folder_number=asked).first() if folder_number else None


def said_of_patient(q: str, prefix: str = "") -> Q:
    """Whether this is said of a patient; `prefix` leads from a row to its patient, as "patient__".

    Each word is part of a name, in whatever order, or all of it is a number: theirs, or that of somebody who cares for
    them. A word with a digit may be a number too, beside a name.
    """
    text = plain(q[:LONGEST])
    words = text.split()[:MOST_WORDS]
    if not words:
        return Q()
    by_word = Q()
    for word in words:
        by_word &= _by_number(word, prefix) if re.search(r"\d", word) else _by_name(word, prefix)
    # A phone number in groups is one number, and no row of words.
    return by_word | _by_number(text, prefix) if len(words) > 1 else by_word


def _by_name(word: str, prefix: str) -> Q:
    asked = folded(word)
    return Q(**{f"{prefix}name_searched__contains": asked}) if asked else Q(pk__in=[])


def _by_number(text: str, prefix: str) -> Q:
    digests = digests_of_query(text)
    if not digests:
        return Q(pk__in=[])
    keys = SearchKey.objects.filter(digest__in=digests)
    own = keys.filter(patient__isnull=False).values("patient")
    carers = keys.filter(user__isnull=False).values("user")
    of_carers = CareRole.objects.filter(user__in=carers).order_by().values("patient")
    at = f"{prefix}pk__in" if prefix else "pk__in"
    return Q(**{at: own.union(of_carers)})
