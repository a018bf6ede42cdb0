"""Staff plan events and visits, people come or don't, and words are edited."""

from collections.abc import Callable
from datetime import timedelta
from random import Random
from zoneinfo import ZoneInfo

from events.models import Attendance, ClinicEvent, Visit
from events.services.attendance import attendance_mark, event_join, event_leave, patient_join
from events.services.changes.change import change_apply
from events.services.changes.plan import Change, Scope
from events.services.event import event_cancel, event_create
from events.visits.decide import visit_attend, visit_cancel, visit_confirm, visit_miss, visit_move, visit_undo
from events.visits.plan import visit_plan
from home.models import CareRole, Clinic, User
from notifications.models import NotificationTemplate
from notifications.types import TEXT_GROUPS
from tests.simulation.acts.answers import on_their_way
from tests.simulation.acts.kinds import NOTHING, act, carried_out, one, one_or
from tests.simulation.scene import Scene

HOUR = timedelta(hours=1)
EDITED = ("medication.dose_due", "visit.reminder", "event.joined", "event.starting")
WORDS = {"en": "Your own words, please", "af": "Asseblief, eie woorde"}


@act(weight=2)
def plan_event(scene: Scene, chance: Random) -> str:
    """Staff plan an event within the next two days."""
    starts_at = scene.now + chance.choice((2, 5, 26, 40)) * HOUR + chance.randint(0, 59) * HOUR / 60
    event = ClinicEvent(
        clinic_id=chance.choice(scene.world.clinics),
        title_en="Garden club",
        title_af="Tuinklub",
        place="Hall",
        starts_at=starts_at,
        ends_at=starts_at + 2 * HOUR,
        capacity=chance.choice((None, 1, 1, 2)),
        reminders=chance.choice(([1440, 60], [60], [])),
    )
    return (
        f"at {starts_at:%m-%d %H:%M}: {carried_out(chance, lambda: event_create(event=event, now=scene.now))}"
    )


@act(weight=4)
def come_to_event(scene: Scene, chance: Random) -> str:
    """Somebody joins, withdraws, is put on the list, or is marked; and maybe others after them."""
    known = ClinicEvent.objects.filter(clinic__patients__in=scene.world.patients).distinct()
    event = one_or(known.filter(starts_at__gt=scene.now), known, chance)
    if event is None:
        return plan_event(scene, chance)
    said = [_come(scene, chance, event)]
    while chance.random() < 0.6:
        said.append(_come(scene, chance, event))
    return f"event {event.pk}, {', '.join(said)}"


def _come(scene: Scene, chance: Random, event: ClinicEvent) -> str:
    # The others don't see the event, nor does its clinic see them.
    roles = CareRole.objects.filter(patient__clinic=event.clinic_id).order_by("pk")
    if not roles.exists():
        return NOTHING
    user = User.objects.get(pk=chance.choice(roles.values_list("user_id", flat=True)))
    patient_id = chance.choice(roles.values_list("patient_id", flat=True))
    there = one(Attendance.objects.filter(event=event), chance)
    state = chance.choice(("attended", "no_show"))
    does: dict[str, Callable[[], object]] = {
        f"{user.pk} joins": lambda: event_join(event_id=event.pk, user=user, now=scene.now),
        f"{user.pk} withdraws": lambda: event_leave(event_id=event.pk, user=user, now=scene.now),
        f"patient {patient_id} joins": lambda: patient_join(
            event_id=event.pk, patient_id=patient_id, now=scene.now
        ),
    }
    if there is not None:
        does[f"{there} is marked {state}"] = lambda: attendance_mark(
            attendance_id=there.pk, state=state, now=scene.now
        )
    name = chance.choice([next(iter(does)), *does])
    return f"{name}: {carried_out(chance, does[name])}"


@act(weight=2)
def change_event(scene: Scene, chance: Random) -> str:
    """Staff move an event, or call it off."""
    event = one(ClinicEvent.objects.filter(state="planned"), chance)
    if event is None:
        return plan_event(scene, chance)
    if chance.random() < 0.4:
        said = carried_out(chance, lambda: event_cancel(event_id=event.pk, now=scene.now))
        return f"event {event.pk} is called off: {said}"
    by = chance.choice((-1, 1, 3, 24)) * HOUR
    change = Change(starts_at=event.starts_at + by, ends_at=event.ends_at + by)
    said = carried_out(
        chance, lambda: change_apply(event_id=event.pk, scope=Scope.THIS, change=change, now=scene.now)
    )
    return f"event {event.pk} by {by}: {said}"


@act(weight=2)
def plan_visit(scene: Scene, chance: Random) -> str:
    """Staff plan a visit of the next days."""
    patient_id = chance.choice(scene.world.patients)
    clinic = Clinic.objects.get(patients=patient_id)
    day = scene.now.astimezone(ZoneInfo(clinic.zone)).date() + timedelta(
        days=chance.choice((0, 1, 1, 2, 2, 3, 9))
    )
    kind = chance.choice(("collection", "check_up"))
    said = carried_out(chance, lambda: visit_plan(patient_id=patient_id, kind=kind, day=day, now=scene.now))
    return f"{kind} of patient {patient_id} on {day}: {said}"


@act(weight=4)
def change_visit(scene: Scene, chance: Random) -> str:
    """A visit is moved, called off, kept, missed, or that is taken back; by the clinic or the patient."""
    told = on_their_way().filter(notification__event_type="visit.reminder")
    known = {data["visit_id"] for data in told.values_list("notification__data", flat=True)}
    visit = one(Visit.objects.filter(pk__in=known), chance) if chance.random() < 0.8 else None
    visit = visit or one(Visit.objects.all(), chance)
    if visit is None:
        return plan_visit(scene, chance)
    side = chance.choice(("clinic", "patient"))
    day = visit.day + timedelta(days=chance.choice((-1, 1, 2)))
    who = {"by": None, "now": scene.now}
    does: dict[str, Callable[[], object]] = {
        f"moved to {day} by the {side}": lambda: visit_move(visit_id=visit.pk, day=day, side=side, **who),  # type: ignore[arg-type]
        f"called off by the {side}": lambda: visit_cancel(visit_id=visit.pk, side=side, **who),  # type: ignore[arg-type]
        "confirmed": lambda: visit_confirm(visit_id=visit.pk, now=scene.now),
        "kept": lambda: visit_attend(visit_id=visit.pk, **who),  # type: ignore[arg-type]
        "missed": lambda: visit_miss(visit_id=visit.pk, **who),  # type: ignore[arg-type]
        "taken back": lambda: visit_undo(visit_id=visit.pk, **who),  # type: ignore[arg-type]
    }
    moved, called_off, *_others = does
    name = chance.choice((moved, called_off, *does))
    return f"visit {visit.pk} is {name}: {carried_out(chance, does[name])}"


@act(weight=1)
def edit_words(scene: Scene, chance: Random) -> str:
    """Staff write words of their own, in both languages, for all or for one clinic."""
    event_type, scope_id = chance.choice(EDITED), chance.choice((None, *scene.world.clinics))
    group = chance.choice(list(TEXT_GROUPS))
    texts = {f"{name}_{code}": words for name in TEXT_GROUPS[group] for code, words in WORDS.items()}
    said = carried_out(
        chance,
        lambda: NotificationTemplate.objects.update_or_create(
            event_type=event_type, scope_id=scope_id, defaults=texts
        ),
    )
    return f"{group} of {event_type} for {scope_id}: {said}"
