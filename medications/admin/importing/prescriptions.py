"""What patients take already, from a file."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from wagtail.log_actions import log

from home.admin.importing.whose_row import WHOSE, numbered_in
from home.imports.importable import Column, Importable, Made, Reading, Row, Verdict
from medications.admin.importing.prescription_row import PrescriptionRow, Taken
from medications.models import Prescription
from medications.selectors.catalogue import medicines_of_clinic
from medications.selectors.medicines import has_ended
from medications.services.prescriptions_from_files import (
    prescription_bring_in,
    prescriptions_start,
    prescriptions_take_away,
)

_ONE_DAY = timedelta(days=1)


class Prescriptions(Importable):
    """Prescribed as at the desk, for patients who are here already, found by their folder or identity number. What
    somebody takes already is left as it is. No dose falls due, and nobody is reminded, until staff say so.
    """

    name: ClassVar[str] = "prescriptions"
    label: ClassVar[Any] = gettext_lazy("Medicines that patients take")
    permission: ClassVar[str] = "medications.add_prescription"
    held: ClassVar[Any] = gettext_lazy(
        "Nobody is reminded of these medicines yet, and no dose of them is on anybody’s page. Start the reminders once "
        "they are right: they begin with the next dose."
    )
    columns: ClassVar[tuple[Column, ...]] = (
        *WHOSE,
        Column(
            "first_name",
            gettext_lazy("Patient’s name"),
            ("first name", "first names", "patient", "patient name", "voornaam", "voorname", "pasiënt"),
        ),
        Column(
            "last_name", gettext_lazy("Patient’s surname"), ("last name", "surname", "van", "familienaam")
        ),
        Column(
            "medicine",
            gettext_lazy("Medicine"),
            ("medicine name", "medication", "drug", "item", "middel", "medikasie", "medisynenaam"),
            required=True,
        ),
        Column("strength", gettext_lazy("Strength"), ("medicine strength", "sterkte")),
        Column(
            "quantity",
            gettext_lazy("How much each time"),
            ("dose", "dosage", "amount", "quantity", "qty", "dosis", "dosering", "hoeveelheid"),
            required=True,
        ),
        Column("unit", gettext_lazy("Unit"), ("units", "dose unit", "eenheid", "eenhede")),
        Column(
            "times",
            gettext_lazy("Times of the day"),
            ("time", "times", "time of day", "frequency", "how often", "tyd", "tye", "hoe dikwels"),
        ),
        Column("days", gettext_lazy("On which days"), ("days", "day", "weekdays", "dae", "dag")),
        Column("as_needed", gettext_lazy("Only when needed"), ("as needed", "prn", "soos nodig")),
        Column(
            "min_hours",
            gettext_lazy("Hours between doses, at least"),
            ("min hours", "hours between", "ure tussen dosisse"),
        ),
        Column("max_per_day", gettext_lazy("Doses a day, at most"), ("max per day", "maks per dag")),
        Column(
            "start_date",
            gettext_lazy("First day"),
            (
                "start",
                "start date",
                "started",
                "from",
                "date",
                "begin",
                "begindatum",
                "vanaf",
                "datum",
            ),
        ),
        Column(
            "end_date",
            gettext_lazy("Last day"),
            ("end", "end date", "until", "stop date", "einde", "einddatum", "tot"),
        ),
        Column(
            "instructions",
            gettext_lazy("How to take it"),
            ("instructions", "instruction", "directions", "aanwysings", "aanwysing"),
        ),
        Column(
            "instructions_en",
            gettext_lazy("Instructions (English)"),
            ("instructions in english", "english instructions"),
        ),
        Column(
            "instructions_af",
            gettext_lazy("Instructions (Afrikaans)"),
            ("instructions in afrikaans", "aanwysings in afrikaans"),
        ),
    )

    def check(self, rows: Sequence[Row], reading: Reading) -> list[tuple[Verdict, Any]]:
        medicines = medicines_of_clinic(reading.clinic.pk)
        registered = numbered_in(rows, reading)
        read = [PrescriptionRow(row, medicines, registered, reading) for row in rows]
        taken = _taken({each.patient.pk for each in read if each.patient}, reading.now)
        return [each.found(taken) for each in read]

    def carry_out(self, checked: Any, reading: Reading) -> Made:
        patient, order = checked
        made = prescription_bring_in(patient=patient, order=order, now=reading.now)
        log(instance=made, action="wagtail.create", user=reading.by, content_changed=True)
        return Made(patient.pk, {"prescription": made.pk, "clinic": reading.clinic.pk}, sends=True)

    def undo(self, made: Sequence[Made], reading: Reading) -> list[str]:
        ids = [each.facts["prescription"] for each in made]
        kept = prescriptions_take_away(prescription_ids=ids, clinic_id=reading.clinic.pk)
        said = _("Somebody has worked with this prescription since.")
        return [said if each in kept else "" for each in ids]

    def start_words(self, count: int) -> str:
        said = ngettext(
            "Start reminders of %(count)d medicine", "Start reminders of these %(count)d medicines", count
        )
        return said % {"count": count}

    def start(self, made: Made, now: datetime) -> None:
        ids = [made.facts["prescription"]]
        prescriptions_start(prescription_ids=ids, clinic_id=made.facts["clinic"], now=now)


def _taken(patient_ids: Collection[int], now: datetime) -> Taken:
    """What these patients take now, or from a later day on. Two queries."""
    rows = Prescription.objects.filter(
        Q(end_date__isnull=True) | Q(end_date__gte=now.date() - _ONE_DAY),
        patient_id__in=patient_ids,
        ended_at__isnull=True,
    )
    joined = rows.select_related("medicine", "patient__clinic").prefetch_related("schedules").order_by("-id")
    return {
        (each.patient_id, each.medicine_id): each
        for each in joined
        if not has_ended(each, now.astimezone(ZoneInfo(each.patient.zone)).date())
    }
