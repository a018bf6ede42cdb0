"""Those who are registered already, as the rows of a file ask about them."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Q
from phonenumber_field.phonenumber import PhoneNumber

from home.admin.lookalikes import most_alike
from home.admin.number_question import Owners
from home.admin.registered import Registered
from home.models import Clinic, Patient, SearchKey, User
from home.search_keys import digests_of_query, plain
from home.selectors import patients_visible_to_staff


class RegisteredBefore(Registered):
    """Those who are registered already, asked about for many rows at once: only for a row that somebody there may be
    like is the register asked anew. Four queries for a batch.
    """

    def __init__(self, user: User, numbers: Iterable[str], births: Iterable[Any]) -> None:
        super().__init__(user)
        self.asked = {digest for text in numbers if text for digest in digests_of_query(plain(text))}
        keys = SearchKey.objects.filter(digest__in=self.asked)
        self.known = set(keys.values_list("digest", flat=True))
        visible = patients_visible_to_staff(user)
        self.undated = visible.filter(Q(date_of_birth=None) | Q(born_about=True)).exists()
        self.born: dict[Any, list[Patient]] = {}
        self.days = {day for day in births if day}
        for each in visible.filter(date_of_birth__in=self.days).select_related("clinic"):
            self.born.setdefault(each.date_of_birth, []).append(each)

    def may_have(self, text: str) -> bool:
        digests = digests_of_query(text)
        return not digests or any(each in self.known or each not in self.asked for each in digests)

    def taken_by(self, clinic: Clinic, **number: str) -> Patient | None:
        [asked] = number.values()
        return super().taken_by(clinic, **number) if self.may_have(asked) else None

    def owners_of(self, phone: PhoneNumber) -> Owners:
        return super().owners_of(phone) if self.may_have(phone.as_e164) else Owners([], [], phone)

    def lookalikes(self, patient: Patient) -> list[Patient]:
        day = patient.date_of_birth
        by_number = patient.id_number and self.may_have(patient.id_number)
        if self.undated or by_number or day not in self.days or patient.born_about:
            return super().lookalikes(patient)
        return most_alike(patient, self.born.get(day, ()))


class ForRow(Registered):
    """The same for one row: remembers whose numbers it has, and leaves out the patient whom it is about."""

    def __init__(self, others: Registered, about: Patient | None = None) -> None:
        super().__init__(others.user)
        self.others, self.about = others, about
        self.taken: dict[str, Patient] = {}

    def taken_by(self, clinic: Clinic, **number: str) -> Patient | None:
        found = self.others.taken_by(clinic, **number)
        if found is None or found == self.about:
            return None
        self.taken.update(dict.fromkeys(number, found))
        return found

    def owners_of(self, phone: PhoneNumber) -> Owners:
        found = self.others.owners_of(phone)
        return Owners([each for each in found.patients if each != self.about], found.people, phone)

    def lookalikes(self, patient: Patient) -> list[Patient]:
        return [] if self.about else self.others.lookalikes(patient)
