"""What must hold after each act, and of each message as it leaves: said anew, not by asking the code that is judged."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, F, Q
from django.utils import timezone

from events.models import Attendance, ClinicEvent, Visit
from home.clocks.marks import unmoved
from home.models import CareRole, ClockChange, Consent, ImportRow, Patient, StaffRole, User
from medications.models import Dose, DoseAnswer, DoseSchedule, Prescription, StockBatch, StockMovement
from notifications import registry
from notifications.channels.receipts import Outcome
from notifications.models import (
    ChannelChoice,
    Delivery,
    EarlyReceipt,
    EventRecord,
    InboundMessage,
    Notification,
    NotificationPreferences,
)
from notifications.types import Lane, Message
from tests.simulation import deaths
from tests.simulation.outside import NAMES, Outside, Taken
from tests.simulation.world import MEDICINES, PEOPLE, World

OPEN = ("scheduled", "unanswered", "missed")
ANSWERED = ("taken", "skipped")
REPEATS = 2
"""How often an unanswered reminder is repeated."""
OWN_WORDS = {"en": ("medicine", "your", "clinic"), "af": ("medisyne", "kliniek", "asseblief")}
"""Words that stand in texts of one language alone."""
SWITCH = {name: f"{name}_enabled" for name in NAMES}
NIGHT = (time(20), time(8))
"""Then nobody is called, but for what can't wait, who wants that."""


@dataclass
class Judge:
    """Looks at the rows, and at what leaves, and keeps what is `wrong`."""

    world: World
    outside: Outside
    wrong: list[str] = field(default_factory=list)
    _wishes: dict[int, list[tuple[datetime, str, str]]] = field(default_factory=lambda: defaultdict(list))
    """What each person wanted since when: language and detail."""
    _quiet: dict[int, set[tuple[str, time]]] = field(default_factory=lambda: defaultdict(set))
    """The zones and the ends of quiet hours that each person ever had together."""
    _finished: dict[int, str] = field(default_factory=dict)
    """The deliveries that had come to an end, and to which."""
    _may_fail: set[str] = field(default_factory=set)
    """By the provider's name for it, what it said that didn't arrive."""
    _processed: set[int] = field(default_factory=set)
    _looked_at: int = -1
    """How much had been written when the rows were looked at (`deaths.writes`)."""
    _told: int = 0
    """The last message that was looked at."""
    _reasons: Counter[int] = field(default_factory=Counter)
    """How often a dose may be reminded of once more, for it was moved."""
    _plans: dict[int, list[tuple[datetime, tuple[Any, ...]]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    """The plans of each prescription, with the moment from which each was in force."""

    # --- what acts say

    def receipt(self, taken: Taken, outcome: Outcome) -> None:
        """A provider said this, true or not."""
        if outcome is Outcome.FAILED:
            self._may_fail.add(taken.provider_id)

    def moved(self, prescription_id: int) -> None:
        """The doses of this prescription may move, and then are reminded of anew."""
        self._reasons.update(Dose.objects.filter(prescription=prescription_id).values_list("pk", flat=True))

    # --- a message leaves

    def leaves(self, channel: str, message: Message) -> None:
        """It is handed to a provider at this moment."""
        now = timezone.now()
        number = int(message.key.removeprefix("medguard-"))
        rows = list(
            Delivery.objects.filter(Q(pk=number) | Q(digest=number), channel=channel, finished_at=None)
            .exclude(lease_owner="")
            .select_related("notification")
        )
        if not rows:
            self.say(f"{message.key} leaves by {channel}, but nobody holds it")
        for row in rows:
            for fault in self._faults(row, message, now, alone=len(rows) == 1):
                self.say(
                    f"message {row.notification_id} ({row.notification.event_type}) leaves by {channel} {fault}"
                )

    def _faults(self, row: Delivery, message: Message, now: datetime, *, alone: bool) -> Iterator[str]:
        told = row.notification
        if told.valid_until is not None and told.valid_until <= now:
            yield f"after {told.valid_until:%H:%M}, until when it was of use"
        if row.step is not None and told.is_seen:
            yield "although its reader has seen it"
        if why := _stale(told):
            yield f"although {why}"
        yield from self._unwanted(row, told, now)
        yield from self._misdirected(row, told)
        wishes = self._wishes_at(told.recipient_id, told.created_at)
        languages, details = zip(*wishes, strict=True)
        if told.language not in languages:
            yield f"in {told.language}, and its reader wanted {languages}"
        if alone:
            other = "af" if told.language == "en" else "en"
            seen = f"{message.subject} {message.body}"
            if any(word in seen.lower().split() for word in OWN_WORDS[other]) or any(
                pair[PAGES.index(other)] in seen for pair in MEDICINES
            ):
                yield f"in {told.language}, but says “{seen[:80]}”"
        shown = message.subject if row.channel == "email" else f"{message.subject} {message.body}"
        if "detailed" not in details and (secret := _secret_in(shown)):
            yield f"and names {secret} before everybody"

    def _unwanted(self, row: Delivery, told: Notification, now: datetime) -> Iterator[str]:
        wishes = NotificationPreferences.objects.filter(user_id=told.recipient_id).first()
        wishes = wishes or NotificationPreferences()
        if not getattr(wishes, SWITCH[row.channel]):
            yield "although its reader turned that off"
        choices = ChannelChoice.objects.filter(user_id=told.recipient_id, channel=row.channel, on=False)
        if choices.filter(category=told.category, event_type="").exists():
            yield "although its reader chose not to have it"
        agreed = set(
            Consent.objects.filter(user_id=told.recipient_id, withdrawn_at=None).values_list(
                "purpose", flat=True
            )
        )
        declared = registry.get(told.event_type)
        if CareRole.objects.filter(user_id=told.recipient_id).exists() and (
            row.channel not in agreed or (declared.clinical and "reminders" not in agreed)
        ):
            yield "although its reader hasn't agreed to it"
        wall = now.astimezone(ZoneInfo(wishes.timezone))
        can_wait = not declared.time_critical and told.priority < 3
        rings = row.channel == "voice" and (can_wait or not wishes.calls_at_night)
        if rings and _is_plain(wall) and (wall.time() >= NIGHT[0] or wall.time() < NIGHT[1]):
            yield f"at {wall:%H:%M}, in the night"
        if can_wait and wishes.quiet_hours_enabled and _is_plain(wall):
            start, end = wishes.quiet_hours_start, wishes.quiet_hours_end
            at = wall.time().replace(tzinfo=None)
            if (start <= at < end) if start < end else (at >= start or at < end):
                yield f"at {at:%H:%M}, in quiet hours from {start} to {end}"

    def _misdirected(self, row: Delivery, told: Notification) -> Iterator[str]:
        user = User.objects.get(pk=told.recipient_id)
        address = {"email": user.email, "push": str(user.pk)}.get(row.channel, str(user.phone))
        if row.address != address:
            yield "to an address that isn't its reader's"
        is_clinical = registry.get(told.event_type).clinical
        if address == str(user.phone) and user.phone_verified_at is None and is_clinical:
            yield "to a number that nobody confirmed"

    # --- the rows

    def look(self, *, thoroughly: bool = True) -> None:
        """At all rows, after an act. What doesn't heal by itself is looked at where it is done `thoroughly`."""
        now = timezone.now()
        for fault in self._sent_too_often():
            self.say(fault)
        if deaths.writes() != self._looked_at:
            self._looked_at = deaths.writes()
            self._remember_wishes(now)
            for fault in (*self._undone_ends(), *self._told_wrongly(), *self._not_told()):
                self.say(fault)
        if thoroughly:
            for fault in (
                *self._untrue_deliveries(),
                *self._told_too_often(),
                *self._wrong_ledger(),
                *self._wrong_days(now),
                *self._held_wrongly(),
                *_answers_lost(),
                *self._wrongly_brought_in(),
                *_overfull(),
                *_receipts_forgotten(),
            ):
                self.say(fault)

    def look_at_what_is_left(self) -> None:
        """When a consumer has done all there was to do, undisturbed."""
        for fault in self._left_undone(timezone.now()):
            self.say(fault)

    def look_at_the_end(self) -> None:
        """When all is quiet."""
        now = timezone.now()
        for row in Delivery.objects.filter(finished_at=None, due_at__lte=now - timedelta(minutes=5)):
            self.say(f"delivery {row.pk} by {row.channel} waits for ever, {row.state} since {row.due_at}")

    def say(self, fault: str) -> None:
        if fault not in self.wrong:
            self.wrong.append(fault)

    def _remember_wishes(self, now: datetime) -> None:
        rows = NotificationPreferences.objects.order_by("user_id")
        names = ("user_id", "language", "detail", "timezone", "quiet_hours_end")
        for user_id, language, detail, zone, quiet_until in rows.values_list(*names):
            known = self._wishes[user_id]
            self._quiet[user_id].add((zone, quiet_until))
            if not known or known[-1][1:] != (language, detail):
                known.append((now, language, detail))

    def _wishes_at(self, user_id: int, moment: datetime) -> list[tuple[str, str]]:
        """What somebody wanted before that moment, at it, and next; the default for who said nothing."""
        known = self._wishes.get(user_id) or [(moment, "en", "discreet")]
        before = [wish for wish in known if wish[0] < moment][-1:]
        meanwhile = [wish for wish in known if wish[0] == moment]
        after = [wish for wish in known if wish[0] > moment][:1]
        return [wish[1:] for wish in (*before, *meanwhile, *after)]

    def _undone_ends(self) -> Iterator[str]:
        """What has come to an end stays so, unless a provider takes back what it said."""
        rows = Delivery.objects.order_by("pk").values_list("pk", "state", "finished_at", "provider_id")
        for pk, state, finished_at, provider_id in rows:
            before = self._finished.get(pk)
            may = before == state or (before == "sent" and state == "delivered")
            may = may or (provider_id in self._may_fail and before in ("sent", "retry", "failed"))
            may = may or (before == "failed" and state == "delivered")
            if before is not None and not may:
                yield f"delivery {pk} was {before}, and is {state} now"
            if finished_at is not None:
                self._finished[pk] = state
            elif before is not None and may:
                del self._finished[pk]

    def _untrue_deliveries(self) -> Iterator[str]:
        taken = {each.provider_id for each in self.outside.taken}
        for row in Delivery.objects.filter(state__in=("sent", "delivered")):
            if row.provider_id not in taken:
                yield f"delivery {row.pk} is {row.state}, but no provider took it"
        silent = Delivery.objects.filter(finished_at__isnull=False, reason="").exclude(
            state__in=("sent", "delivered")
        )
        for row in silent:
            if not row.error:
                yield f"delivery {row.pk} is {row.state}, and nothing says why"

    def _sent_too_often(self) -> Iterator[str]:
        times = Counter(each.name for each in self.outside.taken)
        failed = Counter(each.name for each in self.outside.taken if each.provider_id in self._may_fail)
        doubted = Counter(
            each.name for each in self.outside.taken if each.provider_id in self.outside.doubted
        )
        for name, count in times.items():
            if count > 1 + doubted[name] + failed[name]:
                yield f"{name[1]} went {count} times by {name[0]}"

    def _told_wrongly(self) -> Iterator[str]:
        """What is new in anybody's inbox is for them, about whom it says, and not of what is over."""
        new = list(Notification.objects.filter(pk__gt=self._told).order_by("pk"))
        for told in new:
            self._told = told.pk
            if told.subject_id is not None:
                roles = CareRole.objects.filter(user_id=told.recipient_id, patient_id=told.subject_id)
                works = StaffRole.objects.filter(user_id=told.recipient_id, clinic_id=told.scope_id or 0)
                if not roles.exists() and not works.exists():
                    yield f"message {told.pk} ({told.event_type}) went to a stranger, {told.recipient_id}"
            elif told.scope_id is None:
                yield f"message {told.pk} ({told.event_type}) is about nobody"
            if "carer_of" in told.data and not _agreed(told.data["carer_of"], told.created_at):
                yield f"message {told.pk} tells a carer of a patient who doesn't want that"
            yield from _routing_faults(told)
            if told.event_type == "medication.dose_due":
                yield from _first_as_a_repeat(told)
            if told.event_type in ("medication.dose_due", "medication.dose_missed"):
                doses = list(Dose.objects.filter(pk__in=told.data["dose_ids"]).select_related("patient"))
                if any(
                    (each.patient_id, each.patient.clinic_id) != (told.subject_id, told.scope_id)
                    for each in doses
                ):
                    yield f"message {told.pk} has doses of another patient or clinic"
                if doses and all(
                    (known := _answer_known(each)) and known < told.created_at for each in doses
                ):
                    yield f"message {told.pk} is about doses that were answered before"

    def _not_told(self) -> Iterator[str]:
        """Whoever cares for a patient has each reminder of an open dose, or of what is due with it: what is past its
        time is left out beside what isn't.
        """
        records = EventRecord.objects.filter(event_type="medication.dose_due", state="processed")
        for record in records.exclude(pk__in=self._processed):
            self._processed.add(record.pk)
            # What was taken back since had its answer when people were told.
            answered = set(
                DoseAnswer.objects.filter(answer="undone", at__gte=record.created_at).values_list(
                    "dose_id", flat=True
                )
            )
            moments: dict[tuple[int, datetime], list[Dose]] = defaultdict(list)
            for dose in Dose.objects.filter(
                pk__in=record.payload["dose_ids"], state__in=OPEN, prescription__ended_at=None
            ):
                if dose.due_at <= record.created_at:
                    moments[dose.patient_id, dose.due_at].append(dose)
            for (patient_id, _due_at), doses in moments.items():
                if answered.issuperset(dose.pk for dose in doses):
                    continue
                # Not the carers of a patient who has agreed only since.
                agreed = _may_tell_carers(since=record.created_at)
                people = set(
                    CareRole.objects.filter(patient_id=patient_id, user__is_active=True)
                    .filter(~Q(relation="carer") | Q(patient__in=agreed))
                    .values_list("user_id", flat=True)
                )
                # Two publications of one dose that are dealt with together make one message.
                told = Notification.objects.filter(event_record_id__gte=record.pk, subject_id=patient_id)
                ids = {dose.pk for dose in doses}
                known = {
                    each.recipient_id for each in told if ids.intersection(each.data.get("dose_ids", ()))
                }
                if missing := people - known:
                    yield f"{missing} were not told of doses {[each.pk for each in doses]} by {record.pk}"

    def _told_too_often(self) -> Iterator[str]:
        """Each publication comes once to each person about each thing, and no dose is reminded of without end."""
        columns = (
            "event_record_id",
            "recipient_id",
            "related_object_type",
            "related_object_id",
            "subject_id",
        )
        rows = Notification.objects.filter(event_record_id__isnull=False).values(*columns)
        for row in rows.annotate(count=Count("pk")).filter(count__gt=1).order_by():
            yield f"{row['count']} messages of record {row['event_record_id']} to {row['recipient_id']}"
        published: Counter[int] = Counter()
        for record in EventRecord.objects.filter(event_type="medication.dose_due"):
            published.update(record.payload["dose_ids"])
        asked = Counter(
            DoseAnswer.objects.filter(answer__in=("later", "undone")).values_list("dose_id", flat=True)
        )
        for dose_id, count in Dose.objects.values_list("pk", "reminders_sent"):
            if count > published[dose_id]:
                yield f"dose {dose_id} counts as reminded of {count} times, and was {published[dose_id]} times"
        for dose_id, count in published.items():
            if count > (1 + REPEATS) * (1 + self._reasons[dose_id] + asked[dose_id]):
                yield f"dose {dose_id} was reminded of {count} times"
        missed = Counter[tuple[int, int]]()
        for told in Notification.objects.filter(event_type="medication.dose_missed"):
            missed.update((told.recipient_id, dose_id) for dose_id in told.data["dose_ids"])
        for (user_id, dose_id), count in missed.items():
            if count > 1:
                yield f"{user_id} was told {count} times that dose {dose_id} was missed"

    def _wrong_ledger(self) -> Iterator[str]:
        sums: dict[int | None, Decimal] = defaultdict(Decimal)
        of_dose: dict[int | None, Decimal] = defaultdict(Decimal)
        counted: set[int | None] = set()
        rows = StockMovement.objects.values_list("batch_id", "dose_id", "prescription_id", "kind", "quantity")
        for batch_id, dose_id, prescription_id, kind, quantity in rows:
            sums[batch_id] += quantity
            of_dose[dose_id] += quantity
            if kind in ("counted", "corrected", "wasted"):
                counted.add(prescription_id)
        for pk, quantity in StockBatch.objects.values_list("pk", "quantity"):
            if sums[pk] != quantity:
                yield f"batch {pk} has {quantity}, its movements make {sums[pk]}"
        doses = Dose.objects.filter(pk__in=[pk for pk in of_dose if pk])
        for dose in doses:
            right = -dose.amount if dose.state == "taken" else Decimal(0)
            if dose.prescription_id not in counted and of_dose[dose.pk] != right:
                yield f"dose {dose.pk} is {dose.state}, and took {-of_dose[dose.pk]} of {dose.amount}"

    def _wrong_days(self, now: datetime) -> Iterator[str]:
        """Each period has its planned doses: no more, however the plan changed; no fewer, where it didn't."""
        rules: dict[int, list[dict[str, Any]]] = defaultdict(list)
        for prescription_id, rule in DoseSchedule.objects.values_list("prescription_id", "rule"):
            rules[prescription_id].append(rule)
        doses: dict[int, list[Dose]] = defaultdict(list)
        for dose in Dose.objects.filter(kind="planned", is_extra=False).exclude(state="withdrawn"):
            doses[dose.prescription_id].append(dose)
        waiting = set(ClockChange.objects.filter(finished_at=None).values_list("patient_id", flat=True))
        moved_at = dict(ClockChange.objects.order_by("pk").values_list("patient_id", "changed_at"))
        for prescription in Prescription.objects.select_related("patient__clinic"):
            zone = prescription.patient.timezone or prescription.patient.clinic.timezone
            plan = (zone, repr(rules[prescription.pk]), prescription.ended_at)
            known = self._plans[prescription.pk]
            if not known:
                known.append((prescription.created_at, plan))
                # Whoever travelled since, before anybody looked, had another plan at first.
                travelled = moved_at.get(prescription.patient_id)
                if travelled is not None and travelled >= prescription.created_at:
                    known.append((travelled, plan))
            elif known[-1][1] != plan:
                known.append((now, plan))
            of_it = prescription, doses[prescription.pk], rules[prescription.pk], zone
            yield from _day_faults(*of_it, known, now)
            if prescription.patient_id not in waiting:
                yield from _faults_ahead(*of_it, now)

    def _held_wrongly(self) -> Iterator[str]:
        """What waits for the end of somebody's quiet hours goes when those end, where that person is; a call not before
        the night has ended too.
        """
        rows = Delivery.objects.filter(finished_at=None, lane=Lane.HELD.value, lease_owner="")
        for row in rows.select_related("notification"):
            told = row.notification
            said: dict[str, Any] = next((each for each in told.routing if each["channel"] == row.channel), {})
            if said.get("reason") != "quiet_hours" or told.recipient_id not in self._quiet:
                continue
            until = datetime.fromisoformat(said["send_at"])
            walls = [(until.astimezone(ZoneInfo(zone)), end) for zone, end in self._quiet[told.recipient_id]]
            nights = (NIGHT[1],) if row.channel == "voice" else ()
            if not any(wall.time() in (end, *nights) or not _is_plain(wall) for wall, end in walls):
                yield f"message {told.pk} waits for quiet hours by {row.channel} until {until}, when none end"

    def _wrongly_brought_in(self) -> Iterator[str]:
        """Whoever is new came with a row of a file, once; and who came with one is there, until it is undone."""
        new = Patient.objects.exclude(pk__in=self.world.patients)
        rows = ImportRow.objects.filter(state__in=("done", "kept"))
        of_rows = set(rows.values_list("patient_id", flat=True))
        if None in of_rows:
            yield "a row is done, and its patient isn't there"
        names = Counter((each.clinic_id, each.first_name, each.last_name) for each in new)
        for name, count in names.items():
            if count > 1:
                yield f"{name} was brought in {count} times"
        for patient in new:
            if patient.pk not in of_rows:
                yield f"patient {patient.pk} is there, and was brought in by no row"

    def _left_undone(self, now: datetime) -> Iterator[str]:
        for model in (ClockChange, EventRecord, Delivery, InboundMessage):
            left = model._default_manager.filter(
                Q(lease_until=None) | Q(lease_until__lt=now), finished_at=None, due_at__lte=now
            )
            for row in left.filter(crashes__lt=2):
                yield f"{model.__name__} {row.pk} was left undone, due {row.due_at}"
        due = Dose.objects.filter(
            state="scheduled",
            due_at__lte=now,
            remind_until__gt=now,
            reminders_sent=0,
            next_reminder_at__lte=now,
            prescription__ended_at=None,
        ).exclude(patient__in=unmoved(now=now).values("patient"))
        for dose in due:
            yield f"dose {dose.pk} is due since {dose.due_at}, and nobody was told"


PAGES = ("en", "af")


def _day_faults(
    prescription: Prescription,
    doses: Sequence[Dose],
    rules: Sequence[dict[str, Any]],
    zone_name: str,
    plans: Sequence[tuple[datetime, tuple[Any, ...]]],
    now: datetime,
) -> Iterator[str]:
    zone = ZoneInfo(zone_name)
    # A day on which the plan changed, here or where the patient was then, is another matter.
    settled_from = max(at for at, _plan in plans) + timedelta(days=2 if len(plans) > 1 else 0)
    first = settled_from.astimezone(zone).date() + timedelta(days=1)
    times = Counter(due.due_at for due in doses)
    for due_at, count in times.items():
        if count > 1:
            yield f"prescription {prescription.pk} has {count} doses at {due_at}"
    if prescription.ended_at is not None:
        return
    day = first
    by_day: dict[Any, list[Dose]] = defaultdict(list)
    for dose in doses:
        by_day[dose.local_day].append(dose)
    while day <= now.astimezone(zone).date():
        planned = sorted(_planned(rules, day, zone))
        there = sorted(dose.due_at.timestamp() for dose in by_day[day])
        if planned != there:
            found, right = (
                [f"{datetime.fromtimestamp(each, zone):%H:%M}" for each in both] for both in (there, planned)
            )
            yield f"prescription {prescription.pk} has doses on {day} at {found}, and its plan says {right}"
        day += timedelta(days=1)


def _faults_ahead(
    prescription: Prescription,
    doses: Sequence[Dose],
    rules: Sequence[dict[str, Any]],
    zone_name: str,
    now: datetime,
) -> Iterator[str]:
    """Where no clock is to be followed, what falls due from the day after tomorrow on is as the plan says now."""
    zone = ZoneInfo(zone_name)
    first = now.astimezone(zone).date() + timedelta(days=2)
    for dose in doses:
        if dose.state == "scheduled" and dose.local_day >= first and prescription.ended_at is None:
            at = dose.due_at.timestamp()
            if at not in _planned(rules, dose.local_day, zone):
                yield f"dose {dose.pk} is due at {dose.due_at.astimezone(zone):%m-%d %H:%M}, not as its plan says"


def _planned(rules: Sequence[dict[str, Any]], day: date, zone: ZoneInfo) -> set[float]:
    """The moments of that day. What falls on one moment, because a clock was put forward, is one dose."""
    return {
        datetime.combine(day, time.fromisoformat(at), zone).timestamp()
        for rule in rules
        if day.weekday() in rule.get("weekdays", range(7))
        for at in rule["times"]
    }


def _first_as_a_repeat(told: Notification) -> Iterator[str]:
    """Nobody is kept from a channel because a message repeats another, where there is no other: none that is still to
    come, whose worker died, and none of before this reader took care.
    """
    dose_ids = told.data["dose_ids"]
    before = Notification.objects.filter(event_type=told.event_type, pk__lt=told.pk)
    known = {
        dose_id for each in before.filter(recipient=told.recipient_id) for dose_id in each.data["dose_ids"]
    }
    reasons = {each["reason"] for each in told.routing}
    if "repeated" not in reasons or not known.isdisjoint(dose_ids):
        return
    records = EventRecord.objects.filter(event_type=told.event_type, pk__lt=told.event_record_id)
    published = [each for each in records if not set(dose_ids).isdisjoint(each.payload["dose_ids"])]
    still_to_come = any(not each.finished_at or each.finished_at > told.created_at for each in published)
    first = min((each.created_at for each in published), default=told.created_at)
    carer_of = told.data.get("carer_of")
    told_since = carer_of and carer_of not in set(_may_tell_carers(since=first))
    if not (still_to_come or told_since):
        yield f"message {told.pk} is called a repeat, and is the first of doses {dose_ids}"


def _answers_lost() -> Iterator[str]:
    """What was answered stays as it was answered last, until that is taken back."""
    last = dict(DoseAnswer.objects.exclude(answer="later").order_by("pk").values_list("dose_id", "answer"))
    for pk, state in Dose.objects.filter(Q(pk__in=last) | Q(state__in=ANSWERED)).values_list("pk", "state"):
        answer = last.get(pk, "undone")
        if state != answer and (answer in ANSWERED or state in ANSWERED):
            yield f"dose {pk} is {state}, and its last answer is {answer}"


def _overfull() -> Iterator[str]:
    there = Count("attendances", filter=Q(attendances__state__in=("joined", "attended", "no_show")))
    events = ClinicEvent.objects.annotate(there=there).filter(there__gt=F("capacity"))
    for pk, count, capacity in events.values_list("pk", "there", "capacity"):
        yield f"{count} people have one of {capacity} places at event {pk}"


def _receipts_forgotten() -> Iterator[str]:
    sent = Delivery.objects.values("provider_id")
    for early in EarlyReceipt.objects.filter(provider_id__in=sent):
        yield f"what was said early of {early.provider_id} is still to be written down"


def _routing_faults(told: Notification) -> Iterator[str]:
    """What “Why did I get this?” says is what happened."""
    said = {each["channel"]: each for each in told.routing}
    if len(said) != len(told.routing):
        yield f"message {told.pk} says twice why it went by a channel"
    if told.scheduled_status == "sent" and said.get("in_app", {}).get("send") != told.in_inbox:
        yield f"message {told.pk} says another thing of the inbox than is true"
    outside = {name for name, each in said.items() if each["send"] and name != "in_app"}
    rows = set(Delivery.objects.filter(notification=told).values_list("channel", flat=True))
    if told.scheduled_status == "sent" and outside != rows:
        yield f"message {told.pk} says that it goes by {outside}, and goes by {rows}"
    if any(not each["reason"] for each in said.values()):
        yield f"message {told.pk} gives no reason"


def _stale(told: Notification) -> str:
    """Why a message doesn't hold any more; empty where it does."""
    data = told.data
    if "carer_of" in data and data["carer_of"] not in set(_may_tell_carers()):
        return "the patient doesn't want carers to be told"
    match told.event_type:
        case "medication.dose_due":
            due_at = datetime.fromisoformat(data["due_at"])
            left = Dose.objects.filter(pk__in=data["dose_ids"], state__in=OPEN, due_at=due_at)
            return "" if left.filter(prescription__ended_at=None).exists() else "its doses are over"
        case "medication.dose_missed":
            left = Dose.objects.filter(pk__in=data["dose_ids"], state="missed")
            return "" if left.filter(prescription__ended_at=None).exists() else "its doses are not missed"
        case "visit.reminder":
            planned = Visit.objects.filter(pk=data["visit_id"], day=data["day"], state="planned")
            return "" if planned.exists() else "its visit isn't planned for that day"
        case "visit.missed":
            return (
                ""
                if Visit.objects.filter(pk=data["visit_id"], state="missed").exists()
                else "it wasn't missed"
            )
        case "event.joined" | "event.place_free" | "event.reminder" | "event.starting":
            return "" if any(_comes(data, *each) for each in data["events"]) else "nobody is expected there"
    return ""


def _comes(data: dict[str, Any], event_id: int, starts_at: str) -> bool:
    events = ClinicEvent.objects.filter(pk=event_id, state="planned", starts_at=starts_at)
    whose = {"patient_id": data["patient_id"]} if "patient_id" in data else {"user_id": data["user_id"]}
    there = Attendance.objects.filter(event__in=events, state__in=("joined", "attended", "no_show"), **whose)
    return there.exists()


def _may_tell_carers(*, since: datetime | None = None) -> Iterable[int]:
    """The patients who want that, and wanted it before that moment."""
    agreed = Consent.objects.filter(purpose="carers", withdrawn_at=None, patient__isnull=False)
    if since is not None:
        agreed = agreed.filter(given_at__lt=since)
    found: Iterable[int] = agreed.values_list("patient_id", flat=True)
    return found


def _answer_known(dose: Dose) -> datetime | None:
    """When the site learnt the answer to a dose. What came by SMS or WhatsApp counts from when it was received, and is
    read later: by a consumer that works.
    """
    if dose.answered_at is None:
        return None
    came = InboundMessage.objects.filter(user=dose.answered_by_id, received_at=dose.answered_at)
    return max([dose.answered_at, *came.exclude(finished_at=None).values_list("finished_at", flat=True)])


def _agreed(patient_id: int, moment: datetime) -> bool:
    """Whether the patient wanted carers to be told then."""
    given = Consent.objects.filter(purpose="carers", patient=patient_id, given_at__lte=moment)
    return given.filter(Q(withdrawn_at=None) | Q(withdrawn_at__gte=moment)).exists()


def _secret_in(text: str) -> str:
    names = [name for pair in MEDICINES for name in pair] + [*PEOPLE, "Mokoena"]
    return next((name for name in names if name in text), "")


def _is_plain(wall: datetime) -> bool:
    """Whether no clock is changed around that time."""
    day = timedelta(days=1)
    return (wall - day).utcoffset() == wall.utcoffset() == (wall + day).utcoffset()
