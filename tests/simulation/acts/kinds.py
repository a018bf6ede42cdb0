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


ACTS: dict[str, Kind] = {}


def act(*, weight: int) -> Callable[[Do], Do]:
    """Let programs have this act. It gives back in words what it did."""

    def add(do: Do) -> Do:
        ACTS[do.__name__] = Kind(do, weight)
        return do

    return add


def weights() -> dict[str, int]:
    """How often each act is drawn."""
    return {name: kind.weight for name, kind in ACTS.items()}


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


def one(rows: QuerySet[Any], chance: Random) -> Any:
    """One of these rows; None where there is none."""
    ids = list(rows.order_by("pk").values_list("pk", flat=True))
    return rows.model._default_manager.get(pk=chance.choice(ids)) if ids else None
