"""From what happened to the words that each person reads."""

from collections.abc import Iterator
from dataclasses import fields
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from home.models import Relation, StaffRole, User
from medications import event_texts
from medications.models import Dose, Prescription
from medications.services import send_medication_reminder
from medications.services.answers import dose_skip, dose_take, dose_undo
from medications.services.expansion import expand_doses
from medications.services.prescriptions import prescription_announce, prescription_end
from medications.services.reminders import send_dose_reminders
from medications.services.stock import stock_receive
from medications.services.stock_warnings import send_expiry_warnings, send_low_stock_warnings
from notifications import bus, registry
from notifications.models import EventRecord, Notification
from notifications.pipeline.fan_out import fan_out
from notifications.rules.placeholders import placeholders
from notifications.types import Publication, Texts
from tests.factories import CareRoleFactory, StaffRoleFactory
from tests.medications.factories import (
    NOW,
    TODAY,
    DoseFactory,
    DoseScheduleFactory,
    MedicineFactory,
    PrescriptionFactory,
    StockBatchFactory,
    VaccinationRecordFactory,
    speaks,
)

pytestmark = pytest.mark.django_db

OURS = {
    "medication.dose_due": event_texts.DOSE_DUE,
    "medication.dose_missed": event_texts.DOSE_MISSED,
    "medication.low_stock": event_texts.LOW_STOCK,
    "medication.expiring": event_texts.EXPIRING,
    "medication.prescribed": event_texts.PRESCRIBED,
    "vaccination.due": event_texts.VACCINATION_DUE,
    "vaccination.overdue": event_texts.VACCINATION_OVERDUE,
}


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def pieter() -> User:
    """A patient who reads Afrikaans."""
    return speaks(CareRoleFactory().user, "af")


def patient_of(user: User) -> Any:
    return user.care_roles.get().patient


def dose_of(patient: Any, **more: Any) -> Dose:
    return DoseFactory(
        schedule=DoseScheduleFactory(prescription=PrescriptionFactory(patient=patient, **more))
    )


def inbox(user: User, *, at: datetime = NOW + timedelta(days=30), **more: Any) -> list[Notification]:
    """The messages of this user, once all that is due at that moment has been fanned out."""
    while fan_out(now=at).records:
        pass
    assert not EventRecord.objects.filter(state=EventRecord.State.FAILED).exists()
    return list(Notification.objects.filter(recipient=user, **more).order_by("id"))


class TestDoseDue:
    def test_three_doses_at_one_minute_are_one_message(self, pieter: User) -> None:
        ids = [dose_of(patient_of(pieter)).id for _ in range(3)]
        send_dose_reminders(now=NOW)
        [message] = inbox(pieter)
        assert message.body.count("Metformien 500 mg, 1 tablet, saam met kos") == 3
        assert message.data == {"dose_ids": ids, "due_at": NOW.isoformat()}
        assert message.path == "/today/"
        assert message.valid_until == NOW + timedelta(hours=4)

    def test_the_patient_reads_their_own_language_and_the_carer_theirs_and_whose_it_is(
        self, pieter: User
    ) -> None:
        anna = CareRoleFactory(patient=patient_of(pieter), relation=Relation.CARER).user
        dose_of(patient_of(pieter))
        send_dose_reminders(now=NOW)
        [his], [hers] = inbox(pieter), inbox(anna)
        assert (his.language, his.title) == ("af", "08:00: tyd vir u medisyne")
        assert hers.title == "08:00: time for Pieter Botha's medicine"
        assert hers.body.startswith("Metformin 500 mg, 1 tablet, with food\n")

    def test_a_dose_answered_between_is_left_out(self, pieter: User) -> None:
        kept, answered = dose_of(patient_of(pieter)), dose_of(patient_of(pieter))
        send_dose_reminders(now=NOW)
        dose_take(dose_id=answered.id, user=pieter, now=NOW)
        [message] = inbox(pieter)
        assert message.data["dose_ids"] == [kept.id]

    def test_nobody_is_told_of_what_was_answered_or_ended_or_of_the_deceased(self, pieter: User) -> None:
        answered, ended = dose_of(patient_of(pieter)), dose_of(patient_of(pieter))
        dead = CareRoleFactory(patient__deceased_on=TODAY).user
        dose_of(patient_of(dead))
        send_dose_reminders(now=NOW)
        dose_skip(dose_id=answered.id, user=pieter, now=NOW)
        prescription_end(prescription_id=ended.prescription_id, now=NOW)
        assert inbox(pieter) == inbox(dead) == []

    def test_each_nag_is_a_message_and_a_repeated_fan_out_none(self, pieter: User) -> None:
        dose_of(patient_of(pieter))
        for minutes, messages in ((0, 1), (15, 2)):
            send_dose_reminders(now=NOW + timedelta(minutes=minutes))
            assert len(inbox(pieter)) == messages
            EventRecord.objects.update(state=EventRecord.State.PENDING, finished_at=None, lease_until=None)
            assert len(inbox(pieter)) == messages

    def test_old_doses_are_left_out_of_a_moment_with_newer_ones(self, pieter: User) -> None:
        old, good = dose_of(patient_of(pieter)), dose_of(patient_of(pieter))
        Dose.objects.filter(id=old.id).update(remind_until=NOW - timedelta(minutes=1))
        send_dose_reminders(now=NOW)
        assert [each.data["dose_ids"] for each in inbox(pieter, at=NOW)] == [[good.id]]

    def test_a_moment_of_only_old_doses_is_recorded_as_expired(self, pieter: User) -> None:
        dose_of(patient_of(pieter))
        Dose.objects.update(remind_until=NOW - timedelta(minutes=1))
        send_dose_reminders(now=NOW)
        [message] = inbox(pieter)
        assert message.scheduled_status == Notification.Status.EXPIRED

    def test_it_is_relevant_while_any_dose_can_be_answered(self, pieter: User) -> None:
        first, second = dose_of(patient_of(pieter)), dose_of(patient_of(pieter))
        still_relevant = registry.get("medication.dose_due").still_relevant
        data = [{"dose_ids": [first.id, second.id]}, {"dose_ids": [first.id]}, {"dose_ids": []}]
        dose_take(dose_id=first.id, user=pieter, now=NOW)
        assert list(still_relevant(data)) == [True, False, False]
        prescription_end(prescription_id=second.prescription_id, now=NOW)
        assert list(still_relevant(data)) == [False, False, False]

    def test_a_dose_that_moved_is_not_told_at_its_old_time(self, pieter: User) -> None:
        dose = dose_of(patient_of(pieter))
        send_dose_reminders(now=NOW)
        [message] = inbox(pieter, at=NOW)
        still_relevant = registry.get("medication.dose_due").still_relevant
        assert list(still_relevant([message.data])) == [True]
        Dose.objects.update(due_at=NOW + timedelta(hours=1))
        assert list(still_relevant([message.data])) == [False]
        EventRecord.objects.update(state=EventRecord.State.PENDING, finished_at=None, lease_until=None)
        Notification.objects.all().delete()
        assert inbox(pieter, at=NOW + timedelta(minutes=5)) == []
        assert Dose.objects.get().pk == dose.pk

    def test_a_dose_that_moved_is_told_once_at_its_new_time_though_its_old_record_comes_again(
        self, pieter: User
    ) -> None:
        dose_of(patient_of(pieter))
        send_dose_reminders(now=NOW)
        assert len(inbox(pieter, at=NOW)) == 1
        # Its worker died before it could finish the record, and nobody has worked since.
        EventRecord.objects.update(state=EventRecord.State.PENDING, finished_at=None, lease_until=None)
        later = NOW + timedelta(hours=1)
        Dose.objects.update(due_at=later, next_reminder_at=later, remind_until=later + timedelta(hours=4))
        send_dose_reminders(now=later)
        told = [each.data["due_at"] for each in inbox(pieter, at=later)]
        assert told == [NOW.isoformat(), later.isoformat()]

    def test_a_machine_whose_clock_is_behind_loses_no_reminder(self, pieter: User) -> None:
        dose_of(patient_of(pieter))
        send_dose_reminders(now=NOW)
        EventRecord.objects.update(due_at=NOW - timedelta(seconds=10))
        assert len(inbox(pieter, at=NOW - timedelta(seconds=5))) == 1

    def test_the_number_of_queries_does_not_grow(self) -> None:
        def count(patients: int) -> int:
            doses = [dose_of(CareRoleFactory().patient) for _ in range(patients)]
            publications = [Publication(each.id, {"dose_ids": [each.id]}) for each in doses]
            with CaptureQueriesContext(connection) as captured:
                told = registry.get("medication.dose_due").recipients(publications, NOW)
                assert len(list(told)) == patients
            return len(captured)

        assert count(2) == count(20) == 5

    def test_equal_doses_have_equal_values(self) -> None:
        medicine = MedicineFactory()
        doses = [dose_of(CareRoleFactory().patient, medicine=medicine) for _ in range(2)]
        told = registry.get("medication.dose_due").recipients(
            [Publication(1, {"dose_ids": [d.id for d in doses]})], NOW
        )
        first, second = told
        assert first.params == second.params


class TestDoseMissed:
    def test_only_carers_who_asked_for_it_are_told(self, pieter: User) -> None:
        patient = patient_of(pieter)
        alerted = CareRoleFactory(patient=patient, relation=Relation.CARER, alert_missed=True).user
        other = CareRoleFactory(patient=patient, relation=Relation.CARER).user
        dose_of(patient)
        send_dose_reminders(now=NOW)
        send_dose_reminders(now=NOW + timedelta(hours=2))
        kind = "medication.dose_missed"
        assert inbox(pieter, event_type=kind) == inbox(other, event_type=kind) == []
        [message] = inbox(alerted, event_type=kind)
        assert message.title == "No answer yet: Pieter Botha's 08:00 medicine"

    def test_nobody_is_told_again_of_one_whose_answer_was_taken_back(self, pieter: User) -> None:
        alerted = CareRoleFactory(patient=patient_of(pieter), relation=Relation.CARER, alert_missed=True).user
        doses = [dose_of(patient_of(pieter)) for _ in range(2)]
        later = NOW + timedelta(hours=2)
        send_dose_reminders(now=NOW)
        send_dose_reminders(now=later)
        kind = "medication.dose_missed"
        assert len(inbox(alerted, event_type=kind)) == 1
        for number, dose in enumerate(reversed(doses)):
            dose_take(dose_id=dose.id, user=pieter, now=later)
            dose_undo(dose_id=dose.id, user=pieter, now=later)
            send_dose_reminders(now=later + timedelta(hours=3 + number))
            dose.refresh_from_db()
            assert dose.state == Dose.State.MISSED
            assert len(inbox(alerted, event_type=kind)) == 1

    def test_of_others_missed_with_it_they_are_told(self, pieter: User) -> None:
        alerted = CareRoleFactory(patient=patient_of(pieter), relation=Relation.CARER, alert_missed=True).user
        first, second = [dose_of(patient_of(pieter)) for _ in range(2)]
        later = NOW + timedelta(hours=2)
        send_dose_reminders(now=NOW)
        dose_take(dose_id=second.id, user=pieter, now=NOW)
        send_dose_reminders(now=later)
        for dose in (first, second):
            dose_take(dose_id=dose.id, user=pieter, now=later)
            dose_undo(dose_id=dose.id, user=pieter, now=later)
        send_dose_reminders(now=later + timedelta(hours=3))
        told = [each.data["dose_ids"] for each in inbox(alerted, event_type="medication.dose_missed")]
        assert told == [[first.id], [second.id]]

    def test_a_record_that_comes_again_leaves_out_nobody(self, pieter: User) -> None:
        alerted = CareRoleFactory(patient=patient_of(pieter), relation=Relation.CARER, alert_missed=True).user
        dose, later = dose_of(patient_of(pieter)), NOW + timedelta(hours=2)
        send_dose_reminders(now=NOW)
        dose_take(dose_id=dose.id, user=pieter, now=NOW)
        dose_undo(dose_id=dose.id, user=pieter, now=NOW)
        send_dose_reminders(now=later + timedelta(minutes=15))
        kind = "medication.dose_missed"
        assert len(inbox(alerted, event_type=kind)) == 1
        other = CareRoleFactory(patient=patient_of(pieter), relation=Relation.CARER, alert_missed=True).user
        EventRecord.objects.filter(event_type=kind).update(
            state=EventRecord.State.PENDING, finished_at=None, lease_until=None
        )
        assert (len(inbox(alerted, event_type=kind)), len(inbox(other, event_type=kind))) == (1, 1)

    def test_nobody_is_told_of_a_dose_answered_a_second_earlier(self, pieter: User) -> None:
        alerted = CareRoleFactory(patient=patient_of(pieter), relation=Relation.CARER, alert_missed=True).user
        dose = dose_of(patient_of(pieter))
        send_dose_reminders(now=NOW)
        send_dose_reminders(now=NOW + timedelta(hours=2))
        still_relevant = registry.get("medication.dose_missed").still_relevant
        assert list(still_relevant([{"dose_ids": [dose.id]}])) == [True]
        dose_take(dose_id=dose.id, user=pieter, now=NOW + timedelta(hours=2))
        assert list(still_relevant([{"dose_ids": [dose.id]}])) == [False]
        assert inbox(alerted, event_type="medication.dose_missed") == []


class TestStock:
    def test_a_low_home_supply_is_told_to_the_patients_carers(self, pieter: User) -> None:
        anna = CareRoleFactory(patient=patient_of(pieter), relation=Relation.CARER).user
        schedule = DoseScheduleFactory(prescription__patient=patient_of(pieter))
        batch = StockBatchFactory(prescription=schedule.prescription, quantity=Decimal(4))
        expand_doses(now=NOW)
        send_low_stock_warnings(now=NOW)
        [his], [hers] = inbox(pieter), inbox(anna)
        assert his.title == "Metformien 500 mg raak oor 5 dae op"
        assert his.body.startswith("U voorraad van Metformien 500 mg raak oor 5 dae op.")
        assert hers.body.startswith("Pieter Botha's supply of Metformin 500 mg runs out in 5 days.")
        still_relevant = registry.get("medication.low_stock").still_relevant
        assert list(still_relevant([his.data])) == [True]
        stock_receive(
            medicine=batch.medicine,
            prescription=batch.prescription,
            quantity=Decimal(28),
            expiry_date=date(2027, 6, 30),
            now=NOW,
        )
        assert list(still_relevant([his.data])) == [False]

    def test_a_low_shelf_is_told_to_the_clinics_managers_only(self, pieter: User) -> None:
        schedule = DoseScheduleFactory(prescription__patient=patient_of(pieter))
        clinic = patient_of(pieter).clinic
        manager = StaffRoleFactory(clinic=clinic, role=StaffRole.Role.MANAGER).user
        nurse = StaffRoleFactory(clinic=clinic).user
        StaffRoleFactory(role=StaffRole.Role.MANAGER)
        StockBatchFactory(
            prescription=None, clinic=clinic, medicine=schedule.prescription.medicine, quantity=Decimal(1)
        )
        expand_doses(now=NOW)
        send_low_stock_warnings(now=NOW)
        [message] = inbox(manager)
        assert message.body.startswith(f"{clinic}'s stock of Metformin 500 mg runs out tomorrow.")
        assert Notification.objects.count() == 1
        assert inbox(nurse) == []
        assert list(registry.get("medication.low_stock").still_relevant([message.data])) == [True]

    def test_the_message_about_an_expiring_batch_says_how_much_is_left(self, pieter: User) -> None:
        prescription = DoseScheduleFactory(prescription__patient=patient_of(pieter)).prescription
        batch = StockBatchFactory(
            prescription=prescription, expiry_date=TODAY + timedelta(days=3), batch_number="L7"
        )
        expand_doses(now=NOW)
        send_expiry_warnings(now=NOW)
        [message] = inbox(pieter)
        assert "lotnommer L7" in message.body
        assert "27 November 2026" in message.body
        assert "28 tablette" in message.body
        still_relevant = registry.get("medication.expiring").still_relevant
        assert list(still_relevant([message.data])) == [True]
        batch.quantity = Decimal(0)
        batch.save()
        assert list(still_relevant([message.data])) == [False]


class TestPrescribed:
    def test_the_patients_carers_and_the_clinics_managers_are_told_once_each(self, pieter: User) -> None:
        patient = patient_of(pieter)
        manager = StaffRoleFactory(clinic=patient.clinic, role=StaffRole.Role.MANAGER).user
        CareRoleFactory(patient=patient, relation=Relation.CARER, user=manager)
        other = StaffRoleFactory(clinic=patient.clinic, role=StaffRole.Role.MANAGER).user
        prescription = PrescriptionFactory(patient=patient)
        prescription_announce(prescription_id=prescription.id, now=NOW)
        [his], [carers], [managers] = inbox(pieter), inbox(manager), inbox(other)
        assert his.title == "Nuwe medisyne: Metformien 500 mg"
        assert "vir u voorgeskryf" in his.body
        assert "saam met kos" in his.body
        assert (
            "prescribed for Pieter Botha, from 1 November 2026: Metformin 500 mg, with food." in managers.body
        )
        assert carers.body == managers.body
        assert Notification.objects.count() == 3

    def test_it_is_relevant_until_the_prescription_is_stopped(self, pieter: User) -> None:
        prescription = PrescriptionFactory(patient=patient_of(pieter))
        still_relevant = registry.get("medication.prescribed").still_relevant
        assert list(still_relevant([{"prescription_id": prescription.id}])) == [True]
        Prescription.objects.update(ended_at=NOW)
        assert list(still_relevant([{"prescription_id": prescription.id}])) == [False]


class TestVaccinationDue:
    def test_the_guardian_is_told_whose_vaccination_it_is(self) -> None:
        guardian = speaks(CareRoleFactory(relation=Relation.GUARDIAN, patient__first_name="Sipho").user, "af")
        record = VaccinationRecordFactory(
            patient=patient_of(guardian), next_due_date=TODAY + timedelta(days=3)
        )
        [message] = inbox(guardian)
        assert message.title == "Inenting op Vrydag 27 November: Masels en rubella"
        assert "vir Sipho Botha, op" in message.body
        assert message.path == f"/vaccinations/#patient-{record.patient_id}"
        still_relevant = registry.get("vaccination.due").still_relevant
        assert list(still_relevant([message.data])) == [True]
        record.date_given = TODAY
        record.save()
        assert list(still_relevant([message.data])) == [False]


class TestFreeReminder:
    def test_it_is_in_the_persons_language(self, pieter: User) -> None:
        [id_] = send_medication_reminder(
            user=pieter, medication_name="Aspirin", dosage="100mg", instructions="Saam met kos"
        )
        message = Notification.objects.get(id=id_)
        assert (message.title, message.body) == (
            "Tyd vir u medisyne",
            "Neem asseblief Aspirin, 100mg.\nSaam met kos",
        )
        assert message.category == "medication"

    @pytest.mark.parametrize("missing", ["medication_name", "dosage"])
    @pytest.mark.parametrize("value", ["", " ", None, 5])
    def test_what_nobody_can_take_is_not_sent(self, pieter: User, missing: str, value: Any) -> None:
        asked = {"medication_name": "Aspirin", "dosage": "100mg", missing: value}
        with pytest.raises(ValueError, match=missing):
            send_medication_reminder(user=pieter, **asked)
        assert not Notification.objects.exists()


@pytest.mark.parametrize("name", OURS)
def test_both_languages_use_the_same_placeholders(name: str) -> None:
    texts = registry.get(name).texts
    assert texts is OURS[name]
    for field in fields(Texts):
        english, afrikaans = (set(placeholders(getattr(texts[code], field.name))) for code in ("en", "af"))
        assert english == afrikaans, field.name


@pytest.mark.parametrize("name", OURS)
def test_discreet_texts_name_nothing(name: str) -> None:
    for texts in OURS[name].values():
        assert placeholders(texts.email_subject_discreet) == placeholders(texts.short_text_discreet) == ()


def test_a_script_in_a_name_stays_text() -> None:
    user = CareRoleFactory(patient__first_name="<script>", relation=Relation.CARER).user
    dose_of(patient_of(user), medicine=MedicineFactory(name_en="{{ user }}", name_af="{{ user }}"))
    send_dose_reminders(now=NOW)
    [message] = inbox(user)
    assert "<script>" in message.title
    assert "{{ user }} 500 mg" in message.body


def test_an_unknown_payload_key_is_refused() -> None:
    with pytest.raises(ValueError, match="prescription_id"):
        bus.publish("medication.prescribed", {"prescription": 1})
