"""That a patient died, moved away, is lost to follow-up, or is back: first a plan, then the same code carries it out.

Each app says what it does then (`register_departure`). The plan is made by doing all of it in a transaction that is
rolled back, so that what staff read before they confirm is what happens (docs/decisions/0092).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from wagtail.log_actions import log

from home.life_dates import life_date_problems
from home.models import Left, Patient, User
from home.record.log_entries import DEPARTURE, entries_of
from notifications.services import NotificationService

CORRECTED_WITHIN = timedelta(days=30)
"""For so long any of the clinic's staff can take back that a patient died; later a manager does."""
SAID = "said"
"""The code of the ValidationError for what can't be said of the patient (any more)."""


class Departure(StrEnum):
    DIED = "died"
    MOVED = "moved"
    LOST = "lost"
    BACK = "back"


@dataclass(frozen=True, slots=True)
class Departing:
    """What became of a patient, whose row says so already. `was_dead` is of one who is back."""

    patient: Patient
    what: Departure
    now: datetime
    was_dead: bool = False

    @property
    def ends_care(self) -> bool:
        """Whether nothing of this clinic's treatment goes on."""
        return self.what in (Departure.DIED, Departure.MOVED)


Consequence = Callable[[Departing], list[str]]
"""Carries out what follows, within the transaction, and says it in words, in the active language."""

_consequences: list[tuple[int, Consequence]] = []


def register_departure(consequence: Consequence, *, order: int) -> None:
    """Have this done, and its words shown in their order; below 100 are messages and care, from 100 on the rest."""
    _consequences.append((order, consequence))


def departures_of(patient: Patient) -> list[Departure]:
    """What can be said of this patient now."""
    if patient.deceased_on:
        return [Departure.BACK]
    if patient.left_on:
        rest = [Departure.LOST] if patient.left_why == Left.MOVED else [Departure.MOVED]
        return [Departure.BACK, *rest, Departure.DIED]
    return [Departure.MOVED, Departure.LOST, Departure.DIED]


def may_take_back(patient: Patient, user: User, *, now: datetime) -> bool:
    """Whether this member of the clinic's staff may say that the patient is back, or did not die."""
    if patient.deceased_on is None or user.has_perm("home.delete_patient"):
        return True
    said = entries_of(patient).filter(action=DEPARTURE).order_by("-timestamp").first()
    return said is not None and said.timestamp > now - CORRECTED_WITHIN


def departure_plan(*, patient_id: int, what: Departure, on: date | None, now: datetime) -> list[str]:
    """What would happen, a sentence each; nothing of it is done. Raises ValidationError as `departure_carry_out`."""
    with transaction.atomic():
        words = _carry_out(patient_id, what, on, now)
        transaction.set_rollback(True)
    return words


def departure_carry_out(
    *, patient_id: int, what: Departure, on: date | None, by: User | None, now: datetime
) -> list[str]:
    """Do it; the sentences of the plan. `on` is the day of it in the clinic's zone, which `BACK` has none of.

    Raises ValidationError beside "on" for a day that can't be, and with the code `SAID` where it can't be said of the
    patient (any more).
    """
    with transaction.atomic():
        words = _carry_out(patient_id, what, on, now)
        patient = Patient.objects.get(pk=patient_id)
        data = {"what": what.value, **({"on": on.isoformat()} if on else {})}
        log(instance=patient, action=DEPARTURE, user=by, data=data, timestamp=now)
    return words


def _carry_out(patient_id: int, what: Departure, on: date | None, now: datetime) -> list[str]:
    patient = Patient.objects.select_for_update(of=("self",)).select_related("clinic").get(pk=patient_id)
    if what not in departures_of(patient):
        raise ValidationError(_("This was said of the patient before. Look at the page again."), code=SAID)
    _check_day(patient, what, on, now)
    was_dead = patient.deceased_on is not None
    _say(patient, what, on)
    return carry_out_consequences(Departing(patient, what, now, was_dead))


def carry_out_consequences(departing: Departing) -> list[str]:
    """What follows in each app, and its words; within the transaction of the caller."""
    consequences = sorted(_consequences, key=lambda each: each[0])
    return [words for _order, consequence in consequences for words in consequence(departing)]


def _check_day(patient: Patient, what: Departure, on: date | None, now: datetime) -> None:
    if what == Departure.BACK:
        return
    if on is None:
        raise ValidationError({"on": _("Give the day.")})
    problems = life_date_problems(born=patient.date_of_birth, died=on, today=local_date(patient, now))
    if said := problems.get("deceased_on"):
        raise ValidationError({"on": said})


def local_date(patient: Patient, now: datetime) -> date:
    """The clinic's day."""
    return now.astimezone(ZoneInfo(patient.clinic.zone)).date()


def _say(patient: Patient, what: Departure, on: date | None) -> None:
    if what == Departure.DIED:
        patient.deceased_on = on
    elif what == Departure.BACK and patient.deceased_on:
        # What was said before the death stays so: who had moved away has still moved away.
        patient.deceased_on = None
    elif what == Departure.BACK:
        patient.left_on, patient.left_why = None, ""
    else:
        patient.left_on, patient.left_why = on, Left(what.value)
    patient.save(update_fields=["deceased_on", "left_on", "left_why"])


_GENERAL: dict[Departure, tuple[Any, ...]] = {
    Departure.DIED: (
        gettext_lazy("No reminders and no other messages about this patient are sent any more."),
        gettext_lazy("Nobody is told automatically. Speak to the family yourself."),
        gettext_lazy("The patient leaves the list of who needs a call."),
    ),
    Departure.MOVED: (
        gettext_lazy("Reminders stop, and the patient leaves the list of who needs a call."),
        gettext_lazy(
            "The folder stays at your clinic. It can be read, and opened again when the patient is back."
        ),
        gettext_lazy("The patient is not told automatically."),
    ),
    Departure.LOST: (
        gettext_lazy("The patient leaves the list of who needs a call."),
        gettext_lazy("Reminders go on: they may bring the patient back."),
    ),
    Departure.BACK: (gettext_lazy("The patient is treated at your clinic again."),),
}


def _messages(departing: Departing) -> list[str]:
    """What waits of messages is called off where care ends."""
    if departing.was_dead:
        words = [_("The day of death is taken out: it was a mistake.")]
    else:
        words = [str(each) for each in _GENERAL[departing.what]]
    if departing.ends_care:
        patient = departing.patient
        number = NotificationService.subject_silenced(
            subject_id=patient.pk, scope_id=patient.clinic_id, now=departing.now
        )
        if number:
            said = ngettext(
                "%(count)d message that waits to go out is called off.",
                "%(count)d messages that wait to go out are called off.",
                number,
            )
            words.append(said % {"count": number})
    return words


def _transfers(departing: Departing) -> list[str]:
    """A clinic that was asked to take the patient over is asked no more, where care ends."""
    if not departing.ends_care:
        return []
    asked = departing.patient.transfers.filter(state="asked")
    ended = asked.update(state="withdrawn", decided_at=departing.now)
    return [_("The transfer that was asked for is withdrawn.")] if ended else []


register_departure(_messages, order=0)
register_departure(_transfers, order=90)
