"""A small world: two clinics, some patients, and those who care for them, all made from a seed."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from events.visits.plan import visit_plan
from home.models import CareRole, Clinic, Patient, Relation, StaffRole, User
from medications.models import Medicine, Prescription
from medications.services.prescribing import Order, prescribe
from medications.services.stock import stock_receive
from notifications.models import (
    ChannelChoice,
    NotificationPreferences,
    PushSubscription,
    RoutingPlan,
    WhatsAppTemplate,
)
from tests.factories import agree
from tests.simulation.outside import NAMES

ZONES = ("Africa/Johannesburg", "Europe/London", "America/New_York", "Asia/Kolkata", "Pacific/Auckland")
DAYS = (
    date(2026, 10, 24),
    date(2026, 10, 31),
    date(2026, 11, 24),
    date(2026, 12, 31),
    date(2027, 2, 28),
    date(2027, 3, 13),
    date(2027, 3, 27),
    date(2027, 4, 3),
)
"""The eves of clock changes in these zones, and some plain days."""
MEDICINES = (("Alfazol", "Alfasool"), ("Brevimax", "Brevimaks"), ("Cordexin", "Kordeksien"))
"""In both languages; no name is part of another."""
PEOPLE = ("Nomvula", "Pieter", "Lerato", "Johanna", "Sipho")
TIMES = ("06:00", "08:00", "01:30", "02:30", "14:00", "20:00", "23:45")
CATEGORIES = ("medication", "stock", "visit", "event")


@dataclass
class World:
    """Who there is, by id, and what is known of them that no row keeps."""

    clinics: list[int] = field(default_factory=list)
    patients: list[int] = field(default_factory=list)
    users: list[int] = field(default_factory=list)
    """Those who are written to."""
    staff: dict[int, int] = field(default_factory=dict)
    """A member of staff of each clinic."""


def beginning(seed: int) -> datetime:
    """When the world of this seed begins (aware)."""
    chance = Random(f"clock {seed}")
    minutes = timedelta(minutes=chance.randrange(24 * 60), seconds=chance.randrange(60))
    return datetime.combine(chance.choice(DAYS), time(), UTC) + minutes


def make(seed: int, now: datetime) -> World:
    """Everybody, with their prescriptions, which were just written."""
    chance = Random(f"world {seed}")
    world = World()
    _make_clinics(world, chance)
    _make_people(world, chance, now)
    for category in CATEGORIES:
        if chance.random() < 0.6:
            steps = [
                (name, chance.choice((0, 5, 15, 60))) for name in chance.sample(NAMES, chance.randint(1, 3))
            ]
            RoutingPlan.objects.create(category=category, steps=steps)
    _make_templates(chance)
    medicines = [
        Medicine.objects.create(name_en=english, name_af=afrikaans, strength="20 mg")
        for english, afrikaans in MEDICINES
    ]
    for patient_id in world.patients:
        _prescribe(world, patient_id, medicines, chance, now)
        _expect(patient_id, chance, now)
    return world


def rule(chance: Random) -> dict[str, Any]:
    """When doses fall due: mostly every day."""
    times = sorted(chance.sample(TIMES, chance.choice((1, 1, 2, 3))))
    found: dict[str, Any] = {"kind": "times", "times": times, "quantity": chance.choice(("1", "0.5", "2"))}
    if chance.random() < 0.15:
        found["weekdays"] = sorted(chance.sample(range(7), chance.randint(1, 4)))
    return found


def preferences(chance: Random) -> dict[str, Any]:
    """What somebody wants."""
    start, end = chance.choice(
        ((time(22), time(6)), (time(12), time(14)), (time(7), time(23)), (time(0), time(5)))
    )
    return {
        "language": chance.choice(("en", "af")),
        "timezone": chance.choice(ZONES),
        "quiet_hours_enabled": chance.random() < 0.5,
        "quiet_hours_start": start,
        "quiet_hours_end": end,
        "email_time": chance.choice(("immediate", "immediate", "morning", "evening")),
        "detail": chance.choice(("discreet", "discreet", "detailed")),
        "voice_enabled": chance.random() < 0.4,
        "calls_at_night": chance.random() < 0.5,
    }


def _make_templates(chance: Random) -> None:
    """What WhatsApp has approved: in most worlds a text for all messages, in some one with a button for doses."""
    words = {"en": "Your clinic wrote to you", "af": "Die kliniek het geskryf"}
    for language, body in words.items():
        approved: dict[str, Any] = {
            "language": language,
            "body": body,
            "state": WhatsAppTemplate.State.APPROVED,
        }
        if chance.random() < 0.8:
            WhatsAppTemplate.objects.create(name="all", **approved)
        if chance.random() < 0.4:
            WhatsAppTemplate.objects.create(
                name="due", event_type="medication.dose_due", buttons=1, **approved
            )


def _make_clinics(world: World, chance: Random) -> None:
    for name in ("Uitsig", "Thembeni"):
        clinic = Clinic.objects.create(name=name, timezone=chance.choice(ZONES[:2]), low_stock_days=3)
        nurse = _user(f"nurse.{name.lower()}@example.org", name, clinic.pk, staff=True)
        StaffRole.objects.create(user=nurse, clinic=clinic, role=chance.choice(StaffRole.Role.values))
        world.clinics.append(clinic.pk)
        world.staff[clinic.pk] = nurse.pk


def _make_people(world: World, chance: Random, now: datetime) -> None:
    count = chance.randint(2, 3)
    roles: list[CareRole] = []
    for number in range(count):
        clinic_id = chance.choice(world.clinics)
        patient = Patient(clinic_id=clinic_id, first_name=PEOPLE[number], last_name="Mokoena")
        if chance.random() < 0.3:
            patient.timezone = chance.choice(ZONES)
        patient.save()
        world.patients.append(patient.pk)
        user = _person(world, PEOPLE[number], number, chance, now)
        # Of the last one others take care alone.
        relation = Relation.GUARDIAN if number == count - 1 and chance.random() < 0.3 else Relation.SELF
        roles.append(CareRole(patient=patient, user=user, relation=relation))
    carer = _person(world, PEOPLE[4], 4, chance, now)
    for patient_id in chance.sample(world.patients, chance.randint(1, 2)):
        alerted = chance.random() < 0.7
        roles.append(
            CareRole(patient_id=patient_id, user=carer, relation=Relation.CARER, alert_missed=alerted)
        )
    CareRole.objects.bulk_create(roles)
    agree(*roles)


def _person(world: World, name: str, number: int, chance: Random, now: datetime) -> User:
    """Somebody who can be reached in some ways, wants some of them, and confirmed most."""
    has_email, has_phone = chance.choice(((True, True), (True, True), (True, False), (False, True)))
    user = _user(
        f"{name.lower()}@example.org" if has_email else None,
        name,
        number,
        phone=f"+2782555{number:04}" if has_phone else None,
        phone_verified_at=now if chance.random() < 0.9 else None,
    )
    world.users.append(user.pk)
    NotificationPreferences.objects.create(user=user, **preferences(chance))
    if chance.random() < 0.5:
        PushSubscription.objects.create(
            user=user, endpoint=f"https://push.example.org/{number}", p256dh="", auth="", created_at=now
        )
    for category in CATEGORIES:
        for channel in NAMES:
            if chance.random() < (0.5 if channel == "voice" else 0.25):
                ChannelChoice.objects.create(
                    user=user, category=category, channel=channel, on=chance.random() < 0.7
                )
    return user


def _user(email: str | None, name: str, _number: int, *, staff: bool = False, **fields: Any) -> User:
    """Nobody signs in here, so nobody has a password, which takes long to make."""
    verified = datetime(2026, 1, 1, tzinfo=UTC)
    fields.setdefault("phone", None)
    user = User(
        email=email,
        email_verified_at=verified if email else None,
        first_name=name,
        password="!",
        is_staff=staff,
        date_joined=verified,
        **fields,
    )
    user.save()
    return user


def _prescribe(
    world: World, patient_id: int, medicines: list[Medicine], chance: Random, now: datetime
) -> None:
    patient = Patient.objects.select_related("clinic").get(pk=patient_id)
    today = now.astimezone(ZoneInfo(patient.zone)).date()
    orders = [
        Order(medicine=medicine, rule=rule(chance), start_date=today, end_date=None)
        for medicine in chance.sample(medicines, chance.choice((1, 1, 2)))
    ]
    nurse = User.objects.get(pk=world.staff[patient.clinic_id])
    for prescription in prescribe(patient=patient, orders=orders, user=nurse, now=now):
        if chance.random() < 0.6:
            receive(prescription, chance, now)


def _expect(patient_id: int, chance: Random, now: datetime) -> None:
    """A visit of the next days is planned, of which the patient is still to be reminded."""
    clinic = Clinic.objects.get(patients=patient_id)
    day = now.astimezone(ZoneInfo(clinic.zone)).date() + timedelta(days=chance.choice((2, 2, 3)))
    visit_plan(patient_id=patient_id, kind="check_up", day=day, now=now)


def receive(prescription: Prescription, chance: Random, now: datetime) -> None:
    """A pack comes home."""
    stock_receive(
        medicine=prescription.medicine,
        prescription=prescription,
        quantity=chance.choice((3, 5, 10, 28)),  # type: ignore[arg-type]
        expiry_date=(now + timedelta(days=chance.choice((4, 30, 300)))).date(),
        now=now,
    )
