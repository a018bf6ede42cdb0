"""The people and places of the demo."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.contrib.auth.hashers import make_password

from home.demo_accounts import DOMAIN, PASSWORD
from home.models import CareRole, Clinic, Consent, Patient, PatientNote, Relation, StaffRole, Transfer, User
from home.privacy.consents import consents_for_all
from home.privacy.sentences import personal_purposes
from home.search_keys import keys_of_users_write, keys_write
from home.worklist.demo import load_calls
from notifications.languages.listed import PAGES
from notifications.models import ChannelChoice, NotificationPreferences
from notifications.types import Category

_WYNBERG, _WORCESTER = "Wynberg Community Clinic", "Worcester Community Clinic"
_FOURTEEN_MONTHS = timedelta(days=426)
_THREE_YEARS = timedelta(days=1105)


@dataclass(frozen=True, slots=True)
class _Person:
    """Somebody who signs in, with an e-mail address of this name or else with a phone number."""

    key: str
    first_name: str
    last_name: str
    language: str = "en"
    phone: str | None = None


_PEOPLE = (
    _Person("thandi", "Thandi", "Mokoena"),
    _Person("pieter", "Pieter", "van der Merwe", "af"),
    _Person("anna", "Anna", "van der Merwe"),
    _Person("sipho", "Sipho", "Nkosi"),
    _Person("fatima", "Fatima", "Jacobs", "af"),
    _Person("johannes", "Johannes", "Botha", "af", phone="+27825550142"),
    _Person("zanele", "Zanele", "Khumalo", phone="+27835550117"),
    _Person("ruan", "Ruan", "Fourie", "af"),
    _Person("naledi", "Naledi", "Molefe"),
    _Person("willem", "Willem", "Steyn", "af"),
    _Person("ayesha", "Ayesha", "Davids", "af"),
    _Person("themba", "Themba", "Ndlovu", phone="+27725550163"),
    _Person("sister", "Nomsa", "Dlamini"),
    _Person("manager", "Priya", "Naidoo"),
    _Person("elsabe", "Elsabé", "Marais", "af"),
    _Person("vusi", "Vusi", "Sithole"),
)
_STAFF = (
    ("sister", _WYNBERG, StaffRole.Role.NURSE),
    ("manager", _WYNBERG, StaffRole.Role.MANAGER),
    ("elsabe", _WORCESTER, StaffRole.Role.NURSE),
    ("vusi", _WORCESTER, StaffRole.Role.MANAGER),
)
_PATIENTS = (
    (_WYNBERG, "Thandi", "Mokoena", date(1979, 8, 9), "f", "WYN-00102", "+27825550111"),
    (_WYNBERG, "Pieter", "van der Merwe", date(1948, 3, 14), "m", "WYN-00098", "+27825550112"),
    (_WYNBERG, "Lwazi", "van der Merwe", _FOURTEEN_MONTHS, "m", "WYN-00533", None),
    (_WYNBERG, "Sipho", "Nkosi", date(1985, 11, 2), "m", "WYN-00291", "+27825550121"),
    (_WYNBERG, "Amahle", "Nkosi", _THREE_YEARS, "f", "WYN-00534", None),
    (_WYNBERG, "Fatima", "Jacobs", date(1992, 5, 27), "f", "WYN-00417", "+27725550164"),
    (_WYNBERG, "Johannes", "Botha", date(1955, 1, 30), "m", "WYN-00104", "+27825550142"),
    (_WYNBERG, "Zanele", "Khumalo", date(1968, 6, 16), "f", "WYN-00188", "+27835550117"),
    (_WYNBERG, "Ruan", "Fourie", date(2001, 9, 21), "m", "WYN-00602", None),
    (_WYNBERG, "Bongani", "Mthembu", date(1983, 3, 8), "m", "WYN-00611", "+27715550148"),
    (_WYNBERG, "Sarah", "Adams", date(1971, 1, 19), "f", "WYN-00618", "+27735550106"),
    (_WORCESTER, "Naledi", "Molefe", date(1974, 12, 5), "f", "WOR-1017", "+27835550131"),
    (_WORCESTER, "Willem", "Steyn", date(1951, 7, 18), "m", "WOR-1024", "+27235550151"),
    (_WORCESTER, "Ayesha", "Davids", date(1988, 4, 3), "f", "WOR-1031", "+27725550172"),
    (_WORCESTER, "Themba", "Ndlovu", date(1960, 10, 11), "m", "WOR-1038", "+27725550163"),
    (_WORCESTER, "Grietjie", "Davids", date(1939, 2, 24), "f", "WOR-1045", None),
)
_CARERS = (
    ("Pieter", "anna", Relation.CARER),
    ("Lwazi", "anna", Relation.GUARDIAN),
    ("Amahle", "sipho", Relation.GUARDIAN),
    ("Grietjie", "ayesha", Relation.CARER),
)

_NOTES = (
    ("Thandi", "sister", timedelta(days=20), "Works nights this month: call after 14:00."),
    ("Johannes", "sister", timedelta(days=9), "Hard of hearing. His daughter answers the phone."),
)


def load(now: datetime) -> str:
    """Make the people and places unless they exist; a sentence about what was made, or an empty text."""
    if User.objects.filter(email__endswith=f"@{DOMAIN}").exists():
        return ""
    # A second command at the same time waits here for the first, and finds the clinic.
    first, new = Clinic.objects.get_or_create(
        name=_WYNBERG, defaults={"address": "12 Church Street\nWynberg\n7800", "phone": "+27215550104"}
    )
    if not new:
        return ""
    second = Clinic.objects.create(
        name=_WORCESTER,
        address="48 High Street\nWorcester\n6850",
        phone="+27235550131",
        slot_times={"morning": "07:30"},
    )
    clinics = {clinic.name: clinic for clinic in (first, second)}
    users = _users(now)
    for key, clinic, role in _STAFF:
        # One by one: saving a role puts the person into its group.
        StaffRole.objects.create(user=users[key], clinic=clinics[clinic], role=role)
    _patients(clinics, users, now)
    return f"{len(clinics)} clinics, {len(users)} people who sign in, {len(_PATIENTS)} patients"


def demo_patients() -> dict[str, Patient]:
    """The patients of the demo's clinics, with their clinics, by first name; none before it is loaded. Of two with one
    name it is the first, who is the demo's.
    """
    rows = Patient.objects.filter(clinic__staff_roles__user__email__endswith=f"@{DOMAIN}")
    return {row.first_name: row for row in rows.select_related("clinic").order_by("-id").distinct()}


def _users(now: datetime) -> dict[str, User]:
    password = make_password(PASSWORD)  # once: it takes its time, on purpose
    people = {
        person.key: User(
            email=None if person.phone else f"{person.key}@{DOMAIN}",
            phone=person.phone,
            first_name=person.first_name,
            last_name=person.last_name,
            password=password,
            email_verified_at=None if person.phone else now,
            phone_verified_at=now if person.phone else None,
        )
        for person in _PEOPLE
    }
    people["admin"] = User(
        email=f"admin@{DOMAIN}",
        first_name="Lerato",
        last_name="Maseko",
        password=password,
        email_verified_at=now,
        is_staff=True,
        is_superuser=True,
    )
    User.objects.bulk_create(people.values())
    keys_of_users_write(list(people.values()))
    NotificationPreferences.objects.bulk_create(
        NotificationPreferences(user=people[person.key], language=person.language)
        for person in _PEOPLE
        if person.language != "en"
    )
    medication = Category.MEDICATION.value
    ChannelChoice.objects.create(user=people["pieter"], category=medication, channel="email", on=True)
    return people


def _patients(clinics: dict[str, Clinic], users: dict[str, User], now: datetime) -> None:
    rows = {
        first_name: Patient(
            clinic=clinics[clinic],
            first_name=first_name,
            last_name=last_name,
            date_of_birth=born
            if isinstance(born, date)
            else now.astimezone(ZoneInfo(clinics[clinic].zone)).date() - born,
            sex=sex,
            folder_number=folder_number,
            phone=phone,
        )
        for clinic, first_name, last_name, born, sex, folder_number, phone in _PATIENTS
    }
    Patient.objects.bulk_create(rows.values())
    load_calls(rows, sister=users["sister"], sipho=users["sipho"], now=now)
    keys_write(list(rows.values()))
    themselves = [
        CareRole(patient=patient, user=users[first_name.lower()], relation=Relation.SELF)
        for first_name, patient in rows.items()
        if first_name.lower() in users
    ]
    others = [
        CareRole(patient=rows[first_name], user=users[key], relation=relation, alert_missed=True)
        for first_name, key, relation in _CARERS
    ]
    CareRole.objects.bulk_create([*themselves, *others])
    PatientNote.objects.bulk_create(
        PatientNote(patient=rows[first_name], author=users[key], at=now - ago, text=text)
        for first_name, key, ago, text in _NOTES
    )
    # Willem moves: his clinic asks, and the other one finds him in its list.
    Transfer.objects.create(
        patient=rows["Willem"],
        from_clinic=clinics[_WORCESTER],
        to_clinic=clinics[_WYNBERG],
        asked_by=users["elsabe"],
        asked_at=now - timedelta(days=1),
        reason="Woon van Desember af by sy dogter in Wynberg.",
    )
    _consents([*themselves, *others], clinics, users, now)


def _consents(
    roles: list[CareRole], clinics: dict[str, Clinic], users: dict[str, User], now: datetime
) -> None:
    """Everybody agreed on paper to all, in their own language, before a nurse of their clinic."""
    languages = {users[person.key].pk: person.language for person in _PEOPLE}
    themselves = {role.patient_id: role.user_id for role in roles if role.relation == Relation.SELF}
    witnesses = {
        clinics[clinic].pk: users[key] for key, clinic, role in _STAFF if role == StaffRole.Role.NURSE
    }
    for clinic_id, witness in witnesses.items():
        of_clinic = [role for role in roles if role.patient.clinic_id == clinic_id]
        for language in PAGES:
            spoken = {role.user_id for role in of_clinic if languages[role.user_id] == language}
            consents_for_all(
                user_ids=spoken,
                patient_ids={
                    role.patient_id
                    for role in of_clinic
                    if role.relation == Relation.CARER
                    and languages[themselves.get(role.patient_id, role.user_id)] == language
                },
                # Calls come only to who asked for them.
                purposes=[purpose for purpose in personal_purposes() if purpose != "voice"],
                how=Consent.How.PAPER,
                language=language,
                now=now,
                witness_id=witness.pk,
            )
