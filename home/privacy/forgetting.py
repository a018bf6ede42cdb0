"""How this app forgets a person: their record, their account, and every trace of their names and addresses."""

import json
from collections.abc import Iterator
from datetime import datetime
from importlib import import_module
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.sessions.models import Session
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _
from wagtail.users.models import UserProfile

from home.models import (
    CareRole,
    Consent,
    Conversation,
    DataExport,
    Erasure,
    FollowUp,
    ImportRow,
    Invitation,
    Patient,
    PatientNote,
    SearchKey,
    StaffInvitation,
    StaffRole,
    Transfer,
    User,
    WorklistEntry,
)
from home.privacy.log_entries import forget_log_entries, forget_mentions
from notifications.models import InboundMessage, Notification
from notifications.pipeline.forgetting import forget_announcements, forget_files, forget_messages
from notifications.privacy import Effect, Person, Step, cleared, deleted

PATIENT_FORGETS: dict[str, Any] = {
    "first_name": "",
    "last_name": "",
    "name_searched": "",
    "date_of_birth": None,
    "born_about": False,
    "sex": "",
    "folder_number": None,
    "id_number": None,
    "phone": None,
    "timezone": "",
    "slot_times": {},
    "deceased_on": None,
    "left_on": None,
    "left_why": "",
}
"""What an erased patient's row says instead."""
USER_FORGETS: dict[str, Any] = {
    "first_name": "",
    "last_name": "",
    "email": None,
    "phone": None,
    "email_verified_at": None,
    "phone_verified_at": None,
    "last_login": None,
    "is_active": False,
    "is_staff": False,
}
"""What an erased account's row says instead; its password is one that nobody has."""


def forget_record(person: Person, now: datetime) -> Iterator[Step]:
    """The patient records: who they are of, who cared for them, and who was invited to."""
    ids = person.patient_ids
    if not ids:
        return
    patients = Patient.objects.filter(pk__in=ids)
    names = _names(patients)
    yield from forget_messages(_about(names, patients, but=person.user_id), now)
    yield from forget_announcements(names, now)
    yield from _forget_invitations(Invitation.objects.filter(patient__in=ids))
    roles = CareRole.objects.filter(patient__in=ids)
    yield from forget_log_entries(CareRole, roles)
    yield deleted(_("People who care for this patient"), roles)
    yield deleted(
        _("By what a search finds the patient’s numbers"), SearchKey.objects.filter(patient__in=ids)
    )
    yield deleted(_("Consents"), Consent.objects.filter(patient__in=ids))
    yield from _forget_conversations(Q(patient__in=ids))
    yield deleted(_("Reasons to call this patient"), WorklistEntry.objects.filter(patient__in=ids))
    said = Q(number__isnull=False) | ~Q(note="")
    calls = FollowUp.objects.filter(said, patient__in=ids)
    yield cleared(_("Numbers and notes of calls to this patient"), calls, number=None, note="")
    yield deleted(_("Downloads of this patient’s data"), DataExport.objects.filter(patient__in=ids))
    rows = ImportRow.objects.filter(patient__in=ids).exclude(said="", made="", cells="")
    yield cleared(
        _("What a file said of this patient"), rows, cells="", said="", made="", marks={}, sends=False
    )
    yield from forget_log_entries(Patient, patients)
    yield from forget_mentions(names)
    yield from forget_files(names)
    yield _words_of(Erasure.objects.filter(patient__in=ids))
    yield deleted(_("Notes"), PatientNote.objects.filter(patient__in=ids))
    yield from forget_log_entries(Transfer, Transfer.objects.filter(patient__in=ids))
    yield deleted(_("Transfers to another clinic"), Transfer.objects.filter(patient__in=ids))
    yield cleared(
        _("The patient’s name, date of birth and wishes"),
        patients.filter(erased_at__isnull=True),
        erased_at=now,
        **PATIENT_FORGETS,
    )


def forget_account(person: Person, now: datetime) -> Iterator[Step]:
    """The account: how its person signed in, from where, for whom they cared, and who they were."""
    if person.user_id is None:
        return
    users = User.objects.filter(pk=person.user_id)
    email, phone = users.values_list("email", "phone").first() or (None, None)
    addresses = [str(each) for each in (email, phone) if each]
    theirs = Q(user=person.user_id)
    if phone:
        theirs |= Q(number=str(phone))
    yield from _forget_conversations(theirs)
    mine = Q(accepted_by=person.user_id)
    for kind, address in (("email", email), ("phone", phone)):
        if address:
            mine |= Q(**{kind: address})
    yield from _forget_invitations(Invitation.objects.filter(mine))
    yield from _forget_staff_invitations(person.user_id, email)
    yield deleted(_("Patients whom this person cares for"), CareRole.objects.filter(user__in=users))
    yield deleted(_("Consents"), Consent.objects.filter(user__in=users))
    yield deleted(_("By what a search finds the phone number"), SearchKey.objects.filter(user__in=users))
    yield _sessions(person.user_id, addresses)
    yield from _forget_attempts(addresses)
    by_user: tuple[tuple[Any, Any], ...] = (
        (_("Addresses to sign in with"), EmailAddress),
        (_("Second step at sign-in"), Authenticator),
        (_("Downloads of one’s data"), DataExport),
    )
    for words, model in by_user:
        yield deleted(words, model.objects.filter(user_id=person.user_id))
    yield _profiles(person.user_id)
    for words, through in (
        (_("Groups of staff"), User.groups.through),
        (_("Permissions"), User.user_permissions.through),
    ):
        yield deleted(words, through.objects.filter(user_id=person.user_id))
    yield from forget_log_entries(User, users)
    names = [name for name in (each.get_full_name() for each in users) if " " in name]
    yield from forget_mentions([*addresses, *names])
    yield _words_of(Erasure.objects.filter(user__in=users))
    yield cleared(
        _("The account’s name, addresses and password"),
        users.filter(erased_at__isnull=True),
        erased_at=now,
        password=make_password(None),
        **USER_FORGETS,
    )


def _names(patients: QuerySet[Patient]) -> list[str]:
    """Whole names only: a single word would be somebody else's too."""
    return [name for name in (each.get_full_name() for each in patients) if " " in name]


def _about(names: list[str], patients: QuerySet[Patient], *, but: int | None) -> QuerySet[Notification]:
    """The messages about these patients, and those that name them to who cares for them or works at their clinics."""
    named = Q(pk=None)
    for name in names:
        named |= Q(title__contains=name) | Q(body__contains=name)
    people = Q(recipient__in=CareRole.objects.filter(patient__in=patients).values("user"))
    staff = Q(recipient__in=StaffRole.objects.filter(clinic__in=patients.values("clinic")).values("user"))
    invited = Q(recipient__in=Invitation.objects.filter(patient__in=patients).values("accepted_by"))
    about = Q(subject_id__in=patients.values("pk"))
    rows = Notification.objects.filter(about | Q(named, people | staff | invited))
    return rows.exclude(recipient_id=but) if but else rows


def _forget_conversations(theirs: Q) -> Iterator[Step]:
    """With what nurses answered, and whatever was written in them that no account's erasure finds."""
    rows = Conversation.objects.filter(theirs)
    numbers = [number for number in rows.filter(user=None).values_list("number", flat=True) if number]
    written = Q(pk=None)
    for number in numbers:
        written |= Q(sender=number)
    unknown = {"sender": "", "text": "", "reply": "", "error": ""}
    texts = InboundMessage.objects.filter(written).exclude(**unknown)
    yield cleared(_("SMS from numbers that are nobody’s"), texts, **unknown)
    yield deleted(_("Conversations with nurses"), rows)


def _forget_invitations(invitations: QuerySet[Invitation]) -> Iterator[Step]:
    yield from forget_log_entries(Invitation, invitations)
    yield deleted(_("Invitations"), invitations)


def _forget_staff_invitations(user_id: int, email: str | None) -> Iterator[Step]:
    """To work at a clinic. That others were invited by this person stays, without their name."""
    mine = Q(accepted_by=user_id) | (Q(email=email) if email else Q(pk=None))
    rows = StaffInvitation.objects.filter(mine)
    yield from forget_log_entries(StaffInvitation, rows)
    yield deleted(_("Invitations to work at a clinic"), rows)


def _words_of(erasures: QuerySet[Erasure]) -> Step:
    said = erasures.filter(Q(in_their_words__gt="") | Q(refusal__gt=""))
    words = _("Words in which an erasure was asked for or refused")
    return cleared(words, said, in_their_words="", refusal="")


def _forget_attempts(addresses: list[str]) -> Iterator[Step]:
    """What is kept of sign-ins, by the names that they were tried with."""
    tried = Q(pk=None)
    for address in addresses:
        tried |= Q(username__iexact=address)
    for words, model in (
        (_("Attempts to sign in"), AccessAttempt),
        (_("Failed sign-ins"), AccessFailureLog),
        (_("Sign-ins"), AccessLog),
    ):
        yield deleted(words, model.objects.filter(tried))


def _sessions(user_id: int, addresses: list[str]) -> Step:
    """Their sessions, and those in which one of their addresses was typed. Whose one is stands in it, encoded."""
    store = import_module(settings.SESSION_ENGINE).SessionStore

    def found() -> list[str]:
        return [
            session.session_key
            for session in Session.objects.iterator()
            if _is_of(session.get_decoded(), user_id, addresses)
        ]

    def carry_out() -> int:
        keys = found()
        for key in keys:
            store(session_key=key).delete()
        return len(keys)

    return Step(_("Sessions"), Effect.DELETED, carry_out, count=lambda: len(found()))


def _is_of(said: dict[str, Any], user_id: int, addresses: list[str]) -> bool:
    if said.get("_auth_user_id") == str(user_id):
        return True
    text = json.dumps(said, default=str).lower()
    return any(address.lower() in text for address in addresses)


def _profiles(user_id: int) -> Step:
    rows = UserProfile.objects.filter(user_id=user_id)

    def carry_out() -> int:
        profiles = list(rows)
        for profile in profiles:
            if profile.avatar:
                profile.avatar.delete(save=False)
            profile.delete()
        return len(profiles)

    return Step(_("Settings and picture of staff"), Effect.DELETED, carry_out, count=rows.count)
