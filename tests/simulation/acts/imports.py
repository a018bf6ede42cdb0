"""Staff bring in patients from a file."""

from collections.abc import Callable
from random import Random

from home.admin.importing.patients import Patients
from home.imports.acts import import_check, import_run, import_stop, import_take, import_undo
from home.imports.sheets import Line
from home.models import Clinic, Import, User
from tests.simulation.acts.kinds import act, carried_out, one
from tests.simulation.scene import Scene

HEADINGS = Line(1, ("first name", "surname", "date of birth"))


@act(weight=2)
def bring_in(scene: Scene, chance: Random) -> str:
    """Somebody of a clinic uploads a file, which may be there already."""
    clinic = Clinic.objects.get(pk=chance.choice(scene.world.clinics))
    number = chance.randint(1, 3)
    lines = [Line(row, (f"Row{row}", f"File{number}", "1980-03-05")) for row in range(2, 2 + 2 * number)]
    said = carried_out(
        chance,
        lambda: import_take(
            kind=Patients(),
            clinic=clinic,
            by=User.objects.get(pk=scene.world.staff[clinic.pk]),
            lines=iter([HEADINGS, *lines]),
            digest=f"file {number}",
            name=f"{number}.csv",
            language="en",
            now=scene.now,
        ),
    )
    return f"file {number} for clinic {clinic.pk}: {said}"


@act(weight=4)
def import_goes_on(scene: Scene, chance: Random) -> str:
    """Whoever uploaded it has it tried, carried out, stopped, or undone."""
    run = one(Import.objects.all(), chance)
    if run is None:
        return bring_in(scene, chance)
    now = scene.now
    does: dict[str, Callable[[], object]] = {
        "tried": lambda: import_check(import_id=run.pk, matched=run.matched, now=now),
        "carried out": lambda: import_run(import_id=run.pk, now=now),
        "stopped": lambda: import_stop(import_id=run.pk, now=now),
        "undone": lambda: import_undo(import_id=run.pk, now=now),
    }
    likely = {"matching": "tried", "checked": "carried out", "stopped": "carried out"}.get(run.state)
    name = likely if likely and chance.random() < 0.7 else chance.choice(list(does))
    return f"import {run.pk}, which is {run.state}, is {name}: {carried_out(chance, does[name])}"
