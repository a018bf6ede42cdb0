"""What is kept of days, after whatever happened and however often it was counted meanwhile, is what counting now gives.

A history is made up from a seed: doses, reminders, visits, calls, clubs and messages of two clinics in different zones,
which are then answered, put right, moved, read and taken back, while the hours' tasks run. The counts are repeated here
row by row, in plain Python.
"""

import random
from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from events.models import Attendance, ClinicEvent, Visit
from home.dashboard.days import COUNTED_AGAIN, count_hour
from home.models import Clinic, ClinicCount, FollowUp, Patient
from medications.models import Dose
from notifications.models import Delivery, Notification
from tests.events.factories import AttendanceFactory, ClinicEventFactory, VisitFactory
from tests.factories import ClinicFactory, PatientFactory, UserFactory
from tests.medications.factories import DoseFactory, DoseScheduleFactory
from tests.notifications.factories import DeliveryFactory, NotificationFactory

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 24, 6, tzinfo=UTC)
BEGINS = NOW - timedelta(days=60)
HOUR = timedelta(hours=1)
CHANNELS = ("sms", "email", "push")
THROUGH = ("sent", "delivered")
Counted = dict[tuple[int, date], dict[str, int]]


class History:
    """Two clinics and what happens there, drawn from a seed."""

    def __init__(self, seed: int) -> None:
        self.drawn = random.Random(seed)
        self.clinics = [ClinicFactory(), ClinicFactory(timezone="America/New_York")]
        self.patients: list[Patient] = [
            PatientFactory(clinic=self.drawn.choice(self.clinics)) for _number in range(6)
        ]
        self.schedules = {each.pk: DoseScheduleFactory(prescription__patient=each) for each in self.patients}
        self.reader = UserFactory()

    def moment(self) -> datetime:
        """Any minute of two months, those before the first day that is counted again among them."""
        return BEGINS + timedelta(minutes=self.drawn.randrange(61 * 24 * 60))

    def dose(self) -> None:
        patient, at = self.drawn.choice(self.patients), self.moment()
        dose = DoseFactory(
            schedule=self.schedules[patient.pk],
            due_at=at,
            state=self.drawn.choice(Dose.State.values),
            kind=self.drawn.choice(["planned", "planned", "planned", "extra"]),
            answered_at=self.drawn.choice([None, at + timedelta(minutes=self.drawn.randrange(180))]),
        )
        for _number in range(self.drawn.randrange(3)):
            self._message(patient, "medication.dose_due", at, "dose", dose.pk)

    def visit(self) -> None:
        patient = self.drawn.choice(self.patients)
        day = self.moment().date()
        visit = VisitFactory(
            patient=patient,
            day=day,
            state=self.drawn.choice(["attended", "missed", "moved", "cancelled"]),
            next_step_at=None,
        )
        for before in self.drawn.sample([7, 1], self.drawn.randrange(3)):
            at = datetime(day.year, day.month, day.day, 7, tzinfo=UTC) - timedelta(days=before)
            self._message(patient, "visit.reminder", at, "visit", visit.pk)

    def call(self) -> None:
        patient, at = self.drawn.choice(self.patients), self.moment()
        FollowUp.objects.create(
            patient=patient,
            clinic=patient.clinic,
            at=at,
            result="no_answer",
            back_on=at.date(),
            stands=False,
        )

    def club(self) -> None:
        event = ClinicEventFactory(
            clinic=self.drawn.choice(self.clinics),
            starts_at=self.moment(),
            state=self.drawn.choice(["completed", "completed", "cancelled"]),
            next_notice_at=None,
        )
        for patient in self.drawn.sample(self.patients, self.drawn.randrange(4)):
            AttendanceFactory(
                event=event,
                user=None,
                patient=patient,
                state=self.drawn.choice(Attendance.State.values),
            )

    def later(self) -> None:
        """Something that is known only afterwards."""
        drawn = self.drawn
        changes: list[Callable[[], Any]] = [
            lambda: self._some(Dose).update(
                state=drawn.choice(["taken", "skipped", "missed"]), answered_at=NOW
            ),
            lambda: self._some(Visit).update(state=drawn.choice(["attended", "missed"])),
            lambda: self._some(Delivery).update(state=drawn.choice(Delivery.State.values)),
            lambda: self._some(Notification).update(read_at=NOW),
            lambda: self._some(Attendance).update(state=drawn.choice(Attendance.State.values)),
            lambda: self._some(ClinicEvent).update(state="cancelled"),
            lambda: self._some(FollowUp).delete(),
            lambda: self._some(Patient).update(clinic=drawn.choice(self.clinics)),
        ]
        drawn.choice(changes)()

    def _some(self, model: Any) -> Any:
        keys = list(model.objects.order_by("pk").values_list("pk", flat=True))
        return model.objects.filter(pk__in=self.drawn.sample(keys, min(2, len(keys))))

    def _message(self, patient: Patient, event_type: str, at: datetime, kind: str, key: int) -> None:
        message = NotificationFactory(
            recipient=self.reader,
            scope_id=patient.clinic_id,
            subject_id=patient.pk,
            event_type=event_type,
            created_at=at,
            related_object_type=kind,
            related_object_id=key,
            read_at=self.drawn.choice([None, None, at + HOUR]),
        )
        for channel in self.drawn.sample(CHANNELS, self.drawn.randrange(3)):
            state = self.drawn.choice(Delivery.State.values)
            sent_at = at + timedelta(minutes=self.drawn.randrange(90)) if state in THROUGH else None
            DeliveryFactory(notification=message, channel=channel, state=state, sent_at=sent_at)


def kept(days: int) -> dict[str, Counted]:
    """The rows, of the last so many days of each clinic."""
    found: dict[str, Counted] = defaultdict(dict)
    for row in ClinicCount.objects.select_related("clinic"):
        if _is_lately(row.clinic, row.day, days):
            found[row.name][row.clinic_id, row.day] = _some_of(row.numbers)
    return dict(found)


def live(days: int) -> dict[str, Counted]:
    """The same from what there is now."""
    found: dict[str, Any] = {
        name: defaultdict(Counter) for name in ("doses", "answered", "visits", "clubs", "calls", "deliveries")
    }
    clinics = {clinic.pk: clinic for clinic in Clinic.objects.all()}

    def day_of(clinic_id: int, at: datetime) -> date:
        return at.astimezone(ZoneInfo(clinics[clinic_id].zone)).date()

    doses = {dose.pk: dose for dose in Dose.objects.select_related("patient")}
    for dose in doses.values():
        if dose.kind == "planned" and dose.state != "withdrawn":
            clinic_id = dose.patient.clinic_id
            found["doses"][clinic_id, day_of(clinic_id, dose.due_at)][dose.state] += 1
    reminded, answered = defaultdict(set), defaultdict(set)
    out = defaultdict(set)
    for each in Delivery.objects.select_related("notification"):
        message = each.notification
        assert message.sent_at and each.scope_id
        day = day_of(each.scope_id, message.sent_at)
        state = "waiting" if each.state in ("pending", "sending", "retry") else each.state
        found["deliveries"][each.scope_id, day][f"{each.channel}.{state}"] += 1
        if each.state in THROUGH:
            out[message.pk].add(each.channel)
        if message.event_type == "medication.dose_due" and each.state in THROUGH and each.sent_at:
            key = (each.scope_id, day, each.channel)
            dose = doses[message.related_object_id]
            reminded[key].add(dose.pk)
            if dose.answered_at and each.sent_at <= dose.answered_at <= each.sent_at + HOUR:
                answered[key].add(dose.pk)
    for (clinic_id, day, channel), those in reminded.items():
        numbers = found["answered"][clinic_id, day]
        numbers[channel] += len(those)
        numbers[f"{channel}.answered"] += len(answered[clinic_id, day, channel])
    reminders = {
        message.related_object_id
        for message in Notification.objects.filter(event_type="visit.reminder")
        if message.read_at or out[message.pk]
    }
    for visit in Visit.objects.all():
        numbers = found["visits"][visit.clinic_id, visit.day]
        numbers[visit.state] += 1
        numbers[f"{visit.state}.reminded"] += visit.pk in reminders
    for event in ClinicEvent.objects.exclude(state="cancelled").prefetch_related("attendances"):
        numbers = found["clubs"][event.clinic_id, day_of(event.clinic_id, event.starts_at)]
        numbers["events"] += 1
        numbers.update(each.state for each in event.attendances.all() if each.state != "left")
    called, came = defaultdict(set), defaultdict(set)
    for call in FollowUp.objects.all():
        day = day_of(call.clinic_id, call.at)
        found["calls"][call.clinic_id, day]["calls"] += 1
        called[call.clinic_id, day].add(call.patient_id)
        if any(
            day <= visit.day <= day + timedelta(days=15)
            for visit in Visit.objects.filter(patient=call.patient_id, state="attended")
        ):
            came[call.clinic_id, day].add(call.patient_id)
    for key, those in called.items():
        found["calls"][key] |= Counter(patients=len(those), came=len(came[key]))
    return {
        name: own
        for name, counted in found.items()
        if (
            own := {
                (clinic_id, day): _some_of(numbers)
                for (clinic_id, day), numbers in counted.items()
                if _is_lately(clinics[clinic_id], day, days)
            }
        )
    }


def _is_lately(clinic: Clinic, day: date, days: int) -> bool:
    today = NOW.astimezone(ZoneInfo(clinic.zone)).date()
    return today - timedelta(days=days) < day <= today


def _some_of(numbers: Any) -> dict[str, int]:
    """Without what is 0, which one leaves out and the other says."""
    return {name: number for name, number in numbers.items() if number}


@pytest.mark.parametrize("seed", range(8))
def test_what_is_kept_is_what_counting_now_gives(seed: int) -> None:
    history = History(seed)
    for _number in range(70):
        history.drawn.choice(
            [history.dose, history.dose, history.visit, history.call, history.club, history.later]
        )()
        if history.drawn.random() < 0.1:
            count_hour(now=NOW - history.drawn.randrange(400) * HOUR)

    a_day = [NOW.replace(hour=0) + number * HOUR for number in range(24)]
    for at in history.drawn.sample(a_day, len(a_day)):
        count_hour(now=at)

    assert kept(COUNTED_AGAIN - 1) == live(COUNTED_AGAIN - 1)
