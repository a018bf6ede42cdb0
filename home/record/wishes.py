"""What staff set for a person, with the person's word: language, ways, detail, quiet hours. It is kept who changed what
from what to what, and the person is told in their inbox.

The settings are the person's, not the patient's. Staff set them for the patient themselves, and for somebody all of
whose patients they may see (docs/decisions/0091).
"""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, time
from hashlib import sha256
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.log_actions import log
from wagtail.models import ModelLogEntry

from home.models import CareRole, Consent, Patient, Relation, User
from home.privacy.consents import consents_give, consents_withdraw
from home.privacy.sentences import label
from home.scope import about_patient
from home.selectors import patients_visible_to_staff
from notifications.languages.listed import label as language_label
from notifications.models import NotificationPreferences
from notifications.preferences.changed_for_them import Changed, register_changes
from notifications.preferences.settings import preferences_update
from notifications.selectors.people import SWITCHES, language_of
from notifications.services import NotificationService
from notifications.types import Detail

ACTION = "home.wishes"
"""The entry in the log of changes of the patient on whose page it was done."""
FIELDS = (
    "language",
    "message_language",
    "detail",
    "quiet_hours_enabled",
    "quiet_hours_start",
    "quiet_hours_end",
)
_LABELS = {
    "language": gettext_lazy("Language"),
    "message_language": gettext_lazy("Messages in another language"),
    "detail": gettext_lazy("What others may read"),
    "quiet_hours": gettext_lazy("Quiet hours"),
}
_DETAILS = {Detail.DISCREET: gettext_lazy("discreet"), Detail.DETAILED: gettext_lazy("detailed")}


def settable_people(patient: Patient, staff: User) -> QuerySet[CareRole]:
    """The care roles of those of a patient's people whose wishes this member of staff may set, themselves first."""
    unseen = CareRole.objects.filter(user_id=OuterRef("user_id"), patient__erased_at__isnull=True).exclude(
        patient__in=patients_visible_to_staff(staff)
    )
    roles = CareRole.objects.filter(patient=patient, user__is_active=True).select_related("user")
    settable = roles.filter(relation=Relation.SELF) | roles.filter(~Exists(unseen))
    return settable.order_by("id")


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a person wants, as it can be set. `agreed` are the purposes of the consents: reminders and the channels."""

    language: str
    message_language: str
    detail: str
    quiet_hours_enabled: bool
    quiet_hours_start: time
    quiet_hours_end: time
    agreed: frozenset[str]

    @property
    def digest(self) -> str:
        """The same for the same wishes: by it a page that was open for a while is known to show what still is."""
        parts = [str(getattr(self, name)) for name in FIELDS]
        return sha256(json.dumps([*parts, sorted(self.agreed)]).encode()).hexdigest()


class WishesChangedError(Exception):
    """What a person wants is no longer what was shown to whoever was to set it."""


def wishes_of(user_ids: Collection[int]) -> dict[int, Wishes]:
    """What these people want now; a channel that is turned off counts as not agreed to. Two queries."""
    rows = NotificationPreferences.objects.filter(user_id__in=user_ids)
    saved = {row.user_id: row for row in rows}
    agreed: dict[int, set[str]] = {id_: set() for id_ in user_ids}
    standing = Consent.objects.filter(user_id__in=user_ids, withdrawn_at__isnull=True)
    for user_id, purpose in standing.values_list("user_id", "purpose"):
        agreed[user_id].add(purpose)
    return {
        id_: _wishes(saved.get(id_) or NotificationPreferences(user_id=id_), agreed[id_]) for id_ in user_ids
    }


def wishes_set(
    *, patient: Patient, person: User, wanted: Wishes, shown: str, by: User, now: datetime
) -> list[tuple[str, Any, Any]]:
    """Set what this person wants, as they told `by`; what is different now, each with what was before.

    A consent that is missing is written down as said to staff, with `by` as its witness; one that they no longer give
    is withdrawn. `shown` is the digest of the wishes from which they were set: a STOP since then is the person's last
    word. Raises WishesChangedError where they are others now, ValidationError by field; then nothing is changed.
    """
    with transaction.atomic():
        NotificationPreferences.objects.get_or_create(user_id=person.pk)
        NotificationPreferences.objects.select_for_update().get(user_id=person.pk)
        before = wishes_of([person.pk])[person.pk]
        if wanted == before:
            return []
        if shown != before.digest:
            raise WishesChangedError
        changes = {name: getattr(wanted, name) for name in FIELDS}
        preferences_update(user_id=person.pk, changes=changes, now=now)
        _set_consents(person, before.agreed, wanted, by, now)
        found = _different(before, wishes_of([person.pk])[person.pk])
        if found:
            log(instance=patient, action=ACTION, user=by, data={"person": person.pk, "changes": found})
            _tell(person, found, patient)
    return found


def _wishes(row: NotificationPreferences, agreed: Iterable[str]) -> Wishes:
    off = {name for name, field in SWITCHES.items() if not getattr(row, field)}
    return Wishes(
        row.language,
        row.message_language,
        row.detail,
        row.quiet_hours_enabled,
        _as_time(row.quiet_hours_start),
        _as_time(row.quiet_hours_end),
        frozenset(agreed) - off,
    )


def _as_time(value: Any) -> time:
    """The defaults of a row that was never saved are text."""
    return time.fromisoformat(value) if isinstance(value, str) else value


def _set_consents(person: User, before: frozenset[str], wanted: Wishes, by: User, now: datetime) -> None:
    given, ended = wanted.agreed - before, before - wanted.agreed
    # In this order: what is turned on or off afterwards finds its consent as it is to be.
    consents_give(
        user_id=person.pk,
        purposes=sorted(given),
        how=Consent.How.SPOKEN,
        language=wanted.language,
        witness_id=by.pk,
        now=now,
    )
    consents_withdraw(
        user_id=person.pk, purposes=sorted(ended), how=Consent.Ended.STAFF, by_id=by.pk, now=now
    )
    switches = {SWITCHES[name]: name in given for name in sorted(given | ended) if name in SWITCHES}
    if switches:
        preferences_update(user_id=person.pk, changes=switches, now=now)


def _different(before: Wishes, after: Wishes) -> list[tuple[str, Any, Any]]:
    found: list[tuple[str, Any, Any]] = [
        (name, getattr(before, name), getattr(after, name))
        for name in ("language", "message_language", "detail")
        if getattr(before, name) != getattr(after, name)
    ]
    if _quiet(before) != _quiet(after):
        found.append(("quiet_hours", _quiet(before), _quiet(after)))
    for purpose in sorted(before.agreed ^ after.agreed):
        found.append((purpose, purpose in before.agreed, purpose in after.agreed))
    return found


def _quiet(wishes: Wishes) -> str:
    if not wishes.quiet_hours_enabled:
        return ""
    return f"{wishes.quiet_hours_start:%H:%M}–{wishes.quiet_hours_end:%H:%M}"


def change_words(change: Iterable[Any]) -> str:
    """One change in the active language, as "Language: English → Afrikaans"."""
    name, before, after = change
    said = _LABELS.get(name) or label(name)
    return f"{said}: {_value(name, before)} → {_value(name, after)}"


def _value(name: str, value: Any) -> str:
    if name in ("language", "message_language"):
        return language_label(value) if value else _("none")
    if name == "detail":
        return str(_DETAILS.get(value, value))
    if name == "quiet_hours":
        return value or _("none")
    return _("yes") if value else _("no")


def _tell(person: User, found: Iterable[Iterable[Any]], patient: Patient) -> None:
    with translation.override(language_of(person.pk)):
        lines = [
            _("Your clinic changed this, as you asked:"),
            *map(change_words, found),
            _("If that is not right, change it in your settings or tell your clinic."),
        ]
        NotificationService.send(
            users=[person],
            title=_("Your settings were changed"),
            message="\n".join(lines),
            channels=["in_app"],
            path="/preferences/",
            about=about_patient(patient),
        )


def changes_of(user_id: int, *, latest: int = 5) -> list[Changed]:
    """The latest changes that staff made to this person's wishes. Two queries at most."""
    entries = ModelLogEntry.objects.filter(action=ACTION, data__person=user_id).select_related("user")
    return [_changed(entry) for entry in entries.order_by("-timestamp", "-pk")[:latest]]


def _changed(entry: ModelLogEntry) -> Changed:
    by = entry.user.get_full_name() if entry.user else ""
    return Changed(entry.timestamp, by, [change_words(each) for each in entry.data["changes"]])


def entry_words(data: Mapping[str, Any]) -> str:
    """What an entry in the log of changes says."""
    return "; ".join(change_words(each) for each in data.get("changes", ()))


register_changes(changes_of)
