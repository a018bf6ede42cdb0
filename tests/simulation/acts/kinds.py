"""What an act is, and how one is carried out."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any

from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db.models import QuerySet

from events.exceptions import OutdatedError
from medications.rules.errors import RuleError
from medications.services.answers import AnsweredMeanwhileError
from tests.simulation import deaths
from tests.simulation.deaths import Kill
from tests.simulation.scene import Scene

Do = Callable[[Scene, Random], str]
REFUSED = (ValidationError, ObjectDoesNotExist, RuleError, AnsweredMeanwhileError, OutdatedError)
"""What services raise who may not, or come too late; then nothing has changed."""
NOTHING = "nothing to do it with"


@dataclass(frozen=True)
class Kind:
    """One kind of act, and how often it is drawn beside the others."""

    do: Do
    weight: int
    always: bool


ACTS: dict[str, Kind] = {}


def act(*, weight: int, always: bool = False) -> Callable[[Do], Do]:
    """Let programs have this act: about half of them, or `always` all. It gives back in words what it did."""

    def add(do: Do) -> Do:
        ACTS[do.__name__] = Kind(do, weight, always)
        return do

    return add


def weights(seed: int) -> dict[str, int]:
    """How often each act is drawn in the program of this seed. Half of the kinds are left out of it, by chance, so that
    the others come often enough to meet each other (swarm testing: Groce and others, 2012).
    """
    chance = Random(f"swarm {seed}")
    return {name: kind.weight for name, kind in ACTS.items() if chance.random() < 0.5 or kind.always}


def carried_out(chance: Random, do: Callable[[], Any]) -> str:
    """By a process of the web, which may die of it. Whoever may not is refused, and nothing has changed."""
    dies = chance.random() < 0.1
    kill = Kill(chance.choice(("commit", "committed")), chance.randint(1, 3)) if dies else None
    said = ["done"]

    def carry_out() -> None:
        try:
            do()
        except REFUSED as error:
            said[0] = f"refused ({type(error).__name__})"

    return said[0] if deaths.run(carry_out, kill) else f"died at {kill}"


def one_or(first: QuerySet[Any], others: QuerySet[Any], chance: Random) -> Any:
    """One of the first rows, where most comes to light; as often one of the others, and where there is none of them."""
    return (one(first, chance) if chance.random() < 0.5 else None) or one(others, chance)


def one(rows: QuerySet[Any], chance: Random) -> Any:
    """One of these rows; None where there is none."""
    ids = list(rows.order_by("pk").values_list("pk", flat=True))
    return rows.model._default_manager.get(pk=chance.choice(ids)) if ids else None
