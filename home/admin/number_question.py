"""Asks whose number it is that somebody has already: a phone is shared, or a guardian's, or this is the same person.

Only of patients whom this member of staff may see: whether a number has an account elsewhere, nobody here is told
(docs/decisions/0076).
"""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from phonenumber_field.phonenumber import PhoneNumber

from home.admin.birth_dates import with_birth_date
from home.models import CareRole, Patient, Relation, User
from home.patient_search import patients_found
from notifications.texts import formats

SAME = "same-"
"""Stands before the key of the patient who this is."""
SHARED = "shared"
MOST = 5


@dataclass(frozen=True, slots=True)
class Owners:
    """The patients who have a number, by themselves or by somebody who cares for them; and those people."""

    patients: list[Patient]
    people: list[User]
    number: PhoneNumber

    def names(self) -> str:
        mine = [each.get_full_name() for each in self.patients if each.phone == self.number]
        told = [each.get_full_name() for each in self.people if each.get_full_name()]
        return formats.listed(list(dict.fromkeys([*told, *mine]))[:MOST])

    def name(self) -> tuple[str, str]:
        """First and last name of whoever has the number, where it is one person."""
        mine = [each for each in self.patients if each.phone == self.number]
        owner: Any = self.people[0] if self.people else mine[0] if len(mine) == 1 else None
        return (owner.first_name, owner.last_name) if owner else ("", "")


class NumberField(forms.ChoiceField):
    """Whose number it is; what can be answered is decided once it is known who has it."""

    def __init__(self) -> None:
        super().__init__(
            label=gettext_lazy("Whose number is it?"), required=False, widget=forms.RadioSelect, choices=[]
        )

    def valid_value(self, value: Any) -> bool:
        return True

    def ask_about(self, owners: Owners) -> None:
        same = [
            (
                f"{SAME}{each.pk}",
                format_html(
                    _("This is {patient}: open that page, and register nobody"), patient=with_birth_date(each)
                ),
            )
            for each in owners.patients[:MOST]
        ]
        self.choices = [
            *same,
            (Relation.GUARDIAN.value, _("It is the number of a guardian, who is told everything")),
            (
                Relation.CARER.value,
                _("It is the number of a carer, who is told everything; the patient says yes to it"),
            ),
            (
                SHARED,
                _(
                    "They share the phone: reminders come there, but not that a dose was missed; the patient says "
                    "yes to it"
                ),
            ),
        ]


def owners_of(number: PhoneNumber, *, user: User) -> Owners:
    """Who has this number among the patients whom this member of staff may see. Three queries."""
    found = list(patients_found(user, number.as_e164).select_related("clinic").order_by("id")[: 4 * MOST])
    roles = CareRole.objects.filter(patient__in=[each.pk for each in found]).select_related("user")
    holders = [role for role in roles if role.user.phone == number]
    held = {role.patient_id for role in holders}
    people = list({role.user_id: role.user for role in holders}.values())
    return Owners([each for each in found if each.phone == number or each.pk in held], people, number)
