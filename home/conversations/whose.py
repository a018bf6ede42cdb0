"""About whom somebody writes, as far as it is known. Constant queries."""

from dataclasses import dataclass

from home.models import CareRole, Clinic, Patient, SearchKey
from home.search_keys import digests_of_query
from notifications.free_text import FreeText
from notifications.phone_numbers import as_e164
from notifications.types import ABOUT_NOBODY, About

NOWHERE = (ABOUT_NOBODY,)


@dataclass(frozen=True, slots=True)
class Cared:
    """A patient whom somebody cares for."""

    patient_id: int
    clinic_id: int
    is_here: bool


def meant(text: FreeText) -> tuple[About, ...]:
    """What these words are about, once for each clinic that is to read them; about nobody where only head office can.

    A person with one patient writes about that one. Otherwise it is about what the last message to them was about, as
    long as it is still theirs; else it belongs to the clinic of all of theirs. Where that may be several, each of them
    reads it until one says that it is about a patient of its own: these words are addressed to whoever treats them, and
    nobody else would read them in time. A number that is nobody's belongs to the one clinic that knows it, or that
    there is.
    """
    if text.user_id is None:
        return _of_number(text.sender)
    cared = _cared(text.user_id)
    if not cared:
        return NOWHERE
    if len(cared) == 1:
        return (About(cared[0].clinic_id, cared[0].patient_id),)
    known = {About(each.clinic_id, each.patient_id) for each in cared if each.is_here}
    if text.about in known:
        return (text.about,)
    clinics = sorted({each.clinic_id for each in cared})
    if text.about.subject_id is None and text.about.scope_id in clinics:
        return (About(text.about.scope_id),)
    return tuple(About(clinic_id) for clinic_id in clinics)


def _cared(user_id: int) -> list[Cared]:
    roles = CareRole.objects.filter(user_id=user_id, patient__erased_at__isnull=True)
    return [
        Cared(role.patient_id, role.patient.clinic_id, role.patient.is_here)
        for role in roles.select_related("patient").order_by("id")
    ]


def _of_number(sender: str) -> tuple[About, ...]:
    number = as_e164(sender)
    clinics = _clinics_that_know(number) if number else set()
    clinics = clinics or set(Clinic.objects.order_by().values_list("pk", flat=True)[:2])
    return (About(clinics.pop()),) if len(clinics) == 1 else NOWHERE


def _clinics_that_know(number: str) -> set[int]:
    """Those where a patient has this number (E.164), confirmed or not."""
    found = SearchKey.objects.filter(digest__in=digests_of_query(number), patient__isnull=False)
    patients = Patient.objects.filter(pk__in=found.values("patient"), erased_at__isnull=True)
    return {each.clinic_id for each in patients.only("clinic", "phone") if str(each.phone) == number}
