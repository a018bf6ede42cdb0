"""How things stand while a program runs."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from tests.simulation.consumers import Consumer
from tests.simulation.invariants import Judge
from tests.simulation.outside import Outside
from tests.simulation.world import World


@dataclass
class Scene:
    """What acts act upon."""

    clock: Any
    world: World
    outside: Outside
    judge: Judge
    consumers: tuple[Consumer, Consumer] = field(default_factory=lambda: (Consumer(), Consumer()))

    @property
    def now(self) -> datetime:
        return timezone.now()

    def pass_time(self, time: timedelta) -> None:
        self.clock.shift(time)
