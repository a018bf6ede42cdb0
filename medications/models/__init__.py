from medications.models.dose import OPEN_STATES, Dose, SkipCode
from medications.models.dose_answer import DoseAnswer
from medications.models.medicine import Medicine
from medications.models.prescription import Prescription, StopReason
from medications.models.schedule import DoseSchedule
from medications.models.stock import NOTED, REFILLS, StockBatch, StockMovement
from medications.models.vaccination import VaccinationRecord, VaccinationReminder, Vaccine
from medications.models.weekly_check import WeeklyCheck

__all__ = [
    "NOTED",
    "OPEN_STATES",
    "REFILLS",
    "Dose",
    "DoseAnswer",
    "DoseSchedule",
    "Medicine",
    "Prescription",
    "SkipCode",
    "StockBatch",
    "StockMovement",
    "StopReason",
    "VaccinationRecord",
    "VaccinationReminder",
    "Vaccine",
    "WeeklyCheck",
]
