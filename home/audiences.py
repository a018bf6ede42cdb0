"""The audiences of announcements: the patients, carers, staff and managers of a clinic, or of all clinics; and what
chooses some of the patients: their age, the language of their people, a list.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from home.ages import years_before
from home.models import CareRole, Patient, Relation, StaffRole, in_care
from home.search_keys import folder_form
from home.selectors import clinics_managed_by, people_of
from notifications.audiences import (
    LIST,
    Audience,
    Filter,
    Listed,
    SeriesStart,
    Started,
    Within,
    register,
    register_filter,
    register_list,
    register_people,
    register_scopes,
    register_start,
)
from notifications.encryption.cipher import is_unreadable
from notifications.languages.listed import DEFAULT, label, of_messages
from notifications.models import NotificationPreferences
from notifications.phone_numbers import as_e164
from notifications.types import About

AGES: Mapping[str, tuple[int, int | None]] = {
    "0-4": (0, 4),
    "5-11": (5, 11),
    "12-17": (12, 17),
    "18-39": (18, 39),
    "40-59": (40, 59),
    "60+": (60, None),
}
"""In whole years, from and to, both included."""


def _care(within: Mapping[str, Any], patient_ids: Collection[int] | None, **filters: Any) -> Iterable[int]:
    roles = CareRole.objects.filter(in_care("patient"), user__is_active=True, **filters)
    if "clinic" in within:
        roles = roles.filter(patient__clinic_id=within["clinic"])
    if patient_ids is not None:
        roles = roles.filter(patient_id__any_of=patient_ids)
    return roles.values_list("user_id", flat=True).distinct()


def patients_within(within: Mapping[str, Any]) -> QuerySet[Patient]:
    """The patients who are treated where this limit says."""
    patients = Patient.objects.filter(in_care()).order_by()
    return patients.filter(clinic_id=within["clinic"]) if "clinic" in within else patients


def _staff(within: Mapping[str, Any], **filters: Any) -> QuerySet[StaffRole, int]:
    roles = StaffRole.objects.filter(user__is_active=True, **filters)
    if "clinic" in within:
        roles = roles.filter(clinic_id=within["clinic"])
    return roles.values_list("user_id", flat=True).distinct()


def _scopes(user: Any) -> Sequence[Within]:
    """Each of the clinics that they manage; head office also all of them together."""
    everywhere = [Within("all", gettext("All clinics"), {})] if user.is_superuser and user.is_active else []
    clinics = clinics_managed_by(user).order_by("name")
    return [*everywhere, *(Within(str(clinic.pk), clinic.name, {"clinic": clinic.pk}) for clinic in clinics)]


register(Audience("patients", _("Patients"), lambda within, ids: _care(within, ids, relation=Relation.SELF)))
register(
    Audience(
        "carers",
        _("Carers and guardians"),
        lambda within, ids: _care(within, ids, relation__in=[Relation.CARER, Relation.GUARDIAN]),
    )
)
register(Audience("staff", _("Staff"), lambda within, ids: _staff(within), of_subjects=False))
register(
    Audience(
        "managers",
        _("Managers"),
        lambda within, ids: _staff(within, role=StaffRole.Role.MANAGER),
        of_subjects=False,
    )
)
register_scopes(_scopes, lambda within: About(within.get("clinic")))


def _languages(within: Mapping[str, Any], now: datetime) -> Sequence[tuple[str, Any]]:
    return [(language, label(language)) for language in of_messages()]


def _readers(languages: Sequence[str], user_ids: Collection[int]) -> Iterable[int]:
    """Those of these people who read messages in one of these languages. One query."""
    rows = NotificationPreferences.objects.filter(user_id__any_of=user_ids)
    read = {
        user_id: wanted or language
        for user_id, wanted, language in rows.values_list("user_id", "message_language", "language")
    }
    return [user_id for user_id in user_ids if read.get(user_id, DEFAULT) in languages]


def _ages(within: Mapping[str, Any], now: datetime) -> Sequence[tuple[str, Any]]:
    return [
        (name, _("%(first)d to %(last)d") % {"first": first, "last": last})
        if last is not None
        else (name, _("%(first)d and older") % {"first": first})
        for name, (first, last) in AGES.items()
    ]


def born_for(ages: Iterable[str], today: date) -> Q:
    """When people were born who are of one of these ages on this day."""
    born = Q(pk__in=[])
    for first, last in (AGES[name] for name in ages if name in AGES):
        one = Q(date_of_birth__lte=years_before(today, first))
        born |= one if last is None else one & Q(date_of_birth__gt=years_before(today, last + 1))
    return born


def _of_age(ages: Sequence[str], within: Mapping[str, Any], now: datetime) -> Iterable[int]:
    born = born_for(ages, timezone.localdate(now))
    return patients_within(within).filter(born).values_list("pk", flat=True)


def _listed(values: Sequence[str], within: Mapping[str, Any], now: datetime) -> Iterable[int]:
    ids = [int(value) for value in values]
    return patients_within(within).filter(pk__any_of=ids).values_list("pk", flat=True)


def _as_phone(line: str) -> str:
    """Also where a spreadsheet took the number for one to reckon with, and the first zero away."""
    zero_lost = line.isascii() and line.isdigit() and len(line) == 9
    return as_e164(f"0{line}" if zero_lost else line) or ""


def _read_list(lines: Sequence[str], within: Mapping[str, Any]) -> Listed:
    """By folder number, or by the phone number of a patient or of who cares for them. Two queries.

    Two patients of one phone are both meant; a folder number that two clinics gave means nobody.
    """
    by_folder: dict[str, set[int]] = defaultdict(set)
    by_phone: dict[str, set[int]] = defaultdict(set)
    patients = patients_within(within)
    for id_, folder, phone in patients.values_list("pk", "folder_number", "phone"):
        if folder and not is_unreadable(folder):
            by_folder[folder_form(folder)].add(id_)
        if phone:
            by_phone[str(phone)].add(id_)
    roles = CareRole.objects.filter(patient__in=patients, user__is_active=True, user__phone__isnull=False)
    for id_, phone in roles.values_list("patient_id", "user__phone"):
        by_phone[str(phone)].add(id_)
    found: set[int] = set()
    unknown = []
    for line in lines:
        of_folder = by_folder.get(folder_form(line), set())
        meant = of_folder if len(of_folder) == 1 else by_phone.get(_as_phone(line), set())
        found |= meant
        if not meant:
            unknown.append(line)
    return Listed(frozenset(found), tuple(unknown))


register_filter(Filter("language", _("Language"), _languages, of_users=_readers))
register_filter(Filter("age", _("Age of the patient"), _ages, subject_ids=_of_age))
register_filter(Filter(LIST, _("A list"), lambda within, now: [], subject_ids=_listed))
register_list(_read_list)


def _births(values: Sequence[str], within: Mapping[str, Any], days: Collection[date]) -> Iterable[Started]:
    born = patients_within(within).filter(date_of_birth__in=days, born_about=False)
    rows = born.values_list("pk", "date_of_birth", "clinic_id")
    return [Started(id_, day, clinic_id) for id_, day, clinic_id in rows if day]


def _told_of(patient_ids: Collection[int]) -> Mapping[int, Sequence[int]]:
    return {
        patient_id: [person.user_id for person in people]
        for patient_id, people in people_of(patient_ids).items()
    }


register_start(SeriesStart("birth", _("the birth of the patient"), _births))
register_people(_told_of)
