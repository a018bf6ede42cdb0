"""Which number is called for a patient, and whether it is known to be a wrong one."""

from collections.abc import Collection
from dataclasses import dataclass

from phonenumber_field.phonenumber import PhoneNumber

from home.carers import may_be_told
from home.models import CareRole, FollowUp, Patient, Relation

Result = FollowUp.Result


@dataclass(frozen=True, slots=True)
class Number:
    """A number to call; `whose` names the one who answers it where that isn't the patient."""

    number: PhoneNumber
    whose: str = ""
    is_wrong: bool = False


def numbers_of(patient_ids: Collection[int]) -> dict[int, Number]:
    """For each of these patients the clinic's number of them, else that of who is told of them, themselves first.

    Those without any are left out. Three queries.
    """
    ids = set(patient_ids)
    if not ids:
        return {}
    own = Patient.objects.filter(pk__any_of=ids, phone__isnull=False).values_list("pk", "phone")
    found = {patient_id: Number(phone) for patient_id, phone in own}
    roles = CareRole.objects.filter(
        may_be_told(), patient_id__any_of=ids, user__is_active=True, user__phone__isnull=False
    )
    people = list(roles.select_related("user").order_by("id"))
    for role in sorted(people, key=lambda role: role.relation != Relation.SELF):
        whose = "" if role.relation == Relation.SELF else role.user.get_full_name()
        found.setdefault(role.patient_id, Number(role.user.phone, whose))
    wrong = _last_known_wrong(ids)
    return {
        patient_id: Number(each.number, each.whose, is_wrong=wrong.get(patient_id) == each.number)
        for patient_id, each in found.items()
    }


def _last_known_wrong(patient_ids: set[int]) -> dict[int, PhoneNumber]:
    """By patient the number that was wrong when it was called last; who was reached by it since says otherwise."""
    calls = FollowUp.objects.filter(
        patient_id__any_of=patient_ids,
        number__isnull=False,
        result__in=(Result.WRONG_NUMBER, Result.WILL_COME),
    )
    wrong: dict[int, PhoneNumber] = {}
    for patient_id, result, number in calls.order_by("at", "id").values_list(
        "patient_id", "result", "number"
    ):
        if result == Result.WRONG_NUMBER:
            wrong[patient_id] = number
        elif wrong.get(patient_id) == number:
            del wrong[patient_id]
    return wrong
