"""Reads: the patients that the reader cares for, and their prescriptions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from home.models import CareRole, Patient, Relation, User
from home.names import Known, look_alike, name_key
from home.selectors import patients_of
from medications.formats import PatientValue
from medications.formats import patient as patient_name
from medications.models import Prescription
from notifications.texts.formats import isolated

CHILD_UNTIL = 13
"""The age, in years, up to which the calendar of childhood vaccinations is shown."""


@dataclass(frozen=True, slots=True)
class Person:
    """A patient as the reader knows them: themselves or somebody else."""

    patient: Patient
    is_self: bool

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.patient.zone)

    def today(self, now: datetime) -> date:
        """This person's local date."""
        return now.astimezone(self.zone).date()

    def is_child(self, now: datetime) -> bool:
        return (age := self.age(now)) is not None and age < CHILD_UNTIL

    def age(self, now: datetime) -> int | None:
        """In full years; None without a date of birth."""
        born = self.patient.date_of_birth
        if born is None:
            return None
        today = self.today(now)
        return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def local_day(patient: Patient, now: datetime) -> date:
    """The date on the patient's wall; on the clinic's, where their own time zone isn't known. Join the clinic."""
    return now.astimezone(ZoneInfo(patient.zone)).date()


def people_cared_for(user: User) -> list[Person]:
    """The patients that the reader cares for, themselves first. Two queries."""
    own = set(CareRole.objects.filter(user=user, relation=Relation.SELF).values_list("patient_id", flat=True))
    return [Person(patient, patient.pk in own) for patient in patients_of(user)]


def person_of(people: Sequence[Person], patient_id: int) -> Person | None:
    """The person among these who is this patient, else None."""
    return next((person for person in people if person.patient.pk == patient_id), None)


def full_name(person: Person, people: Sequence[Person]) -> str:
    """As "Sipho Nkosi"; with the date of birth where another of these people has the same name."""
    return patient_name(PatientValue(person.patient.get_full_name(), _born(person, people)))


def short_name(person: Person, people: Sequence[Person]) -> str:
    """The first name, or as much more as it takes to tell this person from the others."""
    first = name_key(person.patient.first_name)
    alone = sum(name_key(each.patient.first_name) == first for each in people) < 2
    return isolated(person.patient.first_name) if alone else full_name(person, people)


def _born(person: Person, people: Sequence[Person]) -> date | None:
    patients = [each.patient for each in people]
    alike = look_alike([Known(each.pk, each.get_full_name(), each.date_of_birth) for each in patients])
    return person.patient.date_of_birth if person.patient.pk in alike else None


def prescription_of(user: User, prescription_id: int) -> Prescription | None:
    """The prescription, if the reader cares for its patient, else None. One query, and one for its schedules."""
    theirs = Prescription.objects.filter(patient__in=patients_of(user).order_by().values("pk"))
    return (
        theirs.select_related("medicine", "patient__clinic")
        .prefetch_related("schedules")
        .filter(pk=prescription_id)
        .first()
    )
