"""Those who are registered already, as the form at the desk asks about them."""

from phonenumber_field.phonenumber import PhoneNumber

from home.admin.lookalikes import lookalikes
from home.admin.number_question import Owners, owners_of
from home.models import Clinic, Patient, User
from home.patient_search import taken_by


class Registered:
    """Looks for one patient after the other, among those whom this member of staff may see."""

    def __init__(self, user: User) -> None:
        self.user = user

    def taken_by(self, clinic: Clinic, **number: str) -> Patient | None:
        """Who has this `folder_number` or `id_number` at the clinic."""
        return taken_by(clinic, **number)

    def owners_of(self, phone: PhoneNumber) -> Owners:
        """Who has this phone number."""
        return owners_of(phone, user=self.user)

    def lookalikes(self, patient: Patient) -> list[Patient]:
        """Who may be the same person."""
        return lookalikes(patient, user=self.user)
