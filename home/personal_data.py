"""What this app holds of a person: their account and how they sign in, their record, and who cares for whom."""

from collections.abc import Iterator
from typing import Any

from allauth.mfa.models import Authenticator
from axes.models import AccessLog
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from knox.models import AuthToken

from home.models import (
    AccessRecord,
    CareRole,
    Consent,
    ConversationAnswer,
    DataExport,
    Erasure,
    FollowUp,
    ImportRow,
    Invitation,
    Patient,
    PatientNote,
    RegionRole,
    StaffInvitation,
    StaffRole,
    Transfer,
    User,
    UserSession,
)
from home.privacy.forgetting import forget_account, forget_record
from home.privacy.pages import page_name
from home.privacy.retention import RETENTIONS
from home.privacy.sentences import label, sentence
from home.sign_in.session_life import life_of
from notifications.privacy import Person, Section, register_forget_names, register_retention, register_section

_NAME = _("Name")


def _account(person: Person) -> Iterator[tuple[Any, ...]]:
    for each in User.objects.filter(pk=person.account):
        yield (
            each.first_name,
            each.last_name,
            each.email,
            each.email_verified_at,
            str(each.phone or ""),
            each.phone_verified_at,
            each.date_joined,
            each.last_login,
        )


def _records(person: Person) -> Iterator[tuple[Any, ...]]:
    for each in Patient.objects.filter(pk__in=person.patient_ids).select_related("clinic"):
        times = ", ".join(f"{slot} {time}" for slot, time in sorted(each.slot_times.items()))
        yield (
            each.first_name,
            each.last_name,
            each.date_of_birth,
            each.get_sex_display(),
            each.folder_number,
            each.id_number,
            str(each.phone or ""),
            each.clinic.name,
            each.timezone,
            times,
            each.deceased_on,
            each.left_on,
            each.get_left_why_display(),
        )


def _carers(person: Person) -> Iterator[tuple[Any, ...]]:
    roles = CareRole.objects.filter(patient__in=person.patient_ids).select_related("patient", "user")
    for each in roles.order_by("patient_id", "id"):
        yield (
            each.patient.get_full_name(),
            each.user.get_full_name(),
            each.get_relation_display(),
            each.alert_missed,
        )


def _cared_for(person: Person) -> Iterator[tuple[Any, ...]]:
    roles = CareRole.objects.filter(user=person.account).exclude(patient__in=person.patient_ids)
    for each in roles.select_related("patient").order_by("patient_id"):
        yield each.patient.get_full_name(), each.get_relation_display(), each.alert_missed


def _staff_roles(person: Person) -> Iterator[tuple[Any, ...]]:
    for each in StaffRole.objects.filter(user=person.account).select_related("clinic"):
        yield each.clinic.name, each.get_role_display()
    for district in RegionRole.objects.filter(user=person.account).select_related("region"):
        yield district.region.name, RegionRole._meta.verbose_name


def _staff_invitations(person: Person) -> Iterator[tuple[Any, ...]]:
    mine = Q(accepted_by=person.account)
    if email := User.objects.filter(pk=person.account).values_list("email", flat=True).first():
        mine |= Q(email=email)
    for each in StaffInvitation.objects.filter(mine).select_related("clinic").order_by("created_at"):
        yield each.clinic.name, each.get_role_display(), each.created_at, each.accepted_at


def _invitations(person: Person) -> Iterator[tuple[Any, ...]]:
    """To care for them; not to whom, which is somebody else's address."""
    rows = Invitation.objects.filter(patient__in=person.patient_ids).select_related("patient")
    for each in rows.order_by("created_at"):
        yield (
            each.patient.get_full_name(),
            each.get_relation_display(),
            each.created_at,
            each.accepted_at,
            each.revoked_at,
        )


def _notes(person: Person) -> Iterator[tuple[Any, ...]]:
    rows = PatientNote.objects.filter(patient__in=person.patient_ids).select_related("patient")
    for each in rows.order_by("at"):
        yield (each.patient.get_full_name(), each.at, each.text)


def _imports(person: Person) -> Iterator[tuple[Any, ...]]:
    """Which files the patient was in. What they said is in the record, or in none."""
    rows = ImportRow.objects.filter(patient__in=person.patient_ids).select_related("patient", "of__clinic")
    for each in rows.order_by("of_id", "number"):
        yield (
            each.patient.get_full_name() if each.patient else "",
            each.of.uploaded_at,
            each.of.clinic.name,
            each.get_state_display(),
        )


def _transfers(person: Person) -> Iterator[tuple[Any, ...]]:
    rows = Transfer.objects.filter(patient__in=person.patient_ids)
    for each in rows.select_related("patient", "from_clinic", "to_clinic").order_by("asked_at"):
        yield (
            each.patient.get_full_name(),
            each.from_clinic.name,
            each.to_clinic.name,
            each.asked_at,
            each.get_state_display(),
            each.reason,
        )


def _sign_ins(person: Person) -> Iterator[tuple[Any, ...]]:
    known = User.objects.filter(pk=person.account).values_list("email", "phone").first() or ()
    rows = AccessLog.objects.filter(username__in=[str(each) for each in known if each])
    columns = ("attempt_time", "ip_address", "user_agent", "logout_time")
    yield from rows.order_by("-attempt_time").values_list(*columns)


def _sessions(person: Person) -> Iterator[tuple[Any, ...]]:
    for row in UserSession.objects.filter(user=person.account).select_related("session").order_by("id"):
        if life := life_of(row.session.get_decoded()):
            yield life.device, life.began_at, life.seen_at


def _factors(person: Person) -> Iterator[tuple[Any, ...]]:
    for each in Authenticator.objects.filter(user_id=person.account):
        yield each.get_type_display(), each.created_at, each.last_used_at


def _tokens(person: Person) -> Iterator[tuple[Any, ...]]:
    rows = AuthToken.objects.filter(user_id=person.account).order_by("created")
    yield from rows.values_list("created", "expiry")


def _words(consents: QuerySet[Consent]) -> Iterator[tuple[Any, ...]]:
    for each in consents.order_by("given_at", "id"):
        words = sentence(each.purpose, each.language, each.version)
        yield label(each.purpose), words, each.get_how_display(), each.given_at, each.withdrawn_at


def _own_consents(person: Person) -> Iterator[tuple[Any, ...]]:
    yield from _words(Consent.objects.filter(user=person.account))


def _consents_of_patients(person: Person) -> Iterator[tuple[Any, ...]]:
    yield from _words(Consent.objects.filter(patient__in=person.patient_ids))


def _looks(person: Person) -> Iterator[tuple[Any, ...]]:
    rows = AccessRecord.objects.filter(patient__in=person.patient_ids).select_related("user")
    for each in rows.order_by("at", "id"):
        who = each.user.get_full_name() if each.user else ""
        yield who, each.get_kind_display(), page_name(each.page), each.at, each.last_at


def _calls(person: Person) -> Iterator[tuple[Any, ...]]:
    rows = FollowUp.objects.filter(patient__in=person.patient_ids).select_related("by")
    for each in rows.order_by("at", "id"):
        who = each.by.get_full_name() if each.by else ""
        yield each.at, who, str(each.number or ""), each.get_result_display(), each.until, each.note


def _answers(person: Person) -> Iterator[tuple[Any, ...]]:
    """What the clinic wrote to them; what they wrote themselves is among the SMS from them."""
    rows = ConversationAnswer.objects.filter(conversation__user=person.account)
    for each in rows.select_related("by", "conversation__clinic").order_by("at", "id"):
        clinic = each.conversation.clinic
        yield each.at, each.by.get_full_name() if each.by else "", clinic.name if clinic else "", each.text


def _requests(person: Person) -> Iterator[tuple[Any, ...]]:
    for each in DataExport.objects.filter(user=person.account).defer("encrypted").order_by("asked_at"):
        yield _("download of one’s data"), each.asked_at, each.get_state_display(), ""
    for erasure in Erasure.objects.filter(asked_by=person.account).order_by("asked_at"):
        yield _("erasure"), erasure.asked_at, erasure.get_state_display(), erasure.refusal


_CONSENT = {
    "purpose": _("For what"),
    "words": _("In which words"),
    "how": _("How"),
    "given": _("Given"),
    "withdrawn": pgettext_lazy("a consent", "Withdrawn"),
}

for _section in (
    Section("consents", _("What you agreed to"), _CONSENT, _own_consents, of_account=True, order=16),
    Section(
        "consents_of_patient",
        _("Whether carers are told"),
        _CONSENT,
        _consents_of_patients,
        of_account=False,
        order=17,
    ),
    Section(
        "access_log",
        _("Who has seen the record"),
        {
            "who": _("Who"),
            "what": _("What"),
            "part": _("Part of the record"),
            "at": _("When"),
            "last_at": _("Last time"),
        },
        _looks,
        of_account=False,
        order=18,
    ),
    Section(
        "calls",
        _("Calls from the clinic"),
        {
            "at": _("When"),
            "who": _("Who called"),
            "number": _("Number"),
            "result": _("Result"),
            "until": _("Until"),
            "note": _("Note"),
        },
        _calls,
        of_account=False,
        order=23,
    ),
    Section(
        "conversations",
        _("What nurses answered you"),
        {"at": _("When"), "who": _("Who"), "clinic": _("Clinic"), "answer": _("Answer")},
        _answers,
        of_account=True,
        order=84,
    ),
    Section(
        "account",
        _("Your account"),
        {
            "first_name": _("First name"),
            "last_name": _("Last name"),
            "email": _("E-mail address"),
            "email_confirmed": _("E-mail address confirmed"),
            "phone": _("Phone number"),
            "phone_confirmed": _("Phone number confirmed"),
            "joined": _("Since"),
            "last_sign_in": _("Last sign-in"),
        },
        _account,
        of_account=True,
        order=10,
    ),
    Section(
        "record",
        _("The patient’s record"),
        {
            "first_name": _("First name"),
            "last_name": _("Last name"),
            "date_of_birth": _("Date of birth"),
            "sex": _("Sex"),
            "folder_number": _("Folder number"),
            "id_number": _("Identity number"),
            "phone": _("Phone number"),
            "clinic": _("Clinic"),
            "time_zone": _("Time zone"),
            "times": _("Times of day"),
            "deceased_on": _("Deceased on"),
            "left_on": _("Left on"),
            "left_why": _("Why"),
        },
        _records,
        of_account=False,
        order=11,
    ),
    Section(
        "carers",
        _("Who sees the record and is told"),
        {
            "patient": _("Patient"),
            "person": _NAME,
            "relation": _("Relation"),
            "missed": _("Told of missed doses"),
        },
        _carers,
        of_account=False,
        order=12,
    ),
    Section(
        "cares_for",
        _("For whom you care"),
        {"patient": _("Patient"), "relation": _("Relation"), "missed": _("Told of missed doses")},
        _cared_for,
        of_account=True,
        order=13,
    ),
    Section(
        "staff_roles",
        _("Where you work"),
        {"clinic": _("Clinic"), "role": _("Role")},
        _staff_roles,
        of_account=True,
        order=14,
    ),
    Section(
        "staff_invitations",
        _("Invitations to work at a clinic"),
        {"clinic": _("Clinic"), "role": _("Role"), "made": _("Made"), "accepted": _("Accepted")},
        _staff_invitations,
        of_account=True,
        order=15,
    ),
    Section(
        "invitations",
        _("Invitations to care for the patient"),
        {
            "patient": _("Patient"),
            "relation": _("Relation"),
            "made": _("Made"),
            "accepted": _("Accepted"),
            "withdrawn": pgettext_lazy("an invitation", "Withdrawn"),
        },
        _invitations,
        of_account=False,
        order=15,
    ),
    Section(
        "notes",
        _("Notes that your clinic wrote down"),
        {"patient": _("Patient"), "at": _("When"), "text": _("Text")},
        _notes,
        of_account=False,
        order=16,
    ),
    Section(
        "imports",
        _("Files with which your clinic brought patients in"),
        {"patient": _("Patient"), "at": _("When"), "clinic": _("Clinic"), "state": _("State")},
        _imports,
        of_account=False,
        order=17,
    ),
    Section(
        "transfers",
        _("Transfers to another clinic"),
        {
            "patient": _("Patient"),
            "from": _("From"),
            "to": _("To"),
            "asked": _("Asked on"),
            "state": _("State"),
            "reason": _("Reason"),
        },
        _transfers,
        of_account=False,
        order=17,
    ),
    Section(
        "sign_ins",
        _("Your sign-ins"),
        {"at": _("When"), "address": _("From (IP address)"), "browser": _("Browser"), "until": _("Until")},
        _sign_ins,
        of_account=True,
        order=20,
    ),
    Section(
        "sessions",
        _("Where you are signed in"),
        {"device": _("Device"), "since": _("Since"), "last_used": _("Last used")},
        _sessions,
        of_account=True,
        order=19,
    ),
    Section(
        "second_factors",
        _("Your second step at sign-in"),
        {"kind": _("Kind"), "since": _("Since"), "last_used": _("Last used")},
        _factors,
        of_account=True,
        order=21,
    ),
    Section(
        "programs",
        _("Programs that sign in for you"),
        {"since": _("Since"), "until": _("Until")},
        _tokens,
        of_account=True,
        order=22,
    ),
    Section(
        "requests",
        _("What you asked for about your data"),
        {"what": _("What"), "asked": _("Asked on"), "state": _("State"), "reason": _("Reason")},
        _requests,
        of_account=True,
        order=90,
    ),
):
    register_section(_section)

register_forget_names(forget_record)
register_forget_names(forget_account)
register_retention(*RETENTIONS)
