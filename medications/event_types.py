"""This app's event types, with their placeholders, texts and recipients. Found by the engine at start."""

from datetime import UTC, date, datetime
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from medications import event_texts, formats
from medications.formats import DoseValue, MedicineValue, SupplyValue
from medications.recipients import doses, prescriptions, stock, vaccinations, weekly_checks
from notifications.registry import register
from notifications.texts.formats import bilingual, clock, weekday_day
from notifications.texts.formats import day as day_format
from notifications.types import Category, EventType, Param, Priority

_METFORMIN = MedicineValue(("Metformin", "Metformien"), "500 mg")
_SIMVASTATIN = MedicineValue(("Simvastatin", "Simvastatien"), "20 mg")
_WITH_FOOD = ("with food", "saam met kos")
_THANDI = "Thandi Nkosi"

_DOSE_PARAMS = (
    Param(
        "doses",
        _("the doses, a line for each"),
        (
            DoseValue(_METFORMIN, Decimal(1), "tablet", _WITH_FOOD),
            DoseValue(_SIMVASTATIN, Decimal("0.5"), "tablet", ("", "")),
        ),
        formats.doses,
    ),
    Param("medicines", _("the medicines, in one line"), (_METFORMIN, _SIMVASTATIN), formats.medicines),
    Param("time", _("the time of the doses"), datetime(2026, 11, 24, 6, tzinfo=UTC), clock),
    Param("patient", _("the patient’s name"), _THANDI, formats.patient),
    Param("whose", _("“your”, or the patient’s name with ’s for a carer"), "", formats.whose),
)
_MEDICINE = Param("medicine", _("the medicine with its strength"), _METFORMIN, formats.medicine)
_SUPPLY = Param("supply", _("whose stock it is"), SupplyValue("self", ""), formats.supply)
_PATIENT = Param("patient", _("the patient’s name"), _THANDI, formats.patient)
_FOR_WHOM = Param("for_whom", _("“you”, or the patient’s name for a carer"), "", formats.for_whom)
# Calls are off for everybody who didn't turn them on; then they bring this.
_IN_THE_INBOX = {"in_app": True, "email": False, "push": True, "voice": True}
_ALSO_BY_EMAIL = {"in_app": True, "email": True, "push": True, "voice": True}
_BY_SMS_ALONE = frozenset({"sms"})

register(
    EventType(
        name="medication.dose_due",
        label=_("A dose is due"),
        category=Category.MEDICATION,
        payload={"dose_ids": list},
        optional={"repeats": list},
        params=_DOSE_PARAMS,
        texts=event_texts.DOSE_DUE,
        recipients=doses.due_recipients,
        still_relevant=doses.due_still_relevant,
        channels=_IN_THE_INBOX,
        stands_in=_BY_SMS_ALONE,
        priority=Priority.HIGH,
        clinical=True,
        time_critical=True,
        reply_hint=event_texts.DOSE_REPLY_HINT,
    )
)

register(
    EventType(
        name="medication.dose_missed",
        label=_("A dose was missed"),
        category=Category.MEDICATION,
        payload={"dose_ids": list},
        params=_DOSE_PARAMS,
        texts=event_texts.DOSE_MISSED,
        recipients=doses.missed_recipients,
        still_relevant=doses.missed_still_relevant,
        channels=_IN_THE_INBOX,
        stands_in=_BY_SMS_ALONE,
        priority=Priority.HIGH,
        clinical=True,
    )
)

register(
    EventType(
        name="medication.weekly_check",
        label=_("How the week went"),
        category=Category.MEDICATION,
        payload={"patient_id": int, "week": str},
        params=_DOSE_PARAMS[-2:],
        texts=event_texts.WEEKLY_CHECK,
        recipients=weekly_checks.weekly_recipients,
        still_relevant=weekly_checks.weekly_still_relevant,
        channels=_IN_THE_INBOX,
        stands_in=_BY_SMS_ALONE,
        clinical=True,
    )
)

register(
    EventType(
        name="medication.low_stock",
        label=_("Stock runs out"),
        category=Category.STOCK,
        payload={"stock_batch_id": int, "days_left": int},
        params=(
            _MEDICINE,
            _SUPPLY,
            Param("when", _("“in 5 days”, “tomorrow”, “today”"), 5, formats.in_days),
        ),
        texts=event_texts.LOW_STOCK,
        recipients=stock.low_recipients,
        still_relevant=stock.low_still_relevant,
        channels=_ALSO_BY_EMAIL,
        stands_in=_BY_SMS_ALONE,
        clinical=True,
    )
)

register(
    EventType(
        name="medication.expiring",
        label=_("Stock expires"),
        category=Category.STOCK,
        payload={"stock_batch_id": int},
        params=(
            _MEDICINE,
            _SUPPLY,
            Param("batch", _("the batch number"), "B2291"),
            Param("last_day", _("the last day on which it may be used"), date(2026, 11, 29), day_format),
            Param("left", _("what is left of it"), (Decimal(14), "tablet"), formats.amount),
        ),
        texts=event_texts.EXPIRING,
        recipients=stock.expiring_recipients,
        still_relevant=stock.expiring_still_relevant,
        channels=_ALSO_BY_EMAIL,
        stands_in=_BY_SMS_ALONE,
        clinical=True,
    )
)

register(
    EventType(
        name="medication.prescribed",
        label=_("A medicine was prescribed"),
        category=Category.MEDICATION,
        payload={"prescription_id": int},
        params=(
            _MEDICINE,
            Param(
                "prescribed",
                _("the medicine with its instructions"),
                (_METFORMIN, _WITH_FOOD),
                formats.prescribed,
            ),
            Param("first_day", _("the first day"), date(2026, 11, 24), day_format),
            _PATIENT,
            _FOR_WHOM,
        ),
        texts=event_texts.PRESCRIBED,
        recipients=prescriptions.prescribed_recipients,
        still_relevant=prescriptions.prescribed_still_relevant,
        channels=_IN_THE_INBOX,
        clinical=True,
    )
)

_VACCINATION_PARAMS = (
    Param("vaccine", _("the vaccine"), ("Measles and rubella", "Masels en rubella"), bilingual),
    Param("dose_number", _("which dose of it"), 1),
    Param("due_on", _("the day it is due"), date(2026, 11, 24), weekday_day),
    Param("clinic", _("the clinic"), "Khayelitsha Clinic"),
    _PATIENT,
    _FOR_WHOM,
)

register(
    EventType(
        name="vaccination.due",
        label=_("A vaccination is due"),
        category=Category.VACCINATION,
        payload={"vaccination_record_id": int, "due_on": str},
        params=_VACCINATION_PARAMS,
        texts=event_texts.VACCINATION_DUE,
        recipients=vaccinations.vaccination_recipients,
        still_relevant=vaccinations.vaccination_still_relevant,
        channels=_ALSO_BY_EMAIL,
        stands_in=_BY_SMS_ALONE,
        clinical=True,
    )
)

register(
    EventType(
        name="vaccination.overdue",
        label=_("A vaccination is overdue"),
        category=Category.VACCINATION,
        payload={"vaccination_record_id": int, "due_on": str, "asked_on": str},
        params=_VACCINATION_PARAMS,
        texts=event_texts.VACCINATION_OVERDUE,
        recipients=vaccinations.overdue_recipients,
        still_relevant=vaccinations.overdue_still_relevant,
        channels=_ALSO_BY_EMAIL,
        stands_in=_BY_SMS_ALONE,
        clinical=True,
    )
)
