"""Staff prescribe, change and end; stock comes and goes."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from random import Random
from zoneinfo import ZoneInfo

from django.db import transaction

from home.models import Clinic, Patient, User
from medications.models import DoseSchedule, Medicine, Prescription, StockBatch, StopReason
from medications.rules.replanning import Start
from medications.services.prescribing import Order, prescribe
from medications.services.prescriptions import Stop, prescription_changed, prescription_stop
from medications.services.stock_acts import stock_correct, stock_count, stock_waste
from tests.simulation.acts.kinds import NOTHING, act, carried_out, one
from tests.simulation.scene import Scene
from tests.simulation.world import ZONES, receive, rule


@act(weight=4)
def change_plan(scene: Scene, chance: Random) -> str:
    """Staff change when doses fall due, or whether anybody is reminded."""
    schedule = one(DoseSchedule.objects.filter(prescription__ended_at=None), chance)
    if schedule is None:
        return NOTHING
    new, start = rule(chance), chance.choice((None, *Start))

    def change() -> None:
        with transaction.atomic():
            schedule.rule = new
            schedule.save()
            prescription_changed(prescription_id=schedule.prescription_id, now=scene.now, start=start)

    scene.judge.moved(schedule.prescription_id)
    said = carried_out(chance, change)
    return f"prescription {schedule.prescription_id} at {', '.join(new['times'])} from {start}: {said}"


@act(weight=1)
def stop_treatment(scene: Scene, chance: Random) -> str:
    """Staff stop a prescription."""
    prescription = one(Prescription.objects.filter(ended_at=None), chance)
    if prescription is None:
        return NOTHING
    patient = Patient.objects.select_related("clinic").get(pk=prescription.patient_id)
    today = scene.now.astimezone(ZoneInfo(patient.zone)).date()
    stop = Stop(last_day=today - timedelta(days=chance.choice((0, 0, 1))), reason=StopReason.FINISHED)
    said = carried_out(
        chance, lambda: prescription_stop(prescription_id=prescription.pk, stop=stop, now=scene.now)
    )
    return f"prescription {prescription.pk} after {stop.last_day}: {said}"


@act(weight=1)
def prescribe_more(scene: Scene, chance: Random) -> str:
    """Staff prescribe another medicine."""
    patient = Patient.objects.select_related("clinic").get(pk=chance.choice(scene.world.patients))
    today = scene.now.astimezone(ZoneInfo(patient.zone)).date()
    order = Order(medicine=one(Medicine.objects.all(), chance), rule=rule(chance), start_date=today)
    nurse = User.objects.get(pk=scene.world.staff[patient.clinic_id])
    said = carried_out(chance, lambda: prescribe(patient=patient, orders=[order], user=nurse, now=scene.now))
    return f"{order.medicine} for {patient.pk}: {said}"


@act(weight=2)
def patient_travels(scene: Scene, chance: Random) -> str:
    """A patient is in another time zone from now on, or in that of the clinic again."""
    patient = Patient.objects.select_related("clinic").get(pk=chance.choice(scene.world.patients))
    patient.timezone = chance.choice((*ZONES, ""))
    for prescription in Prescription.objects.filter(patient=patient):
        scene.judge.moved(prescription.pk)
    said = carried_out(chance, patient.save)
    return f"patient {patient.pk} to {patient.timezone or 'the clinic'}: {said}"


@act(weight=1)
def clinic_has_another_zone(scene: Scene, chance: Random) -> str:
    """Staff set the time zone of a clinic, which is that of its patients who have none of their own."""
    clinic = Clinic.objects.get(pk=chance.choice(scene.world.clinics))
    clinic.timezone = chance.choice(ZONES[:2])
    for prescription in Prescription.objects.filter(patient__clinic=clinic):
        scene.judge.moved(prescription.pk)
    said = carried_out(chance, clinic.save)
    return f"clinic {clinic.pk} to {clinic.timezone}: {said}"


@act(weight=4)
def change_stock(scene: Scene, chance: Random) -> str:
    """A pack comes home, is counted, was written down wrongly, or is spoilt."""
    prescription = one(Prescription.objects.all(), chance)
    if prescription is None:
        return NOTHING
    batch = one(StockBatch.objects.filter(prescription=prescription), chance)
    if batch is None or chance.random() < 0.4:
        said = carried_out(chance, lambda: receive(prescription, chance, scene.now))
        return f"a pack for prescription {prescription.pk}: {said}"
    number = Decimal(chance.choice(("1", "2", "0.5", "7")))
    changes: dict[str, Callable[[], object]] = {
        "count": lambda: stock_count(counts={batch.pk: number}, user=None, now=scene.now),
        "correct": lambda: stock_correct(
            batch_id=batch.pk, difference=-number, user=None, now=scene.now, why="wrong"
        ),
        "waste": lambda: stock_waste(
            batch_id=batch.pk, quantity=number, user=None, now=scene.now, why="spoilt"
        ),
    }
    name = chance.choice(list(changes))
    return f"{name} batch {batch.pk} by {number}: {carried_out(chance, changes[name])}"
