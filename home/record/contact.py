"""How a patient is reached: the number by which the clinic calls, and the addresses of those who get the messages."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.conf import settings

from home.models import CareRole, Consent, Patient, Relation
from home.privacy.sentences import REMINDERS
from home.record.sections import Reading
from notifications.models import NotificationPreferences
from notifications.types import Detail

MOST_PEOPLE = 20
"""So many who care for one patient are shown."""


@dataclass(frozen=True, slots=True)
class Address:
    """`kind` is phone or email; a number is written as in South Africa."""

    kind: str
    address: str
    is_confirmed: bool


@dataclass(frozen=True, slots=True)
class Contact:
    """How one person who gets this patient's messages is reached. `channels` are those that they agreed to."""

    role: CareRole
    addresses: Sequence[Address]
    channels: frozenset[str]
    agreed_to_reminders: bool
    is_discreet: bool
    language: str

    @property
    def is_self(self) -> bool:
        return bool(self.role.relation == Relation.SELF)

    @property
    def is_reached(self) -> bool:
        """Whether anything about treatment can leave the house to them."""
        confirmed = any(each.is_confirmed for each in self.addresses)
        return self.role.user.is_active and confirmed and self.agreed_to_reminders and bool(self.channels)


def contacts_of(patient: Patient) -> list[Contact]:
    """The people who get this patient's messages, themselves first. Three queries."""
    roles = list(CareRole.objects.filter(patient=patient).select_related("user").order_by("id")[:MOST_PEOPLE])
    roles.sort(key=lambda role: role.relation != Relation.SELF)
    ids = [role.user_id for role in roles]
    purposes = _purposes(ids)
    wishes = NotificationPreferences.objects.filter(user_id__in=ids)
    known = {id_: wish for id_, *wish in wishes.values_list("user_id", "detail", "language")}
    unknown = [Detail.DISCREET.value, settings.LANGUAGE_CODE]
    return [_contact(role, purposes[role.user_id], *known.get(role.user_id, unknown)) for role in roles]


def contacts_for(reading: Reading) -> list[Contact]:
    """As `contacts_of`: several parts of the page ask for them, and they are read once."""
    found: list[Contact] | None = reading.shared.get("home.contacts")
    if found is None:
        found = reading.shared["home.contacts"] = contacts_of(reading.patient)
    return found


def language_in_words(reading: Reading) -> str:
    """In which language the patient is written to; empty where the patient has no account."""
    own = next((each for each in contacts_for(reading) if each.is_self), None)
    return str(dict(settings.LANGUAGES).get(own.language, "")) if own else ""


def _purposes(user_ids: Sequence[int]) -> Mapping[int, set[str]]:
    found: dict[int, set[str]] = defaultdict(set)
    standing = Consent.objects.filter(user_id__in=user_ids, withdrawn_at__isnull=True)
    for user_id, purpose in standing.values_list("user_id", "purpose"):
        found[user_id].add(purpose)
    return found


def _contact(role: CareRole, purposes: set[str], detail: str, language: str) -> Contact:
    user = role.user
    known = (("phone", user.phone, user.phone_verified_at), ("email", user.email, user.email_verified_at))
    addresses = [
        Address(kind, each.as_national if kind == "phone" and each.is_valid() else str(each), at is not None)
        for kind, each, at in known
        if each
    ]
    return Contact(
        role,
        addresses,
        frozenset(purposes - {REMINDERS}),
        REMINDERS in purposes,
        detail == Detail.DISCREET,
        language,
    )
