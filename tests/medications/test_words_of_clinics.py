"""Who cares for patients of two clinics gets each message in the words of the clinic that it is about."""

import pytest

from medications.services.reminders import send_dose_reminders
from notifications import registry
from notifications.models import Notification, NotificationTemplate
from notifications.pipeline.fan_out import fan_out
from notifications.types import TEXT_GROUPS
from tests.factories import CareRoleFactory, ClinicFactory, PatientFactory, UserFactory
from tests.medications.factories import NOW, DoseFactory

pytestmark = pytest.mark.django_db


def words(clinic_id: int | None, title: str) -> None:
    texts = registry.get("medication.dose_due").texts
    inbox = {f"body_{code}": texts[code].body for code in texts} | dict.fromkeys(
        ("title_en", "title_af"), title
    )
    assert {name.rpartition("_")[0] for name in inbox} == set(TEXT_GROUPS["inbox"])
    NotificationTemplate.objects.create(event_type="medication.dose_due", scope_id=clinic_id, **inbox)


def test_each_message_has_the_words_of_its_patients_clinic() -> None:
    wynberg, worcester = ClinicFactory(name="Wynberg"), ClinicFactory(name="Worcester")
    words(None, "Head office says")
    words(wynberg.pk, "Wynberg says")
    carer = UserFactory()
    for clinic in (wynberg, worcester):
        patient = PatientFactory(clinic=clinic)
        CareRoleFactory(patient=patient, user=carer, relation="carer")
        DoseFactory(schedule__prescription__patient=patient)
    send_dose_reminders(now=NOW)
    fan_out(now=NOW)
    said = dict(Notification.objects.filter(recipient=carer).values_list("scope_id", "title"))
    assert said == {wynberg.pk: "Wynberg says", worcester.pk: "Head office says"}


def test_the_words_of_a_clinic_go_with_it() -> None:
    clinic, other = ClinicFactory(), ClinicFactory()
    for each in (clinic, other):
        words(each.pk, "Ours")
    words(None, "Head office says")
    clinic.delete()
    assert set(NotificationTemplate.objects.values_list("scope_id", flat=True)) == {other.pk, None}
