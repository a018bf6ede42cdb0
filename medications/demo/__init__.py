"""The demo's medication of the last month, and the messages about it of the last two weeks."""

from datetime import datetime, timedelta
from itertools import zip_longest
from zoneinfo import ZoneInfo

from home.demo import demo_patients
from medications.demo.answers import answer, past_moments
from medications.demo.channels import fill_reports
from medications.demo.history import Past, read_most, tell
from medications.demo.medicines import add_own_medicine, make_medicines
from medications.demo.plans import plans
from medications.demo.prescriptions import TOLD_DAYS, prescribe
from medications.demo.records import record
from medications.demo.stock import stock_homes, stock_shelves
from medications.demo.templates import publish_templates
from medications.demo.vaccinations import vaccinate, vaccinate_late
from medications.demo.warnings import warn
from medications.models import Prescription


def load(now: datetime) -> str:
    """Make it unless it exists; a sentence about what was made, or an empty text. After `home.demo.load`, in one
    transaction.

    Every dose up to `now` is settled and every message is of the past, so nothing of it goes out. A dose of
    Thandi's and one of Pieter's fall due about two minutes later.
    """
    patients = demo_patients()
    if not patients or Prescription.objects.filter(patient__in=patients.values()).exists():
        return ""
    clinics = {patient.clinic_id: patient.clinic for patient in patients.values()}
    first = patients["Thandi"].clinic
    zone = ZoneInfo(first.zone)
    publish_templates(first)
    medicines = make_medicines()
    add_own_medicine(first)
    prescribed = prescribe(plans(now=now, zone=zone), patients=patients, medicines=medicines, now=now)
    missed = {each.prescription.id: each.plan.missed for each in prescribed}
    moments = past_moments(missed, now=now)

    told = []
    lately = [moment for moment in moments if moment.due_at > now - timedelta(days=TOLD_DAYS)]
    # One round after the other, so that the doses of a moment are one message.
    for reminders in zip_longest(*(moment.reminders() for moment in lately)):
        told += tell("medication.dose_due", [past for past in reminders if past])
    taken = answer(moments, now=now)
    told += tell("medication.dose_missed", [past for moment in lately for past in moment.missed()])
    taken += record([each.prescription for each in prescribed], now=now)
    told += tell(
        "medication.prescribed",
        [
            Past({"prescription_id": row.id}, row.created_at, str(row.id))
            for row in (each.prescription for each in prescribed)
            if row.created_at > now - timedelta(days=TOLD_DAYS)
        ],
    )
    batches = [
        *stock_homes(prescribed, taken, now=now),
        *stock_shelves(clinics.values(), medicines, now=now),
    ]
    told += warn(batches, zone=zone, now=now)
    told += vaccinate(patients["Lwazi"], now=now)
    told += vaccinate_late(patients["Amahle"], now=now)
    read_most(told)
    fill_reports(first, now=now)
    return f"{len(prescribed)} prescriptions, {len(moments)} past times of doses, {len(told)} messages"
