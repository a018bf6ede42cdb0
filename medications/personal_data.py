"""What this app holds of a person: prescriptions, doses with their answers, stock and vaccinations of their records."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from home.privacy.log_entries import forget_log_entries
from medications.models import (
    OPEN_STATES,
    Dose,
    DoseAnswer,
    Prescription,
    SkipCode,
    StockBatch,
    StockMovement,
    VaccinationRecord,
    WeeklyCheck,
)
from medications.presentation.outcome_words import unit_word
from medications.presentation.schedule_words import how_and_when
from medications.services.dose_rows import drop
from notifications.models import Notification
from notifications.pipeline.forgetting import forget_messages
from notifications.privacy import (
    Effect,
    Person,
    Section,
    Step,
    cleared,
    deleted,
    register_forget,
    register_section,
)


def _prescriptions(person: Person) -> Iterator[tuple[Any, ...]]:
    rows = Prescription.objects.filter(patient_id__in=person.patient_ids).order_by("start_date", "id")
    joined = rows.select_related("medicine", "patient__clinic").prefetch_related("schedules")
    for each in joined:
        when = "; ".join(how_and_when(each, today=each.start_date))
        yield (
            each.patient.get_full_name(),
            str(each.medicine),
            when,
            each.start_date,
            each.end_date,
            each.ended_at,
            ": ".join(filter(None, (each.get_stop_reason_display(), each.stop_words))),
            each.reminders_enabled and not each.is_silent,
        )


def _doses(person: Person) -> Iterator[tuple[Any, ...]]:
    rows = Dose.objects.filter(patient_id__in=person.patient_ids).order_by("due_at", "id")
    for each in rows.select_related("prescription__medicine").iterator():
        medicine = each.prescription.medicine
        yield (
            str(medicine),
            each.due_at,
            each.quantity,
            unit_word(medicine),
            each.get_kind_display(),
            each.get_state_display(),
            each.amount if each.state == Dose.State.TAKEN else None,
            each.was_taken_at,
            each.answered_at,
            SkipCode(each.skip_code).label if each.skip_code else "",
            each.skip_reason,
            each.over_limit,
        )


def _answers(person: Person) -> Iterator[tuple[Any, ...]]:
    rows = DoseAnswer.objects.filter(dose__patient_id__in=person.patient_ids).order_by("at", "id")
    for each in rows.select_related("dose__prescription__medicine").iterator():
        yield (
            str(each.dose.prescription.medicine),
            each.dose.due_at,
            each.get_answer_display(),
            each.at,
            each.by_id == person.user_id if each.by_id else None,
            each.quantity,
            SkipCode(each.skip_code).label if each.skip_code else "",
            each.skip_reason,
        )


def _batches(person: Person) -> Iterator[tuple[Any, ...]]:
    rows = StockBatch.objects.filter(prescription__patient_id__in=person.patient_ids)
    for each in rows.select_related("medicine").order_by("received_at", "id"):
        yield str(each.medicine), each.batch_number, each.quantity, each.expiry_date, each.received_at


def _movements(person: Person) -> Iterator[tuple[Any, ...]]:
    theirs = Q(prescription__patient_id__in=person.patient_ids)
    rows = StockMovement.objects.filter(theirs | Q(batch__prescription__patient_id__in=person.patient_ids))
    joined = rows.select_related("batch__medicine", "prescription__medicine").order_by("at", "id")
    for each in joined.iterator():
        medicine = each.batch.medicine if each.batch else each.prescription and each.prescription.medicine
        yield str(medicine), each.quantity, each.get_kind_display(), each.at, each.why


def _vaccinations(person: Person) -> Iterator[tuple[Any, ...]]:
    rows = VaccinationRecord.objects.filter(patient_id__in=person.patient_ids)
    for each in rows.select_related("vaccine", "patient").order_by("patient_id", "id"):
        yield (
            each.patient.get_full_name(),
            each.vaccine.name,
            each.dose_number,
            each.date_given,
            each.next_due_date,
            each.batch_number,
        )


def _weekly_checks(person: Person) -> Iterator[tuple[Any, ...]]:
    for each in WeeklyCheck.objects.filter(patient_id__in=person.patient_ids).order_by("asked_at", "id"):
        yield each.asked_at, each.get_answer_display(), each.answered_at


_MEDICINE = _("Medicine")

register_section(
    Section(
        "prescriptions",
        _("Prescriptions"),
        {
            "patient": _("For"),
            "medicine": _MEDICINE,
            "schedule": _("How and when"),
            "first_day": _("First day"),
            "last_day": _("Last day"),
            "stopped": _("Stopped"),
            "why": _("Why"),
            "reminders": _("Reminders"),
        },
        _prescriptions,
        of_account=False,
        order=50,
    )
)
register_section(
    Section(
        "doses",
        _("Doses"),
        {
            "medicine": _MEDICINE,
            "due": _("To take"),
            "quantity": _("How much"),
            "unit": _("Unit"),
            "kind": _("Kind"),
            "state": _("State"),
            "taken": _("How much was taken"),
            "taken_at": _("Taken at"),
            "answered": _("Answered"),
            "reason": _("Reason"),
            "own_words": _("In own words"),
            "over_limit": _("Taken although it was too early or too much"),
        },
        _doses,
        of_account=False,
        order=51,
    )
)
register_section(
    Section(
        "answers",
        _("Answers to doses"),
        {
            "medicine": _MEDICINE,
            "due": _("To take"),
            "answer": _("Answer"),
            "at": _("When"),
            "by_me": _("By you"),
            "quantity": _("How much"),
            "reason": _("Reason"),
            "own_words": _("In own words"),
        },
        _answers,
        of_account=False,
        order=52,
    )
)
register_section(
    Section(
        "stock",
        _("Medicine at home"),
        {
            "medicine": _MEDICINE,
            "batch_number": _("Batch number"),
            "left": _("What is left"),
            "expires": _("Expires"),
            "received": _("Received"),
        },
        _batches,
        of_account=False,
        order=53,
    )
)
register_section(
    Section(
        "stock_movements",
        _("What came in and was taken"),
        {
            "medicine": _MEDICINE,
            "quantity": _("How much"),
            "kind": _("What happened"),
            "at": _("When"),
            "why": _("Why"),
        },
        _movements,
        of_account=False,
        order=54,
    )
)
register_section(
    Section(
        "vaccinations",
        _("Vaccinations"),
        {
            "patient": _("For"),
            "vaccine": _("Vaccine"),
            "dose": _("Dose number"),
            "given": _("Date given"),
            "due": _("Due on"),
            "batch_number": _("Batch number"),
        },
        _vaccinations,
        of_account=False,
        order=55,
    )
)
register_section(
    Section(
        "weekly_questions",
        _("Weekly questions"),
        {"asked": _("Asked"), "answer": _("Answer"), "answered": _("Answered")},
        _weekly_checks,
        of_account=False,
        order=56,
    )
)


@register_forget
def forget_treatment(person: Person, now: datetime) -> Iterator[Step]:
    """The treatment stops and stays as numbers: what was planned goes, and so do all free words and all messages."""
    ids = person.patient_ids
    if not ids:
        return
    prescriptions = Prescription.objects.filter(patient_id__in=ids)
    records = VaccinationRecord.objects.filter(patient_id__in=ids)
    doses = Dose.objects.filter(patient_id__in=ids)
    batches = StockBatch.objects.filter(prescription__patient_id__in=ids)
    others = Notification.objects.filter(path__in=_pages_of(ids))
    # The person's own are forgotten with the account.
    yield from forget_messages(others.exclude(recipient_id=person.user_id) if person.user_id else others, now)
    yield cleared(_("Prescriptions stopped"), prescriptions.filter(ended_at__isnull=True), ended_at=now)
    open_doses = doses.filter(state__in=OPEN_STATES)
    yield _planned_doses(open_doses.filter(due_at__gt=now))
    yield cleared(
        _("Reminders of doses, called off"),
        open_doses.filter(next_reminder_at__isnull=False),
        next_reminder_at=None,
    )
    yield _instructions(ids)
    yield cleared(
        _("Why prescriptions were stopped, in own words"),
        prescriptions.exclude(stop_words=""),
        stop_words="",
    )
    yield deleted(_("Vaccinations that were planned"), records.filter(date_given__isnull=True))
    for words, rows in (
        (_("Reasons why a dose was skipped, in own words"), doses.exclude(skip_reason="")),
        (
            _("Such reasons in the log of answers"),
            DoseAnswer.objects.filter(dose__in=doses).exclude(skip_reason=""),
        ),
    ):
        yield cleared(words, rows, skip_reason="")
    movements = StockMovement.objects.filter(
        Q(prescription__in=prescriptions)
        | Q(batch__in=batches)
        | Q(to_home__prescription__in=prescriptions)
        | Q(to_home__batch__in=batches)
    )
    yield cleared(_("Remarks on movements of stock"), movements.exclude(why=""), why="")
    yield from forget_log_entries(Prescription, prescriptions)
    yield from forget_log_entries(VaccinationRecord, records)


def _planned_doses(doses: QuerySet[Dose]) -> Step:
    def carry_out() -> int:
        number = doses.count()
        drop(doses)
        return number

    return Step(_("Doses that were planned"), Effect.DELETED, carry_out)


def _instructions(patient_ids: Iterable[int]) -> Step:
    """In both languages, and in the column that both share, which translated queries pass by."""
    manager: Any = Prescription.objects
    fields = dict.fromkeys(("instructions", "instructions_en", "instructions_af"), "")
    written = Q(instructions__gt="") | Q(instructions_en__gt="") | Q(instructions_af__gt="")
    rows = manager.rewrite(False).filter(written, patient_id__in=patient_ids)
    return cleared(_("Instructions of prescriptions"), rows, **fields)


def _pages_of(patient_ids: Iterable[int]) -> tuple[str, ...]:
    """The pages that messages to others open. Messages of long ago say in no other way about whom they are."""
    return tuple(
        path for id_ in patient_ids for path in (f"/today/?who={id_}", f"/vaccinations/#patient-{id_}")
    )
